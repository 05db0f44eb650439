"""Tibetan syllables are read roughly as in Lhasa; other scripts letter by letter."""

from __future__ import annotations

import pytest

from tthd_tools.alignment.units import sound_class, syllable_units


@pytest.mark.parametrize(
    ("syllable", "units"),
    [
        ("བཀྲ", ("tr", "a")),
        ("ཤིས", ("sh", "i")),
        ("ལེགས", ("l", "e", "k$")),
        ("དཀར", ("k", "a", "r$")),
        ("གངས", ("g_", "a", "ng$")),  # not གང with a prefix
        ("མཁའ", ("kh", "a")),
        ("ངའི", ("ng", "ä")),
        ("སྤྲེའུ", ("tr", "e", "u")),
        ("བསྒྲུབས", ("dr", "u", "k$")),
        ("དབང", ("a", "ng$")),
        ("དབྱངས", ("y", "a", "ng$")),
        ("ཟླ", ("d", "a")),
        ("ལྷ", ("lh", "a")),
        ("བརྒྱད", ("gy", "ä")),
        ("གི", ("g_", "i")),  # low and breathy where nothing stands before it
        ("རྒྱ", ("gy", "a")),
        ("བདུན", ("d", "ü", "n$")),
        ("ཨ", ("a",)),
        ("༢༥", ("ny", "i", "sh", "u", "ts", "a", "ng", "a")),  # ཉི་ཤུ་རྩ་ལྔ
    ],
)
def test_a_tibetan_syllable_is_read(syllable: str, units: tuple[str, ...]) -> None:
    assert syllable_units(syllable, "bo") == units


@pytest.mark.parametrize(
    ("word", "language", "units"),
    [
        ("Straße", "de", tuple("strasse")),
        ("élan", "fr", tuple("elan")),
        ("l’eau", "fr", tuple("leau")),
        ("мама", "ru", tuple("мама")),
        ("Lhasa", "bo", tuple("lhasa")),  # a Latin word in a Tibetan text
        ("…", "bo", ()),
    ],
)
def test_other_scripts_are_read_letter_by_letter(
    word: str, language: str, units: tuple[str, ...]
) -> None:
    assert syllable_units(word, language) == units


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("sil", "sil"), ("a", "vowel"), ("ö", "vowel"), ("ng", "nasal"), ("lh", "glide"),
        ("tsh", "hiss"), ("tr", "stop"), ("g_", "stop"), ("k$", "stop$"), ("ng$", "nasal$"),
        ("м", "nasal"), ("ш", "hiss"), ("и", "vowel"), ("т", "stop"), ("α", "vowel"),
        ("س", "hiss"), ("म", "nasal"),
    ],
)  # fmt: skip
def test_every_unit_is_of_a_broad_kind(unit: str, kind: str) -> None:
    assert sound_class(unit) == kind
