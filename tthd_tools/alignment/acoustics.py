"""Sound comes in; log-mel rows at 100 Hz, and the features that speech sounds are told apart by."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tthd_tools.clip import AUDIO_RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RATE_HZ = 100
"""Rows a second; row k looks at the 25 ms around k / RATE_HZ seconds."""
BANDS = 26
CEPSTRA = 13
FEATURES = 3 * CEPSTRA
LOWEST_HZ, HIGHEST_HZ = 60.0, 7600.0
WINDOW = AUDIO_RATE_HZ // 40
HOP = AUDIO_RATE_HZ // RATE_HZ
POINTS = 512  # of the spectrum
PRE_EMPHASIS = 0.97
FLOOR = 1e-6  # of a band's power: near digital silence
LOUD = 8.0  # of the zeroth cepstrum: what is that far under the loudest is no speech
SILENT, AUDIBLE = 12.0, 6.0  # of the mean log-mel row, under the loudest
WARPS = (0.86, 0.91, 0.96, 1.01, 1.06, 1.11, 1.16)
"""Factors by which a voice's spectrum is stretched to look like the others'."""


def log_mel(sound: NDArray[np.float32]) -> Floats:
    """Natural logarithm of the power in 26 mel bands, (n // 160, 26), of 16 kHz sound (n,).

    HTK's mel scale, 1127 ln(1 + f / 700); Hann windows of 25 ms after a pre-emphasis of 0.97.
    """
    import numpy as np

    from tthd_tools.sound import windows

    count = len(sound) // HOP
    raised = np.append(sound[:1], sound[1:] - np.float32(PRE_EMPHASIS) * sound[:-1])
    shape = np.hanning(WINDOW)
    rows = [np.zeros((0, BANDS))]
    views = windows(raised, WINDOW, HOP, count)
    for first in range(0, count, 1000):  # ten seconds at a time keep memory flat
        power = np.square(np.abs(np.fft.rfft(views[first : first + 1000] * shape, POINTS)))
        rows.append(np.log(np.maximum(power @ _filters().T, FLOOR)))
    return np.concatenate(rows)


def features(rows: NDArray[np.floating], warp: float = 1.0) -> Floats:
    """13 mel cepstra with their first and second slopes, (n, 39), of log-mel rows (n, 26).

    The frequency axis is stretched by ``warp``; mean and spread of what is loud are taken out, so
    that microphones and distances do not matter.
    """
    import numpy as np
    from scipy.fft import dct

    if not len(rows):
        return np.zeros((0, FEATURES))
    cepstra = dct(_warped(rows.astype(np.float64), warp), norm="ortho", axis=1)[:, :CEPSTRA]
    loud = cepstra[:, 0] >= np.percentile(cepstra[:, 0], 95) - LOUD
    cepstra = (cepstra - cepstra[loud].mean(axis=0)) / (cepstra[loud].std(axis=0) + 1e-3)
    slope = _slope(cepstra)
    # The factors bring the spread of the slopes near that of the cepstra.
    return np.hstack([cepstra, 2 * slope, 6 * _slope(slope)])


def levelled(rows: NDArray[np.floating], warp: float = 1.0) -> NDArray[np.float32]:
    """Log-mel rows (n,26) around 0, float32: what is loud has mean 0 in every band.

    The frequency axis is stretched by ``warp``; what is far under the loudest is one silence.
    """
    import numpy as np

    if not len(rows):
        return np.zeros((0, BANDS), np.float32)
    spectra = _warped(rows.astype(np.float64), warp)
    level = spectra.mean(axis=1)
    loudest = np.percentile(level, 95)
    spectra = np.maximum(spectra, loudest - SILENT)
    return np.asarray((spectra - spectra[level >= loudest - AUDIBLE].mean(axis=0)) / 2, np.float32)


def _slope(curve: Floats) -> Floats:
    """Regression slope over five rows (S. Young et al., The HTK Book, equation 5.16)."""
    import numpy as np

    count = len(curve)
    padded = np.pad(curve, ((2, 2), (0, 0)), "edge")
    near = padded[3 : 3 + count] - padded[1 : 1 + count]
    far = padded[4 : 4 + count] - padded[:count]
    return np.asarray((near + 2 * far) / 10)


def _warped(rows: Floats, warp: float) -> Floats:
    """The bands of a voice whose formants lie ``warp`` times as high, between their neighbours."""
    import numpy as np

    centres = _mel_edges()[1:-1]
    hz = np.clip(700 * np.expm1(centres / 1127) * warp, LOWEST_HZ, HIGHEST_HZ)
    place = (1127 * np.log1p(hz / 700) - centres[0]) / (centres[1] - centres[0])
    place = np.clip(place, 0, BANDS - 1)
    below = np.minimum(place.astype(int), BANDS - 2)
    return np.asarray(rows[:, below] * (1 - place + below) + rows[:, below + 1] * (place - below))


def _mel_edges() -> Floats:
    import numpy as np

    low, high = (1127 * np.log1p(hz / 700) for hz in (LOWEST_HZ, HIGHEST_HZ))
    return np.linspace(low, high, BANDS + 2)


@cache
def _filters() -> Floats:
    """Triangles (26, 257), each 1 at its centre and 0 at its neighbours' centres."""
    import numpy as np

    mel = 1127 * np.log1p(np.fft.rfftfreq(POINTS, 1 / AUDIO_RATE_HZ) / 700)
    edges = _mel_edges()
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    sides = np.minimum((mel - low) / (centre - low), (high - mel) / (high - centre))
    return np.asarray(np.maximum(0, sides))
