"""Paths through a transcript: against brute force, side by side, and pruned."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.alignment.spoken import drawn, speak
from tthd_tools.alignment.acoustics import features
from tthd_tools.alignment.hmm import Inventory
from tthd_tools.alignment.lattice import (
    MEAN_FRAMES,
    MEAN_SILENCE_FRAMES,
    Lattice,
    best_path,
    best_paths,
    make_lattice,
    pruned_path,
)

Scores = NDArray[np.float32]


def model(*units: str) -> Inventory:
    return Inventory(("sil", *units))


def total(scores: Scores, lattice: Lattice, places: tuple[int, ...]) -> float | None:
    """Score of one sequence of places; None where a step of it is not allowed."""
    if places[0] not in lattice.starts or places[-1] not in lattice.ends:
        return None
    score = 0.0
    for frame, place in enumerate(places):
        score += float(scores[frame, lattice.states[place]])
        if frame == 0:
            continue
        before = places[frame - 1]
        silent = lattice.owner[before] < 0
        mean = MEAN_SILENCE_FRAMES if silent else MEAN_FRAMES
        if place == before:
            score += np.log(1 - 1 / mean)
        elif place == before + 1 or lattice.jump[place] == before:
            score += np.log(1 / mean)
        else:
            return None
    return score


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), frames=st.integers(3, 5))
def test_the_best_path_is_that_of_brute_force(seed: int, frames: int) -> None:
    lattice = make_lattice(model("a"), [("a",)])
    scores = np.random.default_rng(seed).normal(0, 5, (frames, 6)).astype(np.float32)
    possible = [
        found
        for places in product(range(len(lattice.states)), repeat=frames)
        if (found := total(scores, lattice, places)) is not None
    ]
    path = best_path(scores, lattice)
    assert path.score == pytest.approx(max(possible), rel=1e-5)
    assert total(scores, lattice, tuple(int(place) for place in path.places)) == pytest.approx(
        path.score, rel=1e-5
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_side_by_side_is_the_same_as_one_by_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    engine = model("a", "b", "c")
    texts = [[("a", "b"), ("c",)][: 1 + k % 2] * (1 + k) for k in range(4)]
    lattices = [make_lattice(engine, text) for text in texts]
    sounds = [
        random.normal(0, 4, (one.least_frames + int(random.integers(0, 40)), 12)).astype(np.float32)
        for one in lattices
    ]
    together = best_paths(sounds, lattices)
    for sound, lattice, path in zip(sounds, lattices, together, strict=True):
        alone = best_path(sound, lattice)
        assert alone.score == path.score
        np.testing.assert_array_equal(alone.places, path.places)


def test_a_pruned_path_is_the_exact_one_where_the_beam_is_wide_enough() -> None:
    utterance, _ = speak(drawn(3), 3)
    engine = model(*sorted({unit for units in utterance.syllables for unit in units}))
    lattice = make_lattice(engine, utterance.syllables)
    random = np.random.default_rng(4)
    scores = random.normal(0, 1, (len(utterance.rows), engine.state_count)).astype(np.float32)
    exact = best_path(scores, lattice)
    np.testing.assert_array_equal(pruned_path(scores, lattice, beam=1e9).places, exact.places)
    # A beam that loses every path to the end is widened until one arrives.
    assert pruned_path(scores, lattice, beam=0.1).score == pytest.approx(exact.score, rel=0.2)


def test_silence_may_stand_between_syllables_or_not() -> None:
    lattice = make_lattice(model("a", "b"), [("a",), ("b",)])
    assert lattice.owner.tolist() == [-1] * 3 + [0] * 3 + [-1] * 3 + [1] * 3 + [-1] * 3
    assert lattice.starts == (0, 3)
    assert lattice.jump[9] == 5
    assert lattice.ends == (11, 14)
    assert lattice.least_frames == 6


def test_a_sound_too_short_and_a_transcript_of_nothing_are_refused() -> None:
    lattice = make_lattice(model("a"), [("a",)] * 4)
    with pytest.raises(ValueError, match=r"12 frames are the least .* there are 11"):
        best_path(np.zeros((11, 6), np.float32), lattice)
    with pytest.raises(ValueError, match="needs syllables"):
        make_lattice(model("a"), [])
    with pytest.raises(ValueError, match="each of them a unit"):
        make_lattice(model("a"), [("a",), ()])


def test_features_of_the_made_up_speech_are_whole() -> None:
    utterance, times = speak(drawn(1), 1)
    assert np.isfinite(features(utterance.rows)).all()
    assert times[-1][1] < len(utterance.rows) / 100
