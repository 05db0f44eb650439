"""Sounds of which it is known where somebody speaks."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tthd_tools.synth.person import invent_person
from tthd_tools.synth.speech import Emotion, plan_speech
from tthd_tools.synth.voice import synthesise

RATE_HZ = 16_000


@lru_cache(maxsize=16)
def say(
    seed: int, seconds: float = 20.0, emotion: Emotion = "neutral"
) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic speech and, every 10 ms, whether a syllable is being said."""
    person = invent_person(seed)
    plan = plan_speech(person, emotion, seconds, seed)
    sound = synthesise(person, plan, emotion, seed)
    time_s = (np.arange(len(sound) // 160) + 0.5) / 100
    said = np.zeros(len(time_s), np.bool_)
    for syllable in plan.said:
        said |= (time_s >= syllable.start_s) & (time_s < syllable.end_s)
    return sound, said


def noise(seconds: float, slope: float = 0.0, level_db: float = -30.0, seed: int = 1) -> np.ndarray:
    """Noise whose power falls with frequency to this power: 0 white, 1 pink, 2 brown."""
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)
    sound = np.fft.irfft(spectrum * hz ** (-slope / 2), count)
    return (sound * 10 ** (level_db / 20) / sound.std()).astype(np.float32)


def with_noise(sound: np.ndarray, said: np.ndarray, snr_db: float, seed: int = 1) -> np.ndarray:
    """The sound with white noise so many decibels under the mean power of its speech."""
    speech = np.square(sound[: len(said) * 160].reshape(-1, 160)[said], dtype=np.float64).mean()
    level_db = 10 * np.log10(speech) - snr_db
    return sound + noise(len(sound) / RATE_HZ, level_db=level_db, seed=seed)


def tones(*parts: tuple[float, float], fade_s: float = 0.0) -> np.ndarray:
    """One buzz after the other, each ``(seconds, pitch in Hz)``; a pitch of 0 is silence."""
    found = []
    for seconds, pitch_hz in parts:
        t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        buzz = sum(np.sin(2 * np.pi * pitch_hz * n * t) / n for n in range(1, 12))
        found.append(0.08 * buzz * (np.exp(-t / fade_s) if fade_s else 1.0))
    return np.concatenate(found).astype(np.float32)


def error(found: np.ndarray, said: np.ndarray) -> float:
    """Share of the 10 ms steps that are wrong."""
    return float((found != said).mean())
