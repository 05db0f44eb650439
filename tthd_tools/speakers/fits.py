"""Fits of a face to shifted sound come in; how much better the true place fits goes out.

A face that chatters and a loud voice seem to fit each other anywhere. What tells a speaker from a
dubbed or a listening one is that the fit is worse when the sound is shifted by a second or two: the
same face and the same sound are their own yardstick.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS

Floats = NDArray[np.float64]

LAGS = (-5, -3, -1, 1, 3, 5)
"""Frames by which a sound may be late and still belong to the lips."""
AWAY_FRAMES = 10
AWAY_COUNT = 8
LEAST_FRAMES = 2 * AWAY_FRAMES + AWAY_COUNT
SMOOTH_S = 0.5


class Fits(NamedTuple):
    """How well each frame fits the sound, in units of the engine; the sound is taken as a ring.

    ``near`` (6, T): when the sound is late by LAGS; ``away``: the mean over all frames when it is
    ten frames or more off, see ``away_shifts``.
    """

    near: Floats
    away: float

    def over(self, unit: float) -> Fits:
        """The same in another unit."""
        return Fits(self.near / unit, self.away / unit)


def away_shifts(frames: int) -> tuple[int, ...]:
    """Eight shifts of a ring of so many frames, all ten frames or more from the true place."""
    steps = np.linspace(AWAY_FRAMES, frames - AWAY_FRAMES, AWAY_COUNT)
    return tuple(int(step) for step in np.rint(steps))


def contrast(*fits: Fits) -> Floats:
    """Per frame, how much better the sound fits than it does elsewhere: (T,); fits are added.

    The one lag at which the whole clip fits best counts for all of them, with half the weight on
    its neighbours: a true fit does not come and go within 80 ms.
    """
    near = np.sum([one.near for one in fits], axis=0)
    near = near[:-2] / 4 + near[1:-1] / 2 + near[2:] / 4
    best = near[int(near.mean(axis=1).argmax())]
    return np.asarray(best - sum(one.away for one in fits))


def smoothed(scores: Floats) -> Floats:
    """Scores (T,) by a Gaussian of half a second."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(scores, SMOOTH_S * FPS, mode="nearest"))
