"""Tracks are compared while they are seen together, and a verdict needs a clear score."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.speakers import SCALES, Evidence, is_active, margin, total

CONTRAST, OWN = SCALES["correlation"], SCALES["light_asd"]


def track(start_s: float, *scores: float) -> Evidence:
    """One second at 25 Hz for each number."""
    return Evidence(start_s, np.repeat(np.array(scores, np.float16), 25))


def test_contrasts_grow_with_the_root_of_the_length_and_logits_do_not() -> None:
    assert total(np.full(100, 0.5), CONTRAST) == pytest.approx(1.0)
    assert total(np.full(100, 0.5), OWN) == pytest.approx(0.5)


def test_margin_is_to_the_best_other_track() -> None:
    own, worse, better = track(0, 1, 1, 1, 1), track(0, 0, 0, 0, 0), track(0, 2, 2, 2, 2)
    assert margin(own, [], CONTRAST) is None
    assert margin(own, [worse], CONTRAST) == pytest.approx(2.0)
    assert margin(own, [worse, better], CONTRAST) == pytest.approx(-2.0)
    assert margin(own, [worse, better], OWN) == pytest.approx(-1.0)


def test_only_the_time_in_which_both_are_seen_counts() -> None:
    own = track(10.0, 0, 0, 3, 3)
    assert margin(own, [track(12.0, 1, 1, 9, 9)], OWN) == pytest.approx(2.0)
    assert margin(own, [track(9.0, 9, 1, 1)], OWN) == pytest.approx(-1.0)
    assert margin(own, [track(13.04, 9, 9)], OWN) is None  # together for less than a second
    assert margin(own, [track(30.0, 9)], OWN) is None


@pytest.mark.parametrize(
    ("score", "to_best", "active"),
    [
        (1.4, None, True),
        (2.0, 0.0, True),
        (1.3, None, None),
        (0.4, 3.0, None),
        (0.39, None, False),
        (0.39, 3.0, False),
        (2.0, -0.5, None),
        (2.0, -1.0, False),
    ],
)
def test_verdict(score: float, to_best: float | None, active: bool | None) -> None:
    assert is_active(score, to_best, CONTRAST) is active


def test_the_networks_that_judge_lips_alone_draw_their_line_at_zero() -> None:
    assert is_active(0.0, None, OWN) is True
    assert is_active(-0.1, None, OWN) is False
