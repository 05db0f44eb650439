"""Our labels, and what other data sets call them."""

from __future__ import annotations

import pytest

from tthd_tools.emotion.labels import FER2013, LABELS, from_fer2013, to_mead, to_ravdess
from tthd_tools.manifest.importers import ravdess
from tthd_tools.manifest.lists.fields import emotion_of


def test_the_union_set() -> None:
    assert (
        *("neutral", "calm", "happy", "sad", "angry", "fearful", "disgusted", "surprised"),
        *("contempt", "other", "unsure"),
    ) == LABELS


@pytest.mark.parametrize(
    ("label", "in_ravdess", "in_mead"),
    [
        ("neutral", "neutral", "neutral"),
        ("calm", "calm", None),
        ("contempt", None, "contempt"),
        ("disgusted", "disgust", "disgusted"),
        ("fearful", "fearful", "fear"),
        ("surprised", "surprised", "surprised"),
        ("other", None, None),
        ("unsure", None, None),
        ("joyful", None, None),
        ("", None, None),
    ],
)
def test_what_has_no_word_there_gets_none(
    label: str, in_ravdess: str | None, in_mead: str | None
) -> None:
    assert to_ravdess(label) == in_ravdess
    assert to_mead(label) == in_mead


@pytest.mark.parametrize("label", LABELS)
def test_a_word_of_theirs_is_read_back_as_the_same_label(label: str) -> None:
    for word in (to_ravdess(label), to_mead(label)):
        assert word is None or emotion_of(word) == label


def test_ravdess_has_a_word_for_all_that_is_read_from_it() -> None:
    assert all(to_ravdess(label) is not None for label in ravdess.EMOTIONS.values())


def test_all_seven_of_fer2013_are_ours_and_nothing_is_guessed() -> None:
    found = [from_fer2013(word) for word in FER2013]
    assert found == ["angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral"]
    assert from_fer2013("contempt") is None
    assert from_fer2013("Happy") is None
