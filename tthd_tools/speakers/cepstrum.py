"""Mono sound comes in; what the networks hear of it, 13 coefficients every 10 ms, goes out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import AUDIO_RATE_HZ

Floats = NDArray[np.float64]

COEFFICIENTS = 13
PER_FRAME = 4  # of a video frame at 25 fps
WINDOW, HOP, SPECTRUM = 400, 160, 512
BANDS = 26
PRE_EMPHASIS = 0.97
LIFTER = 22
FULL_SCALE = 32_768  # the networks were trained on 16-bit samples
FAINTEST = float(np.finfo(np.float64).eps)


def cepstrum(sound: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Mel-frequency cepstrum of 16 kHz sound within ±1 for so many video frames: (4·frames, 13).

    As python_speech_features computes it by default: rectangular windows of 25 ms, 26 bands of
    0–8 kHz, coefficient 0 replaced by the logarithm of the window's energy; the formulas are those
    of S. Davis and P. Mermelstein 1980, IEEE Trans. ASSP 28. What lies after the end is silence.
    """
    from scipy.fft import dct

    count = PER_FRAME * frames
    samples = np.zeros((count - 1) * HOP + WINDOW)
    heard = sound[: len(samples)]
    samples[: len(heard)] = heard * np.float64(FULL_SCALE)
    samples[1:] -= PRE_EMPHASIS * samples[:-1]
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power = np.square(np.abs(np.fft.rfft(windows, SPECTRUM))) / SPECTRUM  # (count, 257)
    energy = np.maximum(power.sum(axis=1), FAINTEST)
    bands = np.maximum(power @ mel_bands().T, FAINTEST)
    made = dct(np.log(bands), type=2, axis=1, norm="ortho")[:, :COEFFICIENTS]
    made *= 1 + LIFTER / 2 * np.sin(np.pi * np.arange(COEFFICIENTS) / LIFTER)
    made[:, 0] = np.log(energy)
    return np.asarray(made, np.float32)


def mel_bands() -> Floats:
    """Triangles (26, 257) of height 1 over 0–8000 Hz; their edges fall on bins of the spectrum.

    Mel scale 2595·log10(1 + f/700) (D. O'Shaughnessy, Speech Communication, 1987).
    """
    top = 2595 * np.log10(1 + AUDIO_RATE_HZ / 2 / 700)
    edges_hz = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    edges = np.floor((SPECTRUM + 1) * edges_hz / AUDIO_RATE_HZ)
    bins = np.arange(SPECTRUM // 2 + 1)
    low, centre, high = (edges[k : k + BANDS, None] for k in range(3))
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))
