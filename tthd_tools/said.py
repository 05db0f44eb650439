"""What is said of raw files: manifests or a dataset's list go in, descriptions for ingest come out.

A workspace remembers which it was, so that ingesting again without options changes nobody's rights.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tthd_tools.description import Describe, Judge
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.lists import find_manifests, read_lists
from tthd_tools.manifest.beside import candidates, is_submission
from tthd_tools.manifest.schema import ITEMS_FILES, SUBMISSION_FILE
from tthd_tools.pipeline import digest as digest_of
from tthd_tools.workspace import INGEST, Workspace, storage_errors


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
    ``judge`` says what rows have against bytes, wherever they lie; ``digest`` is that of the
    source's files before they were read."""

    describe: Describe = lambda path: None
    judge: Judge = lambda sha256: None
    source: Source = Source()
    missing: list[dict[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    digest: str | None = None

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

    def conclude(self, workspace: Workspace) -> None:
        """Note that all files are registered as they are described; until then no wider tier is
        built from what was described before."""
        workspace.remember(said=self.digest)


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


def check_said(workspace: Workspace, tier: str, manifests: Path | None = None) -> str | None:
    """A sentence where manifests or list are not what ``ingest`` has read; None where they are.

    So it is where a submission in any place, or in the folder ``manifests``, has a row for a file
    that was not registered from it. Raises RefusedError with it for a tier wider than internal:
    what a row says may go out has perhaps been taken back in it.
    """
    source = Source(workspace.manifests, *(workspace.listed or ()))
    what = "manifests" if source.kind is None else "list or the manifests"
    sentence = f"the {what} have changed since they were read: run `tthd ingest` first"
    if source == Source() or _digest(source) == workspace.said:
        unread = next(_unread_rows(workspace, manifests), None)
        if unread is None:
            return None
        sentence = f"{sentence} ({unread})"
    if tier != "internal":
        raise RefusedError(sentence)
    return sentence


def _unread_rows(workspace: Workspace, manifests: Path | None) -> Iterator[str]:
    """What is registered and has a row in a submission from which it was not registered."""
    lists = read_lists(workspace.raw, workspace.root, manifests, workspace.manifests)
    if not lists.sent:
        return
    sent_in = lists.sent_in(workspace.raw)
    items = {item.sha256: item for item, _ in workspace.items()}
    named = [(item.path, sha256) for sha256, item in items.items()]
    for path in _copies(workspace):
        if sent_in(path, "") and (workspace.raw / path).is_file():
            with storage_errors(workspace.raw), (workspace.raw / path).open("rb") as file:
                named.append((path, hashlib.file_digest(file, "sha256").hexdigest()))
    for path, sha256 in named:
        if sha256 in items:
            for sender in sorted(sent_in(path, sha256) - {items[sha256].submission_id}):
                yield f"{sender} has a row for {path!r}"


def _copies(workspace: Workspace) -> list[str]:
    """Files that were found to hold the bytes of another one."""
    newest = {row.id: row for row in workspace.ledger if row.stage == INGEST}
    return [row.detail for row in newest.values() if row.reason == "duplicate"]


def _digest(source: Source) -> str:
    """Another one where a file of the source has other bytes, or another name."""
    found = []
    for name, path in _files(source):
        if path.is_file():
            with storage_errors(path), path.open("rb") as file:
                found.append([name, hashlib.file_digest(file, "sha256").hexdigest()])
    return digest_of([source.kind, *found])


def _files(source: Source) -> Iterator[tuple[str, Path]]:
    for name, path in (("list", source.list), ("mapping", source.mapping)):
        if path is not None:
            yield name, path
    folder = source.manifests
    if folder is not None:
        for one in [folder] if is_submission(folder) else candidates(folder):
            for name in (SUBMISSION_FILE, *ITEMS_FILES):
                yield f"{one.resolve().name}/{name}", one / name


def _workspace(work: Path) -> Workspace | None:
    return Workspace(work, ledger=False) if (work / "workspace.json").is_file() else None


def _read_remembered(raw: Path, work: Path) -> Said:
    workspace = _workspace(work)
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
    workspace = _workspace(work)
    remembered = None if workspace is None else workspace.manifests
    # Taken before it is read: what changes meanwhile is noticed.
    digest = _digest(replace(source, manifests=source.manifests or remembered))
    if source.kind is None:
        said = _read_submissions(raw, work, source, named=named)
    else:
        said = _read_list(raw, source.kind, source)
    return replace(said, digest=digest)


def _read_list(raw: Path, kind: str, source: Source) -> Said:
    from tthd_tools.manifest.importers import read_list

    listing = read_list(kind, raw, source.list, source.mapping)
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
