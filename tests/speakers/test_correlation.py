"""Lips that move with the loudness of the voice are told from those that do not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tthd_tools.speakers import SCALES, contrast, fit_correlation, moving, total
from tthd_tools.testing import mouth_opening

FRAMES = 200
SEEN = np.ones(FRAMES, np.bool_)


def opening(start: int = 0) -> NDArray[np.float64]:
    """How far a mouth is open, from some frame of a long utterance on."""
    return mouth_opening(3 * FRAMES)[start : start + FRAMES]


def lips(curve: NDArray[np.float64]) -> NDArray[np.float16]:
    return np.repeat(0.2 * curve[:, None], 4, axis=1).astype(np.float16)


def sound(curve: NDArray[np.float64]) -> NDArray[np.float16]:
    return np.repeat(-14 + 10 * np.sqrt(curve)[:, None], 80, axis=1).astype(np.float16)


def score(mouth: NDArray[np.float16], heard: NDArray[np.float16]) -> float:
    found = fit_correlation(mouth, SEEN[: len(mouth)], heard)
    assert found is not None
    return total(contrast(found), SCALES["correlation"])


@pytest.mark.parametrize("late", [0, 2, 4])
def test_own_sound_is_far_above_chance_also_where_it_is_a_little_late(late: int) -> None:
    assert score(lips(opening(20)), sound(opening(20 - late))) > 1.5


@pytest.mark.parametrize("start", [120, 250, 333, 380])
def test_foreign_sound_is_near_chance(start: int) -> None:
    assert score(lips(opening(0)), sound(opening(start))) < 1


def test_a_still_mouth_fits_nothing() -> None:
    still = np.full((FRAMES, 4), 0.1, np.float16)
    assert score(still, sound(opening())) == 0
    trembling = still + np.random.default_rng(0).normal(0, 1e-3, (FRAMES, 4)).astype(np.float16)
    assert abs(score(trembling, sound(opening()))) < 0.5


def test_steady_noise_and_silence_fit_nothing() -> None:
    noise = np.random.default_rng(0).normal(-9, 0.3, (FRAMES, 80)).astype(np.float16)
    assert abs(score(lips(opening()), noise)) < 0.5
    assert score(lips(opening()), np.full((FRAMES, 80), -23.0, np.float16)) == 0


def test_frames_show_where_the_face_speaks() -> None:
    both = opening().copy()
    heard = both.copy()
    both[100:] = 0.0  # from here on somebody else is heard
    found = fit_correlation(lips(both), SEEN, sound(heard))
    assert found is not None
    scores = contrast(found)
    assert scores[10:90].mean() > 5 * abs(scores[110:].mean())


def test_lips_that_speak_move_and_those_that_tremble_or_smile_hardly_do() -> None:
    assert moving(lips(opening()), SEEN).mean() > 0.7
    trembling = np.random.default_rng(0).normal(0.1, 1e-3, (FRAMES, 4)).astype(np.float16)
    assert moving(trembling, SEEN) == pytest.approx(np.zeros(FRAMES))
    smile = np.repeat(np.linspace(0.0, 0.3, FRAMES)[:, None], 4, axis=1).astype(np.float16)
    assert moving(smile, SEEN)[20:-20].max() < 0.01


def test_motion_is_that_of_the_moment() -> None:
    half = opening().copy()
    half[100:] = half[100]
    found = moving(lips(half), SEEN)
    assert found[10:80].mean() > 0.6
    assert found[150:].max() < 0.05


def test_little_over_a_second_or_a_face_hardly_seen_says_nothing() -> None:
    mouth, heard = lips(opening()), sound(opening())
    assert fit_correlation(mouth[:27], SEEN[:27], heard[:27]) is None
    assert fit_correlation(mouth[:28], SEEN[:28], heard[:28]) is not None
    hidden = SEEN.copy()
    hidden[:101] = False
    assert fit_correlation(mouth, hidden, heard) is None
