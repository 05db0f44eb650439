"""A text goes in; its syllables, or the words of another language, come out with their places."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import regex

from tthd_tools.text.languages import is_tibetan
from tthd_tools.text.script import DIGITS, LETTERS, OM, SIGNS

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that write no space between words: each of their graphemes counts."""


class Syllable(NamedTuple):
    """A syllable, a number or a word, and where it stands: ``text[start:end]``."""

    text: str
    start: int
    end: int


def find_syllables(text: str, language: str) -> Iterator[Syllable]:
    """The syllables of a Tibetan text, the words of another, in their order.

    Tibetan: what stands between tsheg, shad, space and other punctuation and holds a letter; heads
    such as ༄༅ are none, and ཿ ends one. A run of digits is one token, so is a Latin word; of
    Chinese, each character is one. Other languages: words, with the marks and apostrophes in them,
    and graphemes in the scripts of ``UNSPACED``. Normalise the text first: what nobody sees parts
    syllables.
    """
    for match in _pattern(is_tibetan(language)).finditer(text):
        yield Syllable(match.group(), match.start(), match.end())


def syllables(text: str, language: str) -> list[str]:
    """The texts of ``find_syllables``."""
    return [one.text for one in find_syllables(text, language)]


def syllable_count(text: str, language: str) -> int:
    """How many syllables, numbers and words there are."""
    return sum(1 for _ in find_syllables(text, language))


def syllable_rate(text: str, language: str, duration_s: float) -> float:
    """Syllables (words in another language) a second. Raises ValueError for no duration."""
    if not duration_s > 0:
        raise ValueError(f"a rate needs a duration above 0 s, not {duration_s}")
    return syllable_count(text, language) / duration_s


def count_stacks(syllable: str) -> int:
    """How many stacks a Tibetan syllable has: its head letters."""
    return len(_letters().findall(syllable))


@cache
def _letters() -> regex.Pattern[str]:
    return regex.compile(f"[{LETTERS}]")


@cache
def _pattern(tibetan: bool) -> regex.Pattern[str]:
    own = rf"{UNSPACED}\p{{Tibetan}}" if tibetan else UNSPACED
    letter = rf"[[\p{{L}}\p{{N}}]--[{own}]]"
    tail = rf"(?:{letter}|[\p{{M}}\u200c\u200d])*+"
    kinds = [
        rf"[{UNSPACED}ー]\p{{M}}*+",
        r"[0-9]++(?:[.,][0-9]++)*+(?!\p{L})",
        rf"{letter}{tail}(?:['’\-‑]{letter}{tail})*+",
    ]
    if tibetan:
        kinds = [
            rf"(?:(?<![{SIGNS}])[{SIGNS}]++)?[{LETTERS}{OM}]"
            rf"[[{LETTERS}{OM}{SIGNS}\u0f85]--\u0f7f]*+\u0f7f*+",
            rf"[{DIGITS}][{DIGITS}\u0f18\u0f19\u0f3e\u0f3f]*+",
            *kinds,
        ]
    return regex.compile("|".join(kinds), regex.V1)
