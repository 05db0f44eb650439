"""Syllables and words with their places, and the agreement with botok's offline tokenizer."""

from __future__ import annotations

import warnings
from unicodedata import category, name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.text import (
    Syllable,
    find_syllables,
    normalise,
    syllable_count,
    syllable_rate,
    syllables,
)
from tthd_tools.text.syllables import count_stacks

BOTOK_DIFFERS = {
    "half digits are numbers": "\u0f2a\u0f2b\u0f2c\u0f2d\u0f2e\u0f2f\u0f30\u0f31\u0f32\u0f33",
    "signs belong to their letter": "\u0f18\u0f19\u0f39\u0f3e\u0f3f\u0f87\u0f8d\u0f8e\u0f8f\u0fc6",
    "letters of transliterated Sanskrit are letters": "\u0f88\u0f89\u0f8a\u0f8b\u0f8c",
    "U+0F38 is a mark of respect, not a part of the word": "\u0f38",
}
"""Where a character between two letters is split otherwise than botok does, and why."""


def botok_syllables(text: str) -> list[str]:
    """What botok's offline tokenizer takes for syllables and numbers.

    It looks through spaces, so it gets what stands between them piece by piece.
    """
    from botok.tokenizers.chunktokenizer import ChunkTokenizer

    found = []
    for piece in text.split():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of signs that it does not know
            chunks = ChunkTokenizer(piece).tokenize()
        found += [text.rstrip("་") for kind, text in chunks if kind in ("TEXT", "NUM")]
    return [one for one in found if one]


def tibetan_syllables(text: str) -> list[str]:
    return [one for one in syllables(text, "bo") if "\u0f00" <= one[0] <= "\u0fff"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("བཀྲ་ཤིས་བདེ་ལེགས།", ["བཀྲ", "ཤིས", "བདེ", "ལེགས"]),
        ("ང་ཚོ།  །མི", ["ང", "ཚོ", "མི"]),
        ("ང\u0f0c།", ["ང"]),
        ("༄༅། །རྒྱལ་པོ༎", ["རྒྱལ", "པོ"]),
        ("ཨོཾ་ཨཱཿཧཱུྃ༔", ["ཨོཾ", "ཨཱཿ", "ཧཱུྃ"]),
        ("ༀ་མ་ཎི", ["ༀ", "མ", "ཎི"]),
        ("ཕྱི་ལོ་༢༠༢༤ཟླ་༨", ["ཕྱི", "ལོ", "༢༠༢༤", "ཟླ", "༨"]),
        ("༣༢% ༡༪", ["༣༢", "༡༪"]),
        ("ཨ་ཕ་Bhagsu ལ་", ["ཨ", "ཕ", "Bhagsu", "ལ"]),
        ("ལོ་2024 1,234.5 3rd", ["ལོ", "2024", "1,234.5", "3rd"]),
        ("(ད་)(ར)། ༼ཨ་ནས་༽", ["ད", "ར", "ཨ", "ནས"]),
        ("ཀ中文ཁ", ["ཀ", "中", "文", "ཁ"]),
        ("་ི་ ྱ།", []),
        ("ིཀ ཀཿིཁ", ["ིཀ", "ཀཿ", "ཁ"]),
        ("པའི་དེའིའང", ["པའི", "དེའིའང"]),
        ("", []),
    ],
)
def test_tibetan_syllables(text: str, expected: list[str]) -> None:
    assert syllables(text, "bo") == expected
    assert syllable_count(text, "bo") == len(expected)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Don't stop, well-known 2nd man!", ["Don't", "stop", "well-known", "2nd", "man"]),
        ("hi", "नमस्ते दुनिया।", ["नमस्ते", "दुनिया"]),
        ("fa", "می\u200cخواهم بروم", ["می\u200cخواهم", "بروم"]),
        ("de", "Schön – 3,5 km", ["Schön", "3,5", "km"]),
        ("zh", "你好，2024年", ["你", "好", "2024", "年"]),
        ("ja", "カーテン", ["カ", "ー", "テ", "ン"]),
        ("th", "วัน", ["วั", "น"]),
        ("en", "ཀ་ཁ", ["ཀ", "ཁ"]),
    ],
)
def test_words_of_other_languages(language: str, text: str, expected: list[str]) -> None:
    assert syllables(text, language) == expected


def test_places_are_those_of_the_text() -> None:
    assert list(find_syllables(" ཀར་ 12", "bo")) == [Syllable("ཀར", 1, 3), Syllable("12", 5, 7)]


@given(st.text(st.sampled_from("ཀརིྱཿ་། ༢༪a1'-中ー\u0f00\u0f39|")), st.sampled_from(["bo", "en"]))
def test_places_hold_the_texts_in_order(text: str, language: str) -> None:
    end = 0
    for one in find_syllables(text, language):
        assert one.start >= end
        assert text[one.start : one.end] == one.text != ""
        end = one.end


def test_rate_is_syllables_a_second() -> None:
    assert syllable_rate("བཀྲ་ཤིས་བདེ་ལེགས།", "bo", 2.0) == 2.0
    assert syllable_rate("well said", "en", 4.0) == 0.5
    for nothing in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="above 0 s"):
            syllable_rate("ཀ", "bo", nothing)


@pytest.mark.parametrize(
    "text", ["ཀ" + "ིྱཿ" * 100_000, "་ི" * 200_000, "a'" * 200_000, "1," * 200_000, "ཀ" * 500_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    assert syllable_count(text, "bo") == (0 if text[0] == "་" else 1)


def test_stacks_are_counted_by_their_heads() -> None:
    assert [count_stacks(one) for one in ("ང", "བསྒྲུབས", "དེའིའང", "༢༤")] == [1, 4, 4, 0]


def test_between_two_letters_every_character_parts_as_botok_does_but_for_these() -> None:
    pytest.importorskip("botok", reason="python -m pip install 'tthd-tools[tibetan]'")
    differs = ""
    characters = [*map(chr, range(0x0F00, 0x0FDB)), *"!\"'(),-./:;?“”‘’、。，【 "]
    for one in characters:
        text = normalise(f"ཀ{one}ཁ", "bo")
        if category(one) != "Cn" and tibetan_syllables(text) != botok_syllables(text):
            differs += one
    documented = "".join(BOTOK_DIFFERS.values())
    assert sorted(differs) == sorted(documented), [name(one) for one in {*differs} ^ {*documented}]


def test_a_space_parts_syllables_and_botok_looks_through_it() -> None:
    tokenizer = pytest.importorskip("botok.tokenizers.chunktokenizer")
    assert tokenizer.ChunkTokenizer("ལེ གས།").tokenize() == [("TEXT", "ལེ གས"), ("PUNCT", "།")]
    assert syllables("ལེ གས།", "bo") == ["ལེ", "གས"]  # words are written apart in many corpora


@pytest.mark.real
def test_real_text_is_parted_as_botok_does_but_for_signs_alone(real_texts: dict[str, str]) -> None:
    pytest.importorskip("botok", reason="python -m pip install 'tthd-tools[tibetan]'")
    count, alone = 0, []
    for text in real_texts.values():
        normal = normalise(text, "bo")
        ours, theirs = tibetan_syllables(normal), botok_syllables(normal)
        count += len(ours)
        if ours != theirs:
            alone += [
                one for one in theirs if count_stacks(one) == 0 and category(one[0])[0] == "M"
            ]
            assert ours == [one for one in theirs if one not in alone]
    assert count > 27_000
    assert sorted(alone) == ["ོ", "ྤྲི", "ྨ", "ྩ"]  # a sign without a letter is no syllable
