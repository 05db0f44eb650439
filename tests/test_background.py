"""The camera's motion is that of the background, whatever the head does."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.background import Background, background_mask
from tthd_tools.clip import ClipFrame
from tthd_tools.media import Frame

BOX = np.array([280.0, 120.0, 360.0, 220.0], np.float32)


def wall(shift_px: float, rng_seed: int = 4) -> np.ndarray:
    """Blurred noise, (360, 640), moved to the right with sub-pixel accuracy."""
    import cv2

    random = np.random.default_rng(rng_seed).normal(0, 1, (360, 760)).astype(np.float32)
    smooth = cv2.GaussianBlur(random, (0, 0), 4)
    smooth = 120 + 60 * smooth / smooth.std() / 2
    map_x, map_y = np.meshgrid(np.arange(640) + 60 - shift_px, np.arange(360))
    moved = cv2.remap(smooth, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_CUBIC)
    return np.clip(moved, 16, 235).astype(np.uint8)


def picture(luma: np.ndarray, k: int) -> ClipFrame:
    grey = np.full((180, 320), 128, np.uint8)
    return ClipFrame(k, k / 25, Frame(k / 25, k, (luma, grey, grey)), None)


@pytest.mark.parametrize("step_px", [0.0, 0.3, 1.0, 3.0])
def test_camera_motion_is_that_of_the_background(step_px: float) -> None:
    background = Background()
    for k in range(20):
        luma = wall(k * step_px)
        luma[120:220, 280:360] = wall(k * -2.0, rng_seed=9)[120:220, 280:360]  # a moving head
        background.look(picture(luma, k), BOX, repeated=False)
    assert background.motion_px() == pytest.approx(step_px, abs=0.05)


def test_an_overlay_that_appears_is_no_camera_motion() -> None:
    background = Background()
    for k in range(20):
        luma = wall(k * 0.5)
        if k >= 8:
            luma[:, :270] = wall(k * 0.5, rng_seed=30 + k // 5)[:, :270]
        background.look(picture(luma, k), BOX, repeated=False)
    assert background.motion_px() == pytest.approx(0.5, abs=0.05)


def test_camera_motion_is_unknown_before_an_empty_wall_or_without_a_face() -> None:
    flat, faceless = Background(), Background()
    for k in range(5):
        flat.look(picture(np.full((360, 640), 90, np.uint8), k), BOX, repeated=False)
        faceless.look(picture(wall(k), k), None, repeated=False)
    assert flat.motion_px() is None
    assert faceless.motion_px() is None


def test_repeated_frames_do_not_dilute_camera_motion() -> None:
    background = Background()
    for k in range(20):
        background.look(picture(wall(k // 2 * 2.0), k), BOX, repeated=k % 2 == 1)
    assert background.motion_px() == pytest.approx(2.0, abs=0.05)


def test_head_and_shoulders_are_not_background() -> None:
    mask = background_mask(640, 360, BOX)
    assert mask[200, 320] == 0  # face
    assert mask[90, 320] == 0  # hair
    assert mask[300, 200] == 0  # shoulder
    assert mask[100, 100] == 255
    assert mask[350, 60] == 255
