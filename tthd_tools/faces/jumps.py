"""Cheap observations of one face track go in, the jump cuts come out: same framing, other moment.

At a jump, the two sides differ by more than anything differs within either side, and the motion
of neither side leads to the other; both hold for the face and for the whole picture at once. Fast
motion builds up over several frames, a landmark glitch returns, an overlay leaves the face alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.dissolves import Dissolve, find_dissolves
from tthd_tools.faces.geometry import EYE_LEFT_OUTER, EYE_RIGHT_OUTER
from tthd_tools.faces.patches import PATCH_SIDE, Patches, Square, patch_square

__all__ = [
    "CONTEXT_FRAMES",
    "PATCH_SIDE",
    "Jump",
    "JumpFeatures",
    "JumpOptions",
    "Square",
    "find_jumps",
    "patch_square",
]

Values = NDArray[np.float64]
CONTEXT_FRAMES = 12
"""A jump is judged by at most so many new frames before it and after it."""
# What noise alone may differ by: the mesh in % of the interocular distance, luma of 255.
MESH_NOISE, PATCH_NOISE, THUMB_NOISE = 0.5, 0.5, 0.3
REACH = 8
PERIOD = 5
"""30 fps brought to 25 skips a frame in every five, in many a 25 fps file as well."""
LEAST = 1e-3
LEAST_FRAMES = 4
SETTLING = 8
LONE_FRAME = 2.0  # what a jump must score more where one side is a single frame
DIP_SCORE = 4.0  # brings a dissolve's dip to the scale of a hard jump's score
LONGEST_GAP = 3  # frames without a mesh over which a face is still judged


@dataclass(frozen=True)
class JumpFeatures:
    """T frames of one track on the 25 Hz grid.

    ``points`` float32 (T, 468, 3): mesh in source pixels, NaN where no face was found;
    ``patches`` uint8 (T, n, n): luma of the square of that frame in ``squares`` float32 (T, 3):
    centre x, y and side in source pixels, see ``patch_square``; ``thumbs`` uint8 (T, h, w): luma of
    the whole picture, about 96 × 96; ``source_s`` float64 (T,): time of the source frame shown.
    """

    points: NDArray[np.float32]
    patches: NDArray[np.uint8]
    squares: NDArray[np.float32]
    thumbs: NDArray[np.uint8]
    source_s: Values


@dataclass(frozen=True)
class JumpOptions:
    """``threshold``: score from which a place is a jump; calm places are below 0."""

    threshold: float = 5.6


class Jump(NamedTuple):
    """A division: one side ends before frame ``start``, the other begins with frame ``end``.

    Frames [start, end) are a dissolve's mixtures of both sides; none at a hard jump.
    """

    start: int
    end: int
    score: float


class _Sequence(NamedTuple):
    """The K frames of a track that show something new."""

    frames: NDArray[np.intp]
    times_s: Values
    mesh: Values  # (K, 468, 2) in % of the interocular distance
    patches: Patches
    thumbs: NDArray[np.float32]


def find_jumps(track: JumpFeatures, options: JumpOptions | None = None) -> list[Jump]:
    """Return the jump cuts of a track, in order; frames are indices into its arrays."""
    options = options or JumpOptions()
    if np.isfinite(track.points[:, 0, 0]).sum() < LEAST_FRAMES:
        return []
    sequence = _sequence(track)
    frames = sequence.frames
    if len(frames) < LEAST_FRAMES:
        return []
    scores = _scores(sequence)
    hard = [
        int(k)
        for k in np.flatnonzero(scores >= options.threshold)
        if scores[k] == scores[max(0, k - 2) : k + 3].max()
    ]
    jumps = [
        Jump(int(frames[one.start]), int(frames[one.end]), round(DIP_SCORE * one.dip, 3))
        for one in find_dissolves(*sequence[1:], options.threshold / DIP_SCORE)
        if not any(_overrules(k, scores[k], one) for k in hard)
    ]
    mixed = [range(jump.start - 1, jump.end + 2) for jump in jumps]
    for k in hard:
        if not any(frames[k] in one for one in mixed):
            jumps.append(Jump(int(frames[k]), int(frames[k]), round(float(scores[k]), 3)))
    return sorted(jumps)


def _overrules(k: int, score: float, dissolve: Dissolve) -> bool:
    """Whether the hard jump at ``k`` is a better explanation, or too near to be another one.

    After a hard jump the encoder needs some frames to sharpen the picture again.
    """
    if dissolve.start - 1 <= k <= dissolve.end + 1:
        return score > DIP_SCORE * dissolve.dip
    return dissolve.start - SETTLING < k < dissolve.end + SETTLING


def _sequence(track: JumpFeatures) -> _Sequence:
    points, known = _filled(track.points)
    kept = _new_frames(track, known)
    return _Sequence(
        kept,
        track.source_s[kept],
        _in_interocular_percent(points[kept]),
        Patches(track.patches[kept], track.squares[kept]),
        track.thumbs[kept].astype(np.float32),
    )


def _scores(sequence: _Sequence) -> Values:
    """Score of each frame as the first one after a hard jump (K,).

    It adds logarithms of ratios: the contrast of the face's pixels and of the whole picture, both
    beyond what is usual a period before and after, and how far the motion of both sides misses the
    other, for the mesh and for the pixels. The picture counts for no more than the face, and a
    longer step in time excuses its share. The weights are rounded from a logistic regression on
    one half of the persons of ``benchmarks/jump_cuts.py``.
    """
    kept, times, mesh, patches, thumbs = sequence

    def thumb_distance(i: int, j: int) -> float:
        return float(np.abs(thumbs[i] - thumbs[j]).mean())

    face = _contrasts(patches.distance, len(kept), PATCH_NOISE)
    picture = _contrasts(thumb_distance, len(kept), THUMB_NOISE)
    missed = np.array(
        [
            (
                np.linalg.norm(np.tensordot(weights, mesh[around], 1), axis=1).mean(),
                patches.combine(around, weights),
                np.abs(np.tensordot(weights, thumbs[around], 1)).mean(),
            )
            for around, weights in (_extrapolation(times, k) for k in range(1, len(kept)))
        ]
    )
    moved, changed, picture_changed = (
        _beyond_usual(values, noise)
        for values, noise in zip(missed.T, (MESH_NOISE, PATCH_NOISE, THUMB_NOISE), strict=True)
    )
    steps = np.diff(times)
    longer = np.log(np.clip(steps / np.median(steps), 0.5, 4.0))
    scores = face - _periodic(face) + np.minimum(face, picture) - _periodic(picture) - longer
    scores += 1.5 * moved + 2.0 * np.minimum(changed, picture_changed)
    scores[[0, -1]] -= LONE_FRAME
    scores[np.diff(kept) > LONGEST_GAP] = -np.inf
    return np.append(-np.inf, scores)


def _filled(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Short gaps take the mesh after them: a face lost by a jump is found again a little later.

    Returns the points and the frames (T,) that have some.
    """
    filled, known = points.copy(), np.isfinite(points[:, 0, 0])
    seen = np.flatnonzero(known)
    for start, end in zip([-1, *seen[:-1]], seen, strict=True):
        if 1 < end - start <= LONGEST_GAP + 1:
            filled[start + 1 : end] = points[end]
            known[start + 1 : end] = True
    return filled, known


