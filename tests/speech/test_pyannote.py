"""Segmentation networks and pipelines of pyannote.audio: what is made of their answers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from tests.speech.sounds import noise, say
from tthd_tools.errors import WeightsError
from tthd_tools.speech import Turn, open_voice_detector, stretches
from tthd_tools.speech import pyannote as ours


def test_of_all_speakers_the_two_loudest_count() -> None:
    scores = np.array([[[0.1, 0.9, 0.7], [0.2, 0.0, 0.3]]], np.float32)
    assert ours.loudest_two(scores).tolist() == np.float32([[[0.9, 0.7], [0.3, 0.2]]]).tolist()
    assert ours.loudest_two(scores[..., :1]).shape == (1, 2, 1)


def test_scores_are_read_in_the_middle_of_each_step() -> None:
    scores = np.array([[0.0], [1.0], [0.0]], np.float32)  # at 5, 25 and 45 ms
    found = ours.at_steps(scores, 0.005, 0.02, 6)
    assert found[:, 0] == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0, 0.0])


class Annotation:
    """Answers like ``pyannote.core.Annotation``."""

    def __init__(self, *turns: tuple[float, float, str]) -> None:
        self._turns = turns

    def itertracks(self, *, yield_label: bool):
        assert yield_label
        for start, end, label in self._turns:
            yield SimpleNamespace(start=start, end=end), "_", label


def test_turns_are_in_order_and_speakers_numbered_as_they_come() -> None:
    said = Annotation((2.0, 3.004, "SPEAKER_00"), (0.5, 2.1, "SPEAKER_01"), (4, 5, "SPEAKER_00"))
    expected = (Turn(50, 210, 0), Turn(200, 300, 1), Turn(400, 490, 1))
    assert ours.turns_of(said, 490) == expected
    assert ours.turns_of(SimpleNamespace(speaker_diarization=said), 490) == expected
    assert ours.turns_of(Annotation(), 490) == ()


def test_without_a_network_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match=r"install whisperx, .* or name a file"):
        ours.whisperx_model()


def test_another_network_in_that_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "pytorch_model.bin").write_bytes(b"changed")
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(ours, "find_spec", lambda name: spec)
    with pytest.raises(WeightsError, match="is not the voice network that whisperx"):
        ours.whisperx_model()


@pytest.mark.align
@pytest.mark.parametrize("backend", ["whisperx", "pyannote"])
def test_the_network_in_whisperx_hears_speech_and_its_overlap(backend: str) -> None:
    detector = open_voice_detector(backend)
    sound, said = say(1, 10.0)
    voices = detector.listen(sound)
    assert len(voices.speech) == len(said)
    assert voices.speech[said].mean() > 0.95  # it hears short pauses as speech too
    assert voices.overlap is not None
    assert voices.overlap.mean() < 0.1
    assert voices.turns is None
    assert detector.listen(sound + say(25, 10.0)[0]).overlap.mean() > 0.5
    assert not detector.listen(noise(5)).speech.any()
    assert detector.listen(sound[:100]).speech.tolist() == []
    assert len(detector.listen(sound[:1600]).speech) == 10
    assert stretches(detector.listen(sound).speech) == stretches(voices.speech)


@pytest.fixture
def diarizer(tmp_path: Path) -> str:
    """A diarization pipeline of the true architecture, whose voices are random."""
    torch = pytest.importorskip("torch")
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import XVectorSincNet

    torch.manual_seed(0)
    network = XVectorSincNet()
    network.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=3.0
    )
    state = {"state_dict": network.state_dict(), "hyper_parameters": dict(network.hparams)}
    state |= {"pytorch-lightning_version": "2.6.6", "epoch": 0, "global_step": 0}
    network.on_save_checkpoint(state)
    torch.save(state, tmp_path / "pyannote_voices.bin")
    lda = np.random.default_rng(0).normal(size=(512, 128))
    np.savez(tmp_path / "xvec_transform.npz", mean1=np.zeros(512), mean2=np.zeros(128), lda=lda)
    psi = np.linspace(2, 1, 128)
    np.savez(tmp_path / "plda.npz", mu=np.zeros(128), tr=np.eye(128), psi=psi)
    networks = {
        "segmentation": str(ours.whisperx_model()),
        "embedding": str(tmp_path / "pyannote_voices.bin"),
        "plda": str(tmp_path),
        "clustering": "AgglomerativeClustering",
    }
    clustering = {"method": "centroid", "min_cluster_size": 2, "threshold": 0.7}
    config = {
        "version": "3.1.0",
        "pipeline": {"name": "pyannote.audio.pipelines.SpeakerDiarization", "params": networks},
        "params": {
            "clustering": clustering,
            "segmentation": {"threshold": 0.5, "min_duration_off": 0.0},
        },
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(tmp_path)


@pytest.mark.align
@pytest.mark.filterwarnings("ignore")
def test_a_pipeline_in_a_folder_gives_turns(diarizer: str) -> None:
    sound, _ = say(1, 8.0)
    turns = open_voice_detector("pyannote", diarizer=diarizer).listen(sound).turns
    assert turns is not None
    assert len(turns) >= 1
    assert turns[0].speaker == 0
    assert all(0 <= turn.start < turn.end <= 800 for turn in turns)


@pytest.mark.align
@pytest.mark.parametrize("role", ["model", "diarizer"])
def test_a_model_that_is_not_there_is_said_in_one_sentence(
    role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in (str(tmp_path), "nobody/nothing"):
        with pytest.raises(WeightsError, match="cannot be loaded") as caught:
            open_voice_detector("pyannote", **{role: name})
        assert "\n" not in str(caught.value)
