"""Log-probabilities of tokens and a transcript's tokens come in; when each is said goes out.

Connectionist temporal classification (A. Graves et al. 2006, ICML, section 4.1): a path takes one
token or a blank a frame; between two equal tokens it must take a blank. The lattice has 2N + 1
states, blanks at the even ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tthd_tools.alignment.viterbi import Lattice, best_path

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STAR = -1
"""A token that stands for any speech: what the transcript leaves out."""
STAR_COST = 0.01
"""So much less than the best token a star gets, so that a token that is best keeps its frames."""


class TooShort(ValueError):
    """Sound that has fewer frames than its transcript needs."""


@dataclass(frozen=True)
class CtcPath:
    """The most probable path: of each token its first frame, one past its last, and its score.

    ``start``, ``end``, ``log_prob``: (N,); ``log_prob`` sums over the token's frames, blanks
    belong to no token. ``score``: log-probability of the whole path, blanks included.
    """

    start: Ints
    end: Ints
    log_prob: Floats
    score: float

    def __len__(self) -> int:
        return len(self.start)


def align(
    log_probs: NDArray[np.floating],
    tokens: Sequence[int],
    blank: int = 0,
    star: NDArray[np.floating] | float | None = None,
) -> CtcPath:
    """The most probable path (Viterbi) of ``tokens`` through ``log_probs`` (T, V).

    A token ``STAR`` matches anything: with the log-probabilities ``star`` (T,), with a constant, or
    with the best of its frame less ``STAR_COST``. Memory grows linearly with T + N, whatever their
    product; the result is exact. Raises TooShort where T frames cannot hold the tokens, ValueError
    for NaN, for a token that is no column, and where no path has a probability.
    """
    lattice = _lattice(log_probs, tokens, blank, star)
    if not len(lattice.tokens):
        none = np.zeros(0, np.int64)
        return CtcPath(none, none, np.zeros(0), float(lattice.blank.sum()))
    states, score = best_path(lattice)
    if score == -np.inf:
        raise ValueError("the tokens have probability 0 in every alignment")
    frames = np.flatnonzero(states % 2)
    said = states[frames] // 2
    first = np.flatnonzero(np.diff(said, prepend=-1))
    start, end = frames[first], frames[np.append(first[1:], len(said)) - 1] + 1
    each = lattice.emission(frames, said)
    return CtcPath(start, end, np.add.reduceat(each, first), score)


def total_score(
    log_probs: NDArray[np.floating],
    tokens: Sequence[int],
    blank: int = 0,
    star: NDArray[np.floating] | float | None = None,
) -> float:
    """Log-probability of ``tokens`` over all their paths (the forward algorithm, Graves eq. 7).

    Minus ``torch.nn.CTCLoss(reduction="sum")``; -inf where every path has probability 0. Raises as
    ``align`` does.
    """
    return float(total_scores(log_probs, [tokens], blank, star)[0])


def total_scores(
    log_probs: NDArray[np.floating],
    transcripts: Sequence[Sequence[int]],
    blank: int = 0,
    star: NDArray[np.floating] | float | None = None,
) -> Floats:
    """``total_score`` of several transcripts of one sound, (K,), in one pass over the frames."""
    lattices = [_lattice(log_probs, tokens, blank, star) for tokens in transcripts]
    if not lattices:
        return np.zeros(0)
    longest = max(len(one.tokens) for one in lattices)
    column = np.zeros((len(lattices), longest), np.int64)
    skip = np.full((len(lattices), longest), -np.inf)
    for row, one in enumerate(lattices):
        column[row, : len(one.tokens)], skip[row, : len(one.tokens)] = one.tokens, one.skip
    blanks = np.full((len(lattices), longest + 1), -np.inf)
    blanks[:, 0] = 0.0
    padded = np.full_like(blanks, -np.inf)  # tokens, with nothing before the first
    # Before the first frame the first blank holds everything; no token follows another there.
    for frame in range(lattices[0].frames):
        heard = lattices[0].row(frame)
        came = np.logaddexp(padded[:, 1:], blanks[:, :-1])
        came = np.logaddexp(came, padded[:, :-1] + skip) + heard[column]
        blanks = np.logaddexp(blanks, padded) + heard[blank]
        padded[:, 1:] = came
    last = [len(one.tokens) for one in lattices]
    every = np.arange(len(lattices))
    score: Floats = np.logaddexp(blanks[every, last], padded[every, last])
    return score


def frames_needed(tokens: Sequence[int]) -> int:
    """The fewest frames that hold the tokens: one each, and a blank between two equal ones."""
    ids = np.asarray(tokens, np.int64)
    return len(ids) + int((ids[1:] == ids[:-1]).sum())


def _lattice(
    log_probs: NDArray[np.floating],
    tokens: Sequence[int],
    blank: int,
    star: NDArray[np.floating] | float | None,
) -> Lattice:
    frames, width = log_probs.shape
    ids = np.asarray(tokens, np.int64).reshape(-1)
    if not 0 <= blank < width or (len(ids) and not (ids.min() >= STAR and ids.max() < width)):
        raise ValueError(f"tokens and blank must be columns 0 … {width - 1}, or {STAR} for a star")
    if (ids == blank).any():
        raise ValueError(f"the blank ({blank}) is no token of a transcript")
    if frames and np.isnan(log_probs.min()):  # no copy: there may be 90,000 x 10,000 of them
        raise ValueError("log-probabilities hold NaN")
    needed = frames_needed(tokens)
    if frames < needed:
        raise TooShort(f"{len(ids)} tokens need at least {needed} frames, and there are {frames}")
    if star is None:
        best = log_probs.max(axis=1).astype(np.float64) - STAR_COST if frames else np.zeros(0)
    else:
        best = np.broadcast_to(np.asarray(star, np.float64), (frames,))
    skip = np.where(ids[1:] == ids[:-1], -np.inf, 0.0)
    skip = np.concatenate([[-np.inf], skip])[: len(ids)]
    return Lattice(log_probs, best, blank, np.where(ids == STAR, width, ids), skip)
