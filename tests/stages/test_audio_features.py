"""Log-mel and loudness against a slow reference, and at the right time."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.clip import Clip
from tthd_tools.stages.audio_features import (
    AudioFeatures,
    AudioFeaturesPart,
    log_mel,
    mel_bands,
)
from tthd_tools.testing import run_stage


def mel_to_hz(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * math.exp((mel - 15) * math.log(6.4) / 27)


def slow_log_mel(sound: np.ndarray, row: int) -> list[float]:
    """Row ``row``, by a sum over samples for each frequency and a sum over bins for each band."""
    window = [0.5 - 0.5 * math.cos(2 * math.pi * n / 1024) for n in range(1024)]
    at = [640 * row - 512 + n for n in range(1024)]
    piece = [sound[i] * w if 0 <= i < len(sound) else 0.0 for i, w in zip(at, window, strict=True)]
    turns = np.exp(-2j * np.pi * np.outer(np.arange(513), np.arange(1024)) / 1024)
    power = np.abs(turns @ piece) ** 2 / sum(w * w for w in window)
    edges = [mel_to_hz(k * (15 + 27 * math.log(8) / math.log(6.4)) / 81) for k in range(82)]
    rows = []
    for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
        shares = []
        for k in range(513):
            hz = k * 15.625
            up, down = (hz - low) / (centre - low), (high - hz) / (high - centre)
            shares.append(max(0.0, min(up, down)))
        mean = sum(s * p for s, p in zip(shares, power, strict=True)) / sum(shares)
        rows.append(math.log(max(mean, 1e-10)))
    return rows


def test_log_mel_agrees_with_a_slow_reference() -> None:
    t = np.arange(16_000) / 16_000
    sound = np.sin(2 * np.pi * 300 * t) * t + np.random.default_rng(3).normal(0, 0.1, 16_000)
    fast = log_mel(sound.astype(np.float32), 25)
    assert fast.shape == (25, 80)
    for row in (0, 7, 24):
        assert fast[row] == pytest.approx(slow_log_mel(sound.astype(np.float32), row), abs=1e-6)


def test_every_band_holds_a_frequency_and_weighs_one() -> None:
    bands = mel_bands()
    assert bands.shape == (80, 513)
    assert (bands.max(axis=1) > 0).all()
    assert bands.sum(axis=1) == pytest.approx(np.ones(80))


def test_white_noise_has_its_own_power_in_every_band() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 160_000).astype(np.float32)
    level = np.exp(log_mel(noise, 250)).mean(axis=0)
    assert level == pytest.approx(np.full(80, 0.01), rel=0.2)


def test_a_click_is_in_the_frames_around_it() -> None:
    sound = np.zeros(16_000, np.float32)
    sound[6400] = 1.0  # the time of frame 10
    curve = log_mel(sound, 25).mean(axis=1)
    assert curve.argmax() == 10
    assert curve[9] == pytest.approx(curve[11], abs=0.02)


def test_features_have_one_row_a_frame(clip: Clip, folder: Path) -> None:
    (measured,) = run_stage(AudioFeatures(), clip, folder)
    arrays = measured.arrays(AudioFeaturesPart)
    assert arrays["logmel"].shape == (125, 80)
    assert arrays["logmel"].dtype == np.float16
    assert arrays["loudness"].shape == (125,)
    part = measured.part(AudioFeaturesPart)
    assert part.frames == 125
    assert part.level_db == pytest.approx(-21.5, abs=2)


def test_digital_silence_has_no_level(
    clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = np.zeros(125 * 640, np.float32)
    monkeypatch.setattr(Clip, "audio", lambda self, rate_hz=16_000: silence)
    (measured,) = run_stage(AudioFeatures(), clip, folder)
    arrays = measured.arrays(AudioFeaturesPart)
    assert measured.part(AudioFeaturesPart).level_db is None
    assert arrays["loudness"].tolist() == [-100.0] * 125
    assert np.unique(arrays["logmel"]).tolist() == [np.float16(math.log(1e-10))]
