"""A lattice of tokens and blanks comes in; its best path goes out, in memory linear in its sides.

The 2N + 1 states are kept as two rows: blanks (N + 1,), which are the even states, and tokens (N,).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DIRECT = 1 << 20
"""Up to so many frames times tokens are traced at once, with 2 bytes each."""
CHECKPOINTS = 32


class Lattice(NamedTuple):
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


def best_path(lattice: Lattice) -> tuple[Ints, float]:
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


def _fronts(lattice: Lattice, begin: int, end: int, front: _Front) -> list[tuple[int, _Front]]:
    """``front`` before frame ``begin``, and what becomes of it before a few later frames."""
    bounds = np.unique(np.linspace(begin, end, CHECKPOINTS + 1).astype(int)).tolist()
    fronts = [(begin, front)]
    for low, high in pairwise(bounds):
        front = front.copy()
        _advance(lattice, low, high, front)
        fronts.append((high, front))
    return fronts


def _trace(lattice: Lattice, states: Ints, fronts: list[tuple[int, _Front]], state: int) -> int:
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


def _advance(lattice: Lattice, begin: int, end: int, front: _Front) -> None:
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


def _moves(lattice: Lattice, begin: int, end: int, front: _Front) -> tuple[_Moves, _Front]:
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
