"""Turned heads: the way into the picture and the way back agree, and the nose leads."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.synth.geometry import place, to_face, turn
from tthd_tools.synth.motion import Pose

POINTS = np.array([[-0.43, -0.12], [0.43, -0.12], [0.0, 0.36], [0.2, 0.8], [0.0, 1.42]])


@pytest.mark.parametrize(
    "pose",
    [
        Pose(),
        Pose(yaw=0.44, pitch=-0.2, roll=0.3, scale=1.1, x=0.2, opening=0.4),
        Pose(yaw=-0.44, pitch=0.2, roll=-0.3, opening=0.1),
    ],
)
def test_picture_to_face_inverts_face_to_picture(pose: Pose) -> None:
    placed = place(turn(POINTS, pose), pose, (250.0, 240.0), 100.0)
    back = np.stack(to_face(placed[:, 0], placed[:, 1], pose, (250.0, 240.0), 100.0), axis=1)
    assert back == pytest.approx(POINTS, abs=1e-4)


def test_a_head_at_rest_is_scaled_and_moved_only() -> None:
    placed = place(turn(POINTS, Pose()), Pose(), (250.0, 240.0), 100.0)
    assert placed[0] == pytest.approx([207.0, 228.0])


def test_the_nose_moves_further_than_the_eyes_when_the_head_turns() -> None:
    turned = turn(POINTS, Pose(yaw=0.3)) - POINTS
    assert turned[2, 0] > turned[1, 0] + 0.05
    assert turned[1, 0] > 0.15
    assert turned[:, 1] == pytest.approx(0.0)


def test_the_chin_follows_the_jaw_and_the_nose_does_not() -> None:
    opened = turn(POINTS, Pose(opening=0.4)) - POINTS
    assert opened[2].tolist() == [0.0, 0.0]
    assert opened[4, 1] == pytest.approx(0.1288)
