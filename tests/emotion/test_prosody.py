"""Pitch, energy, rate and tilt of sounds that are known."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.emotion.prosody import Prosody, measure_prosody, track_pitch
from tthd_tools.synth import invent_person
from tthd_tools.synth.speech import plan_speech
from tthd_tools.synth.voice import synthesise

SECONDS = np.arange(32_000) / 16_000


def buzz(pitch_hz: float | np.ndarray, tilt: float = 1.0, level: float = 0.1) -> np.ndarray:
    """Two seconds of harmonics that fall by 6 dB times ``tilt`` an octave."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(pitch_hz, SECONDS.shape)) / 16_000
    harmonics = range(1, int(6000 / np.max(pitch_hz)))
    return (level * sum(np.sin(n * phase) / n**tilt for n in harmonics)).astype(np.float32)


@pytest.mark.parametrize("pitch_hz", [80.0, 120.0, 220.0, 350.0])
def test_pitch_of_a_voice(pitch_hz: float) -> None:
    found = measure_prosody(buzz(pitch_hz))
    assert found.pitch_hz == pytest.approx(pitch_hz, rel=0.005)
    assert found.pitch_range_st == pytest.approx(0, abs=0.1)
    assert found.pitch_slope_st_s == pytest.approx(0, abs=0.1)


def test_a_pitch_that_rises_by_an_octave_in_two_seconds() -> None:
    found = measure_prosody(buzz(120 * 2 ** (SECONDS / 2)))
    assert found.pitch_slope_st_s == pytest.approx(6.0, abs=0.2)
    assert found.pitch_range_st == pytest.approx(9.6, abs=0.4)


def test_level_is_in_decibels_of_full_scale() -> None:
    quiet, loud = (measure_prosody(buzz(150, level=level)).level_db for level in (0.02, 0.2))
    assert quiet is not None
    assert loud is not None
    assert loud - quiet == pytest.approx(20, abs=0.2)
    sine = (0.5 * np.sin(2 * np.pi * 200 * SECONDS)).astype(np.float32)
    assert measure_prosody(sine).level_db == pytest.approx(-9.0, abs=0.2)


def test_syllables_are_counted() -> None:
    swell = 0.05 + 0.95 * np.maximum(np.sin(2 * np.pi * 4 * SECONDS), 0)
    found = measure_prosody((buzz(150) * swell).astype(np.float32))
    assert found.rate_hz == pytest.approx(4.0, abs=0.5)


def test_a_strained_voice_falls_less() -> None:
    soft, strained = (measure_prosody(buzz(100, tilt)).tilt_db_octave for tilt in (2.0, 1.0))
    assert soft is not None
    assert strained is not None
    assert strained - soft == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(32_000, np.float32),
        np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32),
        np.zeros(0, np.float32),
        np.ones(159, np.float32),
        buzz(120)[:800],
    ],
    ids=["silence", "noise", "nothing", "a moment", "a click"],
)
def test_where_no_voice_is_heard_nothing_is_measured(sound: np.ndarray) -> None:
    assert measure_prosody(sound) == Prosody()


def test_noise_between_words_has_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, 32_000)
    voice = track_pitch((buzz(140) * (SECONDS < 1) + noise).astype(np.float32))
    assert np.median(voice.pitch_hz[:95]) == pytest.approx(140, rel=0.01)
    assert (voice.pitch_hz[110:] == 0).mean() > 0.95


def test_drawn_voices_are_ordered_by_pitch_and_level_as_they_were_made() -> None:
    person = invent_person(1)
    found = {}
    for emotion in ("sad", "neutral", "happy"):
        speech = plan_speech(person, emotion, 4, 3)
        found[emotion] = measure_prosody(synthesise(person, speech, emotion, 3))
    pitches = [one.pitch_hz or 0.0 for one in found.values()]
    levels = [one.level_db or 0.0 for one in found.values()]
    assert pitches == sorted(pitches)
    assert levels == sorted(levels)
    assert pitches[1] == pytest.approx(person.pitch_hz, rel=0.1)
