"""What looks like Wylie, and what is English or a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthd_tools.text import syllable_count, to_wylie
from tthd_tools.text.romanised import find_wylie


@pytest.mark.parametrize(
    "text",
    [
        "bkra shis bde legs/",
        "nga tsho",
        "khong gi ming",
        "bod pa'i skad yig",
        "g.yag dang mdzo",
        "bsgrubs_pa",
        "rgyal po'i bka'",
        "མི་ bde legs ལ",
    ],
)
def test_wylie_is_found(text: str) -> None:
    assert len(list(find_wylie(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "red dog",
        "bye bye",
        "hello world",
        "Robert",
        "Tashi Delek",
        "it's me",
        "bde",
        "the king",
        "CBC",
    ],
)
def test_what_is_no_wylie(text: str) -> None:
    assert list(find_wylie(text)) == []


def test_places_are_those_of_the_text() -> None:
    (found,) = find_wylie("ང་ nga tsho 2")
    assert (found.start(), found.group()) == (3, "nga tsho")


@pytest.mark.real
def test_most_real_sentences_are_found_in_wylie(real_texts: dict[str, str]) -> None:
    pytest.importorskip("pyewts", reason="python -m pip install 'tthd-tools[tibetan]'")
    spoken = [text for name, text in real_texts.items() if name.startswith("audio_")]
    sentences = [text for text in spoken if syllable_count(text, "bo") > 2]
    found = [text for text in sentences if list(find_wylie(to_wylie(text) or ""))]
    assert len(sentences) > 120
    assert len(found) > 0.8 * len(sentences)


@pytest.mark.real
def test_no_english_is_taken_for_wylie(shared: Path) -> None:
    table = shared / "media" / "tibetan" / "transcripts.tsv"
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
    english = [row[3] for row in rows]
    assert len(english) > 300
    assert [text for text in english if list(find_wylie(text))] == []
