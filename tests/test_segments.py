"""The times and boxes that segments leave: union, gaps, bounds, and which boxes hold when."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.clip import Segment, Span
from tthd_tools.segments import bounds_s, boxes_in, gaps, stretches

LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)


def segment(start_s: float, end_s: float, box: tuple[float, ...] | None = None) -> Segment:
    return Segment.model_validate({"start_s": start_s, "end_s": end_s, "box": box})


def test_an_item_without_segments_is_used_whole() -> None:
    assert stretches((), 10.0) == [Span(0.0, math.inf)]
    assert gaps(stretches((), 10.0), 10.0) == []


def test_times_that_overlap_or_touch_are_one_stretch() -> None:
    found = stretches([segment(6, 8), segment(0, 2), segment(1, 3), segment(3, 4)], 10.0)
    assert found == [Span(0.0, 4.0), Span(6.0, 8.0)]
    assert gaps(found, 10.0) == [Span(4.0, 6.0), Span(8.0, 10.0)]


def test_a_stretch_that_reaches_the_end_goes_on_and_one_beyond_it_is_none() -> None:
    assert stretches([segment(4, 10.0), segment(11, 12)], 10.0) == [Span(4.0, math.inf)]
    assert stretches([segment(11, 12)], 10.0) == []
    assert gaps([], 10.0) == [Span(0.0, 10.0)]


def test_less_than_a_frame_between_two_segments_is_no_gap() -> None:
    assert gaps([Span(0.0, 1.0), Span(1.03, math.inf)], 10.0) == []


def test_boxes_are_those_of_the_segments_of_that_time() -> None:
    segments = [segment(0, 2, LEFT), segment(1, 3, RIGHT)]
    assert boxes_in(segments, Span(0.0, 1.0)) == [LEFT]
    assert boxes_in(segments, Span(1.0, 2.0)) == [LEFT, RIGHT]
    assert boxes_in(segments, Span(2.0, 3.0)) == [RIGHT]


def test_a_segment_without_a_box_takes_any_place() -> None:
    assert boxes_in([segment(0, 2, LEFT), segment(0, 2)], Span(0.0, 1.0)) == []
    assert boxes_in([], Span(0.0, 1.0)) == []


times = st.integers(0, 120).map(lambda tenths: tenths / 10)
many = st.lists(st.tuples(times, times).filter(lambda pair: pair[0] < pair[1]), min_size=1)


@given(many, times)
def test_every_moment_is_used_or_told(pairs: list[tuple[float, float]], at_s: float) -> None:
    end_s = 10.0
    used = stretches([segment(*pair) for pair in pairs], end_s)
    unused = gaps(used, end_s)
    inside = any(start <= at_s < stop for start, stop in pairs)
    if at_s < end_s:
        assert any(one.start_s <= at_s < one.end_s for one in used) == inside
        assert any(one.start_s <= at_s < one.end_s for one in unused) != inside
    together = sorted([*used, *unused])
    assert all(a.end_s <= b.start_s for a, b in pairwise(together))
    assert bounds_s([segment(*pair) for pair in pairs]) == sorted(
        {time for pair in pairs for time in pair}
    )
