"""``tthd build-shards``: a workspace goes in, a release comes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tthd_tools.cli.options import (
    RELEASE,
    WORK,
    AsJson,
    Changes,
    Debug,
    Manifests,
    Out,
    PipelineName,
    Quiet,
    Retry,
    ReviewsDir,
    Timeout,
    Work,
    Workers,
    counted,
    hours,
    megabytes,
    open_plan,
    print_json,
    say,
)

if TYPE_CHECKING:
    from tthd_tools.build import Built


def build_shards(
    work: Work = WORK,
    out: Out = RELEASE,
    pipeline: PipelineName = None,
    changes: Changes = None,
    tier: Annotated[str, typer.Option(help="internal, gated, registered or open.")] = "internal",
    require_review: Annotated[
        bool, typer.Option("--require-review", help="Accepted clips alone, in tier internal too.")
    ] = False,
    reviews: ReviewsDir = None,
    manifests: Manifests = None,
    workers: Workers = 0,
    timeout: Timeout = 300.0,
    retry: Retry = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Measure what is left, choose by the policy, and write shards that can be verified."""
    from tthd_tools.build import build, find_tier, measure, tells_of_earlier
    from tthd_tools.cli.progress import count_progress, run_progress
    from tthd_tools.cli.report import end_with_failures, print_state
    from tthd_tools.errors import UsageError
    from tthd_tools.review.seen import note_seen
    from tthd_tools.runner import Limits
    from tthd_tools.said import check_said
    from tthd_tools.standing import read_standings
    from tthd_tools.workspace import Workspace

    chosen_tier = find_tier(tier)
    plan = open_plan(pipeline, changes, quiet=quiet, work=work)
    workspace = Workspace(work)
    if reviews is not None and not reviews.is_dir():
        raise UsageError(f"the folder of decisions {str(reviews)!r} is not there; check its name")
    if out.resolve().is_relative_to(workspace.raw.resolve()):
        raise UsageError(f"{out} lies in the raw folder; give another folder with --out")
    with tells_of_earlier(out), workspace.writing():
        workspace.remember_pipeline(pipeline)
        if reviews is not None:
            workspace.remember(reviews=reviews)
        changed = check_said(workspace, chosen_tier, manifests)
        if changed is not None and not quiet:
            say(changed)
        with run_progress(quiet) as observer:
            limits = Limits(base_s=timeout)
            state = measure(
                workspace, plan, workers=workers, retry=retry, limits=limits, observer=observer
            )
        if not json:
            print_state(state, json=False, quiet=quiet)
        clips = [leaf.clip for item in state.items for leaf in item.clips]
        standings = read_standings(workspace, clips, manifests=manifests)
        note_seen(workspace)
        for remark in () if quiet else standings.remarks:
            say(remark)
        with count_progress("writing shards", quiet) as progress:
            built = build(
                workspace,
                plan,
                state,
                standings,
                out,
                progress,
                tier=chosen_tier,
                require_review=require_review,
                manifests=manifests,
            )
    _print_summary(built, tier, out, json=json, quiet=quiet)
    end_with_failures(state)


def _print_summary(built: Built, tier: str, out: Path, *, json: bool, quiet: bool) -> None:
    summary = built.release
    if json:
        print_json(
            {
                "release": str(summary.folder),
                "shards": summary.shards,
                "samples": summary.samples,
                "seconds": round(summary.seconds, 3),
                "bytes": summary.size_bytes,
                "written": list(summary.written),
                "removed": list(summary.removed),
                "left_out": dict(built.left_out),
            }
        )
    elif not quiet:
        say(
            f"{out}: {counted(summary.samples, 'clip')}, {hours(summary.seconds)}, "
            f"{counted(summary.shards, 'shard')} ({len(summary.written)} written), "
            f"{megabytes(summary.size_bytes)}, tier {tier}"
        )
        for why, count in sorted(built.left_out.items()):
            say(f"{counted(count, 'kept clip')} left out: {why}")
