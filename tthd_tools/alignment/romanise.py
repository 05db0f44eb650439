"""A syllable or word in any script goes in; Latin letters a to z that spell it come out.

For models that know Latin letters only. Tibetan is spelled as in extended Wylie (EWTS), with the
vowel a where it is not written; other scripts by small tables and by the names of their letters.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple
from unicodedata import name, normalize


def _words(text: str) -> list[str]:
    return text.split()


_HEADS = _words(
    "k kh g gh ng c ch j - ny t th d dh n t th d dh n p ph b bh m ts tsh dz dzh w zh z ' y r l sh "
    "sh s h - ksh r k r"
)
_CONSONANTS = {0x0F40 + at: latin.replace("-", "") for at, latin in enumerate(_HEADS)}
_BELOW = {code + 0x50: latin for code, latin in _CONSONANTS.items() if code <= 0x0F69}
_BELOW |= {0x0FBA: "w", 0x0FBB: "y", 0x0FBC: "r"}
_VOWELS = {
    "\u0f71": "a",
    "\u0f72": "i",
    "\u0f74": "u",
    "\u0f7a": "e",
    "\u0f7b": "ai",
    "\u0f7c": "o",
    "\u0f7d": "au",
    "\u0f80": "i",
}
_FINALS = {"\u0f7e": "m", "\u0f82": "m", "\u0f83": "m", "\u0f7f": "h"}
_PREFIXES = "གདབམའ"
_SUFFIXES = "གངདནབམའརལས"
_SECOND_SUFFIX = re.compile("[གངབམ]ས")
_PREFIXED = {"འགས", "འབས", "དགས", "དབས", "དམས"}
"""Spelled like root and two suffixes, read as prefix, root and suffix."""

_ONES = _words("གཅིག གཉིས གསུམ བཞི ལྔ དྲུག བདུན བརྒྱད དགུ")
_TENS = _words("བཅུ ཉི་ཤུ སུམ་ཅུ བཞི་བཅུ ལྔ་བཅུ དྲུག་ཅུ བདུན་ཅུ བརྒྱད་ཅུ དགུ་བཅུ")
_LINKS = _words("- རྩ སོ ཞེ ང རེ དོན གྱ གོ")
_BEFORE = _words("ཆིག ཉིས སུམ བཞི ལྔ དྲུག བདུན བརྒྱད དགུ")
_LARGE = ((10**8, "དུང་ཕྱུར"), (10**7, "བྱེ་བ"), (10**6, "ས་ཡ"), (10**5, "འབུམ"), (10**4, "ཁྲི"))

_PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l"}
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ",
        _words("a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch - y - e iu ia i i e g"),
        strict=True,
    )
)
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", "avgdezi.iklmn.oprsstyf..o", strict=True))
_GREEK |= {"θ": "th", "ξ": "x", "χ": "ch", "ψ": "ps"}
_TABLE = _PLAIN | _CYRILLIC | _GREEK | {"ı": "i"}


class _Stack(NamedTuple):
    """One Tibetan stack: its head, its letters in Latin, its vowel or none, and what follows."""

    head: str
    latin: str
    below: bool
    vowel: str
    final: str


def romanise(text: str) -> str:
    """Letters a to z and the apostrophe that spell ``text``; what cannot be spelled is left out.

    Tibetan: the EWTS of each syllable without marks (བཀྲ is ``bkra``). Scripts whose letters carry
    a vowel are spelled letter by letter. Han characters have no spelling here.
    """
    parts = re.split("([\u0f40-\u0fbc]+)", text)
    return "".join(_tibetan(part) if at % 2 else _other(part) for at, part in enumerate(parts))


def read_number(value: Fraction) -> str | None:
    """A whole number from 0 to 999,999,999 in Tibetan words, as read aloud; None for others."""
    if value.denominator != 1 or not 0 <= value < 10**9:
        return None
    number, words = int(value), list[str]()
    if not number:
        return "ཀླད་ཀོར"
    for size, word in _LARGE:
        count, number = divmod(number, size)
        if count:
            words += [word, _ONES[count - 1]]
    for size, word in ((1000, "སྟོང"), (100, "བརྒྱ")):
        count, number = divmod(number, size)
        if count == 1 and not words:
            words.append(word if size == 100 else f"ཆིག་{word}")
        elif count:
            words += [_BEFORE[count - 1], word]
    return "་".join(words + _below_hundred(number))


def _below_hundred(number: int) -> list[str]:
    tens, ones = divmod(number, 10)
    if tens == 1 and ones in (5, 8):
        return ["བཅོ", _ONES[ones - 1]]
    words = [_TENS[tens - 1]] if tens else []
    if tens > 1 and ones:
        words.append(_LINKS[tens - 1])
    return words + ([_ONES[ones - 1]] if ones else [])


def _tibetan(syllable: str) -> str:
    stacks = _stacks(syllable)
    at = next((at for at, one in enumerate(stacks) if at and _is_particle(stacks, at)), len(stacks))
    word, particle = stacks[:at], stacks[at:]
    return "".join([*_with_vowel(word), *_with_vowel(particle)])


def _stacks(syllable: str) -> list[_Stack]:
    stacks: list[_Stack] = []
    for letter in normalize("NFD", syllable):
        code = ord(letter)
        if code in _CONSONANTS:
            stacks.append(_Stack(letter, _CONSONANTS[code], False, "", ""))
        elif stacks:
            last = stacks[-1]
            if code in _BELOW:
                last = last._replace(latin=last.latin + _BELOW[code], below=True)
            elif letter in _VOWELS and (not last.vowel or last.vowel == "a"):
                last = last._replace(vowel=_VOWELS[letter])
            elif letter in _FINALS:
                last = last._replace(final=_FINALS[letter])
            stacks[-1] = last
    return stacks


def _is_particle(stacks: list[_Stack], at: int) -> bool:
    """Whether འི, འུ, འོ, འང or འམ begins there, which are added to a whole syllable."""
    one, rest = stacks[at], stacks[at + 1 :]
    if one.head != "འ" or one.below:
        return False
    return bool(one.vowel) or [other.head for other in rest] in (["ང"], ["མ"])


def _with_vowel(stacks: list[_Stack]) -> list[str]:
    """Each stack in Latin, the unwritten a in its place."""
    root = _root(stacks)
    spelled = []
    for at, one in enumerate(stacks):
        if root is None:  # no Tibetan syllable: every letter but a last consonant is read with a
            last = at == len(stacks) - 1 and at and not one.below and one.head in _SUFFIXES
            vowel = one.vowel or ("" if last else "a")
        else:
            vowel = one.vowel or ("a" if at == root else "")
        spelled.append(one.latin + vowel + one.final)
    return spelled


def _root(stacks: list[_Stack]) -> int | None:
    """Which stack carries the vowel, written or not; None where that is no Tibetan syllable."""
    heads = "".join(one.head for one in stacks)
    marked = [at for at, one in enumerate(stacks) if one.vowel]
    marked += [at for at, one in enumerate(stacks) if one.below]
    if marked:
        root = marked[0]
    elif len(heads) < 3:
        root = 0
    elif len(heads) == 3:
        root = 0 if _SECOND_SUFFIX.fullmatch(heads[1:]) and heads not in _PREFIXED else 1
    else:
        root = 1
    prefix, suffixes = heads[:root], heads[root + 1 :]
    fits = len(prefix) < 2 and set(prefix) <= set(_PREFIXES)
    return root if fits and len(suffixes) < 3 and set(suffixes) <= set(_SUFFIXES) else None


def _other(text: str) -> str:
    return "".join(
        _named(one) if "가" <= one <= "힣" else "".join(map(_letter, normalize("NFD", one)))
        for one in normalize("NFC", text.lower())
    )


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isalpha() or letter == "'" else ""
    if letter in "’ʼ":
        return "'"
    if letter in _TABLE:
        return _TABLE[letter].strip("-.")
    return _named(letter)


def _named(letter: str) -> str:
    """A letter's sound by its Unicode name: DEVANAGARI LETTER KA is k, HANGUL SYLLABLE HAN han."""
    kind, _, latin = name(letter, "").lower().rpartition(" ")
    if not re.search("letter|syllable|vowel", kind) or not re.fullmatch("[a-z]{1,6}", latin):
        return ""
    if re.search("syllable|vowel|hiragana|katakana", kind):
        return latin
    return re.sub("(?<=[^aeiou])[aeiou].*", "", latin)
