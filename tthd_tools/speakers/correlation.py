"""Lips and loudness of a clip come in; how well they fit, and whether lips move, goes out.

The embedded engine: no network, no weights, no pixels. Lips open where the voice is loud.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS
from tthd_tools.speakers.fits import LAGS, LEAST_FRAMES, Fits, away_shifts
from tthd_tools.stages.sync import STILL, envelope, lip_motion

Floats = NDArray[np.float64]

WINDOW_S = 0.2  # standard deviation of a Gaussian: a syllable or two
DELAY = 2  # frames: a voice is loudest when its mouth is already open
FAINT_LIPS = 0.2  # a fifth of the usual motion of lips that speak
FAINT = 0.3  # a loudness that changes less, in nepers of power, is steady noise
MEASURES = (0, 2, 3)  # of ``mouth``: inner opening, outer height, chin
LEAST_MOTION = 3 * STILL  # in interocular distances: lips that move less count less
SPEAKING_MOTION = 0.016
"""In the same: most lips that speak move more, most that are only there move less."""
UNIT = 0.63
"""Contrast over one second that the sound of other talkers reaches once in twenty times."""


def fit_correlation(
    mouth: NDArray[np.float16], valid: NDArray[np.bool_], log_mel: NDArray[np.float16]
) -> Fits | None:
    """Fits of features as ``tracks`` and ``audio_features`` leave them, in units of chance.

    None where nothing can be said: little over a second or less, a face that is hardly seen. A
    still mouth and a steady sound fit nothing, wherever they are: 0.
    """
    frames = len(mouth)
    if frames < LEAST_FRAMES or valid.mean() < 0.5:
        return None
    lips, sound = lips_and_chin(mouth, valid), envelope(log_mel)
    if lips is None or sound is None:
        return Fits(np.zeros((len(LAGS), frames)), 0.0)
    near = [local_correlation(lips, np.roll(sound, -lag - DELAY)) for lag in LAGS]
    away = [local_correlation(lips, np.roll(sound, -shift)) for shift in away_shifts(frames)]
    return Fits(np.stack(near), float(np.mean(away))).over(UNIT)


def moving(mouth: NDArray[np.float16], valid: NDArray[np.bool_]) -> Floats:
    """How much lips move as those that speak do, whatever is heard: (T,), 0 to 1."""
    power = around(sum((one * one for one in motions(mouth, valid)), np.zeros(len(mouth))))
    return np.asarray(power / (power + len(MEASURES) * SPEAKING_MOTION**2))


def lips_and_chin(mouth: NDArray[np.float16], valid: NDArray[np.bool_]) -> Floats | None:
    """Motion (T,) of all that opens with a mouth, each measure in its own spread, about 1.

    None for a still mouth.
    """
    found = [one / max(float(one.std()), LEAST_MOTION) for one in motions(mouth, valid)]
    return np.mean(found, axis=0) if found else None


def motions(mouth: NDArray[np.float16], valid: NDArray[np.bool_]) -> list[Floats]:
    """Those of the measures (T,) that are not still, without their slow changes."""
    found = [lip_motion(mouth[:, [column]], valid) for column in MEASURES]
    return [one for one in found if one is not None]


def local_correlation(lips: Floats, sound: Floats) -> Floats:
    """Correlation (T,) of two curves without slow changes, weighted by a Gaussian around t.

    What moves no more than noise adds to the denominator alone, so that it correlates with nothing.
    """
    power = around(lips * lips) + FAINT_LIPS**2, around(sound * sound) + FAINT**2
    return np.asarray(around(lips * sound) / np.sqrt(power[0] * power[1]))


def around(curve: Floats) -> Floats:
    """Mean (T,) of a curve around each frame."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(curve, WINDOW_S * FPS, mode="nearest"))
