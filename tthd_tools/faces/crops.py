"""Where to cut the square of each frame: face boxes and meshes of a track go in, crops come out."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.geometry import EYE_LEFT_OUTER, EYE_RIGHT_OUTER

CropMode = Literal["static", "smooth", "affine"]
Floats = NDArray[np.float64]

HEADROOM = 0.06  # the crop is lifted by this share of its side: hair is above the mesh
SMOOTH_S = 0.4


def plan_crops(
    boxes: Floats, points: Floats, mode: CropMode, margin: float, picture: tuple[int, int]
) -> Floats:
    """Crop of each frame as centre x, y, side in source pixels and angle in degrees, (T, 4).

    ``boxes`` (T, 4) face boxes, ``points`` (T, 468, 3), both in source pixels and without gaps;
    ``picture`` width and height. ``static``: one square around all boxes, ``margin`` times their
    longer side; ``smooth``: it follows the face, low-passed; ``affine``: it follows, and eyes are
    level and at one distance, as LatentSync's alignment.
    """
    count = len(boxes)
    if mode == "static":
        union = np.array([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])
        return np.tile(_square(union, margin, picture), (count, 1))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) * margin
    angles = np.zeros(count)
    if mode == "affine":
        eyes = points[:, EYE_RIGHT_OUTER, :2] - points[:, EYE_LEFT_OUTER, :2]
        angles = np.degrees(np.arctan2(eyes[:, 1], eyes[:, 0]))
    crops = np.column_stack([centres, sides, angles])
    crops[:, 1] -= HEADROOM * crops[:, 2]
    if mode == "smooth":
        crops[:, 2] = np.median(crops[:, 2])
    return np.round(_low_pass(crops, SMOOTH_S * 25.0), 3)


def crop_divisions(
    boxes: Floats, margin: float, picture: tuple[int, int], least_share: float, least: int
) -> list[int]:
    """Frames at which a static crop must begin anew, since the face would get too small in it.

    A piece ends before the frame with which the median face width would fall under ``least_share``
    of the side, but no piece is shorter than ``least`` frames.
    """
    if _share(boxes, margin, picture) >= least_share:
        return []
    count = len(boxes)
    starts = [0]
    for end in range(1, count + 1):
        if end - starts[-1] > least and _share(boxes[starts[-1] : end], margin, picture) < (
            least_share
        ):
            starts.append(end - 1)
    if len(starts) > 1 and count - starts[-1] < least:
        # The rest would be too short: it takes frames from the piece before, or joins it.
        starts[-1] = count - least
        if starts[-1] - starts[-2] < least:
            starts.pop()
    return starts[1:]


def _share(boxes: Floats, margin: float, picture: tuple[int, int]) -> float:
    union = np.array([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])
    return float(np.median(boxes[:, 2] - boxes[:, 0])) / float(_square(union, margin, picture)[2])


def _square(union: Floats, margin: float, picture: tuple[int, int]) -> Floats:
    """The square around a box, on even pixels, moved into the picture where it fits."""
    longest = float(max(union[2] - union[0], union[3] - union[1]))
    # Up to the whole picture rather than beyond its edges, as long as the faces are inside.
    inside = max(min(picture), longest * 1.05)
    side = max(2.0 * round(min(longest * margin, inside) / 2), 16.0)
    corner = (union[:2] + union[2:]) / 2 - side / 2
    corner[1] -= HEADROOM * side
    room = np.array(picture) - side
    corner = np.where(room >= 0, np.clip(corner, 0, np.maximum(room, 0)), room / 2)
    corner = 2.0 * np.round(corner / 2)
    return np.array([corner[0] + side / 2, corner[1] + side / 2, side, 0.0])


def _low_pass(values: Floats, sigma: float) -> Floats:
    from scipy.ndimage import gaussian_filter1d

    smooth: Floats = gaussian_filter1d(values, sigma, axis=0, mode="nearest")
    return smooth
