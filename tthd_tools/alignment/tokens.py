"""A transcript and a model's vocabulary come in; tokens, and whose syllables they are, go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tthd_tools.alignment.ctc import STAR
from tthd_tools.alignment.romanise import read_number, romanise
from tthd_tools.text import find_numbers, find_syllables, is_tibetan

DELIMITERS = ("|", " ", "▁")
"""What models write between words."""
_SPECIAL = re.compile(r"<.*>|\[[A-Z]+\]", re.DOTALL)
_TSHEG = "\u0f0b"
_SHADS = "\u0f0d-\u0f12\u0f14"
_SENTENCE = re.compile(rf"[{_SHADS}.!?…。！？।॥؟\n]")
_WORD = re.compile(rf"[\s{_SHADS}]")
_SCRIPTS = {
    "Hans": ("Han",),
    "Hant": ("Han",),
    "Jpan": ("Han", "Hiragana", "Katakana"),
    "Kore": ("Hangul", "Han"),
}


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of a model with their columns; ``delimiter`` is None where it writes no spaces."""

    columns: Mapping[str, int]
    blank: int

    @property
    def delimiter(self) -> int | None:
        """Column of what stands between words."""
        found = (self.columns[one] for one in DELIMITERS if one in self.columns)
        return next((column for column in found if column != self.blank), None)

    @property
    def letters(self) -> dict[str, int]:
        """The tokens that spell: neither the blank, nor markers such as ``<unk>``, nor spaces."""
        return {
            token: column
            for token, column in self.columns.items()
            if column != self.blank and token not in DELIMITERS and not _SPECIAL.fullmatch(token)
        }


class Unit(NamedTuple):
    """A syllable, number or word of the text, ``text[start:end]``, and its tokens [first, last).

    ``word``, ``sentence``: numbers of the stretches between spaces or shads, and between marks that
    end a sentence (in Tibetan: shads). ``is_read``: a number, spelled as it is read aloud, one way
    of several; ``is_star``: nothing of it can be spelled, its token is a star.
    """

    text: str
    start: int
    end: int
    first: int
    last: int
    word: int
    sentence: int
    is_read: bool
    is_star: bool


class Dropped(NamedTuple):
    """What the vocabulary cannot spell, and the place of its unit in the text."""

    text: str
    start: int


class Spelling(NamedTuple):
    """A text in the tokens of a model. ``native``: in its own script, else in Latin letters."""

    tokens: tuple[int, ...]
    units: tuple[Unit, ...]
    dropped: tuple[Dropped, ...]
    native: bool


def spell(text: str, language: str, vocabulary: Vocabulary, native: bool | None = None) -> Spelling:
    """Spell a normalised text in the tokens of a model, syllable by syllable.

    In its own script where the vocabulary has at least half of its letters (``native`` overrides
    that), else romanised. Between syllables stands the tsheg, shad or delimiter that the vocabulary
    has for it. A number is spelled by its digits where the vocabulary has them, else in Tibetan
    words; a unit of which nothing is left is a star: something is said there. The same text and
    vocabulary always give the same tokens.
    """
    letters = vocabulary.letters
    found = list(find_syllables(text, language))
    said = [_as_said(one.text, language, letters) for one in found]
    if native is None:
        native = _share_known("".join(words for words, _ in said), letters) >= 0.5
    longest = max(map(len, letters), default=1)
    tokens: list[int] = []
    units: list[Unit] = []
    dropped: list[Dropped] = []
    word = sentence = done = 0
    for one, (words, is_read) in zip(found, said, strict=True):
        between = text[done : one.start]
        if units:
            tokens += _separator(between, vocabulary, native)
            word += bool(_WORD.search(between)) or not is_tibetan(language)
            sentence += bool(_SENTENCE.search(between))
        columns, lost = _columns(words, letters, longest, native)
        dropped += [Dropped(part, one.start) for part in lost]
        first = len(tokens)
        tokens += columns or [STAR]
        units.append(Unit(*one, first, len(tokens), word, sentence, is_read, not columns))
        done = one.end
    return Spelling(tuple(tokens), tuple(units), tuple(dropped), native)


