"""Lips and loudness of a clip come in; how well each frame's neighbourhood fits goes out.

The embedded engine: no network, no weights, no pixels. Lips open where the voice is loud.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS
from tthd_tools.speakers.contrast import LEAST_FRAMES, away_shifts, contrast
from tthd_tools.stages.sync import STILL, envelope, lip_motion

Floats = NDArray[np.float64]

WINDOW_S = 0.4  # a few syllables
NEAR_FRAMES = range(-2, 5)  # a voice is loudest when its mouth is already open
FAINT = 0.3  # a loudness that changes less, in nepers of power, is steady noise
UNIT = 0.5
"""See ``contrast``: found with the sound of other talkers."""


def score_correlation(
    mouth: NDArray[np.float16], valid: NDArray[np.bool_], log_mel: NDArray[np.float16]
) -> Floats | None:
    """Contrast (T,) of features as ``tracks`` and ``audio_features`` leave them.

    None where nothing can be said: a clip of less than a second, a face that is hardly seen. A
    still mouth and a steady sound fit nothing: 0.
    """
    if len(mouth) < LEAST_FRAMES or valid.mean() < 0.5:
        return None
    lips, sound = lip_motion(mouth, valid), envelope(log_mel[: len(mouth)])
    if lips is None or sound is None:
        return np.zeros(len(mouth))
    shifts = away_shifts(len(lips))
    near = np.stack([local_correlation(lips, np.roll(sound, -lag)) for lag in NEAR_FRAMES])
    away = np.stack([local_correlation(lips, np.roll(sound, -lag)) for lag in shifts])
    return contrast(near, away, UNIT)


def local_correlation(lips: Floats, sound: Floats) -> Floats:
    """Correlation (T,) of two curves without slow changes, weighted by a Gaussian around t.

    What moves no more than noise adds to the denominator alone, so that it correlates with nothing.
    """
    from scipy.ndimage import gaussian_filter1d

    def around(curve: Floats) -> Floats:
        return np.asarray(gaussian_filter1d(curve, WINDOW_S * FPS, mode="nearest"))

    power = around(lips * lips) + STILL**2, around(sound * sound) + FAINT**2
    return np.asarray(around(lips * sound) / np.sqrt(power[0] * power[1]))
