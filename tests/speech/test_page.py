"""The page about speech prints what it says, and its pipelines are ones."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tthd_tools.pipeline import load_pipeline
from tthd_tools.speech import VOICE_DETECTORS
from tthd_tools.stage import part_columns
from tthd_tools.stages.speech import SpeechPart

PAGE = ROOT / "docs" / "speech.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_runs() -> None:
    (code,) = blocks("pycon")
    example = doctest.DocTestParser().get_doctest(code, {}, PAGE.name, str(PAGE), 0)
    assert doctest.DocTestRunner().run(example) == (0, 9)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_its_pipelines_load(text: str, tmp_path: Path) -> None:
    file = tmp_path / "pipeline.yaml"
    file.write_text(text, encoding="utf-8")
    assert [stage.name for stage in load_pipeline(file).stages] == ["scenes", "tracks", "speech"]


def test_every_column_and_every_engine_is_explained() -> None:
    named = set(re.findall(r"`(\w+)`", TEXT))
    assert set(part_columns(SpeechPart)) <= named
    assert {engine.name for engine in VOICE_DETECTORS} <= named
