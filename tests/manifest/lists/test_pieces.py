"""Times and crops against the facts of a file: scaled, checked, and never outside of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.manifest.lists.pieces import Facts, box_of, segment_of
from tthd_tools.manifest.lists.records import Crop, Row

HD = Facts(60.0, 1920, 1080)


def row(start_s: float | None, end_s: float | None, crop: Crop | None = None) -> Row:
    return Row("a.mp4", "l.csv:2", {}, {}, start_s, end_s, crop)


def test_a_crop_is_scaled_by_the_picture_that_it_is_stated_for() -> None:
    assert box_of(Crop((320, 180, 960, 540), (1280, 720)), HD) == (0.25, 0.25, 0.75, 0.75)
    assert box_of(Crop((320, 180, 960, 540), (None, 720)), HD) == (0.25, 0.25, 0.75, 0.75)
    assert box_of(Crop((320, 180, 960, 540), (1280, None)), HD) == (0.25, 0.25, 0.75, 0.75)


def test_one_percent_of_another_shape_is_rounding_and_more_is_another_picture() -> None:
    crop = (0.0, 0.0, 100.0, 100.0)
    assert box_of(Crop(crop, (854, 480)), HD)
    with pytest.raises(ValueError, match=r"stated for 640x480 px, the file has 1920x1080 px"):
        box_of(Crop(crop, (640, 480)), HD)


def test_a_piece_may_end_a_second_late_and_is_cut_at_the_end() -> None:
    assert segment_of(row(50, 60.9), HD) == {"start_s": 50.0, "end_s": 60.0, "box": None}
    with pytest.raises(ValueError, match=r"from 50 s to 61.5 s is not in a file of 60.0 s"):
        segment_of(row(50, 61.5), HD)


def test_no_times_are_all_of_it() -> None:
    crop = Crop((0, 0, 1, 1))
    assert segment_of(row(None, None, crop), HD)["end_s"] == 60.0


numbers = st.one_of(
    st.floats(-1e11, 1e11), st.floats(-2, 2), st.integers(-5000, 5000).map(float), st.just(0.0)
)
sizes = st.none() | st.tuples(st.none() | numbers, st.none() | numbers)


@given(st.tuples(numbers, numbers, numbers, numbers), sizes, numbers, numbers)
def test_whatever_a_list_says_a_segment_lies_in_the_file(
    box: tuple[float, float, float, float],
    size: tuple[float | None, float | None] | None,
    start_s: float,
    end_s: float,
) -> None:
    try:
        found = segment_of(row(start_s, end_s, Crop(box, size)), HD)
    except ValueError:
        return
    assert 0 <= found["start_s"] < found["end_s"] <= 60
    left, top, right, bottom = found["box"]
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
