"""A workspace goes in; the clips that people shall review, with all that is known, come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from tthd_tools.build import look
from tthd_tools.clip import Clip
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.pipeline import Plan, suggest
from tthd_tools.review.bundle import Bundle
from tthd_tools.review.chain import LogFinding
from tthd_tools.review.fold import Reviews, review_clips
from tthd_tools.review.gold import mix_gold
from tthd_tools.review.settings import ReviewSettings, settings_for
from tthd_tools.review.sources import Sources, read_sources
from tthd_tools.review.votes import State
from tthd_tools.stages.encode import EncodePart
from tthd_tools.standing import Standings, read_rights
from tthd_tools.workspace import Workspace

STATES: tuple[State, ...] = get_args(State)
ENDED = ("withdrawn", "expired")


@dataclass(frozen=True)
class Queue:
    """A bundle, how many kept clips are not in it because their consent has ended, damaged logs.

    ``clips`` are all of the workspace, since a veto on one may hold the others of its item.
    """

    bundle: Bundle
    withheld: int
    findings: Sequence[LogFinding]
    clips: Sequence[Clip]
    sources: Sources


def open_queue(
    workspace: Workspace,
    plan: Plan,
    *,
    reviews: Path | None = None,
    manifests: Path | None = None,
    only: Sequence[str] = (),
    states: Sequence[str] = (),
    gold: Sequence[str] = (),
    reviewer: str | None = None,
    on_allowed: Callable[[Set[str]], None] = lambda clip_ids: None,
) -> Queue:
    """The kept clips of some items, all without ``only``, that are in some state of review.

    A clip whose consent is withdrawn or has expired is shown to nobody; ``on_allowed`` is told
    which may be shown, before anything is chosen among them. Clips of ``gold`` are mixed
    in for a reviewer and look as if nobody had decided about them. ``reviews`` and ``manifests`` as
    in ``read_standings``; a damaged log is told and stops nobody. Raises UsageError for an unknown
    item or state, or where nothing is left to review; RefusedError where no clip may be shown.
    """
    found = look(workspace, plan)
    clips = {leaf.clip.id: leaf.clip for item in found.items for leaf in item.clips}
    rows = {row["clip_id"]: row for row in found.table.to_dicts() if row["keep"]}
    chosen = [clips[clip_id] for clip_id in rows if clips[clip_id].has(EncodePart)]
    settings = settings_for(workspace.root)
    sources = read_sources(workspace)
    folded = review_clips(reviews or workspace.reviews, clips.values(), settings, sources)
    items = [clip.item for clip in clips.values()]
    rights = read_rights(workspace, items, manifests)
    allowed = _allowed(chosen, Standings(rights, folded))
    on_allowed(allowed.keys())
    _check_choice([item.item_id for item in found.items], only, states)
    if chosen and not allowed:
        raise RefusedError("the consent of every clip is withdrawn or has expired: none is shown")
    wanted = [
        one.id
        for one in allowed.values()
        if (not only or one.item.item_id in only)
        and (not states or folded.clips[one.id].state in states)
    ]
    wanted = _with_gold(wanted, [one for one in gold if one in allowed], reviewer)
    bundle = Bundle(
        {clip_id: allowed[clip_id] for clip_id in wanted},
        rows,
        plan.pipeline.policy,
        rights=rights,
        gold=frozenset(gold),
    )
    return Queue(
        with_reviews(bundle, folded, settings),
        len(chosen) - len(allowed),
        folded.findings,
        tuple(clips.values()),
        sources,
    )


def _allowed(clips: Sequence[Clip], standings: Standings) -> dict[str, Clip]:
    """Those whose consent has not ended, by id."""
    return {one.id: one for one in clips if standings.of(one).consent_status not in ENDED}


def _check_choice(item_ids: Sequence[str], only: Sequence[str], states: Sequence[str]) -> None:
    for state in states:
        if state not in STATES:
            raise UsageError(f"no state {state!r}{suggest(state, STATES)}")
    unknown = set(only).difference(item_ids)
    if unknown:
        raise UsageError(f"no item {min(unknown)!r}; `tthd status` lists the items")


def _with_gold(clip_ids: list[str], gold: Sequence[str], reviewer: str | None) -> list[str]:
    if not clip_ids:
        raise UsageError(
            "no clip is left to review; `tthd status` says what became of each file, --state "
            "chooses what to show, and --pipeline names another pipeline that has measured them"
        )
    if not gold:
        return clip_ids
    if reviewer is None:
        raise UsageError("clips with known answers are mixed in for one person: add --reviewer")
    return mix_gold(clip_ids, gold, reviewer=reviewer)


def with_reviews(bundle: Bundle, reviews: Reviews, settings: ReviewSettings) -> Bundle:
    """The same clips with what has been decided about them."""
    return replace(
        bundle,
        states={name: one.state for name, one in reviews.clips.items()},
        corrections={name: dict(one.corrections) for name, one in reviews.clips.items()},
        history={name: one.history for name, one in reviews.clips.items()},
        standing={name: one.standing for name, one in reviews.clips.items()},
        reopened={name: one.reopened for name, one in reviews.clips.items()},
        review=settings,
    )


def read_again(queue: Queue, reviews: Path) -> Queue:
    """The same clips with the decisions as they are now."""
    settings = queue.bundle.review
    found = review_clips(reviews, queue.clips, settings, queue.sources)
    bundle = with_reviews(queue.bundle, found, settings)
    return replace(queue, bundle=bundle, findings=found.findings)
