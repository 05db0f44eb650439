"""``tthd select``: the table goes in, what each rule costs and would gain comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Changes,
    Debug,
    PipelineName,
    Quiet,
    Work,
    hours,
    open_plan,
    page,
    print_json,
)

if TYPE_CHECKING:
    from tthd_tools.select import RuleCost


def select(
    work: Work = WORK,
    pipeline: PipelineName = "tthd",
    changes: Changes = None,
    dry_run: Annotated[bool, typer.Option(help="Write no table.")] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Apply the policy to the table: what each rule costs, and what a looser one would gain."""
    from tthd_tools.build import look
    from tthd_tools.select import rule_costs
    from tthd_tools.table import save_table
    from tthd_tools.workspace import Workspace

    plan = open_plan(pipeline, changes)
    workspace = Workspace(work)
    state = look(workspace, plan)
    costs = rule_costs(state.table, plan.pipeline.policy)
    if not dry_run:
        with workspace.writing():
            save_table(state.table, workspace)
    if json:
        print_json([_data(cost) for cost in costs])
    elif not quiet:
        kept = state.table.filter(state.table["keep"])
        whole = state.table.filter(state.table["outcome"] == "clip")
        page().print(
            f"{kept.height} of {whole.height} clips kept, {hours(float(kept['duration_s'].sum()))}",
            highlight=False,
        )
        for cost in costs:
            _print(cost)


def _data(cost: RuleCost) -> dict[str, object]:
    return {
        "rule": cost.rule.name,
        "action": cost.rule.action,
        "when": cost.rule.when,
        "clips": cost.clips,
        "seconds": round(cost.seconds, 3),
        "alone_clips": cost.alone_clips,
        "alone_seconds": round(cost.alone_seconds, 3),
        "looser": cost.looser,
        "looser_clips": cost.looser_clips,
        "looser_seconds": cost.looser_seconds,
        "by": cost.by,
    }


def _print(cost: RuleCost) -> None:
    rule = cost.rule
    line = f"{rule.name} ({rule.action} {rule.when}): {cost.clips} clips, {hours(cost.seconds)}"
    if rule.action == "drop" and cost.clips:
        line += f"; {cost.alone_clips} by it alone"
    if cost.looser is not None and cost.looser_seconds is not None:
        line += f"; `{cost.looser}` would give back {cost.looser_clips} clips"
        line += f", {hours(cost.looser_seconds)}"
    page().print(line, highlight=False, markup=False)
    for group, found in cost.by.items():
        if cost.clips and set(found) != {"unknown"}:
            lost = sorted(found.items(), key=lambda one: -one[1])[:8]
            text = ", ".join(f"{name} {hours(seconds)}" for name, seconds in lost)
            more = f", and {len(found) - 8} more" if len(found) > 8 else ""
            page().print(f"    {group}: {text}{more}", highlight=False, markup=False)
