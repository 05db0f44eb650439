"""A pose comes in; brows, eyes and mouth painted onto a copy of the head at rest go out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.brush import Brush, tint
from tthd_tools.synth.geometry import JAW_PULL, MOUTH_Y
from tthd_tools.synth.motion import Pose
from tthd_tools.synth.person import Person
from tthd_tools.synth.portrait import CHIN_Y, EYE_Y

LINE = (34.0, 18.0, 16.0)
UPPER_SHARE = 0.2  # of the opening, above the line of the closed lips


def lip_gap(person: Person, pose: Pose) -> float:
    """Height of the drawn mouth opening, in half widths, before the jaw stretches it."""
    return pose.opening * person.eye_distance / (1.0 + JAW_PULL * pose.opening)


def mouth_half_width(person: Person, pose: Pose) -> float:
    """Half the distance of the corners of the mouth, in half widths of the face."""
    return person.mouth_width * pose.width


def corner_y(pose: Pose) -> float:
    """Height of the corners of the mouth: a smile lifts them, grief lowers them."""
    return MOUTH_Y - 0.1 * pose.smile + 0.08 * pose.opening


def landmarks(person: Person, pose: Pose) -> dict[str, tuple[float, float]]:
    """Named points of the face at rest; left and right are those of the picture."""
    eye, half = person.eye_distance / 2, person.eye_width
    gap, wide = lip_gap(person, pose), mouth_half_width(person, pose)
    upper, lower = MOUTH_Y - UPPER_SHARE * gap, MOUTH_Y + (1.0 - UPPER_SHARE) * gap
    return {
        "left_eye_outer": (-eye - half, EYE_Y - 0.01),
        "left_eye_inner": (-eye + half, EYE_Y + 0.015),
        "left_eye": (-eye, EYE_Y),
        "right_eye": (eye, EYE_Y),
        "right_eye_inner": (eye - half, EYE_Y + 0.015),
        "right_eye_outer": (eye + half, EYE_Y - 0.01),
        "nose_tip": (0.0, 0.36),
        "mouth_left": (-wide, corner_y(pose)),
        "mouth_right": (wide, corner_y(pose)),
        "lip_upper_outer": (0.0, upper - 0.085),
        "lip_upper_inner": (0.0, upper),
        "lip_lower_inner": (0.0, lower),
        "lip_lower_outer": (0.0, lower + 0.115),
        "chin": (0.0, CHIN_Y),
    }


def paint_features(head: Brush, texture: npt.NDArray[np.uint8], person: Person, pose: Pose) -> None:
    """Paint what moves into ``texture``, the uint8 copy of ``head`` (RGBA)."""
    for x_range, y_range, paint in (
        ((-0.86, -0.06), (-0.72, 0.16), _paint_left_eye),
        ((0.06, 0.86), (-0.72, 0.16), _paint_right_eye),
        ((-0.66, 0.66), (0.5, 1.32), _paint_mouth),
    ):
        patch = head.part(x_range, y_range).copy(3)
        paint(patch, person, pose)
        columns = slice(*np.searchsorted(head.x[0], x_range))
        rows = slice(*np.searchsorted(head.y[:, 0], y_range))
        texture[rows, columns, :3] = patch.pixels()
    if person.glasses:
        _paint_glasses(head, texture)


def _paint_left_eye(patch: Brush, person: Person, pose: Pose) -> None:
    _paint_eye(patch, person, pose, -1.0)


def _paint_right_eye(patch: Brush, person: Person, pose: Pose) -> None:
    _paint_eye(patch, person, pose, 1.0)


def _paint_eye(patch: Brush, person: Person, pose: Pose, side: float) -> None:
    """White, iris, pupil and glint between two lids, lashes, crease, brow."""
    x, y = side * person.eye_distance / 2, EYE_Y
    across = np.clip((patch.x - x) / person.eye_width, -1.0, 1.0)
    arch = 1.0 - across**2
    tilt = -0.02 * side * across
    opened = 1.0 - pose.blink
    upper = y + tilt + 0.035 * pose.blink * arch - (0.095 + 0.03 * pose.lids) * opened * arch**0.8
    lower = y + tilt + (0.062 - 0.02 * max(pose.smile, 0.0) * opened) * arch**0.9
    inside = np.minimum(patch.y - upper, lower - patch.y)
    inside = np.minimum(inside, (person.eye_width - np.abs(patch.x - x)) * 0.5)
    white = patch.cover(inside)
    patch.fill(white, (236.0, 230.0, 224.0))
    gaze_x, gaze_y = x + pose.gaze_x, y - 0.018 + pose.gaze_y
    patch.fill(white * patch.cover(patch.ellipse(gaze_x, gaze_y, 0.088, 0.088)), person.iris)
    patch.fill(white * patch.cover(patch.ellipse(gaze_x, gaze_y, 0.04, 0.04)), (8.0, 6.0, 6.0))
    glint = patch.cover(patch.ellipse(gaze_x - 0.03, gaze_y - 0.03, 0.018, 0.018))
    patch.fill(white * glint, (255.0, 255.0, 255.0))
    patch.shade(white * patch.cover(0.03 - (patch.y - upper), 0.06), 0.35)
    near = patch.cover(person.eye_width + 0.015 - np.abs(patch.x - x), 0.04)
    lash = patch.cover(0.014 - np.abs(patch.y - upper + 0.004)) * near
    patch.fill(lash, LINE, 0.9)
    patch.fill(patch.cover(0.006 - np.abs(patch.y - lower)) * near, LINE, 0.35)
    crease = patch.cover(0.012 - np.abs(patch.y - upper + 0.055 * opened), 0.03) * near
    patch.shade(crease, 0.22)
    _paint_brow(patch, person, pose, side)


def _paint_brow(patch: Brush, person: Person, pose: Pose, side: float) -> None:
    """A thick tapering stroke; a frown pulls its inner end down, grief pushes it up."""
    outward = np.clip((side * patch.x - 0.16) / 0.58, 0.0, 1.0)  # 0 at the inner end
    centre = EYE_Y - 0.26 - 0.09 * pose.brow_raise - 0.14 * outward * (1.35 - 1.3 * outward)
    centre = centre + 0.11 * pose.brow_frown * (1.0 - outward) ** 1.5 - 0.02 * pose.brow_frown
    thickness = person.brow_thickness * (0.75 - 0.5 * outward**2)
    ends = np.minimum(side * patch.x - 0.13, 0.76 - side * patch.x)
    stroke = np.minimum(thickness - np.abs(patch.y - centre), ends)
    patch.fill(patch.cover(stroke, 0.045), tint(person.hair, 0.85), 0.88)


def _paint_mouth(patch: Brush, person: Person, pose: Pose) -> None:
    """Inside, teeth, tongue, lips with light on the lower one, the line between closed lips."""
    gap, wide = lip_gap(person, pose), mouth_half_width(person, pose)
    across = np.clip(patch.x / wide, -1.0, 1.0)
    arch = np.sqrt(1.0 - across**2)
    middle = MOUTH_Y + (corner_y(pose) - MOUTH_Y) * across**2
    upper, lower = middle - UPPER_SHARE * gap * arch, middle + (1.0 - UPPER_SHARE) * gap * arch
    bow = (
        0.085
        - 0.018 * np.exp(-((patch.x / 0.05) ** 2))
        + 0.012 * np.exp(-(((np.abs(patch.x) - 0.09) / 0.06) ** 2))
    )
    top, bottom = upper - bow * arch**1.5, lower + 0.115 * arch**1.3
    corners = (wide - np.abs(patch.x)) * 0.6
    lips = patch.cover(np.minimum(np.minimum(patch.y - top, bottom - patch.y), corners), 0.02)
    red = tint((186.0, 70.0, 72.0), 0.35 + 0.55 * person.lip_redness, tint(person.skin, 0.8))
    patch.shade(patch.blob(0.0, bottom[0, bottom.shape[1] // 2] + 0.05, 0.2, 0.035), 0.16)
    patch.fill(lips, red)
    patch.shade(lips * patch.cover(upper - patch.y, 0.05), 0.2)
    gloss = patch.blob(-0.03, float(lower.max()) + 0.045, 0.13, 0.022)
    patch.shade(lips * gloss, -0.2)
    between = np.minimum(np.minimum(patch.y - upper, lower - patch.y), corners)
    inside = patch.cover(between)
    patch.fill(inside, (22.0, 5.0, 7.0))
    tongue = patch.cover(
        patch.ellipse(0.0, MOUTH_Y + 1.0 * gap, 0.6 * wide, 0.25 * gap + 0.01), 0.05
    )
    patch.fill(inside * tongue, (110.0, 40.0, 44.0), 0.5)
    teeth = patch.cover(
        np.minimum(upper + min(0.06, 0.25 * gap) - patch.y, 0.8 * wide - np.abs(patch.x)), 0.02
    )
    patch.fill(inside * teeth, (228.0, 222.0, 210.0), 0.75)
    line = patch.cover(0.011 - np.abs(patch.y - 0.5 * (upper + lower)), 0.012)
    closed = float(np.clip(1.0 - gap / 0.03, 0.0, 1.0))
    patch.fill(line * patch.cover(corners), LINE, 0.75 * closed)
    for side in (-1.0, 1.0):
        patch.shade(patch.blob(side * (wide + 0.01), corner_y(pose), 0.025, 0.025), 0.3)


def _paint_glasses(head: Brush, texture: npt.NDArray[np.uint8]) -> None:
    """Thin dark rims, drawn over everything."""
    x_range, y_range = (-1.02, 1.02), (-0.46, 0.3)
    part = head.part(x_range, y_range)
    columns = slice(*np.searchsorted(head.x[0], x_range))
    rows = slice(*np.searchsorted(head.y[:, 0], y_range))
    rims = [0.018 - np.abs(part.ellipse(side * 0.44, EYE_Y + 0.03, 0.34, 0.27)) for side in (-1, 1)]
    bridge = np.minimum(0.016 - np.abs(part.y - EYE_Y + 0.02), 0.12 - np.abs(part.x))
    arms = np.minimum(0.016 - np.abs(part.y - EYE_Y + 0.02), np.abs(part.x) - 0.77)
    cover = part.cover(np.maximum(np.maximum(rims[0], rims[1]), np.maximum(bridge, arms)))
    behind = np.moveaxis(texture[rows, columns, :3], -1, 0)
    glasses = Brush(behind.astype(np.float32), part.x, part.y, part.scale)
    glasses.fill(cover, (30.0, 28.0, 32.0), 0.9)
    texture[rows, columns, :3] = glasses.pixels()
