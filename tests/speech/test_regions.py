"""Flags become stretches, thresholds have hysteresis, and gaps are closed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tthd_tools.speech import stretches
from tthd_tools.speech.regions import between, tidy

FLAGS = arrays(np.bool_, st.integers(0, 60))


def flags(text: str) -> np.ndarray:
    return np.array([one == "#" for one in text], np.bool_)


def drawn(found: np.ndarray) -> str:
    return "".join("#" if one else "." for one in found)


def test_stretches_are_the_runs() -> None:
    assert stretches(flags("..##.#")) == [(2, 4), (5, 6)]
    assert stretches(flags("")) == []


def test_speech_begins_at_the_high_threshold_and_ends_at_the_low_one() -> None:
    values = np.array([0.4, 0.6, 0.4, 0.4, 0.2, 0.4, 0.4, 0.2, 0.9], np.float32)
    assert drawn(between(values, 0.5, 0.3)) == ".###....#"


@pytest.mark.parametrize(
    ("bridge", "shortest", "margin", "expected"),
    [
        (0, 1, 0, "..##.##....#.."),
        (1, 1, 0, "..#####....#.."),
        (1, 2, 0, "..#####......."),
        (0, 2, 1, ".#######......"),
        (1, 2, 3, "##########...."),
    ],
)
def test_tidy(bridge: int, shortest: int, margin: int, expected: str) -> None:
    assert drawn(tidy(flags("..##.##....#.."), bridge, shortest, margin)) == expected


@given(FLAGS, st.integers(0, 5), st.integers(1, 5))
def test_tidy_leaves_no_short_run_and_no_short_gap(
    given_flags: np.ndarray, bridge: int, shortest: int
) -> None:
    found = stretches(tidy(given_flags, bridge, shortest))
    assert all(end - start >= shortest for start, end in found)
    assert all(later[0] - sooner[1] > bridge for sooner, later in pairwise(found))


@given(FLAGS)
def test_tidy_without_demands_changes_nothing(given_flags: np.ndarray) -> None:
    assert drawn(tidy(given_flags, 0, 1)) == drawn(given_flags)
