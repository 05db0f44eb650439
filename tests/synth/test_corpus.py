"""The demo corpus holds what it promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tthd_tools.errors import MediaError
from tthd_tools.media import probe
from tthd_tools.synth import read_truth, write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("corpus") / "raw"
    return {path.stem: path for path in write_corpus(folder, scale=0.15)}


def test_it_has_a_cut_a_jump_a_wrong_offset_and_a_silent_file(corpus: dict[str, Path]) -> None:
    truths = {name: read_truth(path) for name, path in corpus.items() if name != "broken_upload"}
    assert {t.speaker for truth in truths.values() for t in truth.faces} == {
        "tenzin",
        "dolma",
        "pema",
    }
    assert [len(truth.cuts_s) for truth in truths.values()] == [1, 0, 0, 0, 0, 0]
    assert [len(truth.jump_cuts_s) for truth in truths.values()] == [0, 1, 0, 0, 0, 0]
    assert {name for name, truth in truths.items() if truth.offset_ms} == {"late_sound"}
    assert {name for name, truth in truths.items() if not truth.sound} == {"no_sound"}
    assert len(truths["two_people"].faces) == 2


def test_the_broken_upload_cannot_be_opened(corpus: dict[str, Path]) -> None:
    with pytest.raises(MediaError):
        probe(corpus["broken_upload"])


def test_text_and_metadata_lie_beside_the_films(corpus: dict[str, Path]) -> None:
    text = corpus["late_sound"].with_suffix(".txt").read_text(encoding="utf-8")
    assert text == read_truth(corpus["late_sound"]).text + "\n"
    assert "།" in text
    metadata = json.loads(corpus["story"].with_suffix(".json").read_text(encoding="utf-8"))
    assert metadata["speaker"] == "dolma"
    assert metadata["emotion"] == "happy"
    assert not corpus["talk"].with_suffix(".json").exists()
