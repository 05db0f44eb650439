"""Digits of both kinds, half digits, and the numbers they write."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.text import find_numbers, to_tibetan, to_western
from tthd_tools.text.numerals import Number


def test_digits_become_the_others_and_nothing_else_changes() -> None:
    assert to_western("ལོ་༢༠༢༤ ཟླ་༡༠ ༪") == "ལོ་2024 ཟླ་10 ༪"
    assert to_tibetan("ལོ་2024 Abc 3½") == "ལོ་༢༠༢༤ Abc ༣½"


@given(st.integers(min_value=0))
def test_every_number_is_read_in_both_kinds(number: int) -> None:
    for text in (str(number), to_tibetan(str(number))):
        assert [one.value for one in find_numbers(f"ལོ་{text}།")] == [number]
    assert to_western(to_tibetan(str(number))) == str(number)


@pytest.mark.parametrize("half", [chr(at) for at in range(0x0F2A, 0x0F34)])
def test_a_half_digit_is_what_unicode_says(half: str) -> None:
    (alone,) = find_numbers(half)
    assert alone.value == Fraction(unicodedata.numeric(half))


def test_a_half_digit_ends_a_number() -> None:
    assert list(find_numbers("ལོ་༡༫ 7")) == [
        Number("༡༫", 3, 5, Fraction(23, 2)),
        Number("7", 6, 7, Fraction(7)),
    ]
    assert [one.text for one in find_numbers("༫༡")] == ["༫", "༡"]


def test_the_two_kinds_are_two_numbers() -> None:
    assert [one.value for one in find_numbers("༡2")] == [1, 2]
    assert list(find_numbers("བཅུ")) == []
