"""What a person says of a submission, and a folder of videos, go in; its two files come out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml

from tthd_tools.errors import AccessError, UsageError
from tthd_tools.manifest.fields import form
from tthd_tools.manifest.licences import usual_licence
from tthd_tools.manifest.mend import csv_line
from tthd_tools.manifest.read_items import FORMULA
from tthd_tools.manifest.schema import (
    COLUMNS,
    ITEMS_FILES,
    SUBMISSION_FILE,
    Contributor,
    ManifestItem,
    RightsBasis,
    Submission,
)
from tthd_tools.rights import TIERS

RARE = frozenset([
    "source_url", "source_id", "locality", "text_source", "register", "emotion_segments", "fps",
    "width", "height", "duration_s", "segments", "recorded_on", "device",
])  # fmt: skip
TABLE = tuple(name for name in COLUMNS if name not in RARE)
"""Columns of a new table; the others may be added."""

LABELS = ("language", "dialect")
"""What the metadata beside a video may say of it, beside its emotion."""
ORIGINS = get_args(get_args(ManifestItem.model_fields["emotion_origin"].annotation)[0])

HEAD = """\
# One submission: whose videos these are, and what may be done with them. `tthd manifest check` says
# what is missing or wrong; manifests/README.md says what each field and column means.
"""
TEXT = """\
schema: tthd-manifest/1.0
submission_id: {submission_id}  # sub_YYYYMMDD_name; its folder has the same name
contributor:
  handle: {handle}  # your handle or your lab's; no e-mail, no phone
  kind: {kind}  # {kinds}
rights_basis: {rights_basis}  # {bases}
license: {license}  # an SPDX expression, such as CC-BY-4.0
# license_file: LICENSE.txt  # the text of a licence of your own (LicenseRef-...)
{consent}access_tier_max: {tier}  # {tiers}: the widest that is allowed
source_kind: files
items: items.csv
# collection:
#   setting: home  # studio, home, outdoor, broadcast, conference or other
#   elicitation: interview  # read, acted, interview, spontaneous or monologue
#   period: 2026-01/2026-03
# notes: what else must be known; it is public
"""
CONSENT = """\
consent_policy:  # the form that the speakers agreed to
  version: {version}  # of the form
  sha256: {sha256}
  languages: [{language}]  # in which it was given
