"""``tthd ingest``: a raw folder goes in, registered items come out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Debug,
    Quiet,
    Work,
    hours,
    megabytes,
    people,
    print_json,
)


def ingest(
    raw: Annotated[Path, typer.Argument(metavar="RAW", help="The folder of raw videos.")],
    work: Work = WORK,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find, hash and probe raw videos; nothing is decoded, nothing under RAW is changed."""
    from tthd_tools.draft import write_draft
    from tthd_tools.errors import ItemsFailedError
    from tthd_tools.ingest import estimate_bytes, find_videos
    from tthd_tools.ingest import ingest as register
    from tthd_tools.workspace import Workspace

    next(find_videos(raw), None)  # a wrong RAW must not leave a workspace behind
    workspace = Workspace.create(work, raw)
    with workspace.writing(), people().status("reading files", spinner="line"):
        summary = register(workspace)
        draft = write_draft(workspace)
    need = estimate_bytes(summary.seconds, work)
    if json:
        print_json(summary.as_dict() | need)
    elif not quiet:
        say = people().print
        for row in summary.failed:
            say(f"{row.code} {row.message}", style="red", highlight=False, markup=False)
        say(
            f"{summary.added} new, {summary.known} known, {len(summary.duplicates)} duplicates, "
            f"{len(summary.failed)} that cannot be used; {hours(summary.seconds)} of video",
            highlight=False,
        )
        say(
            f"space needed, about: {megabytes(need['work_bytes'])} in {work}, "
            f"{megabytes(need['release_bytes'])} for shards; "
            f"free: {megabytes(need['free_bytes'])}",
            highlight=False,
        )
        say(f"rights are unknown: fill in {draft} (nothing leaves tier internal before)")
    if summary.failed:
        raise ItemsFailedError(
            f"{len(summary.failed)} of {summary.files} files cannot be used (see above); the rest "
            "is registered: go on with `tthd build-shards`"
        )
