"""Squares of luma around one face go in; how much any two of them differ comes out.

A square stays where it is until the face has left it, so that differences of patches are
differences of the picture; two patches from different squares are compared where both show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
PATCH_SIDE = 64
PATCH_SCALE = 1.6
"""A patch is ``PATCH_SIDE`` pixels of luma of a square ``PATCH_SCALE`` times the face."""
LEAST_COMMON = 1 / 8
NOTHING_COMMON = 60.0


class Square(NamedTuple):
    """Where a patch was taken, in source pixels; the first three fields of a ``media.Crop``."""

    cx: float
    cy: float
    side: float


def patch_square(points: Floats, previous: Square | None) -> Square:
    """Where to take the patch of a frame with mesh ``points`` (468, 3)."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    cx, cy = (float(x) for x in (low + high) / 2)
    side = PATCH_SCALE * float((high - low).max())
    if previous is not None:
        moved = max(abs(cx - previous.cx), abs(cy - previous.cy)) > 0.12 * previous.side
        if not moved and 0.8 < side / previous.side < 1.25:
            return previous
    # On even pixels it is cut out of the plane without interpolation.
    side = 2.0 * max(8, round(side / 2))
    left, top = (2.0 * round((centre - side / 2) / 2) for centre in (cx, cy))
    return Square(left + side / 2, top + side / 2, side)


class Patches:
    """Patches uint8 (K, n, n) and their squares (K, 3), made comparable."""

    def __init__(self, patches: NDArray[np.uint8], squares: Floats) -> None:
        self._sharp = patches.astype(np.float32)
        self._smooth = smoothed(self._sharp)
        self._squares = squares
        # equal numbers stand for equal squares
        self._places = np.unique(squares, axis=0, return_inverse=True)[1].reshape(-1)

    def distance(self, i: int, j: int) -> float:
        """Mean absolute difference of two patches where both show the picture."""
        if self._alike((i, j)):
            return float(np.abs(self._smooth[i] - self._smooth[j]).mean())
        return self.combine((i, j), np.array([1.0, -1.0]))

    def combine(self, frames: Sequence[int], weights: NDArray[np.float64]) -> float:
        """Mean absolute value of a weighted sum of patches, where all show the picture."""
        if self._alike(frames):
            stack = self._smooth[list(frames)]
            return float(np.abs(np.tensordot(weights.astype(np.float32), stack, 1)).mean())
        stack, common = self._brought(frames)
        if common.mean() < LEAST_COMMON:
            return NOTHING_COMMON
        return float(np.abs(np.tensordot(weights.astype(np.float32), stack, 1))[common].mean())

    def common(self, frames: Sequence[int]) -> Floats:
        """Patches on one grid, cut to the rows and columns that all of them show (n, h, w)."""
        if self._alike(frames):
            return np.asarray(self._smooth[list(frames)], np.float32)
        stack, known = self._brought(frames)
        return np.asarray(stack[:, known.any(axis=1)][:, :, known.any(axis=0)], np.float32)

    def _alike(self, frames: Sequence[int]) -> bool:
        return all(self._places[frames[0]] == self._places[k] for k in frames)

    def _brought(self, frames: Sequence[int]) -> tuple[Floats, NDArray[np.bool_]]:
        """The patches on the grid of the first one's square, and where all are known."""
        size = self._sharp.shape[1]
        common = np.ones((size, size), np.bool_)
        brought = []
        for k in frames:
            own, other = self._squares[k], self._squares[frames[0]]
            rows, seen_rows = _sampling(own[1], own[2], other[1], other[2], size)
            columns, seen_columns = _sampling(own[0], own[2], other[0], other[2], size)
            brought.append(rows @ self._sharp[k] @ columns.T)
            common &= np.outer(seen_rows, seen_columns)
        return smoothed(np.array(brought, np.float32)), common


def _sampling(
    centre: float, side: float, other_centre: float, other_side: float, size: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Linear interpolation along one axis from one square's grid to another's.

    Returns the matrix (size, size) and which of the other's samples the first square covers.
    """
    steps = (np.arange(size) + 0.5) / size - 0.5
    at = (other_centre + steps * other_side - centre) / side * size + size / 2 - 0.5
    covered = (at >= -1e-6) & (at <= size - 1 + 1e-6)
    at = np.clip(at, 0, size - 1)
    first = np.minimum(at.astype(int), size - 2)
    matrix = np.zeros((size, size), np.float32)
    matrix[np.arange(size), first] = 1 - (at - first)
    matrix[np.arange(size), first + 1] += at - first
    return matrix, covered


def smoothed(pictures: Floats) -> Floats:
    """3 × 3 means: interpolation must not look like a change (K, n, n)."""
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return np.asarray((rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9, np.float32)
