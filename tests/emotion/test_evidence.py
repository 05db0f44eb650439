"""What is taken out of the features of a clip."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.emotion.evidence import gather, looks
from tthd_tools.emotion.face import NAMES, REST
from tthd_tools.emotion.labels import FER2013
from tthd_tools.emotion.speaker import Usual, usual


def resting(frames: int) -> np.ndarray:
    return np.tile([*REST, 0.09, 0.0], (frames, 1)).astype(np.float16)


def says(word: str, count: int = 20) -> np.ndarray:
    """The network's odds, sure of one of its words."""
    odds = np.full((count, 7), 0.01)
    odds[:, FER2013.index(word)] = 0.94
    return odds.astype(np.float16)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [(12, [2, 7]), (13, [2, 7, 12]), (5, [2]), (2, [1]), (1, [0]), (0, [])],
)
def test_one_frame_in_five_is_looked_at(frames: int, expected: list[int]) -> None:
    assert looks(frames).tolist() == expected


def test_rows_of_mesh_and_network_belong_together() -> None:
    found = gather(resting(100), says("happy"))
    assert found.cues is not None
    assert found.fer is not None
    assert found.cues.shape == found.fer.shape == (20, 7)


@pytest.mark.parametrize(
    ("word", "label"),
    [("angry", "angry"), ("disgust", "disgusted"), ("surprise", "surprised"), ("fear", "fearful")],
)
def test_the_networks_words_become_ours(word: str, label: str) -> None:
    found = gather(resting(100), says(word))
    assert found.fer is not None
    assert {NAMES[k] for k in found.fer.argmax(axis=1)} == {label}
    assert found.fer.sum(axis=1) == pytest.approx(1)


def test_one_odd_picture_is_outvoted() -> None:
    odds = says("neutral")
    odds[9] = says("fear", 1)[0]
    found = gather(resting(100), odds)
    assert found.fer is not None
    assert {NAMES[k] for k in found.fer.argmax(axis=1)} == {"neutral"}


def test_where_the_network_saw_no_face_its_neighbours_count() -> None:
    odds = says("happy")
    odds[5:12] = np.nan
    found = gather(resting(100), odds)
    assert found.fer is not None
    assert np.isfinite(found.fer).all()
    assert NAMES[found.fer[6].argmax()] == "happy"
    assert gather(resting(100), np.full((20, 7), np.nan, np.float16)).fer is None


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_a_very_short_clip(frames: int) -> None:
    found = gather(resting(frames), says("happy", len(looks(frames))))
    if frames > 1:
        assert found.cues is not None
        assert found.fer is not None
        assert len(found.cues) == len(found.fer) == len(looks(frames))
    else:
        assert found.cues is None


def test_what_is_usual_for_a_speaker() -> None:
    clips = [
        gather(resting(100), says("neutral"))._replace(pitch_st=3.0, level_db=-20.0),
        gather(resting(50), says("happy", 10))._replace(pitch_st=5.0, level_db=-24.0),
    ]
    found = usual(clips)
    assert found.clips == 2
    assert found.pitch_st == 4.0
    assert found.level_db == -22.0
    assert found.fer is not None
    assert found.fer[NAMES.index("neutral")] == pytest.approx(0.475, abs=0.005)
    assert found.resting_face.mean == pytest.approx(REST, abs=0.002)
    assert Usual.model_validate_json(found.model_dump_json()) == found


def test_each_clip_counts_once_however_long() -> None:
    raised = resting(50)
    raised[:, 0] += 0.02
    short, long = gather(raised, None), gather(resting(750), None)
    one = usual([short, gather(resting(50), None)])
    other = usual([short, long])
    assert other.rest[0] == pytest.approx(one.rest[0], abs=0.001)


def test_a_speaker_without_face_or_voice() -> None:
    found = usual([gather(np.full((50, 9), np.nan, np.float16), None)])
    assert found.rest == pytest.approx(REST)
    assert (found.fer, found.pitch_st, found.level_db) == (None, None, None)
