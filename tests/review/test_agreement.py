"""Agreement equals what the literature computes by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.review.made import vote
from tthd_tools.review.agreement import (
    agreement,
    agreements,
    cohen_kappa,
    distribution,
    krippendorff_alpha,
    raw_agreement,
)

FOUR = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
"""Krippendorff 2011, section C: four observers, twelve units, gaps."""
TWO = {"A": "0 1 0 0 0 0 0 0 1 0", "B": "1 1 1 0 0 1 0 0 0 0"}
"""The same, section A: two observers, binary, no gaps."""


def ratings(rows: dict[str, str]) -> dict[str, dict[str, int]]:
    units: dict[str, dict[str, int]] = {}
    for rater, row in rows.items():
        for number, value in enumerate(row.split()):
            if value != ".":
                units.setdefault(f"u{number}", {})[rater] = int(value)
    return units


def test_alpha_of_the_worked_examples() -> None:
    assert krippendorff_alpha(ratings(FOUR)) == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(ratings(FOUR), ordinal=True) == pytest.approx(0.815, abs=5e-4)
    assert krippendorff_alpha(ratings(TWO)) == pytest.approx(0.095, abs=5e-4)


def test_kappa_of_a_table_computed_by_hand() -> None:
    """20 both yes, 5 and 10 apart, 15 both no: p_o = 0.7, p_e = 0.5, κ = 0.4."""
    cells = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    table = {f"u{n}": {"A": one, "B": other} for n, (one, other) in enumerate(cells)}
    assert cohen_kappa(table) == pytest.approx(0.4)
    assert raw_agreement(table) == pytest.approx(0.7)


def test_raw_agreement_counts_pairs() -> None:
    table = {"u": {"A": 1, "B": 1, "C": 2}, "v": {"A": 1, "B": 1}, "w": {"A": 5}}
    assert raw_agreement(table) == pytest.approx(2 / 4)


@pytest.mark.parametrize(
    ("rows", "measures"),
    [
        ({}, (None, None, None)),
        ({"A": "1 2"}, (None, None, None)),
        ({"A": "1 . 2", "B": ". 1 ."}, (None, None, None)),
        ({"A": "1 1", "B": "1 1"}, (1.0, None, None)),
        ({"A": "1 2", "B": "1 2"}, (1.0, 1.0, 1.0)),
        ({"A": "1 2", "B": "2 1"}, (0.0, -1.0, -0.5)),
        ({"A": "1 2", "B": "1 2", "C": "1 2"}, (1.0, None, 1.0)),
    ],
)
def test_where_nothing_varies_or_compares_there_is_no_number(
    rows: dict[str, str], measures: tuple[Any, ...]
) -> None:
    found = agreement("q", ratings(rows))
    assert (found.raw, found.kappa, found.alpha) == measures


def test_near_ranks_agree_more_than_far_ones() -> None:
    near = ratings({"A": "0 1 2 3", "B": "1 2 3 3"})
    far = ratings({"A": "0 1 2 3", "B": "3 2 3 0"})
    assert krippendorff_alpha(near, ordinal=True) > krippendorff_alpha(near)  # type: ignore[operator]
    assert krippendorff_alpha(far, ordinal=True) < 0  # type: ignore[operator]


def test_votes_give_one_measure_a_question_the_verdict_first() -> None:
    votes = [
        vote("a", 1, answers={"emotion": "happy", "emotion_intensity": 2}),
        vote("b", 2, answers={"emotion": "calm", "emotion_intensity": 1, "clear": True}),
        vote("a", 3, clip_id="a_0001", answers={"emotion": "sad"}),
        vote("b", 4, "reject", clip_id="a_0001", answers={"emotion": "sad"}),
        vote("c", 5, clip_id="a_0002"),
    ]
    found = agreements(votes)
    assert [(one.question, one.level, one.units, one.raters, one.raw) for one in found] == [
        ("verdict", "nominal", 2, 2, 0.5),
        ("clear", "nominal", 0, 0, None),
        ("emotion", "nominal", 2, 2, 0.5),
        ("emotion_intensity", "ordinal", 1, 2, 0.0),
    ]
    assert [one.question for one in agreements([])] == ["verdict"]


def test_a_feeling_is_a_distribution() -> None:
    votes = [
        vote(name, 1, answers={"emotion": word})
        for name, word in zip("abc", ["sad", "calm", "sad"], strict=True)
    ]
    assert distribution(votes) == {"emotion": {"calm": 1, "sad": 2}}
    assert distribution([vote("a", 1)]) == {}
