"""Geometry: points of a face in, its box, roll, pose and crop out, with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tthd_tools.faces import geometry, mesh_box, mesh_roll_deg, pose_deg, roll_deg


def _turned(yaw: float, pitch: float, roll: float) -> NDArray[np.float32]:
    """A mesh whose pose points lie on a head turned so; z as deep as the engines give it."""
    points = np.zeros((468, 3))
    points[[33, 127, 234]] = (-50, -20, 10)
    points[[263, 356, 454]] = (50, -20, 10)
    points[[9, 10]] = (0, -80, 10)
    points[[2, 132, 152, 361]] = (0, 70, 10)
    points[[127, 356], 1] = -20
    y, p, r = np.radians([-yaw, -pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    turned = points @ (about_z @ about_x @ about_y).T
    turned[:, 2] /= geometry.DEPTH_SCALE
    return turned.astype(np.float32)


@pytest.mark.parametrize(
    "pose", [(0, 0, 0), (30, 0, 0), (-30, 0, 0), (0, 20, 0), (0, 0, -25), (35, -15, 20)]
)
def test_pose_is_the_rotation_that_made_the_mesh(pose: tuple[float, float, float]) -> None:
    assert pose_deg(_turned(*pose)) == pytest.approx(pose, abs=1e-3)


def test_positive_yaw_turns_the_nose_to_the_pictures_right_and_positive_pitch_up() -> None:
    ahead = np.array([0, 0, -60])
    points = _turned(0, 0, 0)
    points[1] = ahead
    assert _turned(30, 0, 0)[263, 2] > _turned(30, 0, 0)[33, 2]  # the right side is farther away
    assert _turned(0, 20, 0)[10, 2] > _turned(0, 20, 0)[152, 2]  # the forehead leans back


def test_roll_is_positive_clockwise() -> None:
    level, lower = np.array([0, 0], np.float32), np.array([10, 10], np.float32)
    assert roll_deg(level, lower) == pytest.approx(45)
    assert mesh_roll_deg(_turned(0, 0, -25)) == pytest.approx(-25, abs=1e-3)


def test_a_mesh_box_is_square_and_keeps_its_size_when_the_head_rolls() -> None:
    points = np.zeros((468, 3), np.float32)
    points[:4] = [(-40, -50, 0), (40, -50, 0), (40, 70, 0), (-40, 70, 0)]
    points[33], points[263] = (-30, -20, 0), (30, -20, 0)
    assert mesh_box(points) == pytest.approx((-60, -50, 60, 70))
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    rolled = (points @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])).astype(np.float32)
    x0, y0, x1, y1 = mesh_box(rolled)
    assert (x1 - x0, y1 - y0) == pytest.approx((120, 120), abs=1e-3)
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((-5, 8.66), abs=1e-2)


def test_a_crop_maps_back_to_the_picture() -> None:
    rgb = np.zeros((200, 300, 3), np.uint8)
    rgb[80:90, 150:160] = 255  # its middle is (155, 85)
    patch, affine = geometry.square_crop(rgb, (100, 40, 200, 140), 30.0, 1.5, 300)
    rows, columns = np.nonzero(patch[:, :, 0] > 127)
    middle = np.array([[columns.mean() + 0.5, rows.mean() + 0.5, 3.0]], np.float32)
    back = geometry.to_picture(middle, affine)
    assert patch.shape == (300, 300, 3)
    assert back[0] == pytest.approx([155, 85, 1.5], abs=0.05)


def test_a_crop_is_black_beyond_the_picture() -> None:
    rgb = np.full((50, 50, 3), 200, np.uint8)
    patch, _ = geometry.square_crop(rgb, (-50, 0, 0, 50), 0.0, 1.0, 20)
    assert patch.max() <= 100  # half of the last column may lie on the edge
    assert patch[:, :19].max() == 0
