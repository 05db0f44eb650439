"""A workspace goes in; the clips that people shall review, with all that is known, come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, get_args

from tthd_tools.build import look
from tthd_tools.clip import Clip
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.pipeline import Plan, suggest
from tthd_tools.review.bundle import Bundle
from tthd_tools.review.chain import LogFinding
from tthd_tools.review.fold import Reviews, review_clips
from tthd_tools.review.settings import ReviewSettings, settings_for
from tthd_tools.review.votes import State
from tthd_tools.rights import Consent, standing_of
from tthd_tools.stages.encode import EncodePart
from tthd_tools.workspace import Workspace

STATES: tuple[State, ...] = get_args(State)
ENDED = ("withdrawn", "expired")


class Queue(NamedTuple):
    """A bundle, how many kept clips are not in it because their consent has ended, damaged logs."""

    bundle: Bundle
    withheld: int
    findings: Sequence[LogFinding]


def open_queue(
    workspace: Workspace,
    plan: Plan,
    reviews: Path,
    consents: Mapping[str, Consent],
    *,
    only: Sequence[str] = (),
    states: Sequence[str] = (),
) -> Queue:
    """The kept clips of some items, all without ``only``, that are in some state of review.

    A clip whose consent is withdrawn or has expired is shown to nobody. Raises UsageError for an
    unknown item or state, or where nothing is left to review.
    """
    for state in states:
        if state not in STATES:
            raise UsageError(f"no state {state!r}{suggest(state, STATES)}")
    found = look(workspace, plan)
    kept = {row["clip_id"]: row for row in found.table.to_dicts() if row["keep"]}
    clips = {leaf.clip.id: leaf.clip for item in found.items for leaf in item.clips}
    unknown = set(only) - {item.item_id for item in found.items}
    if unknown:
        raise UsageError(f"no item {sorted(unknown)[0]!r}; `tthd status` lists the items")
    chosen = [
        clips[clip_id]
        for clip_id, row in kept.items()
        if clips[clip_id].has(EncodePart) and (not only or row["item_id"] in only)
    ]
    allowed = [one for one in chosen if standing_of(one.item, consents).consent_status not in ENDED]
    settings = settings_for(workspace.root)
    folded = review_clips(reviews, clips.values(), settings)
    wanted = [one for one in allowed if not states or folded.clips[one.id].state in states]
    if chosen and not allowed:
        raise RefusedError("the consent of every clip is withdrawn or has expired: none is shown")
    if not wanted:
        raise UsageError(
            "no clip is left to review; `tthd status` says what became of each file, and --state "
            "chooses what to show"
        )
    bundle = Bundle(
        {clip.id: clip for clip in wanted}, kept, plan.pipeline.policy, consents=consents
    )
    withheld = len(chosen) - len(allowed)
    return Queue(with_reviews(bundle, folded, settings), withheld, folded.findings)


def find_consents(manifests: Path | None, raw: Path) -> Mapping[str, Consent]:
    """The public list of consents: of ``manifests``, or of the raw folder, or of ``./manifests``.

    None is found where nobody has written one. Raises UsageError where a named folder has none.
    """
    from tthd_tools.manifest.consent import CONSENTS_FILE, read_consents

    if manifests is not None and not (manifests / CONSENTS_FILE).is_file():
        raise UsageError(f"{manifests} has no {CONSENTS_FILE}; name the folder that has it")
    for folder in (raw, Path("manifests")) if manifests is None else (manifests,):
        if (folder / CONSENTS_FILE).is_file():
            return read_consents(folder / CONSENTS_FILE)
    return {}


def with_reviews(bundle: Bundle, reviews: Reviews, settings: ReviewSettings) -> Bundle:
    """The same clips with what has been decided about them."""
    return replace(
        bundle,
        states={name: one.state for name, one in reviews.clips.items()},
        corrections={name: dict(one.corrections) for name, one in reviews.clips.items()},
        events=reviews.events,
        review=settings,
    )


def read_again(bundle: Bundle, reviews: Path) -> Bundle:
    """The same clips with the decisions as they are now."""
    clips: Sequence[Clip] = list(bundle.clips.values())
    return with_reviews(bundle, review_clips(reviews, clips, bundle.review), bundle.review)
