"""Face boxes of a track come in; the square of each frame that a network looks at goes out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import ClipFrame
from tthd_tools.media import Crop

STEADY_FRAMES = 13  # median over half a second: the square follows the head, not the jaw
PICTURE_PX = 112


class Framing(NamedTuple):
    """How a network was shown faces: side, and how far below the box's middle, in sides of it."""

    side: float
    below: float


def squares(box: NDArray[np.float32], valid: NDArray[np.bool_], framing: Framing) -> list[Crop]:
    """Squares (T,) from boxes (T, 4) as ``tracks`` leaves them; gaps are bridged."""
    from scipy.ndimage import median_filter

    seen = np.flatnonzero(valid)
    x0, y0, x1, y1 = (
        np.interp(np.arange(len(box)), seen, box[seen, side].astype(np.float64))
        for side in range(4)
    )
    longer = np.maximum(x1 - x0, y1 - y0)
    x, y, side = (
        median_filter(curve, STEADY_FRAMES, mode="nearest")
        for curve in ((x0 + x1) / 2, (y0 + y1) / 2, longer)
    )
    places = zip(x, y + framing.below * side, framing.side * side, strict=True)
    return [Crop(float(cx), float(cy), float(side)) for cx, cy, side in places]


def grey(frame: ClipFrame, square: Crop) -> NDArray[np.uint8]:
    """The square of a frame in full-range grey (112, 112)."""
    luma = frame.frame.crop_luma(square, PICTURE_PX).astype(np.float32)
    return np.asarray(np.clip(np.rint((luma - 16) * (255 / 219)), 0, 255), np.uint8)
