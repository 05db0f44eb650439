"""A speaker's turns go with the face that speaks at that time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tthd_tools.speakers import match_turns

TURNS = np.array([[0, 200, 1], [200, 400, 0], [400, 500, 1]], np.int32)  # of 5 s


def speaks(*spans_s: tuple[float, float]) -> NDArray[np.bool_]:
    flags = np.zeros(125, np.bool_)
    for start_s, end_s in spans_s:
        flags[round(start_s * 25) : round(end_s * 25)] = True
    return flags


def test_each_speaker_goes_with_the_face_that_speaks_then() -> None:
    left, right = speaks((2, 4)), speaks((0.2, 1.9), (4.1, 5))
    assert match_turns(TURNS, [left, right]) == {0: 0, 1: 1}
    assert match_turns(TURNS, [right, left]) == {1: 0, 0: 1}


def test_a_speaker_nobody_is_seen_with_goes_with_no_face() -> None:
    assert match_turns(TURNS, [speaks((2.2, 3.9))]) == {0: 0}
    assert match_turns(TURNS, [speaks()]) == {}
    assert match_turns(TURNS, []) == {}
    assert match_turns(TURNS[:0], [speaks((0, 5))]) == {}


def test_a_pair_that_shares_less_than_half_is_none() -> None:
    assert match_turns(TURNS[1:2], [speaks((3.2, 5))]) == {}
    assert match_turns(TURNS[1:2], [speaks((2.8, 4.4))]) == {0: 0}


@pytest.mark.parametrize("first", [0, 1])
def test_a_face_goes_with_one_speaker_at_most(first: int) -> None:
    turns = np.array([[0, 100, first], [100, 300, 1 - first]], np.int32)
    assert match_turns(turns, [speaks((0, 3))]) == {1 - first: 0}


def test_turns_may_end_after_the_last_frame() -> None:
    turns = np.array([[450, 620, 3]], np.int32)
    assert match_turns(turns, [speaks((4.5, 5))]) == {3: 0}
