"""Cheap observations of one face track go in, the jump cuts come out: same framing, other moment.

At a jump every frame before differs from every frame after by more than anything differs on either
side, in the mesh, in the face's pixels and in the whole picture at once. Fast motion builds up over
several frames, a landmark glitch returns, an overlay leaves the face alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.geometry import EYE_LEFT_OUTER, EYE_RIGHT_OUTER

Floats = NDArray[np.float32]
PATCH_SIDE = 64
PATCH_SCALE = 1.6
"""A patch is ``PATCH_SIDE`` pixels of luma of a square ``PATCH_SCALE`` times the face."""
CONTEXT_FRAMES = 12
"""A jump is judged by at most so many output frames before it and after it."""


class Square(NamedTuple):
    """Where a patch was taken, in source pixels; the first three fields of a ``media.Crop``."""

    cx: float
    cy: float
    side: float


@dataclass(frozen=True)
class JumpFeatures:
    """T frames of one track on the 25 Hz grid.

    ``points`` float32 (T, 468, 3): mesh in source pixels, NaN where no face was found;
    ``patches`` uint8 (T, n, n): luma of the square of that frame in ``squares`` float32 (T, 3):
    centre x, y and side in source pixels, see ``patch_square``; ``thumbs`` uint8 (T, h, w): luma of
    the whole picture, about 96 × 96; ``source_s`` float64 (T,): time of the source frame shown.
    """

    points: Floats
    patches: NDArray[np.uint8]
    squares: Floats
    thumbs: NDArray[np.uint8]
    source_s: NDArray[np.float64]


@dataclass(frozen=True)
class JumpOptions:
    """``threshold``: score from which a place is a jump; ``reach``: frames compared each side."""

    threshold: float = 3.1
    reach: int = 2


class Jump(NamedTuple):
    """A division: one side ends before frame ``start``, the other begins with frame ``end``.

    Frames [start, end) are a dissolve's mixtures of both sides; none at a hard jump.
    """

    start: int
    end: int
    score: float


def patch_square(points: Floats, previous: Square | None) -> Square:
    """Where to take the patch of a frame with mesh ``points`` (468, 3).

    It stays where the previous frame's was until the face has moved or grown out of it, so that
    differences of patches are differences of the picture.
    """
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    cx, cy = (float(x) for x in (low + high) / 2)
    side = PATCH_SCALE * float((high - low).max())
    if previous is not None:
        moved = max(abs(cx - previous.cx), abs(cy - previous.cy)) > 0.12 * previous.side
        if not moved and 0.8 < side / previous.side < 1.25:
            return previous
    return Square(cx, cy, side)


def find_jumps(track: JumpFeatures, options: JumpOptions | None = None) -> list[Jump]:
    """Return the jump cuts of a track, in order; frames are indices into its arrays."""
    options = options or JumpOptions()
    kept = distinct_frames(track)
    if len(kept) < 2 * options.reach:
        return []
    scores = _scores(track, kept, options.reach)
    jumps = []
    for k in range(1, len(kept)):
        near = scores[max(0, k - options.reach) : k + options.reach + 1]
        if scores[k] >= options.threshold and scores[k] == near.max():
            jumps.append(Jump(int(kept[k]), int(kept[k]), float(scores[k])))
    return jumps


def distinct_frames(track: JumpFeatures) -> NDArray[np.intp]:
    """Frames that show a face and something new: repeats by time or by content are left out."""
    thumbs = track.thumbs.astype(np.float32)
    steps = np.abs(np.diff(thumbs, axis=0)).mean(axis=(1, 2))
    seen = np.isfinite(track.points[:, 0, 0])
    kept: list[int] = []
    new = np.diff(track.source_s, prepend=-np.inf) != 0
    for k in np.flatnonzero(seen & new):
        if kept:
            near = steps[max(0, k - 9) : k + 8]
            usual = float(np.median(near[near > 0])) if (near > 0).any() else 0.0
            if np.abs(thumbs[k] - thumbs[kept[-1]]).mean() <= 0.25 * usual:
                continue
        kept.append(int(k))
    return np.array(kept, np.intp)


def _scores(track: JumpFeatures, kept: NDArray[np.intp], reach: int) -> Floats:
    """Score of each kept frame as the first one after a jump (K,)."""
    lags = 2 * reach - 1
    mesh = _contrast(_mesh_distances(track.points[kept], lags), reach, 0.5)
    patch = _contrast(_patch_distances(track.patches[kept], track.squares[kept], lags), reach, 0.5)
    thumb = _contrast(_thumb_distances(track.thumbs[kept], lags), reach, 0.3)
    score = np.cbrt(mesh * patch * np.minimum(thumb, patch))
    score[1:][np.diff(kept) > 3] = 0
    return np.asarray(score, np.float32)


def _contrast(distances: Floats, reach: int, floor: float) -> Floats:
    """Least distance across each boundary over the largest on either side (K,).

    ``distances`` (K, 1 + lags): of frame k from frame k + lag, NaN beyond the end. ``floor``: what
    noise alone may differ by. Novelty of a self-similarity matrix (Foote 2000), with extremes for
    sums.
    """
    count = len(distances)
    contrast = np.zeros(count, np.float32)
    for k in range(1, count):
        left, right = range(max(0, k - reach), k), range(k, min(count, k + reach))
        across = min(distances[i, j - i] for i in left for j in right)
        within = [
            distances[i, j - i] for side in (left, right) for i in side for j in side if i < j
        ]
        contrast[k] = across / (max(within, default=0.0) + floor)
    return contrast


def _mesh_distances(points: Floats, lags: int) -> Floats:
    """Mean displacement of the mesh in % of the interocular distance (K, 1 + lags)."""
    flat = points[:, :, :2]
    eyes = np.linalg.norm(flat[:, EYE_LEFT_OUTER] - flat[:, EYE_RIGHT_OUTER], axis=1)
    scale = 100 / max(float(np.median(eyes)), 1.0)
    table = np.full((len(points), lags + 1), np.nan, np.float32)
    for lag in range(1, min(lags, len(points) - 1) + 1):
        moved = np.linalg.norm(flat[lag:] - flat[:-lag], axis=2).mean(axis=1)
        table[:-lag, lag] = moved * scale
    return table


def _thumb_distances(thumbs: NDArray[np.uint8], lags: int) -> Floats:
    """Mean absolute difference of the whole picture's luma (K, 1 + lags)."""
    pictures = thumbs.astype(np.float32)
    table = np.full((len(thumbs), lags + 1), np.nan, np.float32)
    for lag in range(1, min(lags, len(thumbs) - 1) + 1):
        table[:-lag, lag] = np.abs(pictures[lag:] - pictures[:-lag]).mean(axis=(1, 2))
    return table


