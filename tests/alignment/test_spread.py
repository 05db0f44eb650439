"""A guess at times: over the speech, by expected lengths."""

from __future__ import annotations

import pytest

from tthd_tools.alignment.spread import spread


def test_equal_syllables_share_the_speech() -> None:
    assert spread([1, 1, 1, 1], [(1.0, 3.0)]) == [(1.0, 1.5), (1.5, 2.0), (2.0, 2.5), (2.5, 3.0)]


def test_a_longer_one_takes_more() -> None:
    assert spread([1, 3], [(0.0, 2.0)]) == [(0.0, 0.5), (0.5, 2.0)]


def test_a_pause_is_left_out_and_a_syllable_lies_on_the_side_of_its_middle() -> None:
    found = spread([1, 1, 1], [(0.0, 1.0), (2.0, 2.5)])
    assert found == [(0.0, 0.5), (0.5, 1.0), (2.0, 2.5)]
    first, middle, last = spread([1, 1, 1], [(0.0, 0.8), (2.0, 2.7)])
    assert first == pytest.approx((0.0, 0.5))
    assert middle == pytest.approx((0.5, 0.8))
    assert last == pytest.approx((2.2, 2.7))


def test_nothing_gives_nothing() -> None:
    assert spread([], [(0.0, 1.0)]) == []
