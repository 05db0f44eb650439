"""Words of lists: what they mean, and that nothing is guessed."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.manifest.lists.fields import (
    EMOTIONS,
    checked,
    emotion_of,
    language_of,
    number_of,
    shown,
    time_s_of,
)
from tthd_tools.manifest.schema import Emotion


def test_emotions_are_ours_or_none() -> None:
    assert set(EMOTIONS.values()) == set(get_args(Emotion))
    assert emotion_of(" Fear ") == "fearful"
    assert [emotion_of(word) for word in ("bored", "", None, 3, ["sad"])] == [None] * 5


def test_languages_are_tags_or_none() -> None:
    assert language_of("English") == "en"
    assert [language_of(word) for word in ("Other", "", None)] == [None] * 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("00:05", 5.0),
        ("01:02:03.5", 3723.5),
        ("7.25", 7.25),
        (3, 3.0),
        (" 1e1 ", 10.0),
        ("1:2:3:4", None),
        ("-1:00", None),
        ("1:", None),
        ("nan", None),
        ("1_000", None),
        ("٣", None),
        (True, None),
        (float("inf"), None),
        (10**400, None),
        (None, None),
    ],
)
def test_times_are_seconds_or_none(value: Any, seconds: float | None) -> None:
    assert time_s_of(value) == seconds


@given(st.text() | st.floats() | st.integers() | st.none() | st.lists(st.integers(), max_size=2))
def test_any_value_is_a_finite_number_or_none_and_can_be_shown(value: Any) -> None:
    for number in (number_of(value), time_s_of(value)):
        assert number is None or abs(number) < 1e12
    assert len(shown(value)) <= 60
    assert "\n" not in shown(value)


def test_fields_that_do_not_hold_are_left_out_one_by_one() -> None:
    fields, remarks = checked(
        {"language": "bo", "tier": "x", "text": "a\x07b", "emotion": None}, "l.csv:3"
    )
    assert fields == {"language": "bo"}
    assert len(remarks) == 2
    assert all(one.startswith("l.csv:3: ") for one in remarks)
