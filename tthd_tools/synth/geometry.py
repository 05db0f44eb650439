"""A pose and points of the face come in; their places in the picture, and the way back, go out.

Face coordinates are half widths of the face, x right and y down, (0, 0) between eyes and nose. A
turned head is drawn by moving every point by its depth times the sine of the angle; the depth is a
dome that ends at the outline, so that the outline stays, with the nose on top of it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.motion import Pose

Array = npt.NDArray[np.float64]
DOME = (1.06, 1.62)  # where the depth reaches zero
NOSE = (0.0, 0.36, 0.26, 0.15, 0.24)  # place, height and size of the nose above the dome
MOUTH_Y = 0.78
JAW_Y = 0.5  # below this the opening mouth pulls everything down
JAW_PULL = 0.35


def depth(x: Array, y: Array, pose: Pose) -> Array:
    """How far a place of the turned face stands out of the plane of its outline."""
    dome = np.maximum(1.0 - (x / DOME[0]) ** 2 - (y / DOME[1]) ** 2, 0.0)
    nose_x, nose_y, height, size_x, size_y = NOSE
    # The nose is looked for where the turn has moved it to.
    across = (x - nose_x - 1.1 * np.sin(pose.yaw)) / size_x
    along = (y - nose_y - 1.1 * np.sin(pose.pitch)) / size_y
    return np.asarray(dome + height * np.exp(-0.5 * (across**2 + along**2)))


def unturn(x: Array, y: Array, pose: Pose) -> tuple[Array, Array]:
    """From places on the turned, speaking head to places on the face at rest."""
    z = depth(x, y, pose)
    x, y = x - z * np.sin(pose.yaw), y - z * np.sin(pose.pitch)
    below = np.maximum(y - JAW_Y, 0.0)
    return x, y - below + below / (1.0 + JAW_PULL * pose.opening)


def turn(points: Array, pose: Pose) -> Array:
    """From places on the face at rest, (n, 2), to the turned, speaking head: inverts ``unturn``."""
    x = points[:, 0]
    y = points[:, 1] + np.maximum(points[:, 1] - JAW_Y, 0.0) * JAW_PULL * pose.opening
    turned_x, turned_y = x, y
    for _ in range(40):  # a contraction: the depth changes by less than the place does
        z = depth(turned_x, turned_y, pose)
        turned_x, turned_y = x + z * np.sin(pose.yaw), y + z * np.sin(pose.pitch)
    return np.stack([turned_x, turned_y], axis=1)


def place(points: Array, pose: Pose, centre_px: tuple[float, float], radius_px: float) -> Array:
    """Picture coordinates of points of the turned head: roll, size and position."""
    size = radius_px * pose.scale
    cos, sin = np.cos(pose.roll) * size, np.sin(pose.roll) * size
    origin = np.array(head_centre(pose, centre_px, radius_px))
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]) + origin)


def head_centre(
    pose: Pose, centre_px: tuple[float, float], radius_px: float
) -> tuple[float, float]:
    """Where the point (0, 0) of the face lies in the picture."""
    return centre_px[0] + pose.x * radius_px, centre_px[1] + pose.y * radius_px


def to_face(
    x_px: Array, y_px: Array, pose: Pose, centre_px: tuple[float, float], radius_px: float
) -> tuple[Array, Array]:
    """From picture coordinates to the face at rest: inverts ``place`` after ``turn``."""
    size = radius_px * pose.scale
    cos, sin = np.cos(pose.roll) / size, np.sin(pose.roll) / size
    centre_x, centre_y = head_centre(pose, centre_px, radius_px)
    dx, dy = x_px - centre_x, y_px - centre_y
    return unturn(cos * dx + sin * dy, -sin * dx + cos * dy, pose)
