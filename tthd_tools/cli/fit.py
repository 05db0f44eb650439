"""``tthd fit``: the fit of a corpus stage is made anew from all clips."""

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
)


def fit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The corpus stage.")],
    work: Work = WORK,
    pipeline: PipelineName = None,
    changes: Changes = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make the fit of a corpus stage anew; a fit never changes by itself."""
    from tthd_tools.build import finish_corpus, look
    from tthd_tools.cli.report import print_state
    from tthd_tools.errors import PipelineError
    from tthd_tools.pipeline import suggest
    from tthd_tools.table import save_table
    from tthd_tools.workspace import Workspace

    plan = open_plan(pipeline, changes, work=work)
    names = [step.name for step in plan.corpus]
    if name not in names:
        raise PipelineError(f"no corpus stage {name!r}{suggest(name, names)}")
    workspace = Workspace(work)
    with workspace.writing():
        finish_corpus(workspace, plan, refit=name)
        state = look(workspace, plan)
        save_table(state.table, workspace)
    print_state(state, json=json, quiet=quiet)
