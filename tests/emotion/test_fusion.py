"""Sources are weighed, doubted and compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emotion.test_evidence import resting, says
from tthd_tools.emotion.evidence import Evidence, gather
from tthd_tools.emotion.face import MOVES, NAMES, PRIOR
from tthd_tools.emotion.fusion import (
    Guess,
    Source,
    Stretch,
    agree,
    combined,
    fer_odds,
    find_stretches,
    guess,
    perceive,
    voice_arousal,
)
from tthd_tools.emotion.speaker import Usual, usual


def acting(
    name: str, word: str | None = None, frames: int = 100, strength: float = 1.2
) -> Evidence:
    """A clip of a person like most who shows an emotion, and what the network says of it."""
    actions = resting(frames).astype(float)
    actions[:, :7] += strength * np.array(MOVES.get(name, np.zeros(7)))
    return gather(actions.astype(np.float16), says(word, frames // 5) if word else None)


def speaker(*more: Evidence) -> Usual:
    """What is usual for that person, of whom there are neutral clips besides."""
    return usual([*(acting("neutral", "neutral") for _ in range(4)), *more])


@pytest.mark.parametrize("name", ["neutral", "happy", "sad", "angry", "surprised"])
def test_a_known_person_is_read_from_the_mesh_alone(name: str) -> None:
    clip = acting(name)
    found = perceive(clip, usual([acting("neutral") for _ in range(4)] + [clip]), 0.5, 1.0)
    assert found is not None
    assert found.all.label == found.face.label == name
    assert found.all.confidence >= 0.5
    assert found.fer is None
    assert found.intensity == (0 if name == "neutral" else 2)
    assert found.stretches == (Stretch(0.0, 4.0, name, found.all.confidence),)


@pytest.mark.parametrize("name", ["neutral", "happy", "surprised"])
def test_of_a_speakers_only_clip_the_mesh_alone_is_never_sure(name: str) -> None:
    clip = acting(name)
    found = perceive(clip, usual([clip]), 0.5, 1.0)
    assert found is not None
    assert found.all.confidence < 0.5
    assert found.stretches == ()


def test_sources_that_agree_are_surer_than_each() -> None:
    clip = acting("happy", "happy")
    found = perceive(clip, speaker(clip), 0.5, 1.0)
    assert found is not None
    assert found.fer is not None
    assert found.all.label == "happy"
    assert found.all.confidence > max(found.face.confidence, found.fer.confidence)
    assert agree((found.face, found.fer), None, 0.5) is True
    assert found.valence > 0.5


def test_a_voice_is_weighed_beside_the_face() -> None:
    clip = acting("happy", "happy")
    alone = perceive(clip, speaker(clip), 0.5, 1.0)
    odds = {name: np.where(np.array(NAMES) == name, 0.7, 0.05) for name in ("happy", "sad")}
    with_it = perceive(clip._replace(voice=odds["happy"]), speaker(clip), 0.5, 1.0)
    against = perceive(clip._replace(voice=odds["sad"]), speaker(clip), 0.5, 1.0)
    assert alone is not None
    assert with_it is not None
    assert against is not None
    assert (alone.voice, with_it.all.label) == (None, "happy")
    assert against.all.confidence < alone.all.confidence <= with_it.all.confidence
    assert with_it.voice is not None
    assert (with_it.voice.label, against.voice and against.voice.label) == ("happy", "sad")
    assert agree((with_it.face, with_it.voice), None, 0.3) is True


def test_sources_that_disagree_are_less_sure_and_it_is_told() -> None:
    clip = acting("happy", "sad")
    found = perceive(clip, speaker(clip), 0.5, 1.0)
    assert found is not None
    assert found.fer is not None
    assert (found.face.label, found.fer.label) == ("happy", "sad")
    assert found.all.confidence < max(found.face.confidence, found.fer.confidence)
    assert agree((found.face, found.fer), None, 0.5) is False


@pytest.mark.parametrize(
    ("labels", "told", "expected"),
    [
        (("happy", "happy"), None, True),
        (("happy", "sad"), None, False),
        (("happy",), None, None),
        (("happy",), "happy", True),
        (("happy", "happy"), "sad", False),
        (("neutral",), "calm", True),
        (("happy",), "contempt", None),
        ((), "happy", None),
        (("happy", "happy"), "other", True),
    ],
)
def test_who_is_compared(labels: tuple[str, ...], told: str | None, expected: bool | None) -> None:
    guesses = [Guess(label, 0.6) for label in labels]
    assert agree([*guesses, Guess("angry", 0.4), None], told, 0.5) is expected


def test_a_face_that_always_looks_angry_to_the_network_is_not() -> None:
    clip = acting("neutral", "angry")
    sure = fer_odds(np.tile(0.02, (1, 7)) + np.eye(7)[[3]] * 0.5, usual([clip]))
    used_to = fer_odds(np.tile(0.02, (1, 7)) + np.eye(7)[[3]] * 0.5, usual([clip] * 8))
    angry = NAMES.index("angry")
    assert used_to[0, angry] < 0.6 * sure[0, angry]


odds = st.lists(st.floats(0.001, 1), min_size=7, max_size=7).map(
    lambda values: np.array([values]) / sum(values)
)


@given(odds, odds, st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_what_is_combined_are_odds(
    one: np.ndarray, other: np.ndarray, trust: float, more: float
) -> None:
    found = combined([Source(one, trust), Source(other, more)])
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()


def test_a_source_that_is_not_believed_changes_nothing() -> None:
    one = np.array([[0.1, 0.5, 0.1, 0.1, 0.1, 0.05, 0.05]])
    liar = Source(np.eye(7)[[2]] * 0.94 + 0.01, 0.0)
    assert combined([Source(one, 1.0), liar]) == pytest.approx(one)
    assert combined([Source(PRIOR[None], 1.0), Source(one, 1.0)]) == pytest.approx(one)
    assert guess(combined([liar])[0]).confidence == pytest.approx(1 / 7, abs=1e-3)


def test_stretches_do_not_overlap_and_leave_out_what_is_short_or_unsure() -> None:
    sure = {name: 0.9 * np.eye(7)[NAMES.index(name)] + 0.1 / 7 for name in NAMES}
    unsure = 0.3 * np.eye(7)[3] + 0.7 / 7
    moments = [sure["sad"]] * 10 + [sure["happy"]] * 3 + [unsure] * 10 + [sure["happy"]] * 7
    found = find_stretches(np.array(moments), 0.5, 1.0)
    assert [one[:3] for one in found] == [(0.0, 2.0, "sad"), (4.6, 6.0, "happy")]
    assert found[0].confidence == pytest.approx(0.914, abs=1e-3)
    assert find_stretches(np.zeros((0, 7)), 0.5, 1.0) == []


def test_a_clip_without_a_face_shows_nothing() -> None:
    assert perceive(Evidence(None, None), usual([]), 0.5, 1.0) is None


def test_a_voice_is_measured_beside_the_speakers_own() -> None:
    low, high = Evidence(None, None, 0.0, -30.0), Evidence(None, None, 6.0, -18.0)
    habit = usual([low, low, high])
    assert voice_arousal(low, habit) == 0.0
    assert voice_arousal(high, habit) == pytest.approx(0.964, abs=1e-3)
    assert voice_arousal(high, usual([high])) is None
    assert voice_arousal(Evidence(None, None), habit) is None
