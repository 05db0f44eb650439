"""Patches of a face stay where they are and are compared where both show the picture."""

from __future__ import annotations

import numpy as np

from tthd_tools.faces.patches import NOTHING_COMMON, Patches, patch_square


def test_a_square_stays_until_the_face_has_left_it() -> None:
    mesh = np.full((468, 3), 100, np.float32)
    mesh[0, :2], mesh[1, :2] = (50, 50), (150, 150)

    first = patch_square(mesh, None)

    assert first == (100, 100, 160)
    assert patch_square(mesh + np.float32(15), first) == first
    assert patch_square(mesh + np.float32(25), first) == (124, 124, 160)  # on even pixels


def test_patches_of_shifted_squares_are_compared_where_both_show_the_picture() -> None:
    y, x = np.mgrid[0:200, 0:200]
    picture = (100 + 40 * np.sin(x / 9) + 40 * np.cos(y / 11)).astype(np.uint8)
    cuts = [picture[20:84, 20:84], picture[28:92, 26:90]]
    squares = np.array([[52, 52, 64], [58, 60, 64]], np.float32)

    patches = Patches(np.stack(cuts), squares)

    assert patches.distance(0, 1) < 0.5
    assert np.abs(cuts[0].astype(float) - cuts[1]).mean() > 20


def test_patches_that_share_nothing_are_as_different_as_can_be() -> None:
    squares = np.array([[50, 50, 64], [500, 50, 64]], np.float32)

    patches = Patches(np.zeros((2, 64, 64), np.uint8), squares)

    assert patches.distance(0, 1) == NOTHING_COMMON


def test_a_sum_of_patches_whose_weights_cancel_a_steady_change_is_zero() -> None:
    ramp = np.stack([np.full((64, 64), 100 + 7 * k, np.uint8) for k in range(4)])
    squares = np.tile(np.array([50, 50, 64], np.float32), (4, 1))

    patches = Patches(ramp, squares)

    assert patches.combine([0, 1, 2, 3], np.array([0.5, -1.5, 1.5, -0.5])) < 1e-4
    assert patches.combine([0, 3], np.array([-1.0, 1.0])) == 21
