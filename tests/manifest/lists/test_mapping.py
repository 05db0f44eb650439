"""Mapping files: what they say, and what is refused of them in a moment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.mapping import ListMapping, read_mapping


def read(folder: Path, text: str) -> ListMapping:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def test_every_scalar_is_text_and_nothing_stands_for_none(tmp_path: Path) -> None:
    mapping = read(tmp_path, "values:\n  emotion: {no: neutral, 1: sad, yes: null, x: ''}\n")
    words = [mapping.value("emotion", word) for word in ("no", 1, "yes", "x", "other", None)]
    assert words == ["neutral", "sad", None, None, "other", None]
    assert mapping.value("language", "no") == "no"


def test_the_mapping_of_the_docs_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    mapping = read(tmp_path, text)
    assert (mapping.name, len(mapping.columns)) == ("mylab", 11)
    assert mapping.state["rights"] == "open_licence"
    assert mapping.value("emotion", "?") is None


def test_an_empty_file_maps_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ListMapping()


def test_what_is_stated_is_checked(tmp_path: Path) -> None:
    mapping = read(
        tmp_path, "state: {language: bo, emotion: calm, emotion_intensity: 0, dialect: ~}\n"
    )
    assert mapping.state == {"language": "bo", "emotion": "calm", "emotion_intensity": 0}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("columns: {pth: x}", "no field 'pth'; did you mean 'path'"),
        ("values: {emotions: {}}", "no field 'emotions'; did you mean 'emotion'"),
        ("state: {licence: x}", "no field 'licence'; did you mean 'license'"),
        ("state: {text: x}", "no field 'text'"),
        ("state: {tier: everybody}", r"state: tier 'everybody' is left out: input should be"),
        ("column: {path: x}", "column: extra inputs are not permitted; did you mean 'columns'"),
        ("columns: [path]", "columns: input should be a valid dictionary"),
        ("- a", "it: input should be a valid dictionary"),
        ("a: [", r"mapping.yaml:1 is no YAML"),
        ("a: 1\n\tb: 2", "is no YAML"),
        ("a: !!python/object/apply:os.system [id]", r"mapping.yaml:1: anchors .* not taken"),
        ("a: &x [1]\nb: *x", r"mapping.yaml:1: anchors"),
        ("x: " + "[" * 50 + "]" * 50, "nested more than 10 deep"),
        ("x: " + "[" * 100_000, "nested more than 10 deep"),
        ("x" * 300_000, "is larger than 256 KB"),
        ("\x00", "is no YAML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_one_sentence(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_bomb_of_anchors_is_refused_at_its_first(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 30)]
    with pytest.raises(UsageError, match=r"mapping.yaml:1: anchors"):
        read(tmp_path, "\n".join(lines))
