"""What one clip shows and sounds like, as the two stages hand it on: arrays and numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS
from tthd_tools.emotion.actions import slow_cues
from tthd_tools.emotion.face import NAMES, PRIOR
from tthd_tools.emotion.labels import FER2013, from_fer2013

Floats = NDArray[np.float64]
EVERY = 5  # frames between two looks: five a second
RATE_HZ = FPS / EVERY
FER_OVER_S = 1.0  # the network judges single pictures, an expression lasts longer

_ORDER = [[from_fer2013(word) for word in FER2013].index(name) for name in NAMES]


class Evidence(NamedTuple):
    """One clip, five times a second: N rows at frames 2, 7, 12, …

    ``cues`` (N, 7), see ``actions.CUES``, None without a face; ``fer`` (N, 7) in the order of
    ``face.NAMES``, None where the network has not looked; ``pitch_st`` over 100 Hz and ``level_db``
    of the voice, None where none is heard; ``voice`` (7,) in that order, None where no model has
    heard it.
    """

    cues: Floats | None
    fer: Floats | None
    pitch_st: float | None = None
    level_db: float | None = None
    voice: Floats | None = None


def looks(frames: int) -> NDArray[np.int64]:
    """The frames that are looked at in a clip of that many: one in each fifth of a second."""
    return np.arange(min(EVERY // 2, max(frames - 1, 0)), frames, EVERY)


def gather(actions: NDArray[np.float16], fer: NDArray[np.float16] | None) -> Evidence:
    """The evidence in features of ``expression``: actions (T, 9), network (N, 7), NaN unseen."""
    cues = slow_cues(actions.astype(np.float64))
    if cues is None:
        return Evidence(None, None)
    return Evidence(cues[looks(len(cues))], None if fer is None else _smoothed(fer))


def _smoothed(fer: NDArray[np.float16]) -> Floats | None:
    """The network's odds in our order, averaged over a second; None where it saw nothing."""
    odds = fer.astype(np.float64)[:, _ORDER]
    seen = np.asarray(np.isfinite(odds).all(axis=1))
    if not seen.any():
        return None
    window = np.ones(round(FER_OVER_S * RATE_HZ))
    count = np.convolve(seen, window, mode="same")
    filled = np.where(seen[:, None], odds, 0.0)
    total = np.stack([np.convolve(column, window, mode="same") for column in filled.T], axis=1)
    mean = total[: len(odds)] / np.maximum(count[: len(odds)], 1)[:, None]
    mean[count[: len(odds)] == 0] = PRIOR
    return np.asarray(mean / np.maximum(mean.sum(axis=1, keepdims=True), 1e-9))
