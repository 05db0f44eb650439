"""A text as it was typed goes in; the spelling that is compared and hashed comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import combining, normalize

from tthd_tools.text.languages import is_tibetan
from tthd_tools.text.script import (
    CONTROLS,
    DEPRECATED,
    DIGITS,
    INVISIBLE,
    INVISIBLE_IN_TIBETAN,
    LETTERS,
    OM,
    SHAD_LIKE,
    SIGNS,
    SUBJOINED,
    TSHEG,
    TSHEG_LIKE,
)

TEXT_VERSION = 1
"""Goes up when the same text normalises to another one."""

_UNSEEN = re.compile(f"[{INVISIBLE}{CONTROLS}]")
_UNSEEN_IN_TIBETAN = re.compile(f"[{INVISIBLE_IN_TIBETAN}{CONTROLS}]")
_HALVES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_BROKEN_AFTER_TSHEG = re.compile(rf"(?<=[\u0f0b\u0f0c])[^\S\n]*\n\s*(?=[{LETTERS}])")
_FOLD = str.maketrans({**DEPRECATED, OM: "\u0f68\u0f7c\u0f7e", "\u0f0c": TSHEG})
_STACK = re.compile(f"(?<=[{LETTERS}{DIGITS}])[{SIGNS}]{{2,}}")
_WITH_LETTER = re.compile(f"[{SUBJOINED}\u0f39]")
_LATE = {"\u0f7e": 1, "\u0f3e": 2, "\u0f3f": 2, "\u0f7f": 2}
_BARS = "".join(SHAD_LIKE)
_SHADS = re.compile(rf"(?<=[\u0f00-\u0fff])[\s{_BARS}]*[{_BARS}]")
_TSHEGS = re.compile(f"(?<=[{LETTERS}{SIGNS}])[{''.join(TSHEG_LIKE)}](?=[{LETTERS}])")
_LOOK_ALIKES = str.maketrans({**SHAD_LIKE, **TSHEG_LIKE})


def normalise(text: str, language: str) -> str:
    """The normal form of a text: NFC, one line, single spaces, nothing that nobody sees.

    In Tibetan script also: deprecated code points and ༀ are spelled out, U+0F0C becomes a tsheg,
    bars and dots typed for a shad or a tsheg become one, the signs of a stack stand in one order
    (subjoined letters and U+0F39 as typed, vowels and marks by combining class, U+0F7E, then what
    stands to the right), and a line that was broken after a tsheg is joined.

    ``normalise(normalise(text)) == normalise(text)``. The meaning stays: each stack keeps its base,
    the order of its letters and the multiset of its vowels and marks after full decomposition.
    Half surrogates become U+FFFD.
    """
    text = _HALVES.sub("\ufffd", text)
    if not is_tibetan(language):
        return _SPACES.sub(" ", normalize("NFC", _UNSEEN.sub("", text))).strip()
    text = _BROKEN_AFTER_TSHEG.sub("", _UNSEEN_IN_TIBETAN.sub("", text))
    # NFC decomposes most of what is composed in Tibetan; the fold does the rest; the reordering
    # moves signs over those of class 0, which NFC never does; NFC last makes the result NFC.
    text = _STACK.sub(_in_order, normalize("NFC", text).translate(_FOLD))
    text = _SPACES.sub(" ", text).strip()
    return normalize("NFC", _TSHEGS.sub(_fold, _SHADS.sub(_fold, text)))


def visible(text: str) -> tuple[str, Sequence[int]]:
    """A Tibetan text without what nobody sees, and where each character stood in it."""
    if not _UNSEEN_IN_TIBETAN.search(text):
        return text, range(len(text))
    kept = [at for at, one in enumerate(text) if not _UNSEEN_IN_TIBETAN.match(one)]
    return "".join(text[at] for at in kept), kept


def look_alikes(text: str) -> list[int]:
    """Where other characters stand for a shad or a tsheg in a Tibetan text."""
    found = [
        match.start() + at
        for pattern in (_SHADS, _TSHEGS)
        for match in pattern.finditer(text)
        for at, one in enumerate(match.group())
        if not one.isspace()
    ]
    return sorted(found)


def _in_order(match: re.Match[str]) -> str:
    return "".join(sorted(match.group(), key=_rank))


def _rank(sign: str) -> tuple[int, int]:
    if _WITH_LETTER.match(sign):
        return (0, 0)
    return (1 + _LATE.get(sign, 0), combining(sign))


def _fold(match: re.Match[str]) -> str:
    return match.group().translate(_LOOK_ALIKES)
