"""The funnel from items to kept clips, as plain data: a state goes in, counts come out."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tthd_tools.build import State
from tthd_tools.survey import ItemState


def status_data(state: State) -> dict[str, Any]:
    """What ``tthd status --json`` prints: every item with its clips, and the funnel."""
    rows = {row["clip_id"]: row for row in state.table.to_dicts() if row["clip_id"]}
    return {
        "items": [_item(one, rows) for one in sorted(state.items, key=lambda one: one.source)],
        "funnel": funnel(state),
    }


def funnel(state: State) -> dict[str, Any]:
    """Counts from items to kept clips; ``reasons`` says, for each step, why how many ended."""
    leaves = [leaf for item in state.items for leaf in item.leaves]
    clips = [leaf for leaf in leaves if leaf.clip.level == "clip"]
    whole = state.table.filter(state.table["outcome"] == "clip")
    kept = state.table.filter(state.table["keep"])
    level_of = {"item": "items", "scene": "scenes", "track": "tracks", "clip": "clips"}
    reasons: dict[str, Counter[str]] = {name: Counter() for name in level_of.values()}
    for item in state.items:
        if item.item is None:
            reasons["items"][item.reason] += 1
    for leaf in leaves:
        if leaf.state in ("rejected", "failed"):
            reasons[level_of[leaf.clip.level]][leaf.reason] += 1
    reasons["policy"] = Counter(rule for rules in whole["dropped_by"].to_list() for rule in rules)
    reasons["flags"] = Counter(flag for flags in kept["flags"].to_list() for flag in flags)
    return {
        "items": len(state.items),
        "scenes": sum(item.scenes for item in state.items),
        "tracks": sum(leaf.clip.level in ("track", "clip") for leaf in leaves),
        "clips": len(clips),
        "kept": kept.height,
        "pending": len(state.pending),
        "failed": len(state.failed),
        "clip_seconds": round(float(whole["duration_s"].sum()), 3),
        "kept_seconds": round(float(kept["duration_s"].sum()), 3),
        "reasons": {name: dict(sorted(found.items())) for name, found in reasons.items()},
    }


def _item(item: ItemState, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    known = ("clip_id", "start_s", "end_s", "duration_s", "outcome", "reason")
    clips = [rows[leaf.clip.id] for leaf in item.clips if leaf.clip.id in rows]
    messages = [leaf.message for leaf in item.leaves if leaf.message] or [item.row.message]
    return {
        "item_id": item.item_id,
        "source": item.source,
        "outcome": item.outcome,
        "reason": item.reason or None,
        "message": messages[0] or None,
        "cuts_s": [round(cut, 3) for cut in item.cuts_s],
        "clips": [
            {name: row[name] for name in (*known, "keep", "dropped_by", "flags")} for row in clips
        ],
        "ended": [
            {
                "id": leaf.clip.id,
                "start_s": round(leaf.clip.span.start_s, 3),
                "end_s": round(leaf.clip.span.end_s, 3),
                "stage": leaf.stage,
                "reason": leaf.reason,
                **dict(leaf.clip.numbers),
            }
            for leaf in item.leaves
            if leaf.state in ("rejected", "failed") and leaf.clip.level != "clip"
        ],
    }
