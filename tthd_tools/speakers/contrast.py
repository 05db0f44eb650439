"""Fits of a face to shifted sound come in; how much better the true place fits goes out.

A face that chatters and a loud voice seem to fit each other anywhere. What tells a speaker from a
dubbed or a listening one is that the fit is worse when the sound is shifted by a second or two: the
same face and the same sound are their own yardstick.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS

Floats = NDArray[np.float64]

AWAY_FRAMES = 10
AWAY_COUNT = 8
SMOOTH_S = 0.5
LEAST_FRAMES = 2 * AWAY_FRAMES + AWAY_COUNT


def away_shifts(frames: int) -> tuple[int, ...]:
    """Shifts at which a sound of so many frames, taken as a ring, is ten frames or more off."""
    steps = np.linspace(AWAY_FRAMES, frames - AWAY_FRAMES, AWAY_COUNT)
    return tuple(int(step) for step in np.rint(steps))


def contrast(near: Floats, away: Floats, unit: float) -> Floats:
    """Per frame, how much better sound fits where it is: (T,).

    ``near`` (n, T), ``away`` (k, T): the fit of each frame with the sound at those shifts; the
    near shift that fits the whole clip best counts. ``unit``: what the mean over one second
    reaches with foreign sound in one of twenty cases.
    """
    best = near[int(near.mean(axis=1).argmax())]
    return np.asarray((best - away.mean(axis=0)) / unit)


def smoothed(scores: Floats) -> Floats:
    """Scores (T,) by a Gaussian of half a second."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(scores, SMOOTH_S * FPS, mode="nearest"))
