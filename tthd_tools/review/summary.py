"""Where a review stands, as plain data and as lines for people: the folded reviews go in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, get_args

from tthd_tools.review.agreement import agreements, distribution
from tthd_tools.review.fold import ClipReview, Reviews
from tthd_tools.review.gold import Gold, score_gold
from tthd_tools.review.votes import State


def summary(reviews: Reviews, gold: Sequence[Gold] = ()) -> dict[str, Any]:
    """What ``tthd review status --json`` prints; ``gold`` adds how reviewers meet known answers."""
    clips = [reviews.clips[clip_id] for clip_id in sorted(reviews.clips)]
    votes = [vote for clip in clips for vote in clip.votes]
    counts = Counter(clip.state for clip in clips)
    return {
        "states": {state: counts[state] for state in get_args(State)},
        "vetoed": sum(clip.vetoed for clip in clips),
        "reviewers": _reviewers(reviews),
        "agreement": [asdict(one) for one in agreements(votes)],
        "gold": {name: asdict(score) for name, score in score_gold(votes, gold).items()},
        "findings": [finding._asdict() for finding in reviews.findings],
        "ignored": [
            {
                "event_id": event.event_id,
                "actor": event.actor,
                "event": event.event,
                "subject": event.clip_id or event.item_id,
                "why": why,
            }
            for event, why in reviews.ignored
        ],
        "clips": [_clip(clip) for clip in clips],
    }


def summary_lines(data: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    states = [f"{count} {state}" for state, count in data["states"].items() if count]
    vetoed = f"; {data['vetoed']} vetoed" if data["vetoed"] else ""
    yield f"clips: {', '.join(states) or 'none'}{vetoed}"
    for name, did in data["reviewers"].items():
        yield (
            f"{name}: {did['accept']} accepted, {did['reject']} rejected, "
            f"{did['request_changes']} to change, {did['skip']} skipped, {did['correct']} corrected"
            f"{_others(did['uncounted'])}"
        )
    for name, score in data["gold"].items():
        yield f"{name}: {score['right']} of {score['asked']} known answers"
    for one in data["agreement"]:
        if one["units"]:
            measures = [
                f"{name} {one[key]:.2f}"
                for name, key in (("equal", "raw"), ("κ", "kappa"), ("α", "alpha"))
                if one[key] is not None
            ]
            clips = f"{one['units']} clip{'s' * (one['units'] > 1)}"
            yield f"agreement on {one['question']} ({clips}): {', '.join(measures)}"
    for one in data["ignored"]:
        yield f"does not count: {one['event']} of {one['actor']} on {one['subject']}: {one['why']}"
    for finding in data["findings"]:
        yield f"{finding['file']}:{finding['line']}: {finding['message']}"


def _others(votes: int) -> str:
    if not votes:
        return ""
    noun = "vote does" if votes == 1 else "votes do"
    return f"; {votes} {noun} not count: replaced, taken back, stale, or named below"


def _reviewers(reviews: Reviews) -> dict[str, dict[str, Any]]:
    """What each person has done: verdicts that count, the number of those that do not, corrections,
    comments, and the seconds spent on all of it."""
    done: dict[str, Counter[str]] = {}
    seconds: Counter[str] = Counter()
    ignored = {(one.event.actor, one.event.event_id) for one in reviews.ignored}
    for event in reviews.events:
        kind = str(event.verdict or event.event)
        if event.event == "vote" and event.verdict != "skip":
            kind = "uncounted"
        elif (event.actor, event.event_id) in ignored:
            continue
        done.setdefault(event.actor, Counter())[kind] += 1
        seconds[event.actor] += event.seconds_spent  # type: ignore[assignment]
    for vote in reviews.counting:
        done[vote.actor].update({str(vote.verdict): 1, "uncounted": -1})
    names = (
        "accept", "reject", "request_changes", "uncounted", "skip", "correct", "comment",
        "withdraw_vote",
    )  # fmt: skip
    return {
        actor: {name: done[actor][name] for name in names} | {"seconds": round(seconds[actor], 1)}
        for actor in sorted(done)
    }


def _clip(clip: ClipReview) -> dict[str, Any]:
    return {
        "clip_id": clip.clip_id,
        "item_id": clip.item_id,
        "state": clip.state,
        "vetoed": clip.vetoed,
        "votes": {vote.actor: vote.verdict for vote in clip.votes},
        "reasons": list(clip.reasons),
        "answers": distribution(clip.votes),
        "corrections": dict(clip.corrections),
        "why": list(clip.why),
    }
