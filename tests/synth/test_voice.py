"""The babble: on time, silent where it should be, loud with closed lips, and with a pitch."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.synth.person import invent_person
from tthd_tools.synth.speech import plan_claps, plan_speech, stay_silent
from tthd_tools.synth.voice import SYNTHESIS_HZ, synthesise


def loudness_db(sound: np.ndarray, start_s: float, end_s: float) -> float:
    part = sound[round(start_s * SYNTHESIS_HZ) : round(end_s * SYNTHESIS_HZ)].astype(float)
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


@pytest.fixture(scope="module")
def spoken() -> tuple:
    person = invent_person(0)
    speech = plan_speech(person, "neutral", 30.0, seed=1)
    return speech, synthesise(person, speech, "neutral", seed=1)


def test_syllables_are_heard_and_pauses_are_not(spoken: tuple) -> None:
    speech, sound = spoken
    syllables = [loudness_db(sound, s.start_s, s.end_s) for s in speech.said if s.end_s < 29]
    assert len(syllables) > 60
    assert min(syllables) > -40
    quiet = [e for e in speech.events if e.kind != "hum" and e.end_s < 29]
    # The ends of a pause still ring.
    assert max(loudness_db(sound, e.start_s + 0.08, e.end_s - 0.05) for e in quiet) < -50


def test_a_hum_is_loud_with_closed_lips(spoken: tuple) -> None:
    speech, sound = spoken
    hums = [e for e in speech.events if e.kind == "hum"]
    assert len(hums) == 2
    for hum in hums:
        inside = slice(round((hum.start_s + 0.1) * 200), round((hum.end_s - 0.1) * 200))
        assert speech.opening[inside].max() == 0.0
        assert loudness_db(sound, hum.start_s + 0.1, hum.end_s - 0.1) > -32


def test_a_mouth_opens_in_silence(spoken: tuple) -> None:
    speech, sound = spoken
    gapes = [e for e in speech.events if e.kind == "silent_open" and e.end_s < 29]
    assert len(gapes) >= 2
    for gape in gapes:
        middle = (gape.start_s + gape.end_s) / 2
        assert speech.opening[round(middle * 200)] > 0.1
        assert loudness_db(sound, gape.start_s + 0.08, gape.end_s) < -50


def test_loudness_says_something_about_the_opening_but_not_all(spoken: tuple) -> None:
    speech, sound = spoken
    frames = sound[: 30 * SYNTHESIS_HZ].reshape(-1, SYNTHESIS_HZ // 25)
    loud = np.sqrt(np.mean(frames.astype(float) ** 2, axis=1))
    opening = speech.opening[: 30 * 200].reshape(-1, 8).mean(axis=1)
    assert 0.35 < np.corrcoef(loud, opening)[0, 1] < 0.8


def test_lips_close_on_m_and_spread_on_i(spoken: tuple) -> None:
    speech, _ = spoken
    for said in speech.said:
        curve = slice(round(said.start_s * 200), round(said.end_s * 200))
        if said.roman.startswith("m"):
            assert speech.opening[curve].min() == 0.0
        if said.roman in {"shi", "li", "ki"}:
            assert speech.width[curve].max() > 1.05
        if said.roman.endswith("o"):
            assert speech.width[curve].min() < 0.9


def test_the_pitch_is_the_persons() -> None:
    for seed, low_hz, high_hz in ((0, 100, 165), (1, 185, 290)):
        person = invent_person(seed)
        speech = plan_speech(person, "neutral", 6.0, seed=2)
        sound = synthesise(person, speech, "neutral", seed=2)
        vowel = next(s for s in speech.said if s.roman.endswith("a"))
        middle = round((vowel.end_s - 0.07) * SYNTHESIS_HZ)
        part = sound[middle - 400 : middle + 400].astype(float)
        lags = np.correlate(part, part, "full")[800 - 1 :]
        shortest = SYNTHESIS_HZ // 330
        period = shortest + int(np.argmax(lags[shortest : SYNTHESIS_HZ // 90]))
        assert low_hz < SYNTHESIS_HZ / period < high_hz


def test_a_listener_makes_no_sound_but_moves_the_mouth() -> None:
    person = invent_person(0)
    speech = stay_silent(8.0, seed=3)
    assert np.abs(synthesise(person, speech, "neutral", seed=3)).max() < 1e-3
    assert speech.opening.max() > 0.03
    assert speech.said == ()


def test_a_clap_opens_the_mouth_with_the_click() -> None:
    person = invent_person(0)
    speech = plan_claps((1.0, 2.5), 4.0)
    sound = synthesise(person, speech, "neutral", seed=4)
    assert speech.opening[[199, 200, 239, 241, 500]].tolist() == [0.0, 0.4, 0.4, 0.0, 0.4]
    loud = np.flatnonzero(np.abs(sound) > 0.5)
    assert loud[0] == 16_000
    assert loud[np.searchsorted(loud, 20_000)] == 40_000


def test_same_seed_same_sound() -> None:
    person = invent_person(5)
    sounds = []
    for seed in (7, 7, 8):
        speech = plan_speech(person, "happy", 3.0, seed)
        sounds.append(synthesise(person, speech, "happy", seed))
    assert np.array_equal(sounds[0], sounds[1])
    assert not np.array_equal(sounds[0], sounds[2])
