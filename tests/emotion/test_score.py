"""Recall, F1 and calibration of guesses that are known."""

from __future__ import annotations

import pytest

from tthd_tools.emotion.fusion import Guess
from tthd_tools.emotion.score import (
    Judged,
    average_recall,
    calibration_error,
    confusion,
    macro_f1,
    majority,
    score,
)

PAIRS = [*[("happy", "happy")] * 3, ("happy", "sad"), ("sad", "sad"), ("sad", "angry")]
CLIPS = [Judged(truth, "spk_a", {"face": Guess(label, 0.75)}) for truth, label in PAIRS]


def test_recall_counts_emotions_and_not_clips() -> None:
    assert average_recall(PAIRS) == pytest.approx((3 / 4 + 1 / 2) / 2)


def test_f1_is_over_the_emotions_that_are_there() -> None:
    assert macro_f1(PAIRS) == pytest.approx((6 / 7 + 2 / 4) / 2)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([(0.8, True)] * 8 + [(0.8, False)] * 2, 0.0),
        ([(0.9, False)] * 4, 0.9),
        ([(0.6, True), (0.6, False), (1.0, True)], 0.2 / 3),
        ([(0.05, True), (0.95, True)], (0.95 + 0.05) / 2),
    ],
)
def test_calibration(marks: list[tuple[float, bool]], expected: float) -> None:
    assert calibration_error(marks) == pytest.approx(expected)


def test_a_source_is_scored_on_what_it_has_judged() -> None:
    found = score([*CLIPS, Judged("angry", "spk_a", {})], "face", 0.5)
    assert found.clips == 6
    assert found.recall == 0.625
    assert (found.sure, found.right) == (1.0, 0.6667)
    assert found.error == pytest.approx(0.0833, abs=1e-4)
    assert score(CLIPS, "face", 0.8).right is None
    with pytest.raises(ValueError, match="fer has judged no clip"):
        score(CLIPS, "fer", 0.5)


def test_the_majority_class_finds_one_of_k() -> None:
    found = majority(CLIPS)
    assert (found.source, found.recall) == ("always happy", 0.5)
    assert found.f1 == pytest.approx(0.4)
    assert (found.error, found.sure, found.right) == (None, None, None)


def test_what_is_taken_for_what() -> None:
    assert confusion(CLIPS, "face") == {
        "happy": {"happy": 3, "sad": 1},
        "sad": {"angry": 1, "sad": 1},
    }
