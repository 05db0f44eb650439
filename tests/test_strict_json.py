"""JSON that reads in one way only, and all that does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.strict_json import parse_json

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(PLAIN)
def test_plain_data_come_back(data: object) -> None:
    assert parse_json(json.dumps(data)) == data
    assert parse_json(json.dumps(data, ensure_ascii=False)) == data


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no JSON at character 1 (expecting value)"),
        ('{\n"a": }', "no JSON in line 2 (expecting value)"),
        ('{"a": 1, "b": 2, "a": 3}', "it names the key 'a' twice"),
        ("[NaN]", "NaN is no JSON number"),
        ("-Infinity", "-Infinity is no JSON number"),
        ("[" * 21 + "]" * 21, "it is nested more than 20 deep"),
        ("[" * 100_000, "it is nested more than 20 deep"),
        ('"\\ud800"', "it holds half characters (lone surrogates)"),
    ],
)
def test_the_rest_is_refused_and_told(text: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_json(text)
    assert str(caught.value) == why


def test_twenty_levels_are_allowed() -> None:
    assert parse_json("[" * 20 + "]" * 20) is not None
    with pytest.raises(ValueError, match="more than 2 deep"):
        parse_json("[[[]]]", deepest=2)
