"""A folder of submissions and the raw folder go in, what is said of each raw file comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tthd_tools.description import Description, Refusal
from tthd_tools.manifest.beside import find_submissions, read_beside
from tthd_tools.manifest.codes import RULES
from tthd_tools.manifest.consent import Consent
from tthd_tools.manifest.desk import CheckedSubmission, Desk, Row
from tthd_tools.manifest.findings import Finding, Problem, shown
from tthd_tools.manifest.report import Report
from tthd_tools.manifest.rules_item import seconds_of
from tthd_tools.manifest.safe_path import is_linked, raw_path
from tthd_tools.manifest.schema import (
    UNKNOWN_SPEAKER,
    ManifestItem,
    PtsSegment,
    Submission,
)
from tthd_tools.manifest.settings import Settings
from tthd_tools.rights import TIERS

MAPPED = frozenset([
    "item_id", "path", "sha256", "speaker_id", "consent_id", "access_tier", "language", "dialect",
    "text_raw", "text_status", "emotion", "emotion_intensity", "emotion_origin", "segments",
    "notes", "other",
])  # fmt: skip
"""Columns that become fields of an item, and the notes, which go nowhere."""


@dataclass(frozen=True)
class Manifests:
    """What a folder of submissions says; calling ``describe`` gives it for one raw file.

    ``missing`` has one finding (M009) for each row whose file is not in the raw folder; ``report``
    has all others. ``refused`` are the hashes that a row with an error names, and those of rows
    whose file lies elsewhere: bytes stay out, whatever the file is called. ``others`` refuses every
    file that no row names, since a row that cannot be read may mean any of them.
    """

    submissions: Mapping[str, Submission]
    consents: Mapping[str, Consent]
    report: Report
    missing: tuple[Finding, ...]
    said: Mapping[str, Description] = field(repr=False)
    closed: Mapping[str, Description] = field(repr=False)
    refused: Mapping[str, Refusal] = field(repr=False)
    others: Description | None = None

    def describe(self, path: str) -> Description | None:
        """What is said of the file at a path relative to the raw folder, if anything is.

        Every file in the folder of a submission that is refused as a whole is refused.
        """
        return self.said.get(path) or self.closed.get(path.split("/")[0]) or self.others

    def judge(self, sha256: str) -> Refusal | None:
        """What a row has against these bytes, wherever they lie."""
        return self.refused.get(sha256)


def read_manifests(
    folder: Path, raw: Path, settings: Settings | None = None, consents: Path | None = None
) -> Manifests:
    """Read and check the submissions of a folder for what lies in ``raw``.

    A path of a row is relative to ``raw/<submission_id>/`` where that folder exists, else to
    ``raw``. A row with an error, and every row of a submission with one in its files as wholes,
    keeps its file out. Raises UsageError where there is no submission or a list cannot be used.
    """
    settings = settings or Settings()
    folders = find_submissions(folder)
    manifests = folders[0].absolute().parent
    checked = frozenset(one.resolve() for one in folders)
    beside = read_beside(manifests, checked, consents, settings.suppressions)
    desk = Desk(settings, beside)
    reader = _Reader(raw, beside.consents or {})
    for one in folders:
        reader.read(desk.open(one))
    return Manifests(
        reader.submissions,
        beside.consents or {},
        reader.report,
        tuple(reader.missing),
        reader.said,
        reader.closed,
        {**reader.elsewhere, **reader.refused},
        reader.others,
    )


class _Reader:
    """Collects what submissions say, one after the other."""

    def __init__(self, raw: Path, consents: Mapping[str, Consent]) -> None:
        self._raw = raw
        self._consents = consents
        self.submissions: dict[str, Submission] = {}
        self.report = Report()
        self.missing: list[Finding] = []
        self.said: dict[str, Description] = {}
        self.closed: dict[str, Description] = {}
        self.others: Description | None = None
        self.refused: dict[str, Refusal] = {}
        self.elsewhere: dict[str, Refusal] = {}

    def read(self, checked: CheckedSubmission) -> None:
        self.report.submissions += 1
        paths: list[str] = []
        hashes: list[str] = []
        nameless: Finding | None = None
        for row in checked.rows():
            self.report.items += 1
            self.report.add(row.findings)
            paths += self._row(checked, row)
            hashes += [] if row.sha256 is None else [row.sha256]
            if row.sha256 is None and not self._is_here(checked, row):
                nameless = nameless or _first_error(row.findings)  # nobody knows which it means
        self.report.add(checked.findings)
        name = checked.name
        if checked.submission is not None:
            self.submissions[name] = checked.submission
        first = _first_error(checked.findings) or nameless
        if first is not None:
            refusal = _refusal(first)
            self.closed[name] = Description(name, first.place, refusal=refusal)
            if not (self._raw / name).is_dir():  # its files lie among all others
                self.others = self.others or self.closed[name]
            for path in paths:
                self.said[path] = Description(path, first.place, refusal=refusal)
            for sha256 in hashes:
                self.refused.setdefault(sha256, refusal)

    def _row(self, checked: CheckedSubmission, row: Row) -> Iterator[str]:
        """Note what one row says; the path of its file, where it names one."""
        error = _first_error(row.findings)
        if error is not None and row.sha256 is not None:
            self.refused.setdefault(row.sha256, _refusal(error))
        if row.path is None:
            return
        name = checked.name
        path = raw_path(self._raw, name, row.path)
        origin = f"{checked.items_file}:{row.line}"
        missing = self._missing(checked, row, path)
        self.missing += missing
        if missing and row.sha256 is not None:
            self.elsewhere.setdefault(row.sha256, _refusal(missing[0]))
        before = self.said.get(path)
        if before is not None and error is None:
            message, value = f"The file is described already: {before.origin}", shown(path)
            twice = Problem("M035", "path", message, value, "keep one of the two rows")
            (error,) = checked.findings_of([twice], checked.items_name, row.line, row.item_id)
            self.report.add([error])
        if error is not None or row.item is None or checked.submission is None:
            refusal = None if error is None else _refusal(error)
            description = Description(path, origin, item_id=None, refusal=refusal)
        else:
            item = row.item
            fields = _fields(item, checked.submission, name)
            consent = self._consents.get(item.consent_id or "")
            fields["consent_scope"] = sorted(consent.scope) if consent is not None else []
            description = Description(path, origin, fields, item.item_id, item.sha256)
        self.said[path] = description
        yield path

    def _is_here(self, checked: CheckedSubmission, row: Row) -> bool:
        return (
            row.path is not None
            and (self._raw / raw_path(self._raw, checked.name, row.path)).is_file()
        )

    def _missing(self, checked: CheckedSubmission, row: Row, path: str) -> list[Finding]:
        if is_linked(self._raw, path):
            message, fix = "The file is reached by a link", "put the file itself there"
            problem = Problem("M008", "path", message, shown(path), fix)
        elif (self._raw / path).is_file():
            return []
        else:
            message = f"The file is not in {str(self._raw)!r}"
            problem = Problem("M009", "path", message, shown(path), "put it there")
        return checked.findings_of([problem], checked.items_name, row.line, row.item_id)


def _first_error(findings: Iterable[Finding]) -> Finding | None:
    return next((one for one in findings if one.severity == "error"), None)


def _refusal(finding: Finding) -> Refusal:
    sentence = f"{finding.place}: {finding.sentence}"
    return finding.code, RULES[finding.code].title, sentence


def _fields(item: ManifestItem, submission: Submission, name: str) -> dict[str, Any]:
    """Fields of ``Item``. The manifest has the last word: what it leaves empty is empty."""
    from tthd_tools.text import normalise

    fields: dict[str, Any] = {
        "language": item.language,
        "dialect": item.dialect,
        "text": item.text_raw,
        "text_norm": normalise(item.text_raw, item.language),
        "text_status": item.text_status,
        "emotion": item.emotion,
        "emotion_intensity": item.emotion_intensity,
        "emotion_origin": item.emotion_origin,
        "submission_id": name,
        "contributor": submission.contributor.handle,
        "consent_id": item.consent_id,
        "rights": submission.rights_basis,
        "license": submission.license,
        "tier": min(item.access_tier, submission.access_tier_max, key=TIERS.index),
        "segments": [_segment(one) for one in item.segments],
        "stated": _stated(item),
    }
    if item.speaker_id != UNKNOWN_SPEAKER:  # else it is a speaker of its own
        fields["speaker_id"] = item.speaker_id
    return fields


def _segment(one: PtsSegment) -> dict[str, Any]:
    return {
        "start_s": seconds_of(one.start_pts, one.timebase),
        "end_s": seconds_of(one.end_pts, one.timebase),
        "box": one.bbox_norm and list(one.bbox_norm),
    }


def _stated(item: ManifestItem) -> dict[str, Any]:
    rest = item.model_dump(mode="json", by_alias=True, exclude=set(MAPPED), exclude_defaults=True)
    return rest | item.other
