"""Log-probabilities of tokens and a transcript's tokens come in; when each is said goes out.

Connectionist temporal classification (A. Graves et al. 2006, ICML, section 4.1): a path takes one
token or a blank a frame; between two equal tokens it must take a blank. The lattice has 2N + 1
states, blanks at the even ones; they are kept here as two rows, blanks (N + 1,) and tokens (N,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STAR = -1
"""A token that stands for any speech: what the transcript leaves out."""
STAR_COST = 0.01
"""So much less than the best token a star gets, so that a token that is best keeps its frames."""
DIRECT = 1 << 20
"""Up to so many frames times tokens are traced at once, with 2 bytes each."""
CHECKPOINTS = 32


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
    states, score = _trace_all(lattice)
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
        row = lattices[0].row(frame)
        came = np.logaddexp(padded[:, 1:], blanks[:, :-1])
        came = np.logaddexp(came, padded[:, :-1] + skip) + row[column]
        blanks = np.logaddexp(blanks, padded) + row[blank]
        padded[:, 1:] = came
    last = [len(one.tokens) for one in lattices]
    every = np.arange(len(lattices))
    score: Floats = np.logaddexp(blanks[every, last], padded[every, last])
    return score


def frames_needed(tokens: Sequence[int]) -> int:
    """The fewest frames that hold the tokens: one each, and a blank between two equal ones."""
    ids = np.asarray(tokens, np.int64)
    return len(ids) + int((ids[1:] == ids[:-1]).sum())


class _Lattice(NamedTuple):
    """Columns of (T, V) log-probabilities for the tokens; column V is the star's."""

    log_probs: NDArray[np.floating]
    star: Floats
    blank_column: int
    tokens: Ints
    skip: Floats  # (N,): 0 where the blank before a token may be left out, else -inf

    @property
    def frames(self) -> int:
        return len(self.log_probs)

    @property
    def blank(self) -> Floats:
        return self.log_probs[:, self.blank_column].astype(np.float64)

    def row(self, frame: int) -> Floats:
        """Log-probabilities of one frame, (V + 1,)."""
        return np.append(self.log_probs[frame].astype(np.float64), self.star[frame])

    def emission(self, frames: Ints, said: Ints) -> Floats:
        """Log-probability of token number ``said`` at each of ``frames``."""
        column = self.tokens[said]
        stars = column == self.log_probs.shape[1]
        plain = self.log_probs[frames, np.where(stars, 0, column)].astype(np.float64)
        return np.where(stars, self.star[frames], plain)


def _lattice(
    log_probs: NDArray[np.floating],
    tokens: Sequence[int],
    blank: int,
    star: NDArray[np.floating] | float | None,
) -> _Lattice:
    frames, width = log_probs.shape
    ids = np.asarray(tokens, np.int64).reshape(-1)
    if not 0 <= blank < width or len(ids) and not (-1 <= ids.min() and ids.max() < width):
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
    return _Lattice(log_probs, best, blank, np.where(ids == STAR, width, ids), skip)


class _Front(NamedTuple):
    """Best scores of the states around tokens ``first`` and after it, before some frame.

    ``blanks`` (n + 1,): of the blank before each token and of the one after the last; ``padded``
    (n + 1,): -inf, then of the tokens.
    """

    first: int
    blanks: Floats
    padded: Floats

    def copy(self) -> _Front:
        """The same scores, to be changed."""
        return _Front(self.first, self.blanks.copy(), self.padded.copy())

    def window(self, first: int, last: int) -> _Front:
        """The scores around tokens ``first`` … ``last`` - 1 alone."""
        low, high = max(first - self.first, 0), last - self.first
        part = _Front(self.first + low, self.blanks[low : high + 1], self.padded[low : high + 1])
        part = part.copy()
        part.padded[0] = -np.inf
        return part

    def best(self) -> tuple[int, float]:
        """Of the last token and the blank after it, the better state, and its score."""
        state = 2 * (self.first + len(self.blanks) - 1)
        token, blank = float(self.padded[-1]), float(self.blanks[-1])
        return (state, blank) if blank > token else (state - 1, token)


