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
    counted,
    hours,
    open_plan,
    print_json,
    show,
)

if TYPE_CHECKING:
    import polars as pl

    from tthd_tools.select import RuleCost

MOST_GROUPS = 8


def select(
    work: Work = WORK,
    pipeline: PipelineName = None,
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

    plan = open_plan(pipeline, changes, work=work)
    workspace = Workspace(work)
    state = look(workspace, plan)
    costs = rule_costs(state.table, plan.pipeline.policy)
    if not dry_run:
        with workspace.writing():
            save_table(state.table, workspace)
    if json:
        print_json([_data(cost) for cost in costs])
    elif not quiet:
        _print_costs(state.table, costs)


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


def _print_costs(table: pl.DataFrame, costs: list[RuleCost]) -> None:
    whole = table.filter(table["outcome"] == "clip")
    kept = table.filter(table["keep"])
    show(
        f"{kept.height} of {counted(whole.height, 'clip')} kept: "
        f"{hours(float(kept['duration_s'].sum()))} of {hours(float(whole['duration_s'].sum()))}"
    )
    for action, title in (("drop", "dropped by"), ("flag", "flagged by")):
        chosen = [cost for cost in costs if cost.rule.action == action]
        if chosen:
            show("")
            alone = "  by it alone" if action == "drop" else ""
            show(f"{title:<20}{'clips':>6}{'time':>10}{alone}")
        for cost in chosen:
            _print_cost(cost)


def _print_cost(cost: RuleCost) -> None:
    rule = cost.rule
    line = f"  {rule.name:<18}{cost.clips:>6}{hours(cost.seconds):>10}"
    if rule.action == "drop":
        line += f"{cost.alone_clips:>13}"
    show(f"{line}  {rule.when}")
    if not cost.clips:
        return
    if cost.looser is not None and cost.looser_seconds is not None:
        gain = f"{counted(cost.looser_clips or 0, 'clip')}, {hours(cost.looser_seconds)}"
        show(f"      looser: {cost.looser} would give back {gain}")
    for group, found in cost.by.items():
        if set(found) != {"unknown"}:
            lost = sorted(found.items(), key=lambda one: -one[1])
            text = ", ".join(f"{name} {hours(seconds)}" for name, seconds in lost[:MOST_GROUPS])
            more = f", and {len(lost) - MOST_GROUPS} more" if len(lost) > MOST_GROUPS else ""
            show(f"      {group}: {text}{more}")
