"""The embedded detector: speech is found to its ends; noise, hums and music are none."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech.sounds import error, noise, say, tones, with_noise
from tthd_tools.media import read_audio
from tthd_tools.speech import stretches
from tthd_tools.speech.energy import EnergyDetector, hear_cues
from tthd_tools.synth.person import invent_person
from tthd_tools.synth.speech import plan_speech


def hear(sound: np.ndarray) -> np.ndarray:
    return EnergyDetector().listen(sound).speech


@pytest.fixture(scope="module")
def spoken() -> list[tuple[np.ndarray, np.ndarray]]:
    return [say(seed, 8.0) for seed in range(3)]


def test_clean_speech_is_found_within_a_tenth_of_its_steps(spoken: list) -> None:
    errors = [error(hear(sound), said) for sound, said in spoken]
    assert np.mean(errors) < 0.08
    assert max(errors) < 0.12


def test_the_lowest_voice_is_heard() -> None:
    """Sad, and with a pitch that falls to 62 Hz."""
    sound, said = say(2, 8.0, "sad")
    assert error(hear(sound), said) < 0.08


@pytest.mark.parametrize(("snr_db", "bound"), [(20, 0.08), (10, 0.08), (5, 0.1), (0, 0.2)])
def test_speech_in_white_noise(spoken: list, snr_db: float, bound: float) -> None:
    errors = [error(hear(with_noise(sound, said, snr_db)), said) for sound, said in spoken]
    assert np.mean(errors) < bound


def test_a_voice_with_closed_lips_is_no_speech() -> None:
    """The hums of the synthetic voice are loud, periodic, and between pauses."""
    plan = plan_speech(invent_person(4), "neutral", 12.0, 4)
    hums = [event for event in plan.events if event.kind == "hum"]
    assert len(hums) == 4
    found = hear(say(4, 12.0)[0])
    inside = [found[round(e.start_s * 100) + 5 : round(e.end_s * 100) - 5] for e in hums]
    assert np.concatenate(inside).mean() < 0.1


@given(
    seconds=st.floats(0.2, 3.0),
    slope=st.floats(0.0, 2.5),
    level_db=st.floats(-90.0, -10.0),
    seed=st.integers(0, 1000),
)
@settings(max_examples=15, deadline=None)
def test_noise_of_any_colour_length_and_level_is_no_speech(
    seconds: float, slope: float, level_db: float, seed: int
) -> None:
    assert not hear(noise(seconds, slope, level_db, seed)).any()


def test_noise_that_comes_and_goes_is_no_speech() -> None:
    on = np.arange(80_000) % 8000 > 4000
    assert not hear((noise(5) * on).astype(np.float32)).any()
    clicks = np.arange(80_000) % 5000 < 60
    assert not hear((noise(5, level_db=-12) * clicks).astype(np.float32)).any()


@pytest.mark.parametrize("pitch_hz", [50.0, 100.0, 120.0, 400.0])
def test_a_hum_is_no_speech_even_one_that_is_switched_on_and_off(pitch_hz: float) -> None:
    hum = tones(*[(1.0, pitch_hz), (0.7, 0.0)] * 3)
    assert not hear(hum).any()
    assert not hear(hum + noise(5.1, level_db=-60)).any()


def test_a_melody_is_no_speech() -> None:
    steps = [0, 4, 7, 12, 7, 5, 9, 2, 11, 4] * 2
    for fade_s in (0.0, 0.15):
        tune = tones(*[(0.3, 220 * 2 ** (step / 12)) for step in steps], fade_s=fade_s)
        assert hear(tune).mean() < 0.05


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 500, 1600, 3200])
def test_silence_of_any_length_is_no_speech(samples: int) -> None:
    assert hear(np.zeros(samples, np.float32)).tolist() == [False] * (samples // 160)


def test_phrases_are_found_one_by_one_with_their_ends() -> None:
    sound, said = say(1, 6.0)
    quiet = np.zeros(16_000, np.float32)
    found = stretches(hear(np.concatenate([quiet, sound, quiet, sound, quiet])))
    first, last = stretches(said)[0][0], stretches(said)[-1][1]
    assert found[0][0] == pytest.approx(100 + first, abs=10)
    assert found[-1][1] == pytest.approx(800 + last, abs=10)
    assert any(later[0] - sooner[1] >= 95 for sooner, later in pairwise(found))


def test_a_higher_threshold_hears_no_more() -> None:
    sound, said = say(2, 8.0)
    noisy = with_noise(sound, said, 0)
    heard = [EnergyDetector(threshold).listen(noisy).speech.sum() for threshold in (0.4, 0.6, 0.8)]
    assert heard == sorted(heard, reverse=True)
    assert heard[0] > heard[2]


def test_it_says_nothing_of_what_it_cannot_hear() -> None:
    voices = EnergyDetector().listen(noise(1))
    assert (voices.overlap, voices.turns, voices.language) == (None, None, None)


@pytest.mark.parametrize("pitch_hz", [62.0, 80.0, 150.0, 250.0, 380.0])
def test_periodicity_tells_voices_of_any_pitch_from_noise(pitch_hz: float) -> None:
    assert np.median(hear_cues(tones((1.0, pitch_hz))).periodicity) > 0.95
    assert np.percentile(hear_cues(noise(2)).periodicity, 99) < 0.4


def test_noise_lies_under_the_threshold_of_excess_whatever_its_level() -> None:
    for level_db in (-50, -10):
        assert hear_cues(noise(3, level_db=level_db)).excess.max() < 0.5
    assert hear_cues(noise(1, level_db=-90)).excess.max() < 0.1


def test_what_stays_has_little_change_and_much_repetition() -> None:
    held, moving = hear_cues(tones((2.0, 150.0))), hear_cues(say(0, 5.0)[0])
    assert np.median(held.change) < 0.05
    assert np.median(held.repetition) > 0.95
    loud = moving.excess > 1
    assert np.median(moving.change[loud]) > 0.33
    assert np.median(moving.repetition[loud]) < 0.6


SILENT = (
    "face_silent_audio",
    "face_expressive_silent",
    "face_emotions_silent",
    "noface_wall_silent",
)


@pytest.mark.real
@pytest.mark.parametrize("name", [f"edge_cases/{name}.mp4" for name in SILENT])
def test_silent_clips_hold_no_speech(shared: Path, name: str) -> None:
    assert not hear(read_audio(shared / "media" / name, 0.0, 7.0)).any()


@pytest.mark.real
def test_white_noise_of_a_minute_holds_no_speech(shared: Path) -> None:
    path = shared / "media" / "audio" / "whitenoise_16k.wav"
    assert not hear(read_audio(path, 0.0, 60.0)).any()


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "seconds"), [("noface_city_aerial.mp4", 21.0), ("face_then_noface.mov", 6.4)]
)
def test_real_music_is_no_speech(shared: Path, name: str, seconds: float) -> None:
    assert not hear(read_audio(shared / "media" / "edge_cases" / name, 0.0, seconds)).any()


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "seconds", "low", "high"),
    [
        ("audio/vad_test.wav", 60.0, 0.7, 0.9),
        ("audio/jfk_en.wav", 11.0, 0.6, 0.8),
        ("audio/zh_news.wav", 8.0, 0.7, 0.95),
        ("talkers/th08_woman_webcam_720p_25fps.mp4", 24.3, 0.85, 0.98),
    ],
)
def test_share_of_real_speech(
    shared: Path, file: str, seconds: float, low: float, high: float
) -> None:
    assert low <= hear(read_audio(shared / "media" / file, 0.0, seconds)).mean() <= high
