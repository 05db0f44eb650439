"""``tthd ingest``: a raw folder goes in, registered items come out."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Debug,
    Manifests,
    Quiet,
    Work,
    counted,
    hours,
    megabytes,
    people,
    print_json,
    say,
)

if TYPE_CHECKING:
    from tthd_tools.description import Describe
    from tthd_tools.ingest import IngestSummary


def ingest(
    raw: Annotated[Path, typer.Argument(metavar="RAW", help="The folder of raw videos.")],
    work: Work = WORK,
    kind: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME",
            help="Read the names and lists of a dataset: csv, hf-video, ravdess, mead, crema-d, "
            "hdtf, celebvhq, talkvid or lrs.",
        ),
    ] = None,
    list_: Annotated[
        Path | None, typer.Option("--list", metavar="FILE", help="The dataset's list.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="Which column of the list is what."),
    ] = None,
    manifests: Manifests = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find, hash and probe raw videos; nothing is decoded, nothing under RAW is changed."""
    from tthd_tools.draft import write_draft
    from tthd_tools.errors import ItemsFailedError
    from tthd_tools.ingest import estimate_bytes, require_videos
    from tthd_tools.ingest import ingest as register
    from tthd_tools.workspace import Workspace

    require_videos(raw)  # a wrong RAW or list must not leave a workspace behind
    said = _read_lists(kind, raw, list_, mapping, manifests, work)
    workspace = Workspace.create(work, raw)
    spinner = nullcontext() if quiet else people().status("reading files", spinner="line")
    with workspace.writing(), spinner:
        if said.manifests is not None:
            workspace.remember_manifests(said.manifests)
        summary = register(workspace, describe=said.describe)
        draft = write_draft(workspace)
    summary.remarks += [*(one["sentence"] for one in said.missing), *said.remarks]
    need = estimate_bytes(summary.seconds, work)
    if json:
        print_json(summary.as_dict() | need | {"missing": said.missing})
    elif not quiet:
        print_summary(summary)
        say(
            f"space needed, about: {megabytes(need['work_bytes'])} in {work}, "
            f"{megabytes(need['release_bytes'])} for shards; "
            f"free: {megabytes(need['free_bytes'])}"
        )
        if draft is not None:
            say(f"rights are unknown: fill in {draft} (nothing leaves tier internal before)")
    if summary.failed:
        raise ItemsFailedError(
            f"{len(summary.failed)} of {counted(summary.files, 'file')} cannot be used, "
            "`tthd status` says why; the rest is registered: go on with `tthd build-shards`"
        )
    if said.missing:
        raise ItemsFailedError(
            f"{counted(len(said.missing), 'listed file')} cannot be found; the rest is "
            "registered: go on with `tthd build-shards`, or put them there and ingest again"
        )


class Said(NamedTuple):
    """What manifests or a dataset's list say of raw files, and which of these are not there."""

    describe: Describe
    missing: list[dict[str, str]]
    remarks: list[str]
    manifests: Path | None = None


def _read_lists(
    kind: str | None,
    raw: Path,
    list_path: Path | None,
    mapping_path: Path | None,
    manifests: Path | None,
    work: Path,
) -> Said:
    """What the list of a dataset says, else the submissions, where there are any."""
    from tthd_tools.errors import UsageError
    from tthd_tools.manifest.importers import read_list
    from tthd_tools.standing import find_manifests

    if kind is not None:
        if manifests is not None:
            raise UsageError("--manifests and --from say the same of files; give one of them")
        listing = read_list(kind, raw, list_path, mapping_path)
        missing = [one._asdict() for one in listing.missing]
        return Said(listing.describe, missing, list(listing.remarks))
    if list_path or mapping_path:
        raise UsageError("--list and --mapping go with --from NAME; add it, such as --from csv")
    folder = manifests or find_manifests(raw)
    if folder is None:
        return Said(lambda path: None, [], [])
    return _read_submissions(folder, raw, work, named=manifests is not None)


def _read_submissions(folder: Path, raw: Path, work: Path, *, named: bool) -> Said:
    """What submissions say; of those that nobody has named, one without any file is left aside."""
    from tthd_tools.manifest.describe import read_manifests
    from tthd_tools.manifest.settings import SETTINGS_FILE, read_settings

    found = read_manifests(folder, raw, read_settings(work.absolute().parent / SETTINGS_FILE))
    here = {one.origin.split("/")[0] for one in found.said.values() if (raw / one.path).is_file()}
    missing: list[dict[str, str]] = []
    elsewhere: set[str] = set()
    for one in found.missing:
        submission = Path(one.file).parent.name
        if named or submission in here:
            sentence = f"{one.code} {one.place}: {one.sentence}"
            missing.append(
                {"path": one.value, "origin": f"{one.file}:{one.line}", "sentence": sentence}
            )
        else:
            elsewhere.add(submission)
    counts = Counter(one.severity for one in found.report.findings)
    remarks = [f"{name} names no file of {raw}: it is left aside" for name in sorted(elsewhere)]
    if counts:
        told = " and ".join(counted(count, kind) for kind, count in sorted(counts.items()))
        remarks.append(f"{told} in manifests: `tthd manifest check {folder}` names each")
    return Said(found.describe, missing, remarks, folder)


def print_summary(summary: IngestSummary) -> None:
    """Tell people what was found, and what about it is wrong."""
    for row in summary.failed:
        say(f"{row.code} {row.message}", "red")
    for row in (*summary.duplicates, *summary.gone):
        say(f"{row.code} {row.message}")
    for remark in summary.remarks:
        say(remark)
    counts = [
        (summary.added, "new"),
        (summary.known, "known"),
        (len(summary.duplicates), "duplicate"),
        (len(summary.failed), "that cannot be used"),
        (len(summary.gone), "gone"),
    ]
    found = ", ".join(f"{count} {word}" for count, word in counts if count)
    say(f"{counted(summary.files, 'video file')}: {found}; {hours(summary.seconds)} of video")
