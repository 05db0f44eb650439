"""Every code and reason that the program can say has a text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tthd_tools
from tthd_tools.codes import CODES, REASONS, explain
from tthd_tools.errors import UsageError
from tthd_tools.pipeline import find_pipeline, load_pipeline
from tthd_tools.shards.codes import CODES as SHARD_CODES

SOURCES = [
    path
    for path in sorted(Path(tthd_tools.__file__).parent.rglob("*.py"))
    if path.name != "codes.py"
]
SAID = re.compile(r"(?:Reject\(|reason=|reason = )\"([a-z_]+)\"")
RAISED = re.compile(r"\"([SVX]0\d\d)\"(?:, \"([a-z_]+)\")?")


def test_every_code_in_the_sources_is_explained_with_its_reason() -> None:
    found = {match for path in SOURCES for match in RAISED.findall(path.read_text("utf-8"))}
    assert {code for code, _ in found} >= {"S001", "S005", "S014", "V001", "X001"}
    for code, reason in found:
        name, text = explain(code)
        assert name == code
        if reason and code.startswith("S"):
            assert (code, text.title) == (code, reason)


def test_every_reason_in_the_sources_is_explained() -> None:
    found = {match for path in SOURCES for match in SAID.findall(path.read_text("utf-8"))}
    assert found >= {"no_audio", "no_face", "short_track", "tiny_face"}
    for reason in found:
        assert explain(reason)[1].title == reason


@pytest.mark.parametrize("name", ["tthd", "quick"])
def test_every_rule_of_the_packaged_policies_is_explained(name: str) -> None:
    for rule in load_pipeline(find_pipeline(name)).policy:
        _, text = explain(rule.name)
        assert text.title == rule.name
        columns = re.findall(r"[a-z]+_[a-z_]+", rule.when)
        if rule.action == "flag":
            assert any(column in text.meaning for column in columns) or rule.name == "judder"


def test_every_text_says_what_it_means_and_what_to_do() -> None:
    for text in [*CODES.values(), *REASONS.values()]:
        assert text.title.replace("_", "").isalpha()
        assert text.meaning.endswith(".")
        assert text.action.endswith((".", ":"))
    assert set(CODES).isdisjoint(SHARD_CODES)


def test_codes_are_numbered_without_gaps() -> None:
    numbers = [int(code[1:]) for code in CODES if code.startswith("S")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_unknown_name_is_an_error_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'too_short'"):
        explain("to_short")
    with pytest.raises(UsageError, match="codes look like S003"):
        explain("q")
