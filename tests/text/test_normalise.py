"""The normal form: what it changes, and that it is NFC, idempotent and of the same meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from unicodedata import category, is_normalized, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.text.normalise import look_alikes, normalise, visible

SIGNS = [chr(at) for at in range(0x0F00, 0x0FDB) if category(chr(at)) in ("Mn", "Mc")]
SPELLED_OUT = {
    "\u0f00": "\u0f68\u0f7c\u0f7e",
    "\u0f0c": "\u0f0b",
    "\u0f77": "\u0fb2\u0f71\u0f80",
    "\u0f79": "\u0fb3\u0f71\u0f80",
    "|": "\u0f0d",
    "·": "\u0f0b",
}
PIECES = [
    "ཀ",
    "ི",
    "ྱ",
    "ཿ",
    "༹",
    "་",
    "།",
    "\u0f0c",
    "ༀ",
    "\u0f77",
    "\u200b",
    "|",
    "·",
    " ",
    "\n",
    "a",
]


FOREIGN_MARKS = "\u0301\u0316"
MARKS = "".join(SIGNS) + FOREIGN_MARKS


def meaning(text: str) -> list[tuple[str, str, Counter[str]]]:
    """Per stack: its base, its letters and U+0F39 in order, its vowels and marks in any order."""
    text = normalize("NFD", re.sub(r"[\u200b\s]", "", text)).translate(str.maketrans(SPELLED_OUT))
    stacks = []
    for base, signs in re.findall(f"([^{MARKS}]?)([{MARKS}]*)", text):
        letters = "".join(re.findall("[\u0f39\u0f8d-\u0fbc]", signs))
        stacks.append((base, letters, Counter(signs)))
    return stacks


def constructed() -> Iterator[str]:
    """Every pair of signs on two bases, triples of the usual ones, and mixed strings of four."""
    assert len(SIGNS) == 77
    for base in "ཀཕ":
        yield from (base + first + second for first, second in product(SIGNS, repeat=2))
    usual = [*"ཱིེུཾཿ྄༹༷ྃྐྱྲྭཱྀྀ", "\u0f73", "\u0f75", "\u0f76", "\u0f77", "\u0f78", "\u0f79"]
    yield from ("ཀ" + "".join(three) for three in product(usual, repeat=3))
    yield from ("".join(four) for four in product(PIECES, repeat=4))


def assert_normal(text: str, language: str = "bo") -> None:
    normal = normalise(text, language)
    assert is_normalized("NFC", normal), (text, normal)
    assert normalise(normal, language) == normal, (text, normal)


def test_constructed_strings_are_nfc_stable_and_mean_the_same() -> None:
    strings = list(constructed())
    assert len(strings) > 80_000
    for text in strings:
        assert_normal(text)
        assert meaning(normalise(text, "bo")) == meaning(text), text


@given(st.text(st.sampled_from([*PIECES, *SIGNS, *FOREIGN_MARKS, "ཕ", "༡", "\u0f43", "\u0f69"])))
@settings(max_examples=300)
def test_any_tibetan_string_is_nfc_stable_and_means_the_same(text: str) -> None:
    assert_normal(text)
    assert meaning(normalise(text, "bo")) == meaning(text)


@given(st.text(st.characters()), st.sampled_from(["bo", "adx-x-xiahe", "de", "fa", "th"]))
@settings(max_examples=300)
def test_any_string_at_all_is_nfc_stable_and_can_be_written(text: str, language: str) -> None:
    assert_normal(text, language)
    normal = normalise(text, language)
    normal.encode("utf-8")
    assert "\n" not in normal
    assert normal == normal.strip()


@pytest.mark.real
def test_real_text_is_nfc_stable_and_means_the_same(real_texts: dict[str, str]) -> None:
    for name, text in real_texts.items():
        assert_normal(text)
        sent = text.replace("\ufeff", "").replace("|", "།")  # the table of one file has bars
        assert meaning(normalise(text, "bo")) == meaning(sent), name


@pytest.mark.real
def test_little_of_real_text_changes_but_its_spaces(real_texts: dict[str, str]) -> None:
    changed = {
        name
        for name, text in real_texts.items()
        if re.sub(r"\s+", "", text) != re.sub(r"\s+", "", normalise(text, "bo"))
    }
    assert changed == {
        "M0009_transcription_subtitle.srt",  # one U+0F75
        "Speech-Words.md",  # bars of a table
    }


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("ཀིྱ", "ཀྱི"),  # a vowel before the subjoined letter
        ("ཀཾི", "ཀིཾ"),  # U+0F7E before the vowel: class 0, NFC leaves it
        ("ཀཿཱུ", "ཀཱུཿ"),
        ("ཕ༹ྱི", "ཕ༹ྱི"),  # U+0F39 stays with the letter it changes
        ("ཀ\u0f77", "ཀྲཱྀ"),
        ("ཀ\u0f75", "ཀཱུ"),
        ("\u0f69", "ཀྵ"),  # composed, but excluded from composition
        ("ༀ་མ་ཎི", "ཨོཾ་མ་ཎི"),
        ("ང\u0f0c།", "ང་།"),
        ("བཀྲ\u200b་ཤིས\u200d", "བཀྲ་ཤིས"),
        ("\ufeff\ufeffཀ", "ཀ"),
        ("བདེ་ལེགས|  ང", "བདེ་ལེགས། ང"),
        ("བདེ་ལེགས ||", "བདེ་ལེགས །།"),
        ("བདེ་ལེགས॥", "བདེ་ལེགས༎"),
        ("བཀྲ·ཤིས", "བཀྲ་ཤིས"),
        ("ལམ་ཁ་\n  ལ", "ལམ་ཁ་ལ"),  # a line was broken inside a phrase
        ("ཡོད།\r\nང", "ཡོད། ང"),
        ("  ལོ་\u00a0༢༠༢༤\u3000ཟླ་ ", "ལོ་ ༢༠༢༤ ཟླ་"),
        ("ཀ\x1b[31m\x00ཁ", "ཀ[31mཁ"),
        ("ཀ\ud800", "ཀ\ufffd"),
        ("", ""),
    ],
)
def test_what_is_folded(typed: str, normal: str) -> None:
    assert normalise(typed, "bo") == normal


@pytest.mark.parametrize(
    "text",
    [
        "བཀྲ་ཤིས་བདེ་ལེགས། །",
        "༄༅། །རྒྱལ་པོ༎",
        "༼ཨ་ནས་༽རྫོགས་སོང་།",
        "a | b · c",  # no Tibetan beside them
        "अ।",
        "འ་་་",  # a drawn-out sound
        "ཀ ·",
    ],
)
def test_what_stays(text: str) -> None:
    assert normalise(text, "bo") == text


def test_other_scripts_keep_their_joiners_and_lose_what_nobody_needs() -> None:
    assert normalise("می\u200cخواهم", "fa") == "می\u200cخواهم"
    assert normalise("क\u094d\u200dष", "hi") == "क\u094d\u200dष"
    assert normalise("Scho\u0308n\u00ad  gut\u200b\n|", "de") == "Schön gut |"
    assert normalise("ཀ\u0f7e\u0f72", "de") == "ཀ\u0f7e\u0f72"


def test_a_language_in_latin_script_is_not_folded_as_tibetan() -> None:
    assert normalise("ཀ|", "bo-Latn") == "ཀ|"


def test_visible_tells_where_each_character_stood() -> None:
    assert visible("\ufeffཀ\u200bཁ") == ("ཀཁ", [1, 3])


def test_look_alikes_are_found_only_beside_tibetan() -> None:
    assert look_alikes("a|b ཀ·ཁ |") == [5, 8]
