"""Rules M042 to M048: a text that breaks exactly one, and texts that break none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.text import TextProblem, check_text, normalise
from tthd_tools.text.checks import MOST_PER_CODE

GOOD = [
    "བཀྲ་ཤིས་བདེ་ལེགས།",
    "༄༅། །བསྒྲུབས་པའི་དོན། །",
    "ཕྱི་ལོ་ ༢༠༢༤ ཟླ་ ༨ ནང་",
    "ལོ་ 2024 ལ།",
    "Robert འདི་འདྲས།",  # a name
    "ངང་ལག་cheeps ངང་ལག་cheeps",
    "bye bye འདི་རེད། ཨ་ནས་འགྲོ།",
    "༼ཨ་ནས་༽{སྦག་སུ་}ལ་འགྲོ་(ད་)",
    "ༀ་མ་ཎི་པདྨེ་ཧཱུྃ།",
    "ཟླ་༡༾",
    "",
    "  ",
]


@pytest.mark.parametrize("text", GOOD)
def test_good_texts_have_no_problem(text: str) -> None:
    assert check_text(text, "bo", 60.0) == []


@pytest.mark.parametrize(
    ("text", "code", "position", "got", "fix"),
    [
        ("你好", "M042", 0, "你好", "write the text in Tibetan script"),
        ("༢༠༢༤", "M042", 0, "༢༠༢༤", "write the text in Tibetan script"),
        ("bkra shis bde legs/", "M042", 0, "bkra shis bde legs/", "run `tthd text from-wylie`"),
        ("བཀྲ\u200b་ཤིས", "M043", 3, "U+200B ZERO WIDTH SPACE", "remove it"),
        ("ཀ\x1b[31m", "M043", 1, "U+001B", "remove it"),
        ("བདེ་ལེགས |", "M043", 9, "|", "write ། or ་"),
        ("བཀྲ·ཤིས", "M043", 3, "·", "write ། or ་"),
        ("ཀ\ue123", "M043", 1, "U+E123", "export the text again as Unicode"),
        ("ཀ\ud800", "M043", 1, "U+D800", "export the text again as Unicode"),
        ("ཀ\ufffd", "M043", 1, "U+FFFD REPLACEMENT CHARACTER", "export the text again"),
        ("ཀ\u0f77", "M044", 1, "U+0F77 TIBETAN VOWEL SIGN VOCALIC RR", "U+0FB2 U+0F71 U+0F80"),
        ("ཀ\u0f75", "M044", 1, "U+0F75 TIBETAN VOWEL SIGN UU", "U+0F71 U+0F74"),
        ("ཀ་ི", "M045", 2, "U+0F72 TIBETAN VOWEL SIGN I", "type the letter before it"),
        ("ྱིཀ", "M045", 0, "U+0FB1 TIBETAN SUBJOINED LETTER YA", "type the letter before it"),
        ("ང་བཀྲཤིསབདེལེགས", "M046", 2, "བཀྲཤིསབདེལེགས", "put a tsheg"),
        ("ང་ bde legs", "M048", 3, "bde legs", "run `tthd text from-wylie`"),
        ("ང་ good morning", "M048", 3, "good morning", "keep only what is spoken"),
    ],
)
def test_one_problem_and_no_other(text: str, code: str, position: int, got: str, fix: str) -> None:
    (found,) = check_text(text, "bo", 60.0)
    assert (found.code, found.position, found.got) == (code, position, got)
    assert fix in found.fix


def test_a_text_too_long_for_its_file_is_told_in_every_language() -> None:
    (found,) = check_text("བཀྲ་ཤིས་" * 10, "bo", 1.0)
    assert found == TextProblem(
        "M047",
        0,
        "20.0",
        "20.0 syllables a second in 1.0 s: the text does not fit the file",
        "check that they belong together, and keep only what is spoken",
    )
    assert [one.code for one in check_text("a b c " * 10, "en", 1.0)] == ["M047"]
    assert check_text("བཀྲ་ཤིས་" * 7, "bo", 1.0) == []
    assert check_text("བཀྲ་ཤིས་" * 10, "bo") == check_text("བཀྲ་ཤིས་" * 10, "bo", 0.0) == []


def test_other_languages_are_not_asked_for_tibetan() -> None:
    assert check_text("Guten\u200b Tag | bkra shis", "de", 10.0) == []
    assert check_text("bkra shis", "bo-Latn", 10.0) == []


def test_the_same_thing_is_told_once_with_how_often_it_is_there() -> None:
    (found,) = check_text("ཀ\u200bཁ\u200bག\u200b", "bo")
    assert (found.position, found.fixable) == (1, True)
    assert found.message == "U+200B ZERO WIDTH SPACE cannot be seen, 3 times"


def test_no_flood_of_problems_of_one_code() -> None:
    found = check_text("ཀ" + "".join(map(chr, range(0xE000, 0xE100))), "bo")
    assert len(found) == MOST_PER_CODE
    assert found[-1].message == "U+E009 is no letter; 246 more like it"
    (long,) = check_text("ཀ" * 100_000, "bo")
    assert len(long.got) == 40


def test_several_problems_come_by_code_and_place() -> None:
    found = check_text("\u200b་ིཀ|ཁ\u0f73 bde legs", "bo")
    assert [(one.code, one.position) for one in found] == [
        ("M043", 0),
        ("M043", 4),
        ("M044", 6),
        ("M045", 2),
        ("M048", 8),
    ]


@given(st.text(st.sampled_from("ཀརིྱ་།| \u200b\u0f77\u0f75ab'·\ue000\n") | st.characters()))
def test_what_is_fixable_is_fixed_by_normalising(text: str) -> None:
    for one in check_text(text, "bo", 1.0):
        assert 0 <= one.position < len(text)
    assert not [one for one in check_text(normalise(text, "bo"), "bo") if one.fixable]


@pytest.mark.real
def test_few_things_are_wrong_with_real_text(real_texts: dict[str, str]) -> None:
    found = {
        (name, one.code)
        for name, text in real_texts.items()
        for one in check_text(text, "bo")
        if not one.got.startswith("U+FEFF")
    }
    assert found == {
        ("M0009_transcription_subtitle.srt", "M044"),  # one U+0F75
        ("L0-35341-nga-phe-dhep-log-gyur-ghapo-yoe.txt", "M045"),  # torn out of its page
        ("L1-103767-nge-nang.txt", "M045"),
        ("inference_transcript.txt", "M045"),  # a speech recogniser wrote signs without letters
        ("Speech-Words.md", "M043"),  # a table with bars, for the most part in English
        ("Speech-Words.md", "M048"),
        ("botok_test.txt", "M048"),  # a test file with comments in English
        ("audio_syllables/yangchen_cha02.wav", "M048"),  # "ka or kha (romanised …)"
    }