def _new_frames(track: JumpFeatures, known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Frames with a face that show something new: repeats by time or by content are left out."""
    thumbs = track.thumbs.astype(np.float32)
    steps = np.abs(np.diff(thumbs, axis=0)).mean(axis=(1, 2))
    new = np.diff(track.source_s, prepend=-np.inf) != 0
    kept: list[int] = []
    for k in np.flatnonzero(known & new):
        near = steps[max(0, k - REACH - 1) : k + REACH]
        usual = float(np.median(near[near > 0])) if (near > 0).any() else 0.0
        if kept:
            last = kept[-1]
            step = steps[last] if last == k - 1 else np.abs(thumbs[k] - thumbs[last]).mean()
            if step <= 0.25 * usual:
                continue
        kept.append(int(k))
    return np.array(kept, np.intp)


def _in_interocular_percent(points: NDArray[np.float32]) -> Values:
    """Mesh (K, 468, 2) in % of the median distance of the outer eye corners."""
    flat = points[:, :, :2].astype(np.float64)
    eyes = np.linalg.norm(flat[:, EYE_LEFT_OUTER] - flat[:, EYE_RIGHT_OUTER], axis=1)
    return np.asarray(flat * (100 / max(float(np.median(eyes)), 1.0)), np.float64)


def _contrasts(distance: Callable[[int, int], float], count: int, noise: float) -> Values:
    """Log of the least distance across each boundary over the largest within either side (K - 1,).

    Two frames on each side. The novelty of a self-similarity matrix (Foote 2000), with extremes
    in place of sums.
    """
    across_far = [distance(k, k + 2) for k in range(count - 2)]
    farthest = [distance(k, k + 3) for k in range(count - 3)]
    steps = [distance(k, k + 1) for k in range(count - 1)]
    values = np.empty(count - 1)
    for k in range(1, count):
        across = [steps[k - 1], *across_far[max(0, k - 2) : k], *farthest[max(0, k - 2) : k - 1]]
        within = [*steps[max(0, k - 2) : k - 1], *steps[k : k + 1]]
        values[k - 1] = np.log((min(across) + LEAST) / (max(within, default=0.0) + noise))
    return values


def _extrapolation(times: Values, k: int) -> tuple[list[int], Values]:
    """Frames around the boundary before frame ``k``, and weights (4,) that sum to zero.

    The weighted sum is by how much straight lines through two frames on each side miss each other
    half way between frames k - 1 and k; where a side has one frame only, that frame stands still.
    """
    half = (times[k] - times[k - 1]) / 2
    frames, weights = [k - 1, k], [-1.0, 1.0]
    if k >= 2:
        speed = half / (times[k - 1] - times[k - 2])
        frames, weights = [k - 2, *frames], [speed, -1.0 - speed, 1.0]
    if k + 1 < len(times):
        speed = half / (times[k + 1] - times[k])
        frames, weights = [*frames, k + 1], [*weights[:-1], 1.0 + speed, -speed]
    return frames, np.array(weights)


def _beyond_usual(values: Values, noise: float) -> Values:
    """Log of each value over the upper fifth of those around it; the next ones lean on it."""
    result = np.zeros(len(values))
    for k, value in enumerate(values):
        near = [*values[max(0, k - REACH - 1) : max(0, k - 1)], *values[k + 2 : k + REACH + 2]]
        usual = _quantile(near, 0.8) if near else value
        result[k] = np.log((value + LEAST) / (usual + noise))
    return result


def _quantile(values: Sequence[float], share: float) -> float:
    """As ``np.quantile``, many times faster for a few values."""
    ordered = sorted(values)
    whole, part = divmod(share * (len(ordered) - 1), 1)
    low, high = ordered[int(whole)], ordered[min(int(whole) + 1, len(ordered) - 1)]
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part


def _periodic(values: Values) -> Values:
    """Median of the values one and two periods before and after; 0 stands for those beyond."""
    beyond = np.zeros(2 * PERIOD)
    padded = np.concatenate([beyond, values, beyond])
    shifted = [padded[n * PERIOD : n * PERIOD + len(values)] for n in (0, 1, 3, 4)]
    return np.asarray(np.median(shifted, axis=0), np.float64)
