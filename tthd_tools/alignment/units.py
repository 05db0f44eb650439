"""A written syllable comes in; the sounds that an aligner has a model of go out, in their order."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import regex

from tthd_tools.alignment.romanise import read_number
from tthd_tools.text.languages import is_tibetan
from tthd_tools.text.numerals import find_numbers
from tthd_tools.text.script import LETTERS, TSHEG

SILENCE = "sil"
VOWELS = frozenset("aeiouäöü")
NASALS = frozenset({"m", "n", "ng", "ny"})
GLIDES = frozenset({"l", "r", "y", "w", "lh", "hr", "v"})
HISSES = frozenset({"s", "sh", "z", "zh", "h", "f", "ts", "tsh", "c", "ch", "j", "dz", "x"})
LOW = "_"
"""Marks a first sound that is low and breathy, as ག alone against བརྒ."""
CODA = "$"
"""Marks a sound that closes a syllable."""

_CONSONANTS = {
    **{"ཀ": "k", "ཁ": "kh", "ག": "g", "ང": "ng", "ཅ": "c", "ཆ": "ch", "ཇ": "j", "ཉ": "ny"},
    **{"ཏ": "t", "ཐ": "th", "ད": "d", "ན": "n", "པ": "p", "ཕ": "ph", "བ": "b", "མ": "m"},
    **{"ཙ": "ts", "ཚ": "tsh", "ཛ": "dz", "ཝ": "w", "ཞ": "zh", "ཟ": "z", "འ": "-", "ཡ": "y"},
    **{"ར": "r", "ལ": "l", "ཤ": "sh", "ས": "s", "ཧ": "h", "ཨ": "-"},
}
_WITH_YA = {"k": "ky", "kh": "khy", "g": "gy", "p": "c", "ph": "ch", "b": "j", "m": "ny"}
_WITH_RA = {
    **dict.fromkeys(("k", "t", "p"), "tr"),
    **dict.fromkeys(("kh", "th", "ph"), "thr"),
    **dict.fromkeys(("g", "d", "b"), "dr"),
    "h": "hr",
}
_VOWEL_SIGNS = {"\u0f72": "i", "\u0f80": "i", "\u0f74": "u", "\u0f7a": "e", "\u0f7b": "e"}
_VOWEL_SIGNS |= {"\u0f7c": "o", "\u0f7d": "o"}
_CODAS = {"ང": "ng", "ན": "n", "མ": "m", "ར": "r", "ག": "k", "བ": "k"}
_PREFIXES = frozenset("གདབམའ")
_HEADS = frozenset("རལས")
_AFTER_VOWEL = "འ"
_FRONTED = {"a": "ä", "u": "ü", "o": "ö"}
_LOWERED = frozenset({"g", "d", "b", "j", "dz", "gy", "dr"})
_EXTENDED = {"\u0fba": "ཝ", "\u0fbb": "ཡ", "\u0fbc": "ར"}


class _Stack(NamedTuple):
    letters: tuple[str, ...]
    vowel: str


def syllable_units(syllable: str, language: str) -> tuple[str, ...]:
    """The sounds of a syllable (a word in other languages): first sound, vowel, closing sound.

    Tibetan is read roughly as in Lhasa: prefixes and heads are silent, ད ན ལ ས after a vowel change
    it, subjoined ཡ and ར the consonant. A dialect that says more is learned into the same models,
    which is enough to find boundaries. Other scripts: a letter is a sound, without its accents.
    """
    if is_tibetan(language):
        spoken = [stacks for one in _read_aloud(syllable) if (stacks := _stacks(one))]
        if spoken:
            return tuple(unit for stacks in spoken for unit in _tibetan(stacks))
    return tuple(
        letter
        for letter in unicodedata.normalize("NFKD", syllable.casefold())
        if unicodedata.category(letter)[0] in "LN"
    )


def sound_class(unit: str) -> str:
    """The broad kind of a unit: ``sil``, ``vowel``, ``nasal``, ``glide``, ``hiss``, ``stop``, coda.

    Models of the kinds are trained first, those of the units start from them. What a letter of
    another alphabet sounds like is guessed from its Unicode name (EM, SHA, ALPHA).
    """
    if unit == SILENCE:
        return unit
    if unit.endswith(CODA):
        return "stop" + CODA if unit == "k" + CODA else "nasal" + CODA
    sound = unit.rstrip(LOW)
    if not sound.isascii() and sound not in VOWELS:
        sound = _sound_of_name(unicodedata.name(sound[0], "").rsplit(" ", 1)[-1].lower())
    kinds = {"vowel": VOWELS, "nasal": NASALS, "glide": GLIDES, "hiss": HISSES}
    return next((kind for kind, members in kinds.items() if sound in members), "stop")


def _sound_of_name(name: str) -> str:
    """The consonant of ``em``, ``sha`` or ``meem``, the vowel of ``alpha`` or ``o``."""
    found = regex.match(r"e?([^aeiou]+)", name)
    return name[:1] if found is None or name in VOWELS else found[1]


def _read_aloud(syllable: str) -> list[str]:
    """A number as the syllables that it is read in, anything else as it is."""
    numbers = [one for one in find_numbers(syllable) if one.text == syllable]
    words = read_number(numbers[0].value) if numbers else None
    return [syllable] if words is None else words.split(TSHEG)


def _tibetan(stacks: list[_Stack]) -> tuple[str, ...]:
    stacks, tail = _without_particle(stacks)
    root = _root(stacks)
    onset = _onset(stacks, root)
    closing = stacks[root + 1].letters[0] if root + 1 < len(stacks) else ""
    vowel = stacks[root].vowel or "a"
    if closing in tuple("དསནལ") or tail == "i":
        vowel = _FRONTED.get(vowel, vowel)
    sounds = [onset] if onset != "-" else []
    sounds.append(vowel)
    if tail not in ("", "i"):
        sounds.append(tail)
    if closing in _CODAS:
        sounds.append(_CODAS[closing] + CODA)
    return tuple(sounds)


def _stacks(syllable: str) -> list[_Stack]:
    return [
        _Stack(
            (match[1], *(_full(letter) for letter in match[2])),
            next((_VOWEL_SIGNS[sign] for sign in match[3] if sign in _VOWEL_SIGNS), ""),
        )
        for match in _stack_pattern().finditer(syllable)
    ]


@cache
def _stack_pattern() -> regex.Pattern[str]:
    return regex.compile(rf"([{LETTERS}])([\u0f8d-\u0fbc]*)([\u0f39\u0f71-\u0f87]*)")


def _full(subjoined: str) -> str:
    """The letter that stands below another one, as it is written alone."""
    return _EXTENDED.get(subjoined, chr(ord(subjoined) - 0x50))


def _without_particle(stacks: list[_Stack]) -> tuple[list[_Stack], str]:
    """A syllable without the འི, འུ or འོ joined to its end, and that vowel."""
    last = stacks[-1]
    if len(stacks) > 1 and last.letters == (_AFTER_VOWEL,) and last.vowel:
        return stacks[:-1], last.vowel
    return stacks, ""


def _root(stacks: list[_Stack]) -> int:
    """Index of the stack that the syllable is built around.

    It is the one with letters below, else the one with a vowel sign; without either the number of
    letters decides (S. V. Beyer, The Classical Tibetan Language, on prefixes and suffixes).
    """
    for index, stack in enumerate(stacks):
        if len(stack.letters) > 1:
            return index
    for index, stack in enumerate(stacks):
        if stack.vowel:
            return index
    letters = [stack.letters[0] for stack in stacks]
    if len(letters) == 3 and letters[2] == "ས" and letters[1] in "གངབམ":
        return 0  # གངས, not གང with a prefix
    return 1 if len(letters) >= 3 and letters[0] in _PREFIXES else 0


def _onset(stacks: list[_Stack], root: int) -> str:
    letters = stacks[root].letters
    prefix = stacks[root - 1].letters[0] if root else ""
    if letters[:2] == ("ལ", "ཧ"):
        return "lh"
    is_headed = len(letters) > 1 and letters[0] in _HEADS and letters[1] not in "ཡརལཝ"
    if is_headed:
        letters = letters[1:]
    if prefix == "ད" and letters[0] == "བ":
        return "y" if "ཡ" in letters else "r" if "ར" in letters else "-"
    sound = _CONSONANTS.get(letters[0], letters[0])
    for below in letters[1:]:
        if below == "ཡ":
            sound = _WITH_YA.get(sound, sound)
        elif below == "ར":
            sound = _WITH_RA.get(sound, sound)
        elif below == "ལ":
            return "d" if sound == "z" else "l"
    return sound + LOW if sound in _LOWERED and not (is_headed or prefix) else sound
