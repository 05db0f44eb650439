"""Why a clip is, or is not, in a release: its whole story goes out, as data and as lines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from tthd_tools.build import State
from tthd_tools.errors import UsageError
from tthd_tools.pipeline import Plan
from tthd_tools.rights import TIERS, missing, objection
from tthd_tools.standing import Standings
from tthd_tools.survey import ItemState
from tthd_tools.walk import Leaf

ITEM = (
    "item_id", "path", "submission_id", "contributor", "speaker_id", "language", "dialect",
    "text_status", "rights", "license", "tier",
)  # fmt: skip


def find_leaf(state: State, name: str) -> Leaf:
    """The clip, or the end of a scene or track, of that id.

    Raises UsageError for an unknown one, suggesting the nearest.
    """
    leaves = {leaf.clip.id: leaf for item in state.items for leaf in item.leaves}
    if name in leaves:
        return leaves[name]
    of_item = [one for one in leaves if leaves[one].clip.item.item_id == name]
    near = difflib.get_close_matches(name, leaves, n=1)
    hint = "`tthd status --json` lists all clips"  # a corpus has too many to name them here
    if near:
        hint = f"did you mean {near[0]!r}?"
    if of_item:
        hint = f"of that item there are {', '.join(of_item)}"
    raise UsageError(f"no clip {name!r}; {hint}")


def find_refused(state: State, name: str) -> ItemState | None:
    """The file of which ``ingest`` has made no item, by its id or by that of a former clip."""
    known = {one.item_id for one in state.items if one.item is not None}
    refused = {one.item_id: one for one in state.items if one.item_id not in known}
    return refused.get(name) or refused.get(re.sub(r"_\d{4,}$", "", name))


def refused_data(refused: ItemState) -> dict[str, Any]:
    """Why there is no clip of a file."""
    return {
        "id": refused.item_id,
        "source": refused.source,
        "outcome": refused.outcome,
        "code": refused.row.code,
        "reason": refused.reason,
        "message": refused.row.message,
        "tiers": dict.fromkeys(TIERS, "ingest has refused its file"),
    }


def refused_lines(data: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    yield f"{data['id']}  {data['source']}"
    yield f"refused     {data['code']} {data['message']}"
    for tier, against in data["tiers"].items():
        yield f"{tier:<12}{against}"


def why_data(state: State, plan: Plan, standings: Standings, leaf: Leaf) -> dict[str, Any]:
    """Where a clip comes from, what it is, what the policy, its rights and its reviewers say."""
    clip = leaf.clip
    row = next((one for one in state.table.to_dicts() if one["clip_id"] == clip.id), {})
    rules = {rule.name: rule.when for rule in plan.pipeline.policy}
    is_clip = clip.id in standings.reviews.clips
    standing = standings.of(clip) if is_clip else None
    review = standings.review(clip) if is_clip else None
    consent = standings.consent(clip.item)
    return {
        "id": clip.id,
        "start_s": round(clip.span.start_s, 3),
        "end_s": round(clip.span.end_s, 3),
        "item": {name: getattr(clip.item, name) for name in ITEM},
        "outcome": leaf.state,
        "ended_by": leaf.stage or None,
        "reason": leaf.reason or None,
        "message": leaf.message or None,
        "numbers": dict(clip.numbers),
        "keep": row.get("keep"),
        "dropped_by": {name: rules[name] for name in row.get("dropped_by") or ()},
        "flags": {name: rules[name] for name in row.get("flags") or ()},
        "consent": None
        if consent is None
        else {**consent.model_dump(mode="json"), "scope": sorted(consent.scope)},
        "review": None
        if review is None
        else {
            "state": review.state,
            "vetoed": review.vetoed,
            "reasons": list(review.reasons),
            "corrections": dict(review.corrections),
            "why": list(review.why),
        },
        "missing": None if standing is None else missing(standing),
        "tiers": None if standing is None else {tier: objection(tier, standing) for tier in TIERS},
    }


def why_lines(data: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    item = data["item"]
    sent = f" of {item['submission_id']}" if item["submission_id"] else ", without a manifest"
    spoken = ", ".join(one for one in (item["language"], item["dialect"]) if one)
    yield f"{data['id']}  {item['path']}, {data['start_s']:.2f} to {data['end_s']:.2f} s"
    yield f"item        {item['item_id']}{sent}; {item['speaker_id']}{'; ' * bool(spoken)}{spoken}"
    yield f"rights      {item['rights']}, {item['license'] or 'no licence'}, tier {item['tier']}"
    if data["outcome"] != "clip":
        numbers = ", ".join(f"{name} {value:g}" for name, value in data["numbers"].items())
        told = data["message"] or numbers
        if data["reason"] is None:
            yield (
                f"pending     not measured to its end: {data['ended_by']} is next; go on with "
                "`tthd measure`, or name the pipeline that has measured it with --pipeline"
            )
            return
        yield f"ended       {data['reason']} by {data['ended_by']}{': ' * bool(told)}{told}"
        return
    dropped = ", ".join(f"{name} ({when})" for name, when in data["dropped_by"].items())
    flags = ", ".join(f"{name} ({when})" for name, when in data["flags"].items())
    flagged = f"; flagged {flags}" if flags else ""
    yield f"policy      {'kept' if data['keep'] else 'dropped by ' + dropped}{flagged}"
    consent = data["consent"]
    if consent is None:
        yield "consent     none"
    else:
        scope = " ".join(consent["scope"]) or "nothing"
        yield (
            f"consent     {consent['consent_id']} {consent['status']}, tier {consent['tier']}, "
            f"for {scope}"
        )
    review = data["review"]
    yield f"review      {review['state']}{': ' * bool(review['why'])}{'; '.join(review['why'])}"
    for name, value in review["corrections"].items():
        yield f"corrected   {name}: {value}"
    if data["missing"]:
        yield f"lacks       {', '.join(data['missing'])}, for any tier wider than internal"
    for tier, against in data["tiers"].items():
        dropped_first = None if data["keep"] else "the policy drops it"
        yield f"{tier:<12}{dropped_first or against or 'yes'}"
