"""A transcript goes in; what is wrong with it comes out: rules M042 to M048."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from unicodedata import name

import regex

from tthd_tools.text.languages import is_tibetan
from tthd_tools.text.normalise import look_alikes, visible
from tthd_tools.text.romanised import find_wylie
from tthd_tools.text.script import (
    CONTROLS,
    DEPRECATED,
    DIGITS,
    INVISIBLE_IN_TIBETAN,
    LETTERS,
    OM,
    SIGNS,
)
from tthd_tools.text.syllables import count_stacks, find_syllables, syllable_rate

MOST_STACKS = 7
"""Native syllables have four stacks at most, six with particles."""
FASTEST_RATE_HZ = 14.0
"""Syllables a second: nobody speaks so fast."""
MOST_PER_CODE = 10
MOST_COUNTED = 10_000
"""Problems of one code that are looked at: enough of a text that is all wrong."""
LONGEST_GOT = 40

_LETTER = re.compile(f"[{LETTERS}{OM}]")
_LATIN = re.compile("[A-Za-z]")
_DEPRECATED = re.compile(f"[{''.join(DEPRECATED)}]")
_LONG = re.compile(f"[{LETTERS}{SIGNS}{OM}]{{{MOST_STACKS + 1}}}")
_ORPHANS = re.compile(f"(?<![{LETTERS}{DIGITS}{OM}{SIGNS}\u00a0\u25cc])[{SIGNS}]+")


@dataclass(frozen=True)
class TextProblem:
    """One thing wrong with a text.

    ``position`` counts code points of the text as given, from 0; ``got`` is what stands there, by
    code point where it cannot be seen. ``message`` says what is wrong, ``fix`` what to do;
    ``fixable``: ``normalise`` does it.
    """

    code: str
    position: int
    got: str
    message: str
    fix: str
    fixable: bool = False


def check_text(text: str, language: str, duration_s: float | None = None) -> list[TextProblem]:
    """What is wrong with a transcript, by code and place; an empty list where nothing is.

    The same thing is told once, at its first place, with how often it is there; of one code no more
    than ``MOST_PER_CODE`` are told. Languages in another script than Tibetan have M047 alone.
    """
    found: list[TextProblem] = []
    if is_tibetan(language) and text.strip():
        seen, places = visible(text)
        found += _counted(_unwanted(text, seen, places))
        found += _counted(_deprecated(text))
        for rule in (_no_letter, _orphans, _long_syllables, _latin):
            found += _counted(replace(one, position=places[one.position]) for one in rule(seen))
    if duration_s is not None and duration_s > 0:
        found += _too_fast(text, language, duration_s)
    return sorted(found, key=lambda one: (one.code, one.position))


def _no_letter(text: str) -> Iterator[TextProblem]:
    if not text or _LETTER.search(text):
        return
    fix = "write the text in Tibetan script, or name the language it is in"
    if next(find_wylie(text), None):
        fix = "run `tthd text from-wylie`"
    yield TextProblem("M042", 0, _short(text), "the text has no Tibetan letter", fix)


def _unwanted(text: str, seen: str, places: Sequence[int]) -> Iterator[TextProblem]:
    alike = {places[at] for at in look_alikes(seen)}
    odd = {match.start() for match in _odd().finditer(text)}
    for at in sorted(alike | odd):
        one = text[at]
        named = _named(one)
        if at in alike:
            said = f"{named} stands for a Tibetan mark"
            yield TextProblem("M043", at, one, said, "write ། or ་", fixable=True)
        elif visible(one)[0]:
            fix = "export the text again as Unicode (UTF-8)"
            yield TextProblem("M043", at, named, f"{named} is no letter", fix)
        else:
            yield TextProblem("M043", at, named, f"{named} cannot be seen", "remove it", True)


@cache
def _odd() -> regex.Pattern[str]:
    """What cannot be seen, and what is no character: halves, private use, not assigned."""
    unseen = INVISIBLE_IN_TIBETAN + CONTROLS
    return regex.compile(rf"[{unseen}\ufffd\p{{Cs}}\p{{Co}}\p{{Cn}}]")


def _deprecated(text: str) -> Iterator[TextProblem]:
    for match in _DEPRECATED.finditer(text):
        named = _named(match.group())
        instead = " ".join(f"U+{ord(sign):04X}" for sign in DEPRECATED[match.group()])
        said = f"{named} is deprecated or discouraged"
        yield TextProblem("M044", match.start(), named, said, f"write {instead}", fixable=True)


def _orphans(text: str) -> Iterator[TextProblem]:
    for match in _ORPHANS.finditer(text):
        got = _named(match.group()[0])
        said = f"{got} has no letter to stand on"
        yield TextProblem("M045", match.start(), got, said, "type the letter before it, or drop it")


def _long_syllables(text: str) -> Iterator[TextProblem]:
    if not _LONG.search(text):
        return
    for one in find_syllables(text, "bo"):
        stacks = count_stacks(one.text)
        if stacks > MOST_STACKS:
            said = f"a syllable of {stacks} stacks: probably a tsheg is missing"
            yield TextProblem("M046", one.start, _short(one.text), said, "put a tsheg (་) in it")


def _latin(text: str) -> Iterator[TextProblem]:
    if not (_LATIN.search(text) and _LETTER.search(text)):
        return  # of a text without any Tibetan letter M042 tells
    tokens = list(find_syllables(text, "bo"))
    latin = [one for one in tokens if _LATIN.match(one.text)]
    tibetan = sum(1 for one in tokens if _LETTER.search(one.text))
    found = next(find_wylie(text), None)
    if found:
        said, fix = "there is Wylie in the text", "run `tthd text from-wylie` on it"
        yield TextProblem("M048", found.start(), _short(found.group()), said, fix)
    elif len(latin) > tibetan:
        said = f"{len(latin)} Latin words beside {tibetan} Tibetan syllables"
        at = latin[0].start
        yield TextProblem("M048", at, _short(text[at:]), said, "keep only what is spoken")


def _too_fast(text: str, language: str, duration_s: float) -> Iterator[TextProblem]:
    if len(text) <= FASTEST_RATE_HZ * duration_s:
        return  # were each character a syllable
    rate = syllable_rate(text, language, duration_s)
    if rate > FASTEST_RATE_HZ:
        unit = "syllables" if is_tibetan(language) else "words"
        yield TextProblem(
            "M047",
            0,
            f"{rate:.1f}",
            f"{rate:.1f} {unit} a second in {duration_s:.1f} s: the text does not fit the file",
            "check that they belong together, and keep only what is spoken",
        )


def _counted(problems: Iterable[TextProblem]) -> list[TextProblem]:
    """Equal ones as one, which says how many they are; the first few of the rest."""
    groups: dict[tuple[str, str], list[TextProblem]] = {}
    for one in islice(problems, MOST_COUNTED):
        groups.setdefault((one.got, one.message), []).append(one)
    told = []
    for first, *others in groups.values():
        times = f", {len(others) + 1} times" if others else ""
        told.append(replace(first, message=first.message + times))
    if len(told) > MOST_PER_CODE:
        rest = len(told) - MOST_PER_CODE
        last = told[MOST_PER_CODE - 1]
        told[MOST_PER_CODE - 1] = replace(last, message=f"{last.message}; {rest} more like it")
    return told[:MOST_PER_CODE]


def _named(one: str) -> str:
    known = name(one, "")
    return f"U+{ord(one):04X} {known}".rstrip()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_GOT else text[: LONGEST_GOT - 1] + "…"
