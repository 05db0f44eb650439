"""Tibetan script goes in, extended Wylie (EWTS) comes out, and the other way round."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.errors import UsageError
from tthd_tools.extras import install_command
from tthd_tools.text.normalise import normalise

if TYPE_CHECKING:
    from pyewts import pyewts

_FOREIGN = re.compile(r"([^\u0f00-\u0fff \n]+(?: +[^\u0f00-\u0fff \n]+)*)")
_BRACKETS = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]", re.DOTALL)
_LINE = re.compile(r"^line \d+: ")
_ENDLESS = re.compile(r"[bcdfghjklmnpqrstvwxyz']{200}")
"""What the converter would take minutes for."""
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SYLLABLE = re.compile(r"([^\u0f0b\u0f0d-\u0f14 ]+)")


class FromWylie(NamedTuple):
    """Tibetan text in its normal form; ``problems`` say in one sentence each what is doubtful."""

    text: str
    problems: tuple[str, ...]


def to_wylie(text: str) -> str | None:
    """The extended Wylie of a Tibetan text in its normal form; None where it would not come back.

    What is not Tibetan stands in brackets, and a stack that EWTS cannot write as ``\\u`` escapes:
    ``normalise(from_wylie(to_wylie(text)).text) == normalise(text)`` for every text that is not
    None. Raises UsageError where pyewts is not installed.
    """
    normal = normalise(text, "bo")
    parts = [
        _bracketed(part) if foreign % 2 else _transliterate(part)
        for foreign, part in enumerate(_FOREIGN.split(normal))
    ]
    wylie = "".join(parts)
    return wylie if from_wylie(wylie).text == normal else None


def from_wylie(wylie: str) -> FromWylie:
    """The Tibetan text of extended Wylie; what stands in brackets is taken as it is.

    Raises UsageError where pyewts is not installed, and for consonants without end.
    """
    endless = _ENDLESS.search(wylie)
    if endless:
        raise UsageError(f"{endless.group()[:20]!r}… is no Wylie; write its syllables apart")
    warnings: list[str] = []
    text = _read(wylie, warnings)
    # That there is no Tibetan is also said of punctuation and of escapes.
    told = (_LINE.sub("", one) for one in warnings if "No Tibetan" not in one)
    return FromWylie(text, tuple(dict.fromkeys(told)))


def _read(wylie: str, warnings: list[str]) -> str:
    parts = [
        _ESCAPE.sub(_unescaped, part)
        if literal % 2
        else _converter().toUnicode(part, warnings, sloppy=False)
        for literal, part in enumerate(_BRACKETS.split(wylie))
    ]
    return normalise("".join(parts), "bo")


def _transliterate(text: str) -> str:
    """EWTS of Tibetan alone; syllable by syllable where the whole does not come back."""
    wylie = _checked(text)
    if wylie is not None:
        return wylie
    parts = [_checked(part) or _escaped(part) for part in _SYLLABLE.split(text) if part]
    return "".join(parts)


def _checked(text: str) -> str | None:
    wylie: str = _converter().toWylie(text, [])
    return wylie if _read(wylie, []) == normalise(text, "bo") else None


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(one):04x}" for one in text)


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 16)) if match.group(1) else match.group(2)


def _bracketed(text: str) -> str:
    return "[" + re.sub(r"([\[\]\\])", r"\\\1", text) + "]"


@cache
def _converter() -> pyewts:
    try:
        from pyewts import pyewts
    except ImportError as error:
        raise UsageError(
            f"Wylie needs pyewts, which is not installed: `{install_command('tibetan')}`"
        ) from error
    return pyewts(fix_spacing=False)
