"""Silero's network finds speech as its authors' own loop does, and says nothing else."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.speech.sounds import noise, say
from tthd_tools import weights
from tthd_tools.media import read_audio
from tthd_tools.speech import open_voice_detector, stretches
from tthd_tools.speech.silero import SileroDetector

pytestmark = [
    pytest.mark.usefixtures("embedded_weights"),
    pytest.mark.skipif(find_spec("onnxruntime") is None, reason="pip install 'tthd-tools[speech]'"),
]

OF_ITS_AUTHORS = [
    *((0.0, 2.046), (2.658, 4.702), (4.962, 6.878), (9.314, 13.342), (13.538, 15.102)),
    *((15.33, 15.87), (16.29, 17.918), (18.37, 19.614), (20.322, 32.606), (32.706, 35.614)),
    *((35.746, 37.63), (37.954, 38.942), (39.874, 43.294), (43.618, 44.638), (45.026, 46.814)),
    *((48.834, 49.982), (51.074, 54.238), (54.466, 57.406), (57.506, 59.582)),
]
"""Seconds of vad_test.wav, from silero-vad 6.2.3's get_speech_timestamps on the same samples."""


@pytest.fixture(scope="module")
def silero(embedded_weights: None) -> SileroDetector:
    return SileroDetector(weights.require("silero_vad"))


def test_synthetic_speech_is_speech_and_noise_is_none(silero: SileroDetector) -> None:
    sound, said = say(1, 10.0)
    assert (silero.listen(sound).speech != said).mean() < 0.2
    for slope in (0, 1, 2):
        assert not silero.listen(noise(3, slope)).speech.any()


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 511, 512, 513, 1000])
def test_sound_of_any_length(silero: SileroDetector, samples: int) -> None:
    sound = np.zeros(samples, np.float32)
    assert silero.listen(sound).speech.tolist() == [False] * (samples // 160)
    assert len(silero.probabilities(sound)) == -(-samples // 512)


def test_the_network_sees_64_samples_before_its_window_and_keeps_its_state(
    silero: SileroDetector,
) -> None:
    """A window alone is heard differently from one that has a past, and each sound starts anew."""
    sound, _ = say(1, 2.0)
    whole = silero.probabilities(sound)
    assert silero.probabilities(sound).tolist() == whole.tolist()
    assert silero.probabilities(sound[: 512 * 20]).tolist() == whole[:20].tolist()
    assert abs(silero.probabilities(sound[512 * 20 :])[0] - whole[20]) > 1e-3


def test_it_is_opened_by_name_with_a_threshold() -> None:
    sound, _ = say(1, 6.0)
    heard = [
        open_voice_detector("silero", threshold).listen(sound).speech.sum()
        for threshold in (0.2, 0.5, 0.95)
    ]
    assert heard == sorted(heard, reverse=True)
    assert heard[0] > heard[2]
    voices = open_voice_detector("silero").listen(sound)
    assert (voices.overlap, voices.turns, voices.language) == (None, None, None)


@pytest.mark.real
def test_stretches_of_real_speech_are_those_of_its_authors(
    shared: Path, silero: SileroDetector
) -> None:
    sound = read_audio(shared / "media" / "audio" / "vad_test.wav", 0.0, 60.0)
    found = stretches(silero.listen(sound).speech)
    assert np.array(found) == pytest.approx(np.array(OF_ITS_AUTHORS) * 100, abs=1)


@pytest.mark.real
@pytest.mark.parametrize("name", ["audio/whitenoise_16k.wav", "edge_cases/face_silent_audio.mp4"])
def test_noise_and_silence_hold_no_speech(shared: Path, silero: SileroDetector, name: str) -> None:
    assert not silero.listen(read_audio(shared / "media" / name, 0.0, 7.0)).speech.any()
