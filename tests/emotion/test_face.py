"""Odds of a face beside where it rests, and where that is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.emotion.face import (
    BETWEEN,
    MOVES,
    NAMES,
    PRIOR,
    REST,
    WITHIN,
    Rest,
    face_odds,
    resting_face,
    unknown_rest,
)

FELT = tuple(MOVES)
KNOWN = Rest(REST, np.square(WITHIN) / 10)
one_face = st.lists(st.floats(-2, 2), min_size=7, max_size=7)


def shown(name: str, strength: float = 1.0) -> np.ndarray:
    return REST + strength * np.array(MOVES.get(name, np.zeros(7)))


@pytest.mark.parametrize("name", ["neutral", *FELT])
def test_what_an_emotion_moves_is_told_of_a_known_face(name: str) -> None:
    found = face_odds(shown(name)[None], KNOWN)
    assert NAMES[found.odds[0].argmax()] == name
    assert found.odds[0].max() > 0.6


@pytest.mark.parametrize("name", ["happy", "surprised", "angry"])
def test_intensity_grows_with_what_is_shown(name: str) -> None:
    weak, plain, strong = (
        face_odds(shown(name, strength)[None], KNOWN).intensity[0] for strength in (0.6, 1.0, 1.6)
    )
    assert weak < plain < strong
    assert face_odds(REST[None], KNOWN).intensity[0] == 0


def test_of_an_unknown_face_less_is_told() -> None:
    for name in FELT:
        known, unknown = (
            face_odds(shown(name)[None], rest).odds[0, NAMES.index(name)]
            for rest in (KNOWN, unknown_rest())
        )
        assert unknown < known


def test_fear_and_disgust_keep_their_prior() -> None:
    odds = face_odds(np.array([shown(name) for name in FELT]), KNOWN).odds
    assert odds[:, 5:] == pytest.approx(np.tile(PRIOR[5:], (len(FELT), 1)))


def test_a_face_that_nothing_explains_is_told_less_surely_than_one_that_something_does() -> None:
    absurd = REST + np.array([0.3, -0.3, 0.2, 0.3, -0.4, 0.3, -0.2])
    assert (
        face_odds(absurd[None], KNOWN).odds.max()
        < face_odds(shown("happy")[None], KNOWN).odds.max()
    )


@given(one_face)
@settings(max_examples=50, deadline=None)
def test_odds_are_odds(face: list[float]) -> None:
    found = face_odds(np.array([face]), unknown_rest())
    assert found.odds.sum() == pytest.approx(1)
    assert (found.odds >= 0).all()
    assert 0 <= found.intensity[0] <= 3


def test_a_person_is_found_whatever_was_acted() -> None:
    person = REST + 0.8 * BETWEEN * np.array([1, 1, -1, 1, -1, 1, 1])
    acted = np.array([person + shown(name) - REST for name in ("neutral", *FELT)])
    found = resting_face(acted, np.ones(len(acted)))
    assert np.abs(found.mean - person).max() < 0.012
    assert (found.variance < np.square(BETWEEN)).all()


def test_a_person_who_is_always_neutral_is_found() -> None:
    person = REST - BETWEEN
    found = resting_face(np.tile(person, (6, 1)), np.ones(6))
    assert np.abs(found.mean - person).max() < 0.006
    assert face_odds(person[None], found).odds[0].argmax() == 0


def test_nothing_seen_is_an_unknown_person() -> None:
    found = resting_face(np.zeros((0, 7)), np.zeros(0))
    assert found.mean.tolist() == REST.tolist()
    assert found.variance == pytest.approx(np.square(BETWEEN))
