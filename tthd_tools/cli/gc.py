"""``tthd gc``: files of the workspace that nothing needs any more are listed, then removed."""

from __future__ import annotations

from typing import Annotated

import typer

from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Changes,
    Debug,
    PipelineName,
    Quiet,
    Work,
    counted,
    megabytes,
    open_plan,
    print_json,
    show,
)


def gc(
    work: Work = WORK,
    pipeline: PipelineName = None,
    changes: Changes = None,
    apply: Annotated[bool, typer.Option("--apply", help="Remove them; else only list.")] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """List what no current fingerprint names; with --apply, remove it. RAW is never touched."""
    from tthd_tools.build import look
    from tthd_tools.gc import find_waste, remove_waste
    from tthd_tools.workspace import Workspace

    plan = open_plan(pipeline, changes, work=work)
    workspace = Workspace(work)
    with workspace.writing():
        waste = find_waste(workspace, plan, look(workspace, plan))
        if apply:
            remove_waste(waste)
    if json:
        print_json([{"folder": str(one.folder), "bytes": one.size_bytes} for one in waste])
    elif not quiet:
        for one in waste:
            show(f"{megabytes(one.size_bytes):>10}  {one.folder}")
        total = megabytes(sum(one.size_bytes for one in waste))
        word = "removed" if apply else "can go: `tthd gc --apply` removes them"
        show(f"{counted(len(waste), 'folder')}, {total}, {word}" if waste else "nothing can go")
