"""Windows are centred, and levels are those of the standard."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.sound import loudness_lufs, power_db, short_levels_db, windows


def sine(hz: float, rate_hz: int, seconds: float = 5.0, level: float = 1.0) -> np.ndarray:
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return (level * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def test_windows_are_centred_and_padded_with_silence() -> None:
    found = windows(np.arange(1, 9, dtype=np.float32), length=4, hop=3, count=4)
    assert found.tolist() == [[0, 0, 1, 2], [2, 3, 4, 5], [5, 6, 7, 8], [8, 0, 0, 0]]
    assert windows(np.zeros(0, np.float32), length=4, hop=3, count=0).shape == (0, 4)


def test_power_in_decibels_has_a_floor() -> None:
    assert power_db(np.array([1.0, 0.5, 1e-4, 0.0])).round(2).tolist() == [0, -3.01, -40, -100]


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_full_scale_sine_is_three_under_zero(rate_hz: int) -> None:
    # ITU-R BS.1770-5, annex 1: 997 Hz at 0 dBFS in one channel reads -3.01 LKFS
    assert loudness_lufs(sine(997, rate_hz), rate_hz) == pytest.approx(-3.01, abs=0.05)


def test_low_tones_count_less() -> None:
    low, middle = (loudness_lufs(sine(hz, 16_000), 16_000) for hz in (25, 500))
    assert low is not None
    assert middle is not None
    assert low < middle - 9


def test_pauses_are_gated_out() -> None:
    tone = sine(997, 16_000, level=0.1)
    padded = np.concatenate([tone, np.zeros(160_000, np.float32)])
    assert loudness_lufs(tone, 16_000) == pytest.approx(-23.0, abs=0.05)
    assert loudness_lufs(padded, 16_000) == pytest.approx(-23.0, abs=0.3)


def test_silence_and_too_short_sound_have_no_loudness() -> None:
    assert loudness_lufs(np.zeros(16_000, np.float32), 16_000) is None
    assert loudness_lufs(np.ones(100, np.float32), 16_000) is None


def test_short_levels_are_those_of_twenty_milliseconds() -> None:
    sound = np.concatenate([np.zeros(320), np.full(320, 0.1), np.ones(100)]).astype(np.float32)
    assert short_levels_db(sound, 16_000).round(3).tolist() == [-100.0, -20.0]
