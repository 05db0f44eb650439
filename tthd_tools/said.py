"""What is said of raw files: manifests or a dataset's list go in, descriptions for ingest come out.

A workspace remembers which it was, so that ingesting again without options changes nobody's rights.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from tthd_tools.description import Describe, Judge
from tthd_tools.errors import UsageError
from tthd_tools.lists import find_manifests
from tthd_tools.workspace import Workspace


@dataclass(frozen=True)
class Source:
    """Who says it: submissions in a folder, or a dataset of that kind with its list; or nobody."""

    manifests: Path | None = None
    kind: str | None = None
    list: Path | None = None
    mapping: Path | None = None


@dataclass(frozen=True)
class Said:
    """What is said, of which source; ``missing`` are listed files that are not there: their path,
    who lists them, and a sentence; ``errors`` and ``remarks`` are sentences, errors those of rows.
    ``judge`` says what rows have against bytes, wherever they lie."""

    describe: Describe = lambda path: None
    judge: Judge = lambda sha256: None
    source: Source = Source()
    missing: list[dict[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def remember(self, workspace: Workspace) -> None:
        """Note the source in the workspace, where there is one.

        Manifests stay known beside a list: their consents and withdrawals count in every build.
        """
        one = self.source
        if one == Source():
            return
        workspace.remember(**{"from": one.kind, "list": one.list, "mapping": one.mapping})
        if one.manifests is not None:
            workspace.remember(manifests=one.manifests)


def read_said(raw: Path, work: Path, source: Source) -> Said:
    """Read what is said of the files in ``raw``; the source that ``work`` remembers if none is
    given, else the first submissions that say anything of ``raw`` and lie where nobody names them.

    Raises UsageError for options that do not go together, or for lists that cannot be used.
    """
    if source.kind is not None and source.manifests is not None:
        raise UsageError("--manifests and --from say the same of files; give one of them")
    if source.kind is None and (source.list or source.mapping):
        raise UsageError("--list and --mapping go with --from NAME; add it, such as --from csv")
    if source == Source():
        return _read_remembered(raw, work)
    return _read(raw, work, source, named=True)


def _read_remembered(raw: Path, work: Path) -> Said:
    workspace = Workspace(work, ledger=False) if (work / "workspace.json").is_file() else None
    if workspace is not None and workspace.listed is not None:
        return _read(raw, work, Source(None, *workspace.listed), named=True)
    if workspace is not None and workspace.manifests is not None:
        if not workspace.manifests.is_dir():
            raise UsageError(
                f"the manifests of {work} were in {str(workspace.manifests)!r}, which is no longer "
                "there; name their folder with --manifests DIR"
            )
        typed = Path(os.path.relpath(workspace.manifests))  # as a person would write it
        return _read(raw, work, Source(typed), named=False)
    found = [_read(raw, work, Source(one), named=False) for one in find_manifests(raw, work)]
    return next((one for one in found if one.source != Source()), next(iter(found), Said()))


def _read(raw: Path, work: Path, source: Source, *, named: bool) -> Said:
    from tthd_tools.manifest.importers import read_list

    if source.kind is None:
        return _read_submissions(raw, work, source, named=named)
    listing = read_list(source.kind, raw, source.list, source.mapping)
    missing = [one._asdict() for one in listing.missing]
    remarks = list(listing.remarks)
    return Said(listing.describe, source=source, missing=missing, remarks=remarks)


def _read_submissions(raw: Path, work: Path, source: Source, *, named: bool) -> Said:
    """What submissions say; of those that nobody has named, one without any file is left aside."""
    from tthd_tools.manifest.describe import read_manifests
    from tthd_tools.manifest.settings import settings_for

    folder = source.manifests or raw
    found = read_manifests(folder, raw, settings_for(work))
    here = {one.origin.split("/")[0] for one in found.said.values() if (raw / one.path).is_file()}
    missing: list[dict[str, str]] = []
    elsewhere: set[str] = set()
    for one in found.missing:
        submission = Path(one.file).parent.name
        if named or submission in here:
            sentence = f"{one.code} {one.place}: {one.sentence}"
            origin = f"{one.file}:{one.line}"
            missing.append({"path": one.value, "origin": origin, "sentence": sentence})
        else:
            elsewhere.add(submission)
    remarks = [f"{name} names no file of {raw}: it is left aside" for name in sorted(elsewhere)]
    errors: list[str] = []
    warnings = 0
    for one in found.report.findings:
        if one.severity == "warning":
            warnings += 1
        elif Path(one.file).parent.name not in elsewhere:
            errors.append(f"{one.code} {one.place}: {one.sentence}")
    if warnings:
        noun = "1 warning" if warnings == 1 else f"{warnings} warnings"
        remarks.append(f"{noun} in manifests: `tthd manifest check {folder}` names each")
    # Examples for another folder bind nobody.
    kept = source if named or here or errors else Source()
    return Said(found.describe, found.judge, kept, missing, remarks, errors)
