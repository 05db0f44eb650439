"""Backends: ``auto`` takes the best that is present and free, a named one runs or says why not."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tthd_tools import engines
from tthd_tools.errors import UsageError, WeightsError
from tthd_tools.extras import install_command
from tthd_tools.faces import resolve_detector, resolve_landmarker


@pytest.fixture(autouse=True)
def no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TTHD_WEIGHTS", raising=False)


@pytest.mark.usefixtures("embedded_weights")
def test_the_embedded_engine_runs_from_the_index_alone() -> None:
    chosen = resolve_detector("auto")
    assert chosen.name == "litert"
    assert chosen.licence == "Apache-2.0"
    assert list(chosen.packages) == ["ai-edge-litert"]
    assert chosen.weights["blazeface_full_range"].startswith("2c3728e6")
    assert resolve_landmarker("litert").weights["face_mesh"].startswith("1055cb9d")


@pytest.mark.real
@pytest.mark.skipif(find_spec("mediapipe") is None, reason="pip install 'tthd-tools[faces]'")
@pytest.mark.usefixtures("embedded_weights")
def test_auto_takes_free_weights_that_are_present_and_never_others(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))
    assert resolve_landmarker("auto").name == "mediapipe"
    assert resolve_detector("auto").name == "litert"
    assert "non-commercial" in resolve_detector("insightface").licence


@pytest.mark.usefixtures("embedded_weights")
def test_auto_says_what_it_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = engines.find_spec
    monkeypatch.setattr(
        engines, "find_spec", lambda name: None if name == "mediapipe" else found(name)
    )
    chosen = resolve_landmarker("auto")
    assert chosen.name == "litert"
    assert "mediapipe passed over: mediapipe is not installed" in chosen.why


def test_a_named_engine_without_its_package_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=re.escape(install_command("faces"))):
        resolve_landmarker("mediapipe")
    with pytest.raises(UsageError, match="no face detector can run here"):
        resolve_detector("auto")


def test_a_named_engine_without_its_weights_says_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_CACHE", str(tmp_path))
    monkeypatch.setattr(engines, "find_spec", lambda name: object())
    with pytest.raises(WeightsError, match="tthd weights pull face_landmarker"):
        resolve_landmarker("mediapipe")
    with pytest.raises(WeightsError, match=r"InsightFace's model zoo .* yourself"):
        resolve_detector("insightface")


def test_an_unknown_engine_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'dlib'; choose one of auto, litert, insightface"):
        resolve_detector("dlib")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, tthd_tools.faces, tthd_tools.weights\n"
        "print(sorted({'cv2', 'av', 'torch', 'mediapipe', 'scipy'} & {*sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
