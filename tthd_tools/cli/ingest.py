"""``tthd ingest``: a raw folder goes in, registered items come out."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Debug,
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
    from tthd_tools.ingest import IngestSummary
    from tthd_tools.manifest.importers import Listing


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
    listing = _read_list(kind, raw, list_, mapping)
    workspace = Workspace.create(work, raw)
    spinner = nullcontext() if quiet else people().status("reading files", spinner="line")
    with workspace.writing(), spinner:
        summary = register(workspace, describe=listing.describe)
        draft = write_draft(workspace)
    summary.remarks += [*(one.sentence for one in listing.missing), *listing.remarks]
    need = estimate_bytes(summary.seconds, work)
    if json:
        missing = [one._asdict() for one in listing.missing]
        print_json(summary.as_dict() | need | {"missing": missing})
    elif not quiet:
        print_summary(summary)
        say(
            f"space needed, about: {megabytes(need['work_bytes'])} in {work}, "
            f"{megabytes(need['release_bytes'])} for shards; "
            f"free: {megabytes(need['free_bytes'])}"
        )
        say(f"rights are unknown: fill in {draft} (nothing leaves tier internal before)")
    if summary.failed:
        raise ItemsFailedError(
            f"{len(summary.failed)} of {counted(summary.files, 'file')} cannot be used, "
            "`tthd status` says why; the rest is registered: go on with `tthd build-shards`"
        )
    if listing.missing:
        raise ItemsFailedError(
            f"{counted(len(listing.missing), 'listed file')} cannot be found; the rest is "
            "registered: go on with `tthd build-shards`, or put them there and ingest again"
        )


def _read_list(
    kind: str | None, raw: Path, list_path: Path | None, mapping_path: Path | None
) -> Listing:
    """What the list of a dataset says, nothing without one."""
    from tthd_tools.errors import UsageError
    from tthd_tools.manifest.importers import Listing, read_list

    if kind is None and (list_path or mapping_path):
        raise UsageError("--list and --mapping go with --from NAME; add it, such as --from csv")
    return Listing() if kind is None else read_list(kind, raw, list_path, mapping_path)


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