def _trace_all(lattice: _Lattice) -> tuple[Ints, float]:
    """The state at each frame (T,) of the best path, and its score."""
    count = len(lattice.tokens)
    blanks, padded = np.full(count + 1, -np.inf), np.full(count + 1, -np.inf)
    blanks[0] = 0.0  # as if a blank of probability 1 stood before the first frame
    states = np.zeros(lattice.frames, np.int64)
    front = _Front(0, blanks, padded)
    if lattice.frames * count <= DIRECT:
        moves, front = _moves(lattice, 0, lattice.frames, front)
        state, score = front.best()
        _follow(moves, states, 0, state)
    else:
        fronts = _fronts(lattice, 0, lattice.frames, front)
        state, score = fronts[-1][1].best()
        _trace(lattice, states, fronts, state)
    return states, score


def _fronts(lattice: _Lattice, begin: int, end: int, front: _Front) -> list[tuple[int, _Front]]:
    """``front`` before frame ``begin``, and what becomes of it before a few later frames."""
    bounds = np.unique(np.linspace(begin, end, CHECKPOINTS + 1).astype(int)).tolist()
    fronts = [(begin, front)]
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        front = front.copy()
        _advance(lattice, low, high, front)
        fronts.append((high, front))
    return fronts


def _trace(
    lattice: _Lattice, states: Ints, fronts: list[tuple[int, _Front]], state: int
) -> int:
    """Fill ``states`` from the first front to the last for the best path that ends in ``state``.

    A path goes on by at most two states a frame. So of a stretch that ends in a known state, only
    twice as many states as it has frames can be on the way: no band is guessed, and the stretch is
    done again with these alone, from the front before it. Returns the state before the first frame.
    """
    while len(fronts) > 1:
        end, _ = fronts.pop()
        begin, front = fronts[-1]
        reach = front.window((state - 2 * (end - begin)) // 2, state // 2 + state % 2)
        if end - begin == 1 or (end - begin) * len(reach.blanks) <= DIRECT:
            moves, _ = _moves(lattice, begin, end, reach)
            state = _follow(moves, states, begin, state)
        else:
            state = _trace(lattice, states, _fronts(lattice, begin, end, reach), state)
    return state


def _advance(lattice: _Lattice, begin: int, end: int, front: _Front) -> None:
    """Take ``front`` in place from before frame ``begin`` to before frame ``end``."""
    _, blanks, padded = front
    each = slice(front.first, front.first + len(blanks) - 1)
    column, skip = lattice.tokens[each], lattice.skip[each]
    came, heard = np.empty(len(column)), np.empty(len(column))
    for frame in range(begin, end):
        row = lattice.row(frame)
        np.add(padded[:-1], skip, out=came)
        np.maximum(came, blanks[:-1], out=came)
        np.maximum(came, padded[1:], out=came)
        np.take(row, column, out=heard, mode="clip")
        np.maximum(blanks, padded, out=blanks)
        blanks += row[lattice.blank_column]
        np.add(came, heard, out=padded[1:])


class _Moves(NamedTuple):
    """How many states the best path into each state has moved, frame by frame."""

    first: int
    blanks: NDArray[np.int8]  # (frames, n + 1): 0 or 1
    tokens: NDArray[np.int8]  # (frames, n): 0, 1 or 2


def _moves(lattice: _Lattice, begin: int, end: int, front: _Front) -> tuple[_Moves, _Front]:
    """The moves of all states from before frame ``begin`` to ``end``, and the scores there."""
    front = front.copy()
    _, blanks, padded = front
    each = slice(front.first, front.first + len(blanks) - 1)
    column, skip = lattice.tokens[each], lattice.skip[each]
    moves = _Moves(
        front.first,
        np.empty((end - begin, len(blanks)), np.int8),
        np.empty((end - begin, len(column)), np.int8),
    )
    for index, frame in enumerate(range(begin, end)):
        row = lattice.row(frame)
        moves.tokens[index] = blanks[:-1] > padded[1:]
        came = np.maximum(blanks[:-1], padded[1:])
        skipped = padded[:-1] + skip
        moves.tokens[index][skipped > came] = 2
        came = np.maximum(came, skipped) + row[column]
        moves.blanks[index] = padded > blanks
        np.maximum(blanks, padded, out=blanks)
        blanks += row[lattice.blank_column]
        padded[1:] = came
    return moves, front


def _follow(moves: _Moves, states: Ints, begin: int, state: int) -> int:
    """Go back from ``state`` at the last frame, fill ``states``; the state before the first."""
    for index in range(len(moves.tokens) - 1, -1, -1):
        states[begin + index] = state
        row = moves.tokens[index] if state % 2 else moves.blanks[index]
        state -= int(row[state // 2 - moves.first])
    return state
