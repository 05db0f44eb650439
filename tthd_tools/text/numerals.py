"""Digits go in, Tibetan or Western; the others, or the numbers they write, come out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

_TIBETAN = "༠༡༢༣༤༥༦༧༨༩"
_HALVES = "༪༫༬༭༮༯༰༱༲༳"
"""U+0F2A to U+0F33: 1/2, 3/2 … 17/2 and -1/2: the digit less a half, and 0 less a half."""
_TO_WESTERN = str.maketrans(_TIBETAN, "0123456789")
_TO_TIBETAN = str.maketrans("0123456789", _TIBETAN)
_NUMBER = re.compile(rf"[0-9]+|[{_TIBETAN}]+[{_HALVES}]?|[{_HALVES}]")


class Number(NamedTuple):
    """A number in a text, ``text[start:end]``, and its value."""

    text: str
    start: int
    end: int
    value: Fraction


def to_western(text: str) -> str:
    """The text with 0-9 for ༠-༩; half digits stay, for they have no other."""
    return text.translate(_TO_WESTERN)


def to_tibetan(text: str) -> str:
    """The text with ༠-༩ for 0-9."""
    return text.translate(_TO_TIBETAN)


def find_numbers(text: str) -> Iterator[Number]:
    """Every whole number in the digits 0-9 or ༠-༩, also with a half digit at its end.

    A half digit is the digit less a half (Unicode's numeric value): ༫ is 3/2 and ༡༫ is 23/2.
    """
    for match in _NUMBER.finditer(text):
        yield Number(match.group(), match.start(), match.end(), _value(match.group()))


def _value(digits: str) -> Fraction:
    half = _HALVES.find(digits[-1])
    if half < 0:
        return Fraction(to_western(digits))
    last = Fraction(-1 if half == 9 else 2 * half + 1, 2)
    return 10 * Fraction(to_western(digits[:-1]) or 0) + last
