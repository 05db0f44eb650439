"""The page about CTC models says what the program does."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import yaml

from tests.conftest import ROOT
from tthd_tools.alignment.catalogue import CTC_MODELS
from tthd_tools.pipeline import load_pipeline
from tthd_tools.stages.emissions import Emissions

PAGE = ROOT / "docs" / "ctc-models.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_its_example_runs() -> None:
    (code,) = re.findall(r"```pycon\n(.*?)```", TEXT, re.DOTALL)
    example = doctest.DocTestParser().get_doctest(code, {}, PAGE.name, str(PAGE), 0)
    assert doctest.DocTestRunner().run(example) == (0, 7)


def test_its_pipeline_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_pipeline(path).stages[0] == Emissions(model="omnilingual-300m")
    assert yaml.safe_load(text)["stages"][1:] == ["scenes", "tracks"]


def test_its_table_is_that_of_the_catalogue() -> None:
    for one in CTC_MODELS:
        if one.loads:
            (row,) = re.findall(rf"\| `{one.name}` \| (.*) \| yes \|", TEXT)
            repository, licence, codes = row.split(" | ")
            assert (repository, licence) == (one.repository, one.licence)
            if "`" in codes:
                assert codes.replace("`", "").split() == list(one.codes.values())
