"""Syllables get their times from emissions; pauses and untold speech are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.alignment.ctc import TooShort
from tthd_tools.alignment.forced import Emissions, align_text, mean_probability
from tthd_tools.alignment.tokens import Vocabulary

LETTERS = Vocabulary({token: at for at, token in enumerate(["<pad>", "|", *"abcdefgh"])}, 0)
STRIDE_S = 0.02


def spoken(pattern: str, sure: float = 0.9, **more: object) -> Emissions:
    """What a model emits that hears ``pattern``: a letter a frame, ``.`` for a blank."""
    width = len(LETTERS.columns)
    probs = np.full((len(pattern), width), (1 - sure) / (width - 1))
    labels = [LETTERS.columns[one.replace(".", "<pad>")] for one in pattern]
    probs[np.arange(len(pattern)), labels] = sure
    return Emissions(np.log(probs).astype(np.float16), LETTERS, STRIDE_S, **more)  # type: ignore[arg-type]


def times(emissions: Emissions, text: str) -> list[tuple[str, float, float]]:
    found = align_text(emissions, text, "en")
    return [(one.unit.text, round(one.start_s, 3), round(one.end_s, 3)) for one in found.spoken]


def test_boundaries_lie_half_way_between_syllables() -> None:
    heard = times(spoken("..ab....cd..ef"), "ab cd ef")
    assert heard == [("ab", 0.04, 0.12), ("cd", 0.12, 0.22), ("ef", 0.22, 0.28)]


def test_a_pause_belongs_to_nobody() -> None:
    heard = times(spoken("ab" + 30 * "." + "cd"), "ab cd")
    assert heard == [("ab", 0.0, 0.04), ("cd", 0.64, 0.68)]


def test_a_piece_keeps_the_clock_and_the_prior_of_the_whole() -> None:
    whole = spoken(50 * "." + "ab..cd" + 44 * ".")
    piece = whole.between(0.99, 1.5)
    assert (len(piece), piece.start_s) == (25, 1.0)
    np.testing.assert_allclose(piece.prior, mean_probability(whole.log_probs))
    assert times(piece, "ab cd") == [("ab", 1.0, 1.06), ("cd", 1.06, 1.12)]
    assert len(whole.between(5, 6)) == 0


def test_a_right_transcript_fits_better_than_a_wrong_one() -> None:
    emissions = spoken("aabb.|ccdd.|eeff")
    right = align_text(emissions, "ab cd ef", "en")
    wrong = align_text(emissions, "ab gh ef", "en")
    assert right.margin == pytest.approx(0, abs=1e-3)
    assert wrong.margin is not None
    assert wrong.margin < -0.5
    margins = [one.margin for one in wrong.spoken]
    assert margins.index(min(one for one in margins if one is not None)) == 1


def test_what_cannot_be_spelled_has_a_place_and_no_margin() -> None:
    emissions = spoken("ab..gghh..cd")
    found = align_text(emissions, "ab 中 cd", "en")
    assert [one.unit.is_star for one in found.spoken] == [False, True, False]
    assert found.spoken[1].margin is None
    assert found.spoken[1].start_s == pytest.approx(0.06, abs=0.021)
    assert found.spoken[1].end_s == pytest.approx(0.18, abs=0.021)
    assert align_text(emissions, "中", "en").margin is None


def test_the_star_knows_tokens_that_were_not_kept() -> None:
    heard = spoken("ab........cd", sure=0.9)
    unseen = np.full(12, -9.0, np.float16)
    unseen[3:9] = -0.01
    with_star = Emissions(heard.log_probs, LETTERS, STRIDE_S, star=unseen)
    found = align_text(with_star, "ab 中 cd", "en").spoken[1]
    assert found.start_s <= 0.06
    assert found.end_s >= 0.14
    whole = [align_text(one, "abcd", "en", prior_weight=0).margin for one in (heard, with_star)]
    assert whole == [0, pytest.approx(-0.048, abs=0.002)]


def test_a_peak_that_is_too_short_is_widened_by_the_prior() -> None:
    log_probs = spoken(100 * ".").log_probs.astype(np.float64)
    for at, letter in ((40, "a"), (60, "b")):  # the blank wins everywhere but at two peaks
        log_probs[at - 3 : at + 4, LETTERS.columns[letter]] = np.log(0.2)
        log_probs[at, LETTERS.columns[letter]] = np.log(0.95)
    emissions = Emissions(log_probs, LETTERS, STRIDE_S)
    widths = {}
    for weight in (0.0, 1.0):
        first = align_text(emissions, "ab", "en", prior_weight=weight).spoken[0]
        widths[weight] = first.end_s - first.start_s
    assert widths[0.0] == pytest.approx(0.42)
    assert widths[1.0] == pytest.approx(0.54)


def test_no_text_and_too_little_sound() -> None:
    assert align_text(spoken("ab"), "...", "en").spoken == ()
    with pytest.raises(TooShort, match="4 tokens need at least 5 frames"):
        align_text(spoken("abb"), "abbc", "en")


def test_mean_probability_is_that_of_all_frames() -> None:
    log_probs = spoken("aab.").log_probs
    np.testing.assert_allclose(
        mean_probability(log_probs), np.exp(log_probs.astype(float)).mean(axis=0)
    )
