"""What an engine heard becomes numbers and features of a clip; what it cannot hear is absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from tests.speech.sounds import say
from tthd_tools.clip import Clip
from tthd_tools.media import read_audio
from tthd_tools.speech import Turn, Voices, open_voice_detector, speech_s, turns
from tthd_tools.stages.speech import Speech, SpeechPart, shares
from tthd_tools.testing import run_stage


def flags(*runs: tuple[int, int], length: int = 500) -> np.ndarray:
    found = np.zeros(length, np.bool_)
    for start, end in runs:
        found[start:end] = True
    return found


class Ready:
    """An engine that always gives the same answer."""

    def __init__(self, voices: Voices) -> None:
        self._voices = voices

    def listen(self, sound: np.ndarray) -> Voices:
        return self._voices


def measure(clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch, voices: Voices) -> Clip:
    monkeypatch.setattr(Clip, "audio", lambda self: np.zeros(80_000, np.float32))
    monkeypatch.setattr("tthd_tools.speech.open_voice_detector", lambda *_: Ready(voices))
    (measured,) = run_stage(Speech(backend="energy"), clip, folder)
    return measured


def test_numbers_and_features_of_what_was_heard(
    clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Voices(flags((90, 210), (235, 280), (320, 402)))
    measured = measure(clip, folder, monkeypatch, heard)
    assert measured.part(SpeechPart) == SpeechPart(
        ratio=0.494,
        seconds=2.47,
        pauses=1,
        longest_pause_s=0.4,
        overlap_ratio=None,
        speakers=None,
        language=None,
        language_score=None,
        backend="energy",
    )
    arrays = measured.arrays(SpeechPart)
    assert sorted(arrays) == ["speech", "stretches"]
    assert arrays["speech"].shape == (125,)
    assert arrays["speech"].dtype == np.float16
    assert arrays["speech"][[21, 22, 23, 52, 53, 100]].tolist() == [0, 0.5, 1, 0.5, 0, 0.5]
    assert arrays["stretches"].dtype == np.int32
    assert speech_s(measured) == [(0.9, 2.1), (2.35, 2.8), (3.2, 4.02)]
    assert turns(measured) is None


def test_overlap_turns_and_language_of_an_engine_that_hears_them(
    clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = (Turn(0, 200, 0), Turn(180, 300, 1), Turn(310, 400, 0))
    heard = Voices(flags((0, 400)), flags((180, 200)), said, "bo", 0.75)
    measured = measure(clip, folder, monkeypatch, heard)
    part = measured.part(SpeechPart)
    assert (part.overlap_ratio, part.speakers) == (0.04, 2)
    assert (part.language, part.language_score) == ("bo", 0.75)
    assert turns(measured) == said


def test_a_clip_without_speech_has_empty_stretches(
    clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = measure(clip, folder, monkeypatch, Voices(flags(), flags(), ()))
    part = measured.part(SpeechPart)
    assert (part.ratio, part.pauses, part.overlap_ratio, part.speakers) == (0.0, 0, 0.0, 0)
    assert speech_s(measured) == []
    assert turns(measured) == ()
    assert measured.arrays(SpeechPart)["turns"].shape == (0, 3)


def test_a_clip_in_which_nobody_listened_has_no_stretches(clip: Clip) -> None:
    with pytest.raises(KeyError):
        speech_s(clip)


def test_only_pauses_of_the_least_length_count(
    clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clip, "audio", lambda self: np.zeros(80_000, np.float32))
    heard = Ready(Voices(flags((90, 210), (235, 280), (320, 402))))
    monkeypatch.setattr("tthd_tools.speech.open_voice_detector", lambda *_: heard)
    (measured,) = run_stage(Speech(backend="energy", min_pause_s=0.25), clip, folder)
    assert measured.part(SpeechPart).pauses == 2


@pytest.mark.parametrize(("steps", "frames"), [(0, 3), (5, 3), (12, 3), (14, 3), (3, 0)])
def test_frames_beyond_the_sound_hold_no_speech(steps: int, frames: int) -> None:
    found = shares(np.ones(steps, np.bool_), frames)
    assert found.shape == (frames,)
    assert found.tolist() == [min(max(steps - 4 * k, 0), 4) / 4 for k in range(frames)]


def test_the_choice_is_made_before_the_run_and_has_facts() -> None:
    chosen, facts = Speech(backend="energy").resolve()
    assert chosen == Speech(backend="energy")
    assert facts == {"backend": "energy"}
    chosen, facts = Speech().resolve()
    assert facts["backend"] == chosen.model_dump()["backend"] != "auto"


def test_models_are_for_the_engine_that_takes_them() -> None:
    assert Speech(backend="pyannote", model="a/b").model == "a/b"
    with pytest.raises(ValidationError, match="options of `backend: pyannote`"):
        Speech(backend="silero", model="a/b")


@pytest.mark.parametrize("backend", ["energy", "auto"])
def test_a_film_in_which_somebody_speaks(
    clip: Clip, folder: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, said = say(1, 5.0)
    monkeypatch.setattr(Clip, "audio", lambda self: sound)
    (measured,) = run_stage(Speech(backend=backend), clip, folder)
    assert measured.part(SpeechPart).ratio == pytest.approx(said.mean(), abs=0.15)
    assert measured.part(SpeechPart).backend in ("energy", "silero")


@pytest.mark.real
@pytest.mark.usefixtures("embedded_weights")
@pytest.mark.parametrize("backend", ["energy", "auto"])
def test_the_default_policy_drops_no_talker_as_silent(shared: Path, backend: str) -> None:
    """Also over music, where Silero hears little: th13."""
    detector = open_voice_detector(backend)
    for path in sorted((shared / "media" / "talkers").glob("*.mp4")):
        ratio = detector.listen(read_audio(path, 0.0, 7.0)).speech.mean()
        assert ratio > 0.05, path.name
