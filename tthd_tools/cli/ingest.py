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
    from tthd_tools.description import Refusal
    from tthd_tools.ingest import IngestSummary

MOST_ERRORS = 20


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
    from tthd_tools.ingest import ingest as register
    from tthd_tools.lists import read_lists
    from tthd_tools.said import Source, read_said
    from tthd_tools.standing import read_rights
    from tthd_tools.videos import estimate_bytes, require_videos
    from tthd_tools.workspace import Workspace

    require_videos(raw)  # a wrong RAW or list must not leave a workspace behind
    said = read_said(raw, work, Source(manifests, kind, list_, mapping))
    is_new = not (work / "workspace.json").is_file()
    remembered = None if is_new else Workspace(work, ledger=False).manifests
    lists = read_lists(raw, work, said.source.manifests, remembered)
    workspace = Workspace.create(work, raw)
    spinner = nullcontext() if quiet else people().status("reading files", spinner="line")
    with workspace.writing(), spinner:
        rights = read_rights(workspace, lists=lists)
        said.remember(workspace)
        refused: set[str] = set()

        def judge(sha256: str) -> Refusal | None:
            refusal = rights.refusal(sha256)
            if refusal is not None:
                refused.add(sha256)
            return refusal or said.judge(sha256)

        summary = register(
            workspace,
            describe=said.describe,
            judge=judge,
            sent_in=lists.sent_in(workspace.raw),
        )
        said.conclude(workspace)
        draft = write_draft(workspace)
    told = [row.message for row in summary.failed]
    errors = [one for one in said.errors if not any(one.endswith(text) for text in told)]
    summary.remarks += [*errors[:MOST_ERRORS], *(one["sentence"] for one in said.missing)]
    if len(errors) > MOST_ERRORS:
        summary.remarks.append(
            f"and {len(errors) - MOST_ERRORS} more errors: `tthd manifest check` names each"
        )
    # Of a hash that is listed and of no registered file: where it was just refused, that is told.
    entries = [one for one in rights.remarks if not any(sha256 in one for sha256 in refused)]
    summary.remarks += [*said.remarks, *entries]
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
    rest = "the rest is registered: go on with `tthd build-shards`"
    if not summary.added + summary.known:
        rest = "no file is registered"
    if summary.failed:
        raise ItemsFailedError(
            f"{len(summary.failed)} of {counted(summary.files, 'file')} cannot be used, "
            f"`tthd status` says why; {rest}"
        )
    if errors:
        raise ItemsFailedError(
            f"{counted(len(errors), 'error')} in manifests, and what such a row describes stays "
            f"out; {rest}"
        )
    if said.missing:
        raise ItemsFailedError(
            f"{counted(len(said.missing), 'listed file')} cannot be found; the rest is "
            "registered: go on with `tthd build-shards`, or put them there and ingest again"
        )


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
