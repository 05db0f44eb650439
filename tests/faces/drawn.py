"""A drawn face for tests: where it is goes in, a picture that face detectors believe comes out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SUPER = 2  # drawn twice as large and shrunk, so that edges are soft


def drawn_face(
    size: tuple[int, int] = (512, 512),
    centre: tuple[float, float] = (256, 250),
    width: float = 200,
    roll_deg: float = 0.0,
    mouth_open: float = 0.2,
) -> NDArray[np.uint8]:
    """Return an RGB picture of ``size`` (height, width); ``width`` is the head's, all in pixels."""
    height, columns = size
    picture = np.full((height * SUPER, columns * SUPER, 3), (92, 110, 122), np.float32)
    unit = width * SUPER / 200
    angle = np.radians(roll_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def ellipse(x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int]) -> None:
        cx, cy = turn @ [x * unit, y * unit] + np.array(centre) * SUPER
        blur = max(int(2.5 * unit) | 1, 3)
        axes = (max(round(rx * unit), 1), max(round(ry * unit), 1))
        reach = max(axes) + blur
        x0, y0 = max(round(cx) - reach, 0), max(round(cy) - reach, 0)
        around = picture[y0 : round(cy) + reach, x0 : round(cx) + reach]
        mask = np.zeros(around.shape[:2], np.float32)
        middle = (round(cx) - x0, round(cy) - y0)
        cv2.ellipse(mask, middle, axes, roll_deg, 0, 360, 1.0, -1)
        mask = cv2.GaussianBlur(mask, (blur, blur), 0)[..., None]
        around[:] = around * (1 - mask) + np.array(colour, np.float32) * mask

    ellipse(0, 190, 170, 80, (60, 66, 90))  # shoulders
    ellipse(0, 110, 45, 60, (176, 130, 104))  # neck
    ellipse(0, -30, 112, 132, (58, 40, 30))  # hair
    ellipse(0, 4, 92, 122, (212, 164, 136))  # face, shaded towards its sides
    ellipse(0, 0, 80, 108, (220, 174, 146))
    ellipse(0, -6, 64, 90, (226, 182, 154))
    for side in (-1, 1):
        ellipse(side * 40, -42, 24, 5, (70, 48, 36))  # brow
        ellipse(side * 38, -20, 19, 10, (150, 108, 90))  # socket
        ellipse(side * 38, -19, 16, 7.5, (238, 234, 230))
        ellipse(side * 38, -19, 7.5, 7.5, (84, 58, 40))
        ellipse(side * 38, -19, 3.5, 3.5, (16, 14, 14))
        ellipse(side * 38 + 2, -22, 1.8, 1.8, (250, 250, 250))
        ellipse(side * 9, 30, 6, 4, (150, 100, 84))  # nostril
    ellipse(0, 4, 9, 28, (232, 190, 162))  # nose
    ellipse(0, 24, 14, 8, (228, 182, 154))
    ellipse(0, 62, 32, 10 + 12 * mouth_open, (176, 88, 84))
    if mouth_open:
        ellipse(0, 62, 24, 14 * mouth_open, (60, 22, 24))
    small = cv2.resize(picture, (columns, height), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).normal(0, 2, small.shape)
    return np.clip(small + noise, 0, 255).astype(np.uint8)