def _patch_distances(patches: NDArray[np.uint8], squares: Floats, lags: int) -> Floats:
    """Mean absolute difference of the face's smoothed luma where both patches show it."""
    sharp = patches.astype(np.float32)
    smooth = _smoothed(sharp)
    table = np.full((len(patches), lags + 1), np.nan, np.float32)
    for lag in range(1, min(lags, len(patches) - 1) + 1):
        for k in range(len(patches) - lag):
            if np.array_equal(squares[k], squares[k + lag]):
                table[k, lag] = np.abs(smooth[k] - smooth[k + lag]).mean()
            else:
                table[k, lag] = _moved_distance(
                    sharp[k + lag], squares[k + lag], smooth[k], squares[k]
                )
    return table


def _moved_distance(patch: Floats, square: Floats, other: Floats, other_square: Floats) -> float:
    """Difference of a patch brought to another's square from that other, already smoothed."""
    rows, seen_rows = _sampling(square[1], square[2], other_square[1], other_square[2], len(patch))
    columns, seen = _sampling(square[0], square[2], other_square[0], other_square[2], len(patch))
    difference = np.abs(
        _smoothed(np.asarray(rows @ patch @ columns.T, np.float32)[None])[0] - other
    )
    common = difference[np.ix_(seen_rows, seen)]
    return float(common.mean()) if common.size >= patch.size / 16 else 255.0


def _sampling(
    centre: float, side: float, other_centre: float, other_side: float, size: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Linear interpolation along one axis from one square's grid to another's.

    Returns the matrix (size, size) and which of the other's samples the first square covers.
    """
    steps = (np.arange(size) + 0.5) / size - 0.5
    at = (other_centre + steps * other_side - centre) / side * size + size / 2 - 0.5
    covered = (at >= 0) & (at <= size - 1)
    at = np.clip(at, 0, size - 1)
    first = np.minimum(at.astype(int), size - 2)
    matrix = np.zeros((size, size), np.float32)
    matrix[np.arange(size), first] = 1 - (at - first)
    matrix[np.arange(size), first + 1] += at - first
    return matrix, covered


def _smoothed(patches: Floats) -> Floats:
    """3 × 3 means: interpolation must not look like a change (K, n, n)."""
    padded = np.pad(patches, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return np.asarray((rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9, np.float32)
