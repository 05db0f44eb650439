"""``tthd demo``: a new folder goes in, a verified release and a readable summary come out."""

from __future__ import annotations

import functools
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest

from tests.cli_run import Done, Tthd
from tthd_tools import demo, synth
from tthd_tools.synth import Script
from tthd_tools.synth.corpus import corpus_scripts

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def small(
    monkeypatch: pytest.MonkeyPatch, embedded_weights: None, tmp_path: Path, tthd: Tthd
) -> tuple[Path, Done]:
    """The demo with takes of a third of the length, and what it said."""
    monkeypatch.setattr(synth, "write_corpus", functools.partial(synth.write_corpus, scale=0.35))
    out = tmp_path / "demo"
    return out, tthd("demo", "--out", out)


@pytest.mark.slow
def test_it_ends_well_and_says_what_became_of_each_file(small: tuple[Path, Done]) -> None:
    out, done = small
    assert (done.code, done.out) == (0, "")
    lines = done.err.splitlines()
    assert "Traceback" not in done.err
    assert f"2. tthd ingest {out / 'raw'} --work {out / 'work'}" in lines
    assert "whole: every checksum is right, every sample complete and decodable" in lines
    for name, what in demo.CONTENTS.items():
        (at,) = [k for k, line in enumerate(lines) if line.startswith(f"{name} ") and what in line]
        assert lines[at + 1].strip().startswith("-> ")
        if name == "broken_upload.mp4":
            assert "-> failed: undecodable: 'broken_upload.mp4' is damaged" in lines[at + 1]
        elif name == "no_sound.mp4":
            assert lines[at + 1].endswith("-> rejected: no_audio")
        else:
            assert " clip" in lines[at + 1]
    assert any(line.startswith("items        7 ") for line in lines)
    sheets = sorted((out / "sheets").iterdir())
    shards = sorted((out / "release" / "data").rglob("*.tar"))
    assert [one.stem for one in sheets] == [one.stem for one in shards]
    for one in sheets:
        picture = cv2.imread(str(one))
        assert picture is not None
        assert picture.shape[1] == 1440


def test_it_wants_a_new_folder(tmp_path: Path, tthd: Tthd) -> None:
    (tmp_path / "mine").touch()
    done = tthd("demo", "--out", tmp_path)
    assert done.code == 2
    assert done.err == (
        f"tthd: {tmp_path} is not empty; remove it, or give a new folder with --out\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_every_file_of_the_corpus_is_described() -> None:
    names = {f"{name}.mp4" for name in corpus_scripts()} | {"broken_upload.mp4"}
    assert set(demo.CONTENTS) == names


def test_progress_is_told_for_each_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def render(script: Script, path: Path) -> SimpleNamespace:
        path.write_bytes(b"film")
        return SimpleNamespace(text="text")

    monkeypatch.setattr("tthd_tools.synth.corpus.render", render)
    told: list[tuple[int, int]] = []
    synth.write_corpus(tmp_path, progress=lambda done, all_: told.append((done, all_)))
    assert told == [(k, 6) for k in range(7)]
