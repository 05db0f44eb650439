"""The best path and the total are those of brute force and of torch, in blocks or at once."""

from __future__ import annotations

import tracemalloc
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.alignment import viterbi
from tthd_tools.alignment.ctc import (
    STAR,
    STAR_COST,
    CtcPath,
    TooShort,
    align,
    frames_needed,
    total_score,
    total_scores,
)


def noise(frames: int, width: int, seed: int = 0, sharpness: float = 1.0) -> np.ndarray:
    """Log-probabilities (T, V) of nothing in particular."""
    raw = sharpness * np.random.default_rng(seed).standard_normal((frames, width))
    return raw - np.logaddexp.reduce(raw, axis=1, keepdims=True)


def sounds_like(labels: list[int], width: int) -> np.ndarray:
    """Log-probabilities of a model that is 0.9 sure of one label a frame."""
    probs = np.full((len(labels), width), 0.1 / (width - 1))
    probs[np.arange(len(labels)), labels] = 0.9
    return np.log(probs)


def brute_force(log_probs: np.ndarray, tokens: list[int]) -> tuple[float, float]:
    """Best and total log-probability over every sequence of labels that reads as ``tokens``."""
    frames, width = log_probs.shape
    scores = [
        sum(log_probs[t, label] for t, label in enumerate(path))
        for path in product(range(width), repeat=frames)
        if [label for label, _ in groupby(path) if label] == tokens
    ]
    return max(scores), float(np.logaddexp.reduce(scores))


def score_of(log_probs: np.ndarray, tokens: list[int], path: CtcPath) -> float:
    """The score of a path, from its tokens' frames alone."""
    labels = np.zeros(len(log_probs), int)
    for token, start, end in zip(tokens, path.start, path.end, strict=True):
        labels[start:end] = token
    assert [label for label, _ in groupby(labels.tolist()) if label] == tokens
    return float(log_probs[np.arange(len(labels)), labels].sum())


@st.composite
def small_cases(draw: st.DrawFn) -> tuple[np.ndarray, list[int]]:
    width = draw(st.integers(2, 4))
    tokens = draw(st.lists(st.integers(1, width - 1), max_size=3))
    frames = draw(st.integers(max(frames_needed(tokens), 1), 6))
    return noise(frames, width, draw(st.integers(0, 10**6)), 2.0), tokens


@given(small_cases())
@settings(max_examples=60, deadline=None)
def test_best_path_and_total_are_those_of_brute_force(case: tuple[np.ndarray, list[int]]) -> None:
    log_probs, tokens = case
    best, total = brute_force(log_probs, tokens)
    path = align(log_probs, tokens)
    assert path.score == pytest.approx(best, abs=1e-9)
    assert score_of(log_probs, tokens, path) == pytest.approx(best, abs=1e-9)
    assert total_score(log_probs, tokens) == pytest.approx(total, abs=1e-9)


@given(st.integers(0, 10**6), st.integers(0, 12), st.booleans())
@settings(max_examples=25, deadline=None)
def test_total_is_minus_torchs_loss(seed: int, count: int, repeated: bool) -> None:
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(seed)
    tokens = random.integers(1, 3 if repeated else 8, count).tolist()
    log_probs = noise(frames_needed(tokens) + int(random.integers(1, 30)), 8, seed)
    loss = torch.nn.CTCLoss(blank=0, reduction="sum")(
        torch.tensor(log_probs)[:, None],
        torch.tensor([tokens], dtype=torch.long).reshape(1, -1),
        torch.tensor([len(log_probs)]),
        torch.tensor([len(tokens)]),
    )
    assert total_score(log_probs, tokens) == pytest.approx(-float(loss), abs=1e-6)


def test_several_transcripts_at_once_score_as_one_by_one() -> None:
    log_probs = noise(40, 6, 3)
    transcripts = [[1, 2, 3], [], [5, 5, 5, 4], [2]]
    alone = [total_score(log_probs, one) for one in transcripts]
    np.testing.assert_allclose(total_scores(log_probs, transcripts), alone, atol=1e-9)
    assert len(total_scores(log_probs, [])) == 0


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(0, 200))
@settings(max_examples=25, deadline=None)
def test_a_path_traced_in_blocks_is_the_path_traced_at_once(
    seed: int, count: int, spare: int
) -> None:
    tokens = np.random.default_rng(seed).integers(1, 5, count).tolist()
    log_probs = noise(frames_needed(tokens) + spare, 5, seed)
    at_once = align(log_probs, tokens)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viterbi, "DIRECT", 16)
        patch.setattr(viterbi, "CHECKPOINTS", 3)
        in_blocks = align(log_probs, tokens)
    assert in_blocks.score == pytest.approx(at_once.score, abs=1e-9)
    assert in_blocks.start.tolist() == at_once.start.tolist()
    assert in_blocks.end.tolist() == at_once.end.tolist()


