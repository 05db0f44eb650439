"""The funnel from handmade states: counts, seconds and reasons at each step."""

from __future__ import annotations

from pathlib import Path

from tthd_tools.build import State
from tthd_tools.clip import Clip, Level, Span
from tthd_tools.ledger import Row
from tthd_tools.pipeline import Rule
from tthd_tools.select import apply_policy
from tthd_tools.status import funnel, status_data
from tthd_tools.survey import ItemState
from tthd_tools.table import make_table
from tthd_tools.testing import dummy_item
from tthd_tools.walk import Leaf
from tthd_tools.walk import State as LeafState

RULES = (
    Rule(name="too_short", action="drop", when="duration_s < 3"),
    Rule(name="long", action="flag", when="duration_s > 4"),
)


def leaf(
    name: str, level: Level, state: LeafState, seconds: float = 2.0, reason: str = "", **more: str
) -> Leaf:
    item = dummy_item(f"{name}.mp4", item_id=name)
    numbers = {"frames": 50.0} if reason else {}
    clip = Clip(name, level, item, Path("x.mp4"), Span(1.0, 1.0 + seconds), numbers=numbers)
    return Leaf(clip, state, reason=reason, **more)


def item(name: str, *leaves: Leaf, cuts_s: tuple[float, ...] = ()) -> ItemState:
    known = dummy_item(f"{name}.mp4", item_id=name)
    row = Row(name, name, "ingest", "f", "ok", detail=known.path)
    return ItemState(row, known, leaves, cuts_s, len(cuts_s) + 1)


def state() -> State:
    refused = Row(
        "bad", "bad", "ingest", "f", "failed", reason="empty", code="S007",
        message="'bad.mp4' is empty", detail="bad.mp4",
    )  # fmt: skip
    items = [
        ItemState(refused, None, (), (), 0),
        item(
            "one",
            leaf("one_0000", "clip", "clip", 5.0),
            leaf("one_0001", "clip", "clip", 2.0),
            leaf("one_s001_t0", "track", "rejected", 0.5, "short_track", stage="tracks"),
            leaf("one_s002", "scene", "rejected", 1.0, "no_face", stage="tracks"),
            cuts_s=(2.00004, 6.0),
        ),
        item(
            "two",
            leaf("two_0000", "clip", "failed", 3.0, "crashed", message="it died", code="S008"),
        ),
        item("three", leaf("three", "item", "pending")),
    ]
    return State(items, apply_policy(make_table(items), RULES))


def test_the_funnel_counts_each_step() -> None:
    found = funnel(state())
    assert {name: found[name] for name in found if name != "reasons"} == {
        "items": 4,
        "scenes": 5,
        "tracks": 4,
        "clips": 3,
        "kept": 1,
        "pending": 1,
        "failed": 2,
        "clip_seconds": 7.0,
        "kept_seconds": 5.0,
    }
    assert found["reasons"] == {
        "items": {"empty": 1},
        "scenes": {"no_face": 1},
        "tracks": {"short_track": 1},
        "clips": {"crashed": 1},
        "policy": {"too_short": 1},
        "flags": {"long": 1},
    }


def test_items_are_sorted_by_source_with_all_their_clips() -> None:
    items = status_data(state())["items"]
    assert [one["source"] for one in items] == ["bad.mp4", "one.mp4", "three.mp4", "two.mp4"]
    bad, one, three, two = items
    assert (bad["outcome"], bad["reason"], bad["message"]) == (
        "failed",
        "empty",
        "'bad.mp4' is empty",
    )
    assert (bad["cuts_s"], bad["clips"]) == ([], [])
    assert one["cuts_s"] == [2.0, 6.0]
    assert one["clips"][1] == {
        "clip_id": "one_0001",
        "start_s": 1.0,
        "end_s": 3.0,
        "duration_s": 2.0,
        "outcome": "clip",
        "reason": None,
        "keep": False,
        "dropped_by": ["too_short"],
        "flags": [],
    }
    assert [(end["reason"], end["start_s"], end["frames"]) for end in one["ended"]] == [
        ("short_track", 1.0, 50.0),
        ("no_face", 1.0, 50.0),
    ]
    assert (two["outcome"], two["reason"], two["message"]) == ("failed", "crashed", "it died")
    assert (two["clips"][0]["outcome"], two["clips"][0]["keep"]) == ("failed", False)
    assert (three["outcome"], three["reason"]) == ("pending", None)
