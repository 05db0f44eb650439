"""The true place of a sound is compared with other places of the same sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.speakers import Fits, contrast, smoothed
from tthd_tools.speakers.fits import LEAST_FRAMES, away_shifts


def fits(near: list[float], away: float, frames: int = 30) -> Fits:
    return Fits(np.tile(np.array(near)[:, None], frames), away)


@given(st.integers(LEAST_FRAMES, 800))
def test_shifts_are_ten_frames_off_in_both_directions_of_the_ring(frames: int) -> None:
    shifts = away_shifts(frames)
    assert len(set(shifts)) == 8
    assert min(shifts) == 10
    assert max(shifts) == frames - 10


def test_the_best_lag_counts_and_what_fits_anywhere_does_not() -> None:
    scores = contrast(fits([1.0, 1.0, 5.0, 3.0, 1.0, 1.0], 1.0))
    assert scores.shape == (30,)
    assert scores == pytest.approx(np.full(30, 2.5))  # half of 5, a quarter of 1 and 3, minus 1
    assert contrast(fits([7.0] * 6, 7.0)) == pytest.approx(np.zeros(30))


def test_two_fits_are_added_at_one_common_lag() -> None:
    one, other = fits([0, 4.0, 0, 0, 3.0, 0], 0.0), fits([0, 0, 0, 0, 3.0, 0], 1.0)
    assert contrast(one) == pytest.approx(np.full(30, 2.0))
    assert contrast(one, other) == pytest.approx(np.full(30, 3.0 - 1.0))
    assert contrast(one.over(2.0)) == pytest.approx(np.full(30, 1.0))


def test_smoothing_keeps_the_mean_of_what_is_steady() -> None:
    assert smoothed(np.full(50, 2.0)) == pytest.approx(np.full(50, 2.0))
    spike = np.zeros(101)
    spike[50] = 1.0
    assert smoothed(spike).max() < 0.05
