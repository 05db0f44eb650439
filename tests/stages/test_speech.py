"""Voices are heard, noise and silence are not, and pauses are found."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.clip import Clip
from tthd_tools.stages.speech import Speech, SpeechPart, find_speech, stretches, voice_cues
from tthd_tools.testing import run_stage


def vowel(seconds: float, pitch_hz: float = 120.0) -> np.ndarray:
    t = np.arange(round(seconds * 16_000)) / 16_000
    harmonics = range(1, round(3500 / pitch_hz))
    return 0.1 * sum(np.sin(2 * np.pi * pitch_hz * n * t) / n for n in harmonics)


def noise(seconds: float, level: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, level, round(seconds * 16_000))


def hear(sound: np.ndarray) -> np.ndarray:
    return find_speech(sound.astype(np.float32), voicing=0.6, above_noise_db=6.0)


def phrases() -> np.ndarray:
    """Silence to 1 s, a vowel to 2 s, a pause to 3 s, a vowel to 4 s, silence to 5 s."""
    sound = np.concatenate([np.zeros(16_000), vowel(1), np.zeros(16_000), vowel(1)])
    return np.concatenate([sound, np.zeros(16_000)]) + noise(5, 1e-3)


@pytest.mark.parametrize("pitch_hz", [80.0, 150.0, 250.0, 380.0])
def test_periodicity_tells_voices_of_any_pitch_from_noise(pitch_hz: float) -> None:
    assert np.median(voice_cues(vowel(1, pitch_hz).astype(np.float32))[1]) > 0.95
    assert np.percentile(voice_cues(noise(1, 0.1).astype(np.float32))[1], 99) < 0.4


def test_level_is_that_of_the_voice_band() -> None:
    t = np.arange(16_000) / 16_000
    in_band = voice_cues(np.sin(2 * np.pi * 1000 * t).astype(np.float32))[0]
    below = voice_cues(np.sin(2 * np.pi * 50 * t).astype(np.float32))[0]
    assert np.median(in_band) == pytest.approx(-3.0, abs=0.1)
    assert np.median(below) < -50


def test_phrases_are_found_within_a_tenth_of_a_second_or_so() -> None:
    found = stretches(hear(phrases()))
    assert len(found) == 2
    assert found[0] == pytest.approx((90, 210), abs=4)  # the margin of 100 ms included
    assert found[1] == pytest.approx((290, 410), abs=4)


def test_a_short_gap_is_no_pause() -> None:
    sound = np.concatenate([np.zeros(16_000), vowel(0.5), np.zeros(3_200), vowel(0.5)])
    sound = np.concatenate([sound, np.zeros(16_000)]) + noise(3.2, 1e-3)
    assert len(stretches(hear(sound))) == 1


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(32_000),
        noise(2, 0.2),
        noise(2, 1e-3),
        noise(2, 0.1) * (np.arange(32_000) % 8000 > 4000),
    ],
    ids=["silence", "loud", "faint", "bursts"],
)
def test_silence_and_noise_are_no_speech(sound: np.ndarray) -> None:
    assert hear(sound).mean() == 0.0


def test_hum_is_no_speech() -> None:
    t = np.arange(48_000) / 16_000
    hum = 0.1 * np.sin(2 * np.pi * 100 * t) * (t > 1) + noise(3, 1e-3)
    assert hear(hum).mean() == 0.0


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 500])
def test_very_short_sound_is_no_speech(samples: int) -> None:
    assert hear(np.zeros(samples)).tolist() == [False] * (samples // 160)


def test_part_and_features_of_a_clip(
    clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = phrases().astype(np.float32)
    monkeypatch.setattr(Clip, "audio", lambda self, rate_hz=16_000: sound)
    (measured,) = run_stage(Speech(), clip, folder)
    part = measured.part(SpeechPart)
    assert part.ratio == pytest.approx(0.48, abs=0.02)
    assert part.seconds == pytest.approx(2.4, abs=0.1)
    assert part.pauses == 1
    assert part.longest_pause_s == pytest.approx(0.8, abs=0.08)
    assert part.backend == "energy"
    curve = measured.arrays(SpeechPart)["speech"]
    assert curve.shape == (125,)
    assert curve.dtype == np.float16
    assert curve[[5, 37, 62, 87, 120]].tolist() == [0, 1, 0, 1, 0]


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "low", "high"),
    [
        ("vad_test.wav", 0.7, 0.9),
        ("jfk_en.wav", 0.55, 0.8),
        ("zh_news.wav", 0.7, 0.95),
        ("whitenoise_16k.wav", 0.0, 0.0),
    ],
)
def test_share_of_real_speech(shared: Path, file: str, low: float, high: float) -> None:
    from tthd_tools.media.audio import read_audio

    path = shared / "media" / "audio" / file
    with wave.open(str(path)) as header:
        seconds = header.getnframes() / header.getframerate()
    spoken = hear(read_audio(path, 0.0, seconds))
    assert low <= spoken.mean() <= high
