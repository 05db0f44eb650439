"""Pictures of a track go in; stretches in which one moment is blended into another come out.

A mixture of two moments is softer than either, exactly as much as the mixture of the frames at its
ends is, and its fine detail is theirs in the same shares. Motion moves the detail, blur of motion
or focus takes it away: neither follows the mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.patches import Patches

Values = NDArray[np.float64]
Pictures = NDArray[np.float32]  # (n, h, w)
Distance = Callable[[int, int], float]
SHORTEST, LONGEST = 2, 6
OUTSIDE = 5  # frames on each side that show how much sharpness changes by itself
# Largest shares of what the mixture does not explain: of the dip in the whole picture and in the
# face, and of the difference of the detail at both ends.
UNLIKE_PICTURE, UNLIKE_FACE, UNLIKE_DETAIL = 0.35, 0.6, 0.55
# How many times more the face differs between the sides than within them; noise in luma
# of 255 and in % of the interocular distance.
CHANGE, LUMA_NOISE, MESH_NOISE = 1.3, 0.5, 0.5


class Dissolve(NamedTuple):
    """Frames [start, end) are mixtures; ``dip``: their softness over its usual changes."""

    start: int
    end: int
    dip: float


def find_dissolves(
    times_s: Values, mesh: Values, patches: Patches, thumbs: Pictures, least_dip: float
) -> list[Dissolve]:
    """Return the dissolves among K new frames, in order; the softest where they overlap.

    ``mesh`` (K, 468, 2) in % of the interocular distance, ``patches``: luma of the face,
    ``thumbs`` (K, h, w): of the whole picture.
    """

    def moved(i: int, j: int) -> float:
        return float(np.linalg.norm(mesh[i] - mesh[j], axis=1).mean())

    details = detail(thumbs)
    sharpness = _sharpness(details)
    found: list[Dissolve] = []
    for length in range(SHORTEST, LONGEST + 1):
        for start in range(OUTSIDE, len(times_s) - length - OUTSIDE + 1):
            end = start + length
            shares = _shares(times_s, start, end)
            dip = _dip(sharpness, shares, start, end)
            if (
                dip >= least_dip
                and _changes(patches.distance, LUMA_NOISE, start, end)
                and _changes(moved, MESH_NOISE, start, end)
                and _is_mixture(details[start - 1 : end + 1], patches, shares, start, end)
            ):
                found.append(Dissolve(start, end, dip))
    kept: list[Dissolve] = []
    for one in sorted(found, key=lambda one: -one.dip):
        if all(one.end < other.start or other.end < one.start for other in kept):
            kept.append(one)
    return sorted(kept)


def detail(pictures: Pictures) -> Pictures:
    """What a mean over 5 × 5 pixels does not hold, (n, h - 4, w - 4)."""
    height, width = pictures.shape[1:]
    rows = np.sum([pictures[:, k : height - 4 + k] for k in range(5)], axis=0)
    means = np.sum([rows[:, :, k : width - 4 + k] for k in range(5)], axis=0) / 25
    return np.asarray(pictures[:, 2:-2, 2:-2] - means, np.float32)


def _sharpness(details: Pictures) -> Values:
    """Log of the mean absolute detail (n,)."""
    return np.asarray(np.log(np.abs(details).mean(axis=(1, 2)) + 0.05), np.float64)


def _shares(times_s: Values, start: int, end: int) -> Values:
    """How much of the frame after it a mixture in each of frames [start, end) would hold."""
    before, after = times_s[start - 1], times_s[end]
    return np.asarray((times_s[start:end] - before) / (after - before), np.float64)


def _dip(sharpness: Values, shares: Values, start: int, end: int) -> float:
    """Mean loss of sharpness between the ends, over its largest step outside.

    0 where the softest frame is hardly softer than the softer end: something sharp came or went.
    """
    ends, mixtures = sharpness[[start - 1, end]], sharpness[start:end]
    trend = (1 - shares) * ends[0] + shares * ends[1]
    steps = np.abs(np.diff(sharpness[max(0, start - OUTSIDE) : start]))
    usual = np.append(steps, np.abs(np.diff(sharpness[end : end + OUTSIDE]))).max() + 0.01
    return float((trend - mixtures).mean() / usual) if ends.min() - mixtures.min() > usual else 0.0


def _changes(distance: Distance, noise: float, start: int, end: int) -> bool:
    """Whether the face differs more between the sides than within them."""
    before, after = (start - 2, start - 1), (end, end + 1)
    across = min(distance(i, j) for i in before for j in after)
    within = max(distance(*before), distance(*after))
    return across > CHANGE * (within + noise)


def _is_mixture(picture: Pictures, patches: Patches, shares: Values, start: int, end: int) -> bool:
    """Whether picture and face soften as the mixture does, and the detail is that of both ends."""
    if _unlike(picture, shares) > UNLIKE_PICTURE:
        return False
    mixed = _mixed(picture, shares)
    missed = np.abs(picture[1:-1] - mixed).mean()
    if missed > UNLIKE_DETAIL * (np.abs(picture[-1] - picture[0]).mean() + 0.2):
        return False
    face = patches.common(list(range(start - 1, end + 1)))
    return min(face.shape[1:]) > 16 and _unlike(detail(face), shares) <= UNLIKE_FACE


def _mixed(details: Pictures, shares: Values) -> Pictures:
    """The mixtures of the first and the last picture (n - 2, h, w)."""
    weights = shares.astype(np.float32)[:, None, None]
    return np.asarray((1 - weights) * details[0] + weights * details[-1], np.float32)


def _unlike(details: Pictures, shares: Values) -> float:
    """Mean difference of the dip in sharpness from that of a mixture, as a share of the latter."""
    ends = _sharpness(details[[0, -1]])
    trend = (1 - shares) * ends[0] + shares * ends[1]
    expected = trend - _sharpness(_mixed(details, shares))
    found = trend - _sharpness(details[1:-1])
    return float(np.abs(expected - found).mean() / (max(expected.mean(), 0.0) + 0.02))
