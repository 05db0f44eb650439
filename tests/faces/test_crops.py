"""A static crop holds all face boxes; moving ones follow; a wandering face divides the clip."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faces.world import UNIT
from tthd_tools.faces.crops import crop_divisions, plan_crops

PICTURE = (1280, 720)


def boxes_at(centres: list[tuple[float, float]], px: float = 100.0) -> np.ndarray:
    xy = np.array(centres, float)
    return np.concatenate([xy - px / 2, xy + px / 2], axis=1)


def points_at(centres: list[tuple[float, float]], px: float = 100.0, roll: float = 0) -> np.ndarray:
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    turned = UNIT.astype(float).copy()
    turned[:, :2] = UNIT[:, :2] @ np.array([[c, s], [-s, c]])
    return np.stack([turned * px + [x, y, 0] for x, y in centres])


def test_a_static_crop_is_one_square_of_the_margin_around_a_still_face():
    centres = [(640.0, 360.0)] * 10
    crop = plan_crops(boxes_at(centres), points_at(centres), "static", 1.8, PICTURE)
    assert crop.shape == (10, 4)
    assert (crop == crop[0]).all()
    assert crop[0].tolist() == [640.0, 348.0 + 2, 180.0, 0.0]


def test_a_static_crop_lies_on_even_pixels():
    centres = [(641.3, 333.7), (655.1, 341.2)]
    crop = plan_crops(boxes_at(centres), points_at(centres), "static", 1.7, PICTURE)[0]
    assert (crop[0] - crop[2] / 2) % 2 == 0
    assert (crop[1] - crop[2] / 2) % 2 == 0
    assert crop[2] % 2 == 0


@given(
    st.lists(st.tuples(st.floats(60, 1220), st.floats(60, 660)), min_size=1, max_size=20),
    st.floats(20, 110),
)
def test_a_static_crop_holds_every_box_and_stays_in_the_picture_if_it_fits(centres, px):
    boxes = boxes_at(centres, px)
    cx, cy, side, _ = plan_crops(boxes, points_at(centres, px), "static", 1.8, PICTURE)[0]
    assert (boxes[:, 0] >= cx - side / 2 - 2).all()
    assert (boxes[:, 2] <= cx + side / 2 + 2).all()
    assert (boxes[:, 1] >= cy - side / 2 - 2).all()
    assert (boxes[:, 3] <= cy + side / 2 + 2).all()
    if side <= 720:
        assert cx - side / 2 >= 0
        assert cx + side / 2 <= 1280
        assert cy - side / 2 >= 0
        assert cy + side / 2 <= 720


def test_a_crop_at_the_edge_is_moved_into_the_picture():
    centres = [(60.0, 60.0)]
    cx, cy, side, _ = plan_crops(boxes_at(centres), points_at(centres), "static", 1.8, PICTURE)[0]
    assert (cx - side / 2, cy - side / 2) == (0.0, 0.0)


def test_a_smooth_crop_follows_with_one_size():
    centres = [(300.0 + 4 * k, 360.0) for k in range(100)]
    crop = plan_crops(boxes_at(centres), points_at(centres), "smooth", 1.8, PICTURE)
    assert np.ptp(crop[:, 2]) == 0
    assert crop[50, 0] == pytest.approx(500, abs=0.1)
    assert np.diff(crop[30:70, 0]) == pytest.approx(np.full(39, 4.0), abs=0.01)


def test_an_affine_crop_levels_the_eyes():
    centres = [(640.0, 360.0)] * 50
    crop = plan_crops(boxes_at(centres), points_at(centres, roll=12), "affine", 1.8, PICTURE)
    assert crop[:, 3] == pytest.approx(np.full(50, 12.0), abs=0.01)


def test_a_face_that_stays_needs_no_division():
    centres = [(600.0 + 30 * np.sin(k / 5), 360.0) for k in range(200)]
    assert crop_divisions(boxes_at(centres), 1.8, PICTURE, 0.3, 25) == []


def test_a_face_that_walks_through_the_picture_divides_the_clip():
    centres = [(150.0 + 3 * k, 360.0) for k in range(200)]
    boxes = boxes_at(centres)
    starts = crop_divisions(boxes, 1.8, PICTURE, 0.3, 25)
    assert len(starts) >= 4
    edges = [0, *starts, 200]
    for start, end in pairwise(edges):
        assert end - start >= 25
        piece = boxes[start:end]
        side = plan_crops(piece, points_at(centres[start:end]), "static", 1.8, PICTURE)[0, 2]
        assert 100 / side >= 0.3
