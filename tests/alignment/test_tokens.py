"""A text becomes tokens of a model, every syllable knows its own, and what is dropped is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.alignment.ctc import STAR
from tthd_tools.alignment.tokens import Dropped, Spelling, Vocabulary, needed, spell
from tthd_tools.text import normalise, syllables


def vocabulary(letters: str, *more: str, blank: str = "<pad>") -> Vocabulary:
    return Vocabulary({token: at for at, token in enumerate([blank, "<unk>", *more, *letters])}, 0)


LATIN = vocabulary("abcdefghijklmnopqrstuvwxyz'")
TIBETAN = vocabulary("".join(map(chr, range(0xF40, 0xFBD))), "|", "་", "།")
CAPITALS = vocabulary("ABCDEFGHIJKLMNOPQRSTUVWXYZ'", "|")


def written(found: Spelling, of: Vocabulary) -> str:
    by_column = {column: token for token, column in of.columns.items()} | {STAR: "*"}
    return "".join(by_column[token] for token in found.tokens)


def by_unit(found: Spelling, of: Vocabulary) -> list[str]:
    return [
        written(found._replace(tokens=found.tokens[one.first : one.last]), of)
        for one in found.units
    ]


def test_tibetan_is_spelled_in_its_letters_where_the_model_has_them() -> None:
    found = spell("བཀྲ་ཤིས་བདེ་ལེགས། ཐུགས་རྗེ་ཆེ།", "bo", TIBETAN)
    assert found.native
    assert written(found, TIBETAN) == "བཀྲ་ཤིས་བདེ་ལེགས།ཐུགས་རྗེ་ཆེ"
    assert by_unit(found, TIBETAN) == ["བཀྲ", "ཤིས", "བདེ", "ལེགས", "ཐུགས", "རྗེ", "ཆེ"]
    assert found.dropped == ()


def test_it_is_romanised_where_the_model_has_latin_letters_alone() -> None:
    found = spell("བཀྲ་ཤིས་བདེ་ལེགས།", "bo", LATIN)
    assert not found.native
    assert by_unit(found, LATIN) == ["bkra", "shis", "bde", "legs"]
    spaced = spell("བཀྲ་ཤིས།", "bo", vocabulary("abcdefghijklmnopqrstuvwxyz", "|"))
    assert len(spaced.tokens) == len("bkra|shis")


def test_units_know_their_place_word_and_sentence() -> None:
    found = spell("བཀྲ་ཤིས། བདེ་ ལེགས", "bo", TIBETAN)
    assert [one.text for one in found.units] == ["བཀྲ", "ཤིས", "བདེ", "ལེགས"]
    assert ["བཀྲ་ཤིས། བདེ་ ལེགས"[one.start : one.end] for one in found.units] == [
        one.text for one in found.units
    ]
    assert [one.word for one in found.units] == [0, 0, 1, 2]
    assert [one.sentence for one in found.units] == [0, 0, 1, 1]
    english = spell("Good day. And you?", "en", CAPITALS)
    assert [(one.word, one.sentence) for one in english.units] == [(0, 0), (1, 0), (2, 1), (3, 1)]


def test_case_and_accents_follow_the_vocabulary() -> None:
    assert written(spell("Déjà vu", "fr", CAPITALS), CAPITALS) == "DEJA|VU"
    assert written(spell("DÉJÀ", "fr", vocabulary("abcdejuvé")), vocabulary("abcdejuvé")) == "déja"


def test_numbers_are_spelled_by_digits_or_read_aloud() -> None:
    digits = vocabulary("".join(map(chr, range(0xF40, 0xFBD))) + "༠༡༢༣༤༥༦༧༨༩")
    (unit,) = spell("༢༥", "bo", digits).units
    assert not unit.is_read
    found = spell("༢༥", "bo", TIBETAN)
    assert written(found, TIBETAN) == "ཉི་ཤུ་རྩ་ལྔ"
    assert found.units[0].is_read
    assert written(spell("25", "bo", LATIN), LATIN) == "nyishurtsalnga"


def test_what_cannot_be_spelled_is_a_star_and_told() -> None:
    found = spell("བོད་ 中 ལ", "bo-Tibt", vocabulary("བོདལ"))
    assert by_unit(found, vocabulary("བོདལ")) == ["བོད", "*", "ལ"]
    assert [one.is_star for one in found.units] == [False, True, False]
    assert Dropped("中", 5) in found.dropped
    assert spell("12 cats", "en", CAPITALS).units[0].is_star


def test_letters_that_are_missing_are_told_and_left_out() -> None:
    found = spell("བཀྲ", "bo", vocabulary("བཀ"))
    assert by_unit(found, vocabulary("བཀ")) == ["བཀ"]
    assert found.dropped == (Dropped("ྲ", 0),)


def test_longer_tokens_are_taken_first() -> None:
    stacks = vocabulary("བཀིད", "ཀྲ", "དེ")
    assert len(spell("བཀྲ་དེ", "bo", stacks).tokens) == 3


def test_native_or_latin_can_be_asked_for() -> None:
    both = vocabulary("abcdefghijklmnopqrstuvwxyzབོད")
    assert written(spell("བོད", "bo", both), both) == "བོད"
    assert written(spell("བོད", "bo", both, native=False), both) == "bod"


def test_an_empty_text_has_no_tokens() -> None:
    assert spell("། །", "bo", TIBETAN) == Spelling((), (), (), True)


@given(st.text(max_size=40), st.sampled_from(["bo", "en", "zh", "th"]))
@settings(max_examples=60, deadline=None)
def test_any_text_is_spelled_unit_by_unit(text: str, language: str) -> None:
    normal = normalise(text, language)
    for one in (LATIN, TIBETAN):
        found = spell(normal, language, one)
        assert [unit.text for unit in found.units] == syllables(normal, language)
        last = 0
        for unit in found.units:
            assert last <= unit.first < unit.last <= len(found.tokens)
            assert normal[unit.start : unit.end] == unit.text
            last = unit.last
        assert set(found.tokens) <= set(one.columns.values()) | {STAR}
        assert one.blank not in found.tokens


def test_blank_markers_and_delimiters_are_no_letters() -> None:
    assert set(vocabulary("ab", "|", "▁", "[UNK]", "</s>").letters) == {"a", "b"}
    assert TIBETAN.delimiter == TIBETAN.columns["|"]
    assert LATIN.delimiter is None


@pytest.mark.parametrize(
    ("language", "kept"),
    [
        ("bo", ["<pad>", "|", "a", "é", "་", "ཀ", "ྲ"]),
        ("en", ["<pad>", "|", "a", "é"]),
        ("ru", ["<pad>", "|", "a", "é", "ж"]),
        ("ja", ["<pad>", "|", "a", "é", "の", "中"]),
        (None, ["<pad>", "|", "a", "é", "ж", "་", "ཀ", "ྲ", "の", "中"]),
    ],
)
def test_needed_are_the_letters_of_the_language(language: str | None, kept: list[str]) -> None:
    assert needed(vocabulary("中のaཀྲжé་", "|"), language) == kept
