"""``tthd status``: a workspace goes in, what became of every file comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Changes,
    Debug,
    Manifests,
    PipelineName,
    Quiet,
    ReviewsDir,
    Work,
    open_plan,
    print_json,
    show,
)


def status(
    work: Work = WORK,
    pipeline: PipelineName = None,
    changes: Changes = None,
    until: Annotated[str | None, typer.Option(help="As far as this stage.")] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="CLIP", help="All about one clip, and why.")
    ] = None,
    reviews: ReviewsDir = None,
    manifests: Manifests = None,
    columns: Annotated[bool, typer.Option(help="Name the columns that rules can use.")] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """What went in, what came out, and why the rest did not."""
    from tthd_tools.build import look
    from tthd_tools.cli.report import print_state
    from tthd_tools.standing import read_standings
    from tthd_tools.table import columns as table_columns
    from tthd_tools.why import (
        find_leaf,
        find_refused,
        refused_data,
        refused_lines,
        why_data,
        why_lines,
    )
    from tthd_tools.workspace import Workspace

    if columns:
        kinds = {name: kind.__name__ for name, kind in table_columns().items()}
        if json:
            print_json(kinds)
            return
        for name, kind in kinds.items():
            show(f"{name:<28}{kind}")
        return
    plan = open_plan(pipeline, changes, until, work=work)
    workspace = Workspace(work)
    state = look(workspace, plan)
    if why is None:
        print_state(state, json=json, quiet=quiet, items=True)
        return
    refused = find_refused(state, why)
    if refused is not None:
        _tell(refused_data(refused), refused_lines, json)
        return
    leaf = find_leaf(state, why)
    clips = [one.clip for item in state.items for one in item.clips]
    standings = read_standings(workspace, clips, reviews=reviews, manifests=manifests)
    _tell(why_data(state, plan, standings, leaf), why_lines, json)


def _tell(
    data: dict[str, Any], lines: Callable[[dict[str, Any]], Iterable[str]], as_json: bool
) -> None:
    if as_json:
        print_json(data)
        return
    for line in lines(data):
        show(line)