def _share_known(text: str, letters: Mapping[str, int]) -> float:
    """How many of the different letters of a text a vocabulary has, 0..1."""
    there = {one for one in text if one.isalpha()}
    known = sum(any(form in letters for form in _forms(one)) for one in there)
    return known / len(there) if there else 1.0


def _forms(letter: str) -> tuple[str, ...]:
    """A letter as it is, small and capital: some vocabularies have only one of them."""
    return (letter, letter.lower(), letter.upper())


def _separator(between: str, vocabulary: Vocabulary, native: bool) -> list[int]:
    """The token between two units, if any: there is one at most."""
    columns = vocabulary.columns
    signs = [one for one in between if native and one in columns and one not in DELIMITERS]
    shads = [one for one in signs if re.match(f"[{_SHADS}]", one)]
    if shads or _TSHEG in signs:
        return [columns[(shads or [_TSHEG])[0]]]
    is_gap = _WORD.search(between) or (_TSHEG in between and not native)
    return [vocabulary.delimiter] if is_gap and vocabulary.delimiter is not None else []


def _as_said(text: str, language: str, letters: Mapping[str, int]) -> tuple[str, bool]:
    """A number in words where its digits are no letters of the model; anything else as it is."""
    number = next(find_numbers(text), None)
    if number is None or number.text != text or all(digit in letters for digit in text):
        return text, False
    words = read_number(number.value) if is_tibetan(language) else None
    return words or text, words is not None


def _columns(
    text: str, letters: Mapping[str, int], longest: int, native: bool
) -> tuple[list[int], list[str]]:
    """Columns that spell ``text``, longest tokens first, and what has none."""
    found: list[int] = []
    lost: list[str] = []
    if not native:
        spelled = romanise(text)
        if not spelled:
            return [], [text]
        text = spelled
    at = 0
    while at < len(text):
        for length in range(min(longest, len(text) - at), 0, -1):
            part = text[at : at + length]
            column = next((letters[form] for form in _forms(part) if form in letters), None)
            if column is not None:
                found.append(column)
                at += length
                break
        else:
            latin = romanise(text[at]) if native and not _is_tibetan_letter(text[at]) else ""
            more = _columns(latin, letters, longest, True) if latin != text[at] else ([], [])
            found += more[0]
            if not more[0] and text[at] not in _TSHEG:
                lost.append(text[at])
            at += 1
    return found, lost


def _is_tibetan_letter(letter: str) -> bool:
    return "\u0f00" <= letter <= "\u0fff"


def needed(vocabulary: Vocabulary, language: str | None) -> list[str]:
    """The tokens that texts of a language can need, the blank first; all where none is known.

    These are the delimiter, digits, Latin letters, and the letters of the scripts in which the
    language is written; marks such as ``<unk>`` never.
    """
    import regex

    by_column = {column: token for token, column in vocabulary.columns.items()}
    scripts = _scripts(language) if language else None
    pattern = regex.compile(rf"[{scripts}\p{{Latin}}\p{{Inherited}}\p{{N}}'’]+", regex.V1)
    letters = [one for one in vocabulary.letters if scripts is None or pattern.fullmatch(one)]
    delimiter = [] if vocabulary.delimiter is None else [by_column[vocabulary.delimiter]]
    return [by_column[vocabulary.blank], *delimiter, *sorted(letters)]


def _scripts(language: str) -> str:
    """The scripts of a language as properties of a regular expression."""
    from langcodes import Language

    script = "Tibt" if is_tibetan(language) else Language.get(language).maximize().script or "Latn"
    parts = _SCRIPTS.get(script, (script,))
    return "".join(rf"\p{{Script={part}}}" for part in parts)
