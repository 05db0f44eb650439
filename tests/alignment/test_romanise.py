"""Tibetan is spelled as in EWTS, other scripts near enough, numbers as they are read aloud."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from tthd_tools.alignment.romanise import read_number, romanise
from tthd_tools.synth.words import parse_phrase, phrases
from tthd_tools.text import to_wylie

HARD = (
    "བསྒྲུབས མཁའ དགའ པའི དེའི པའང ལེའུ གསལ བཟང མཁན དཔལ དངར གནད གངས ཁམས ཐབས འགས དབས བསྐལ རྒྱལ ཨོཾ "
    "ཀུན བླ འབྲུག ཨ ཡིག སེམས བསམས ཏེ ནམ མཚན འཛམ སངས རྒྱས ཇོ མངས བརྟེན གཡག མངའ ཞྭ གྲྭ བཅུ གཡུ"
)


@pytest.mark.parametrize(
    ("tibetan", "latin"),
    [
        ("བཀྲ", "bkra"),
        ("ཤིས", "shis"),
        ("བསྒྲུབས", "bsgrubs"),
        ("དགའ", "dga'"),
        ("པའི", "pa'i"),
        ("ལགས", "lags"),
        ("དབས", "dbas"),
        ("གངས", "gangs"),
        ("པདྨ", "padma"),
        ("ཨོཾ", "om"),
        ("བཀྲ་ཤིས", "bkrashis"),
    ],
)
def test_tibetan_is_spelled_as_in_wylie(tibetan: str, latin: str) -> None:
    assert romanise(tibetan) == latin


def test_it_agrees_with_the_converter() -> None:
    pytest.importorskip("pyewts", reason="pip install 'tthd-tools[tibetan]'")
    syllables = {one.text for phrase in phrases() for one in parse_phrase(phrase)}
    for syllable in sorted(syllables | set(HARD.split())):
        wylie = to_wylie(syllable)
        assert wylie is not None
        assert romanise(syllable).replace("'", "") == re.sub("[^a-z]", "", wylie.lower()), syllable


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Café", "cafe"),
        ("Straße", "strasse"),
        ("Привет", "privet"),
        ("Ελλάδα", "ellada"),
        ("한국", "hangug"),
        ("にほん", "nihon"),
        ("don’t", "don't"),
        ("中文", ""),
        ("42!", ""),
    ],
)
def test_other_scripts_are_spelled_by_their_letters(text: str, latin: str) -> None:
    assert romanise(text) == latin


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "ཀླད་ཀོར"),
        (7, "བདུན"),
        (15, "བཅོ་ལྔ"),
        (20, "ཉི་ཤུ"),
        (25, "ཉི་ཤུ་རྩ་ལྔ"),
        (34, "སུམ་ཅུ་སོ་བཞི"),
        (108, "བརྒྱ་བརྒྱད"),
        (2024, "ཉིས་སྟོང་ཉི་ཤུ་རྩ་བཞི"),
        (50_000, "ཁྲི་ལྔ"),
    ],
)
def test_numbers_are_read_aloud(number: int, words: str) -> None:
    assert read_number(Fraction(number)) == words


def test_other_numbers_have_no_words() -> None:
    assert read_number(Fraction(3, 2)) is None
    assert read_number(Fraction(10**9)) is None
    assert read_number(Fraction(-1)) is None
