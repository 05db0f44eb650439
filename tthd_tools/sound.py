"""A waveform comes in; short windows of it, one per time step, and levels in decibels go out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FLOOR_DB = -100.0  # just under what 16 bits can hold


def windows(sound: NDArray[np.float32], length: int, hop: int, count: int) -> Floats:
    """Windows of ``length`` samples centred on 0, hop, 2·hop, …: (count, length), read-only.

    What lies before the first and after the last sample is silence.
    """
    missing = max(max(count - 1, 0) * hop + length - length // 2 - len(sound), 0)
    padded = np.pad(sound.astype(np.float64), (length // 2, missing))
    return np.lib.stride_tricks.sliding_window_view(padded, length)[: count * hop : hop]


def power_db(power: Floats) -> Floats:
    """Mean square of samples within ±1 as dBFS, not under FLOOR_DB; a square wave of 1 is 0 dB."""
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10))))


def loudness_lufs(sound: NDArray[np.float32], rate_hz: int) -> float | None:
    """Integrated loudness of mono sound (ITU-R BS.1770-5); None where all is under -70 LUFS.

    Blocks of 400 ms overlapping by 75 %, gates at -70 LUFS and 10 LU under the mean.
    """
    block, hop = round(0.4 * rate_hz), round(0.1 * rate_hz)
    if len(sound) < block:
        return None
    squares = np.square(_k_weighted(sound, rate_hz))
    power = np.lib.stride_tricks.sliding_window_view(squares, block)[::hop].mean(axis=1)
    loud = power[_lufs(power) > -70]
    if not len(loud):
        return None
    gated = loud[_lufs(loud) > _lufs(loud.mean()) - 10]
    return float(_lufs(gated.mean()))


def _lufs(power: Floats) -> Floats:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)))


def _k_weighted(sound: NDArray[np.float32], rate_hz: int) -> Floats:
    """The two filters of BS.1770 at any rate: its tables are these analogue ones at 48 kHz."""
    from scipy.signal import lfilter

    filtered = sound.astype(np.float64)
    for kind, f_hz, q, gain_db in (
        ("shelf", 1681.974450955533, 0.7071752369554196, 3.999843853973347),
        ("high", 38.13547087602444, 0.5003270373238773, 0.0),
    ):
        k = np.tan(np.pi * f_hz / rate_hz)
        gain = 10 ** (gain_db / 20)
        middle = gain**0.4996667741545416
        scale = 1 + k / q + k * k
        below = [1, 2 * (k * k - 1) / scale, (1 - k / q + k * k) / scale]
        shelf = [gain + middle * k / q + k * k, 2 * (k * k - gain), gain - middle * k / q + k * k]
        above = [1.0, -2.0, 1.0] if kind == "high" else [term / scale for term in shelf]
        filtered = np.asarray(lfilter(above, below, filtered))
    return filtered


def short_levels_db(sound: NDArray[np.float32], rate_hz: int) -> Floats:
    """Level of each whole 20 ms in dBFS, (n,)."""
    length = round(0.02 * rate_hz)
    whole = sound[: len(sound) // length * length].astype(np.float64).reshape(-1, length)
    return power_db(np.square(whole).mean(axis=1))
