"""Actions do not turn with the head, and speech does not move the cues."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tthd_tools.emotion.actions import ACTIONS, CUES, face_actions, slow_cues
from tthd_tools.emotion.face import NAMES, REST, face_odds, resting_face
from tthd_tools.faces.geometry import DEPTH_SCALE
from tthd_tools.testing import dummy_mesh

Array = np.ndarray


def column(values: Array, name: str) -> Array:
    return values[:, ACTIONS.index(name)]


def turned(points: Array, yaw: float, pitch: float, roll: float) -> Array:
    """A mesh as the network sees it of a turned head: its depth is too deep."""
    turn = Rotation.from_euler("ZXY", [roll, -pitch, -yaw], degrees=True)
    seen = turn.apply(points * (1, 1, DEPTH_SCALE))
    return seen / (1, 1, DEPTH_SCALE)


def test_actions_are_lengths_over_the_distance_of_the_eyes() -> None:
    mesh = np.array([dummy_mesh(0.0), dummy_mesh(1.0), 3 * dummy_mesh(1.0)])
    found = face_actions(mesh.astype(np.float32), np.zeros((3, 3)))
    assert found.shape == (3, 9)
    apart = np.linalg.norm((dummy_mesh(0)[263] - dummy_mesh(0)[33]) * (1, 1, DEPTH_SCALE))
    wide = dummy_mesh(1.0)[291, 0] - dummy_mesh(1.0)[61, 0]
    assert column(found, "mouth_width")[1] == pytest.approx(wide / apart, abs=1e-5)
    assert found[2] == pytest.approx(found[1], abs=1e-5)


@pytest.mark.parametrize("name", ["inner_brow", "outer_brow", "lip_corner", "lower_lid"])
def test_up_is_positive(name: str) -> None:
    points = {
        "inner_brow": (107, 55, 336, 285),
        "outer_brow": (70, 46, 300, 276),
        "lip_corner": (61, 291),
        "lower_lid": (145, 374),
    }[name]
    raised = dummy_mesh(0.0)
    raised[list(points), 1] -= 0.02
    both = np.array([dummy_mesh(0.0), raised], np.float32)
    before, after = column(face_actions(both, np.zeros((2, 3))), name)
    assert after > before + 0.05


@pytest.mark.parametrize("pose", [(20, 0, 0), (-30, 0, 0), (0, 15, 0), (0, 0, 25), (20, -10, 12)])
def test_a_turned_head_shows_the_same_actions(pose: tuple[float, float, float]) -> None:
    mesh = dummy_mesh(0.5)
    both = np.array([mesh, turned(mesh, *pose)], np.float32)
    still, moved = face_actions(both, np.array([(0, 0, 0), pose], float))
    assert moved == pytest.approx(still, abs=1e-5)


def talking(seconds: float = 8.0, seed: int = 0) -> Array:
    """Actions of a resting face that speaks strongly: 3 to 5 syllables a second, wide open."""
    random = np.random.default_rng(seed)
    k = np.arange(round(seconds * 25))
    syllables = np.maximum(np.sin(2 * np.pi * np.cumsum(random.uniform(3, 5, len(k))) / 25), 0)
    opening = 0.25 * syllables * (np.sin(2 * np.pi * k / 75) > -0.6)
    actions = np.tile([*REST, 0.09, 0.0], (len(k), 1))
    actions[:, ACTIONS.index("mouth_opening")] += opening
    actions[:, ACTIONS.index("lip_corner")] -= 0.3 * opening
    vowels = 0.08 * np.sin(2 * np.pi * 2.1 * k / 25 + 1)
    actions[:, ACTIONS.index("mouth_width")] += vowels * (opening > 0)
    actions[:, :2] += 0.015 * np.abs(np.sin(2 * np.pi * 1.7 * k / 25))[:, None] - 0.007
    return actions + random.normal(0, 0.003, actions.shape)


@pytest.mark.parametrize("seed", range(5))
def test_a_neutral_face_that_speaks_stays_neutral(seed: int) -> None:
    actions = talking(seed=seed)
    raw = actions[:, : len(CUES)]
    cues = slow_cues(actions)
    assert cues is not None
    corner, width = CUES.index("lip_corner"), CUES.index("mouth_width")
    assert raw[:, corner].std() > 4 * cues[25:-25, corner].std()
    assert raw[:, width].std() > 2 * cues[25:-25, width].std()
    rest = resting_face(cues[::25], np.full(len(cues[::25]), 1 / len(cues[::25])))
    odds = face_odds(cues, rest).odds
    assert set(odds.argmax(axis=1)) == {NAMES.index("neutral")}


def test_a_smile_while_speaking_stays_a_smile() -> None:
    actions = talking()
    actions[100:, ACTIONS.index("lip_corner")] += 0.04
    actions[100:, ACTIONS.index("mouth_width")] += 0.08
    actions[100:, ACTIONS.index("cheek")] -= 0.015
    cues = slow_cues(actions)
    assert cues is not None
    rest = resting_face(cues[:75:25], np.full(3, 1 / 3))
    best = face_odds(cues, rest).odds.argmax(axis=1)
    assert set(best[:75]) == {NAMES.index("neutral")}
    assert set(best[125:]) == {NAMES.index("happy")}


def test_frames_without_a_face_are_bridged_and_none_at_all_gives_none() -> None:
    actions = talking(4.0)
    actions[30:40] = np.nan
    cues = slow_cues(actions)
    assert cues is not None
    assert np.isfinite(cues).all()
    assert slow_cues(np.full((50, 9), np.nan)) is None
    assert slow_cues(np.zeros((0, 9))) is None


@pytest.mark.parametrize("frames", [2, 3, 10, 26])
def test_a_very_short_clip_has_cues_too(frames: int) -> None:
    cues = slow_cues(talking()[:frames])
    assert cues is not None
    assert cues.shape == (frames, 7)
    assert np.isfinite(cues).all()
