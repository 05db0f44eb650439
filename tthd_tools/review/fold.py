"""The state of every clip: all events and the clips as they are now go in, reviews come out.

A pure function of the set of events: neither the order of files nor a replay changes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tthd_tools.clip import Clip
from tthd_tools.errors import RefusedError
from tthd_tools.review.chain import LogFinding
from tthd_tools.review.content import Subject, subject_of
from tthd_tools.review.corrections import Correctable
from tthd_tools.review.events import Event
from tthd_tools.review.log import read_logs
from tthd_tools.review.settings import ReviewSettings
from tthd_tools.review.votes import Ballot, State
from tthd_tools.review.why import explain

_WORST = ("rejected", "disputed", "changes_requested", "stale", "in_review", "unreviewed")


class Ignored(NamedTuple):
    """An event that does not count, and why."""

    event: Event
    why: str


@dataclass(frozen=True)
class ClipReview:
    """What people have decided about one clip.

    ``state`` takes the decisions about its whole item into account. ``vetoed``: no release may hold
    it, whatever the state. ``votes`` are those on the clip as it is now, ``reasons`` what they have
    against it, ``corrections`` what fields of it should be, by name, and ``why`` says how all this
    came about, in sentences.
    """

    clip_id: str
    item_id: str
    state: State = "unreviewed"
    vetoed: bool = False
    votes: tuple[Event, ...] = ()
    reasons: tuple[str, ...] = ()
    corrections: Mapping[Correctable, Any] = field(default_factory=dict)
    why: tuple[str, ...] = ("nobody has reviewed it",)


@dataclass(frozen=True)
class Reviews:
    """The reviews of all clips, by clip id; the events that do not count; damage of the logs."""

    clips: Mapping[str, ClipReview]
    ignored: tuple[Ignored, ...] = ()
    events: tuple[Event, ...] = ()
    findings: tuple[LogFinding, ...] = ()

    def check_whole(self) -> None:
        """Raises RefusedError where a log is damaged: a veto may be among what is lost."""
        if self.findings:
            raise RefusedError(
                f"{self.findings[0]}; nothing is released by a damaged log, since a veto may be "
                "lost with it: bring it back from a copy that is whole"
            )


def review_clips(
    folder: Path,
    clips: Iterable[Clip],
    settings: ReviewSettings,
    former_ids: Mapping[str, str] | None = None,
) -> Reviews:
    """What the logs below a folder say of those clips, whose items are as they were sent.

    ``former_ids``: ids that items had before, and their ids now: a veto goes with the item.
    """
    logs = read_logs(folder)
    events = [event for log in logs for event in log.events]
    reviews = fold(events, [subject_of(clip) for clip in clips], settings, former_ids)
    findings = tuple(found for log in logs for found in log.findings)
    return Reviews(reviews.clips, reviews.ignored, reviews.events, findings)


def fold(
    events: Iterable[Event],
    subjects: Iterable[Subject],
    settings: ReviewSettings | None = None,
    former_ids: Mapping[str, str] | None = None,
) -> Reviews:
    """The reviews of all subjects."""
    now = former_ids or {}
    settings = settings or ReviewSettings()
    once: dict[tuple[str, str], Event] = {}
    for event in (one.unsealed() for one in events):
        other = once.setdefault((event.actor, event.event_id), event)
        if other is not event:  # should two differ, the set alone says which counts
            once[event.actor, event.event_id] = min(event, other, key=Event.line)
    ordered = sorted(once.values(), key=lambda one: (*one.order, one.actor))
    by_item: dict[str, list[Event]] = {}
    for event in ordered:
        by_item.setdefault(now.get(event.item_id, event.item_id), []).append(event)
    items: dict[str, list[Subject]] = {}
    for subject in subjects:
        items.setdefault(subject.item_id, []).append(subject)
    clips: dict[str, ClipReview] = {}
    ignored = [
        Ignored(event, "there is no such item now")
        for event in ordered
        if now.get(event.item_id, event.item_id) not in items
    ]
    for item_id, of_item in sorted(items.items()):
        found, left_out = _fold_item(by_item.get(item_id, ()), of_item, settings)
        clips |= {review.clip_id: review for review in found}
        ignored += left_out
    return Reviews(clips, tuple(ignored), tuple(ordered))


def _fold_item(
    events: Sequence[Event], subjects: Sequence[Subject], settings: ReviewSettings
) -> tuple[list[ClipReview], list[Ignored]]:
    first = subjects[0]
    known = {one.clip_id: one for one in subjects}
    ballots: dict[str | None, Ballot] = {None: Ballot(first.item_content_sha256, settings)}
    for one in subjects:
        ballots[one.clip_id] = Ballot(one.content_sha256, settings, one.sent, one.duration_s)
    ignored: list[Ignored] = []
    for event in events:
        if event.clip_id not in ballots:  # the item is cut otherwise now; a veto must not be lost
            ballots[event.clip_id] = Ballot("", settings)
        why = _discounted(event, first.contributor, settings)
        why = why or ballots[event.clip_id].take(event)
        if why is None and event.clip_id is not None and event.clip_id not in known:
            why = "there is no such clip now"
        if why:
            ignored.append(Ignored(event, why))
    whole = ballots.pop(None)
    held = _held(whole, ballots.values())
    reviews = [_review(one, ballots[one.clip_id], whole, held, settings) for one in subjects]
    return reviews, ignored


def _held(whole: Ballot, ballots: Iterable[Ballot]) -> list[Event]:
    """Vetoes of clips that have changed since: nobody knows which piece of the item they mean now.

    An item that was reopened since, and accepted, is free of them.
    """
    reopened = whole.reopened if whole.state == "accepted" else None
    since = reopened.order if reopened is not None else ("", "")
    vetoes = [veto for one in ballots for veto in one.stale_vetoes if veto.order > since]
    return sorted(vetoes, key=lambda veto: (veto.order, veto.actor))


def _review(
    subject: Subject, ballot: Ballot, whole: Ballot, held: Sequence[Event], settings: ReviewSettings
) -> ClipReview:
    state = _joined(ballot.state, whole.state, settings)
    if held and state in ("accepted", "in_review", "unreviewed"):
        state = "stale"
    against = [*ballot.current, *whole.current, *held]
    return ClipReview(
        clip_id=subject.clip_id,
        item_id=subject.item_id,
        state=state,
        vetoed=ballot.is_vetoed or whole.is_vetoed or bool(held),
        votes=tuple(ballot.current),
        reasons=tuple(dict.fromkeys(reason for vote in against for reason in vote.reasons)),
        corrections=ballot.corrections,
        why=tuple(explain(ballot, whole, held)) or ("nobody has reviewed it",),
    )


def _joined(clip: State, item: State, settings: ReviewSettings) -> State:
    """The worse of both; an item that nobody has voted on counts only where it has to be."""
    if item == "unreviewed":
        return "in_review" if settings.rights_vote and clip == "accepted" else clip
    return next((state for state in _WORST if state in (clip, item)), "accepted")


def _discounted(event: Event, contributor: str | None, settings: ReviewSettings) -> str | None:
    """Why an event does not count, because of who sends it. Anybody may veto."""
    if event.event in ("adjudicate", "reopen") and not settings.may_rule(event.actor):
        return f"{event.actor} is no adjudicator; [review] of tthd.toml names them"
    is_own = event.role == "contributor" or _bare(event.actor) == _bare(contributor or "")
    if is_own and not event.has_veto and event.event not in ("comment", "withdraw_vote"):
        return "nobody decides about what they have sent themselves"
    return None


def _bare(handle: str) -> str:
    """Two handles that differ only in case and punctuation are one person."""
    return re.sub(r"[^a-z0-9]", "", handle.casefold())
