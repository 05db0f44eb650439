"""Backends: ``auto`` takes Silero where it can run, a named one runs or says why not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tthd_tools import engines
from tthd_tools.errors import UsageError, WeightsError
from tthd_tools.extras import install_command
from tthd_tools.speech import model_facts, open_voice_detector, resolve_voice_detector
from tthd_tools.speech.energy import EnergyDetector


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch):
    """Make it so that of all packages only those named are installed."""

    def leave(*names: str) -> None:
        monkeypatch.setattr(engines, "find_spec", lambda name: object() if name in names else None)

    return leave


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights on this machine, and none to be fetched."""
    monkeypatch.delenv("TTHD_WEIGHTS", raising=False)
    monkeypatch.setenv("TTHD_CACHE", str(tmp_path))
    monkeypatch.setenv("TTHD_OFFLINE", "1")


@pytest.mark.usefixtures("embedded_weights")
def test_auto_takes_silero_where_it_can_run() -> None:
    pytest.importorskip("onnxruntime", reason="pip install 'tthd-tools[speech]'")
    chosen = resolve_voice_detector("auto")
    assert chosen.name == "silero"
    assert chosen.licence == "MIT"
    assert chosen.facts("backend")["backend weights silero_vad"].startswith("7ed98ddb")


def test_auto_without_onnxruntime_needs_nothing(only, nowhere: None) -> None:
    only()
    chosen = resolve_voice_detector("auto")
    assert (chosen.name, chosen.packages, chosen.weights) == ("energy", {}, {})
    assert "onnxruntime is not installed" in chosen.why
    assert isinstance(open_voice_detector("auto"), EnergyDetector)


def test_auto_does_without_a_network_that_cannot_be_fetched(only, nowhere: None) -> None:
    only("onnxruntime")
    chosen = resolve_voice_detector("auto")
    assert chosen.name == "energy"
    assert "silero passed over: silero_vad_16k_op15.onnx is not on this machine" in chosen.why
    with pytest.raises(WeightsError, match="TTHD_OFFLINE forbids"):
        resolve_voice_detector("silero")


@pytest.mark.parametrize(
    ("backend", "extra"), [("silero", "speech"), ("pyannote", "align"), ("whisperx", "align")]
)
def test_a_named_engine_without_its_package_names_the_extra(only, backend: str, extra: str) -> None:
    only()
    with pytest.raises(UsageError, match=re.escape(install_command(extra))):
        resolve_voice_detector(backend)


def test_an_unknown_engine_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'webrtc'; choose one of auto, silero, energy, pyannote"):
        resolve_voice_detector("webrtc")


def test_models_are_known_by_their_bytes_or_by_their_name(tmp_path: Path) -> None:
    file = tmp_path / "pytorch_model.bin"
    file.write_bytes(b"weights")
    first = model_facts(model=str(file), diarizer="someone/diarization")
    assert first["voice detector diarizer"] == "someone/diarization"
    assert len(first["voice detector model"]) == 64
    assert model_facts(model=str(tmp_path)) == model_facts(model=str(file))
    file.write_bytes(b"others")
    assert model_facts(model=str(file)) != {"voice detector model": first["voice detector model"]}
    assert model_facts(model=None) == {}


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, tthd_tools.speech\n"
        "print(sorted({'onnxruntime', 'av', 'torch', 'scipy', 'pyannote'} & {*sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
