"""``tthd measure``: registered items go in, clips with scores come out."""

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
    Retry,
    Timeout,
    Work,
    Workers,
    open_plan,
)


def measure(
    work: Work = WORK,
    pipeline: PipelineName = None,
    changes: Changes = None,
    until: Annotated[str | None, typer.Option(help="The last stage to run.")] = None,
    item: Annotated[list[str] | None, typer.Option(help="Only this item; repeatable.")] = None,
    workers: Workers = 0,
    timeout: Timeout = 300.0,
    retry: Retry = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run the stages on what is registered; what was done before is not done again."""
    from tthd_tools.build import measure as run_stages
    from tthd_tools.cli.progress import run_progress
    from tthd_tools.cli.report import end_with_failures, print_state
    from tthd_tools.runner import Limits
    from tthd_tools.workspace import Workspace

    plan = open_plan(pipeline, changes, until, quiet=quiet, work=work)
    workspace = Workspace(work)
    with workspace.writing(), run_progress(quiet) as observer:
        workspace.remember_pipeline(pipeline)
        state = run_stages(
            workspace,
            plan,
            only=item or (),
            workers=workers,
            retry=retry,
            limits=Limits(base_s=timeout),
            observer=observer,
        )
    print_state(state, json=json, quiet=quiet)
    end_with_failures(state)
