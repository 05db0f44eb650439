"""A face's mesh over time comes in; how its brows, eyes, cheeks and mouth act goes out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS
from tthd_tools.faces.geometry import DEPTH_SCALE

Floats = NDArray[np.float64]

ACTIONS = (
    "inner_brow", "outer_brow", "brow_gap", "lip_corner", "mouth_width", "cheek", "lower_lid",
    "eye_opening", "mouth_opening",
)  # fmt: skip
"""Lengths over the distance of the outer eye corners, in the head's own axes.

``inner_brow``, ``outer_brow``: height of the brow's ends over the corners of the eyes (FACS action
units 1, 2 up, 4 down). ``brow_gap``: between the brows (AU 4 narrows it). ``lip_corner``: height
of the corners of the mouth over the middle of the upper lip's edge (AU 12 up, 15 down).
``mouth_width``: between its corners (AU 12, 20). ``cheek``: from the lower lid down to the cheek
(AU 6 shortens it). ``lower_lid``: height of the lower lid over the eye's corners (AU 6, 7).
``eye_opening``: between the lids (AU 5). ``mouth_opening``: between the inner lips.
FACS: P. Ekman, W. Friesen, J. Hager, Facial Action Coding System, 2002.
"""
CUES = ACTIONS[:7]
"""Those that may tell an emotion: lids blink and lips speak, so their opening may not."""
SLOW_HZ = 0.5  # speech moves the mouth two to eight times a second, and brows beat its time

# What one unit of mouth opening does to the corners and the width of the mouth while a person
# speaks: medians of regressions of their fast parts over 15 people, alike with two landmarkers.
OPENING_TO_CORNER, OPENING_TO_WIDTH = -0.27, 0.21
WIDE_OPEN = 0.2  # beyond it the lips are a ring, whose corners tell nothing; laughter stays below

# Points of MediaPipe's topology; those of the picture's left first.
_EYE_CORNERS = (33, 133, 362, 263)
_INNER_CORNERS, _OUTER_CORNERS = (133, 362), (33, 263)
_INNER_BROWS, _OUTER_BROWS = (107, 55, 336, 285), (70, 46, 300, 276)
_BROW_LEFT, _BROW_RIGHT = (107, 55), (336, 285)
_UPPER_LIDS, _LOWER_LIDS = (159, 160, 158, 386, 387, 385), (145, 144, 153, 374, 373, 380)
_LOWER_LID, _CHEEKS = (145, 374), (50, 280)
_MOUTH_LEFT, _MOUTH_RIGHT, _UPPER_LIP = 61, 291, 0
_INNER_UPPER, _INNER_LOWER = 13, 14


def face_actions(points: NDArray[np.float32], pose_deg: NDArray[np.floating]) -> Floats:
    """Actions (T, 9), see ``ACTIONS``, of meshes (T, 468, 3) with their pose (T, 3) in degrees.

    The mesh is turned back by its pose, so that a nod is no frown. NaN where the pose is.
    """
    head = np.einsum("tnc,tcd->tnd", points * (1, 1, DEPTH_SCALE), _head_axes(pose_deg))
    apart = np.linalg.norm(head[:, 263] - head[:, 33], axis=1)
    x, y = (head[..., axis] / np.maximum(apart, 1e-6)[:, None] for axis in (0, 1))

    def height(above: tuple[int, ...], over: tuple[int, ...]) -> Floats:
        return np.asarray(y[:, over].mean(axis=1) - y[:, above].mean(axis=1))

    opening = y[:, _INNER_LOWER] - y[:, _INNER_UPPER]
    columns = (
        height(_INNER_BROWS, _INNER_CORNERS),
        height(_OUTER_BROWS, _OUTER_CORNERS),
        x[:, _BROW_RIGHT].mean(axis=1) - x[:, _BROW_LEFT].mean(axis=1),
        height((_MOUTH_LEFT, _MOUTH_RIGHT), (_UPPER_LIP,)),
        x[:, _MOUTH_RIGHT] - x[:, _MOUTH_LEFT],
        height(_LOWER_LID, _CHEEKS),
        height(_LOWER_LID, _EYE_CORNERS),
        height(_UPPER_LIDS, _LOWER_LIDS),
        opening,
    )
    return np.stack(columns, axis=1)


def slow_cues(actions: NDArray[np.floating]) -> Floats | None:
    """The ``CUES`` (T, 7) of actions (T, 9) without what speech moves; None without any face.

    What the opening mouth does to its corners is taken away, then all that is faster than
    ``SLOW_HZ``. Frames without a face are bridged by straight lines.
    """
    from scipy.signal import butter, sosfiltfilt

    seen = np.flatnonzero(np.isfinite(actions).all(axis=1))
    if len(seen) < 2:
        return None
    k = np.arange(len(actions))
    whole = np.stack([np.interp(k, seen, column[seen]) for column in actions.T], axis=1)
    opening = whole[:, ACTIONS.index("mouth_opening")]
    cues = whole[:, : len(CUES)].copy()
    still = np.flatnonzero(opening <= WIDE_OPEN)
    for name, slope in (("lip_corner", OPENING_TO_CORNER), ("mouth_width", OPENING_TO_WIDTH)):
        column = cues[:, CUES.index(name)] - slope * opening
        if len(still):
            column = np.interp(k, still, column[still])
        cues[:, CUES.index(name)] = column
    sections = butter(2, SLOW_HZ, fs=FPS, output="sos")
    return np.asarray(sosfiltfilt(sections, cues, axis=0, padlen=min(50, len(cues) - 1)))


def _head_axes(pose_deg: NDArray[np.floating]) -> Floats:
    """The head's axes x, y, z as columns (T, 3, 3): Rz(roll) Rx(-pitch) Ry(-yaw)."""
    yaw, pitch, roll = np.radians(pose_deg.astype(np.float64)).T
    one, zero = np.ones_like(yaw), np.zeros_like(yaw)

    def rows(*values: Floats) -> Floats:
        return np.stack(values, axis=1).reshape(-1, 3, 3)

    about_z = rows(
        *(np.cos(roll), -np.sin(roll), zero),
        *(np.sin(roll), np.cos(roll), zero),
        *(zero, zero, one),
    )
    about_x = rows(
        *(one, zero, zero),
        *(zero, np.cos(pitch), np.sin(pitch)),
        *(zero, -np.sin(pitch), np.cos(pitch)),
    )
    about_y = rows(
        *(np.cos(yaw), zero, -np.sin(yaw)), *(zero, one, zero), *(np.sin(yaw), zero, np.cos(yaw))
    )
    return about_z @ about_x @ about_y
