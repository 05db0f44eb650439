"""``tthd status``: a workspace goes in, what became of every file comes out."""

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
    open_plan,
    print_json,
    show,
)


def status(
    work: Work = WORK,
    pipeline: PipelineName = "tthd",
    changes: Changes = None,
    until: Annotated[str | None, typer.Option(help="As far as this stage.")] = None,
    columns: Annotated[bool, typer.Option(help="Name the columns that rules can use.")] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """What went in, what came out, and why the rest did not."""
    from tthd_tools.build import look
    from tthd_tools.cli.report import print_state
    from tthd_tools.table import columns as table_columns
    from tthd_tools.workspace import Workspace

    if columns:
        kinds = {name: kind.__name__ for name, kind in table_columns().items()}
        if json:
            print_json(kinds)
            return
        for name, kind in kinds.items():
            show(f"{name:<28}{kind}")
        return
    plan = open_plan(pipeline, changes, until)
    print_state(look(Workspace(work), plan), json=json, quiet=quiet, items=True)
