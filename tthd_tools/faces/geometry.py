"""From a face's points to its box, roll and pose, and from a box to the square crop engines see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.records import Box, Picture, Points

# Indices of MediaPipe's face topology; left and right as seen in the picture.
EYE_LEFT_OUTER, EYE_RIGHT_OUTER = 33, 263

# Points that speech moves little, spread wide so that the noise of each counts little.
_POSE = (
    ("left", (33, 127, 234)),
    ("right", (263, 356, 454)),
    ("top", (9, 10, 127, 356)),
    ("bottom", (2, 132, 152, 361)),
)
# The mesh is too deep: with its z as it comes, turns are 10 to 30 % larger than in MediaPipe's
# pose matrix, which is fitted with perspective.
DEPTH_SCALE = 0.85

Affine = NDArray[np.float64]  # (2, 3)


def roll_deg(left_eye: Points, right_eye: Points) -> float:
    """Angle of the line from the picture's left eye to its right one; clockwise is positive."""
    dx, dy = float(right_eye[0] - left_eye[0]), float(right_eye[1] - left_eye[1])
    return float(np.degrees(np.arctan2(dy, dx)))


def mesh_roll_deg(points: Points) -> float:
    """Roll of the eye line of a mesh (468, 3), for the crop of the next frame."""
    return roll_deg(points[EYE_LEFT_OUTER], points[EYE_RIGHT_OUTER])


def mesh_box(points: Points) -> Box:
    """Square box around a mesh (468, 3), as large as a detector's: where to look in the next frame.

    It is the hull in the face's own upright frame, so a face that only rolls keeps its size.
    """
    angle = np.radians(mesh_roll_deg(points))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    upright = points[:, :2].astype(np.float64) @ turn
    low, high = upright.min(axis=0), upright.max(axis=0)
    cx, cy = turn @ ((low + high) / 2)
    half = float((high - low).max()) / 2
    return (float(cx) - half, float(cy) - half, float(cx) + half, float(cy) + half)


def face_width_px(points: Points) -> float:
    """Width of a mesh's hull across the line of the eyes, whatever the roll."""
    across = points[EYE_RIGHT_OUTER, :2] - points[EYE_LEFT_OUTER, :2]
    along = points[:, :2] @ (across / max(float(np.linalg.norm(across)), 1e-6))
    return float(along.max() - along.min())


def interocular_px(points: Points) -> float:
    """Distance of the outer eye corners of a mesh (468, 3) in the picture."""
    return float(np.linalg.norm(points[EYE_RIGHT_OUTER, :2] - points[EYE_LEFT_OUTER, :2]))


def pose_deg(points: Points) -> Points:
    """Yaw, pitch, roll (3,) in degrees of a mesh (468, 3), about zero for a face to the camera.

    Yaw is positive when the face turns to the picture's right, pitch when it looks up, roll when
    the head tilts clockwise in the picture. The head's axes x (left to right) and y (top to bottom)
    span the rotation R = (x y z) = Rz(roll) Rx(-pitch) Ry(-yaw) in picture axes, z away.
    """
    mean = {name: points[list(group)].mean(axis=0, dtype=np.float64) for name, group in _POSE}
    x = (mean["right"] - mean["left"]) * (1, 1, DEPTH_SCALE)
    x /= np.linalg.norm(x)
    y = (mean["bottom"] - mean["top"]) * (1, 1, DEPTH_SCALE)
    y -= x * (x @ y)
    y /= np.linalg.norm(y)
    z = np.cross(x, y)
    yaw = np.arctan2(x[2], z[2])
    pitch = np.arcsin(np.clip(-y[2], -1, 1))
    roll = np.arctan2(-y[0], y[1])
    return np.array(np.degrees([yaw, pitch, roll]), np.float32)


def square_crop(
    rgb: Picture, box: Box, angle_deg: float, scale: float, size: int
) -> tuple[Picture, Affine]:
    """Cut the square ``scale`` times the box's longer side, turned by ``angle_deg``, to size².

    Returns the patch (size, size, 3), black beyond the picture, and the map (2, 3) from patch to
    picture coordinates.
    """
    import cv2

    side = max(box[2] - box[0], box[3] - box[1]) * scale
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    angle = np.radians(angle_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * side / size
    to_picture = np.column_stack([turn, centre - turn @ [size / 2, size / 2]])
    # OpenCV puts pixel centres at integers, we at .5
    shifted = to_picture.copy()
    shifted[:, 2] += turn @ [0.5, 0.5] - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    patch = cv2.warpAffine(rgb, shifted, (size, size), flags=flags)
    return np.asarray(patch, np.uint8), to_picture


def to_picture(points: Points, affine: Affine) -> Points:
    """Map (N, 2) or (N, 3) points of a patch to the picture; z is scaled like x and y."""
    mapped = points.astype(np.float64)
    mapped[:, :2] = points[:, :2] @ affine[:, :2].T + affine[:, 2]
    if points.shape[1] == 3:
        mapped[:, 2] *= np.hypot(affine[0, 0], affine[1, 0])
    return mapped.astype(np.float32)