def test_tokens_come_with_frames_and_log_probabilities() -> None:
    path = align(sounds_like([0, 1, 1, 0, 2, 2, 2, 0], 3), [1, 2])
    assert path.start.tolist() == [1, 4]
    assert path.end.tolist() == [3, 7]
    np.testing.assert_allclose(path.log_prob, [2 * np.log(0.9), 3 * np.log(0.9)])
    assert path.score == pytest.approx(8 * np.log(0.9))


def test_equal_tokens_are_parted_by_a_blank() -> None:
    path = align(sounds_like([1, 1, 1, 1], 2), [1, 1])
    assert path.end[0] < path.start[1]
    assert frames_needed([1, 1, 2, 2, 2]) == 8


def test_sound_that_is_too_short_is_refused_with_the_numbers() -> None:
    with pytest.raises(TooShort, match="3 tokens need at least 4 frames, and there are 3"):
        align(noise(3, 4), [1, 2, 2])
    with pytest.raises(TooShort):
        total_score(noise(3, 4), [1, 2, 2])


def test_no_tokens_are_all_blanks() -> None:
    log_probs = noise(5, 3)
    path = align(log_probs, [])
    assert len(path) == 0
    assert path.score == pytest.approx(log_probs[:, 0].sum())


def test_a_star_takes_what_the_transcript_leaves_out() -> None:
    log_probs = sounds_like([1, 1, 3, 4, 3, 3, 2, 2], 5)
    path = align(log_probs, [1, STAR, 2])
    assert path.start.tolist() == [0, 2, 6]
    assert path.end.tolist() == [2, 6, 8]
    assert path.log_prob[1] == pytest.approx(4 * (np.log(0.9) - STAR_COST))
    assert path.score > align(log_probs, [1, 2]).score + 5


def test_a_star_may_have_a_constant_or_its_own_log_probabilities() -> None:
    log_probs = sounds_like([1, 3, 3, 2], 5)
    assert align(log_probs, [1, STAR, 2], star=-1.0).log_prob[1] == -2.0
    own = np.array([-9.0, -0.5, -0.25, -9.0])
    assert align(log_probs, [1, STAR, 2], star=own).log_prob[1] == pytest.approx(-0.75)
    assert total_score(log_probs, [1, STAR, 2], star=-1.0) > total_score(log_probs, [1, 2])


@pytest.mark.parametrize(
    ("log_probs", "tokens", "message"),
    [
        (np.full((4, 3), np.nan), [1], "NaN"),
        (noise(4, 3), [3], "must be columns 0 … 2, or -1"),
        (noise(4, 3), [-2], "must be columns"),
        (noise(4, 3), [0], "the blank"),
        (np.array([[0.0, -np.inf]] * 4), [1], "probability 0"),
    ],
)
def test_what_cannot_be_aligned_is_refused(
    log_probs: np.ndarray, tokens: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        align(log_probs, tokens)


def test_a_token_without_probability_has_no_total() -> None:
    assert total_score(np.array([[0.0, -np.inf]] * 4), [1]) == -np.inf


def test_a_long_file_needs_memory_linear_in_its_length() -> None:
    peaks = {}
    for minutes in (1, 4):
        labels = [label for k in range(minutes * 600) for label in (1 + k % 7, 0, 0, 0, 0)]
        log_probs = sounds_like(labels, 40).astype(np.float32)
        tracemalloc.start()
        path = align(log_probs, [1 + k % 7 for k in range(minutes * 600)])
        peaks[minutes] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert path.start.tolist() == list(range(0, len(labels), 5))
    assert peaks[4] < 5 * peaks[1] + 4 * viterbi.DIRECT
    assert peaks[4] < 12000 * 2400 / 4  # bytes: a lattice of 1 byte a state would take 57 MB