"""
NO_CONSENT = """\
# consent_policy:  # needed with speaker_consent: the form that the speakers agreed to
#   version: v1
#   sha256: 64 digits that `sha256sum FORM` prints
#   languages: [bo, en]
"""


@dataclass(frozen=True)
class Answers:
    """What is known of a submission and of all its videos; what is empty stays to be filled in.

    ``rows`` are values of columns, the same for each video; ``consent_form`` is the form that the
    speakers agreed to, of which only the hash is written.
    """

    submission_id: str
    handle: str
    kind: str
    rights_basis: str
    license: str
    tier: str
    rows: Mapping[str, str]
    consent_form: Path | None = None
    consent_version: str = "v1"


def submission_text(answers: Answers, head: str = HEAD) -> str:
    """``submission.yaml`` with comments. Raises UsageError for an answer that no field can have."""
    text = head + TEXT.format(
        submission_id=_scalar(answers.submission_id),
        handle=_scalar(answers.handle),
        kind=_scalar(answers.kind),
        kinds=_listed(get_args(Contributor.model_fields["kind"].annotation)),
        rights_basis=_scalar(answers.rights_basis),
        bases=_listed(get_args(RightsBasis)),
        license=_scalar(_licence(answers.license)),
        consent=_consent(answers),
        tier=_scalar(answers.tier),
        tiers=_listed(TIERS),
    )
    problems = form(Submission, yaml.safe_load(text)).problems
    if problems:
        first = problems[0]
        raise UsageError(f"{first.field} cannot be {first.value}; {first.fix}")
    return _aligned(text)


def video_rows(
    raw: Path,
    answers: Answers,
    on_file: Callable[[Path], None] = lambda path: None,
    on_lost_emotion: Callable[[Path], None] = lambda path: None,
) -> Iterator[dict[str, str]]:
    """A row for each video below ``raw``, the bytes hashed, what lies beside it read.

    Identical bytes get one row. An emotion whose origin is not stated beside it is left out, and
    ``on_lost_emotion`` called. Raises UsageError where there is no video, AccessError for one that
    cannot be read.
    """
    from tthd_tools.sidecar import read_sidecars
    from tthd_tools.videos import find_videos, make_item_id, require_videos

    require_videos(raw)
    seen: set[str] = set()
    for path in sorted(find_videos(raw)):
        on_file(path)
        try:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise AccessError(f"{path} cannot be read: {error.strerror}; mend that") from error
        if sha256 in seen:
            continue
        seen.add(sha256)
        beside = read_sidecars(path).fields
        known: dict[str, str] = {name: beside[name] for name in LABELS if name in beside}
        emotion = _emotion(beside)
        if "emotion" in beside and not emotion:
            on_lost_emotion(path)
        text = beside.get("text", "")
        yield {
            **answers.rows,
            **known,
            **emotion,
            "item_id": make_item_id(path.stem, sha256),
            "path": path.relative_to(raw).as_posix(),
            "sha256": sha256,
            "access_tier": answers.tier,
            "text_raw": text,
            "text_status": "human" if text else "none",
        }


def _emotion(beside: Mapping[str, Any]) -> dict[str, str]:
    """The emotion with its origin, without which no row may have one."""
    origin = beside.get("extra", {}).get("emotion_origin")
    if "emotion" not in beside or origin not in ORIGINS:
        return {}
    return {"emotion": beside["emotion"], "emotion_origin": origin}


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as CSV, without the header: no cell is a formula, and a path stays a path."""
    return "".join(csv_line(_cell(name, row.get(name) or "") for name in columns) for row in rows)


def write_submission(folder: Path, answers: Answers, rows: Iterable[Mapping[str, str]]) -> None:
    """Write ``submission.yaml`` and ``items.csv`` into a folder that has neither.

    Raises UsageError where one is there or an answer cannot be, AccessError where they cannot be
    written.
    """
    for name in (SUBMISSION_FILE, *ITEMS_FILES):
        if (folder / name).is_symlink() or (folder / name).exists():
            raise UsageError(
                f"{folder / name} is there already and is not overwritten; give another "
                "--submission-id, or go on with `tthd manifest check`"
            )
    texts = {
        SUBMISSION_FILE: submission_text(answers),
        ITEMS_FILES[0]: ",".join(TABLE) + "\n" + table_text(TABLE, rows),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise AccessError(f"{folder} cannot be written: {error.strerror}") from error


def _consent(answers: Answers) -> str:
    if answers.consent_form is None:
        return NO_CONSENT if answers.rights_basis == "speaker_consent" else ""
    try:
        content = answers.consent_form.read_bytes()
    except OSError as error:
        raise AccessError(f"{answers.consent_form} cannot be read: {error.strerror}") from error
    return CONSENT.format(
        version=_scalar(answers.consent_version),
        sha256=json.dumps(hashlib.sha256(content).hexdigest()),
        language=answers.rows.get("language") or "bo",
    )


def _licence(text: str) -> str:
    """In its usual spelling; what is no licence is told by the check, with what was meant."""
    return usual_licence(text) or text


def _cell(name: str, value: str) -> str:
    if not value.startswith(FORMULA):
        return value
    # No spreadsheet takes `./=name` for a formula, and it is the same path.
    return f"./{value}" if name == "path" else f"'{value}"


def _scalar(text: str) -> str:
    """A value that every reader of YAML takes for this text."""
    try:
        plain = yaml.safe_load(f"a: {text}  # comment") == {"a": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def _listed(words: Sequence[Any]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _aligned(text: str) -> str:
    """Comments behind values begin in one column."""
    lines = []
    for line in text.split("\n"):
        value, mark, comment = line.rpartition("  # ")
        lines.append(f"{value:<38} # {comment}" if mark else line)
    return "\n".join(lines)
