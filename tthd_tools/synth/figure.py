"""A person at a place comes in; their head and shoulders in any pose are drawn onto frames."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.features import landmarks, paint_features
from tthd_tools.synth.geometry import (
    JAW_PULL,
    JAW_Y,
    Array,
    head_centre,
    place,
    to_face,
    turn,
)
from tthd_tools.synth.motion import Pose
from tthd_tools.synth.person import Person
from tthd_tools.synth.portrait import (
    BODY_X,
    BODY_Y,
    CHIN_Y,
    HAIRLINE_Y,
    HEAD_X,
    HEAD_Y,
    paint_body,
    paint_head,
)

Frame = npt.NDArray[np.uint8]
NODE_PX = 4  # the warp is computed at every fourth pixel and interpolated
FOLLOW = 0.85  # the shoulders follow this share of the head's way


class Figure:
    """One person, painted once for a given size, then drawn frame by frame."""

    def __init__(self, person: Person, radius_px: float, seed: int) -> None:
        self.person = person
        self.scale = max(1.25 * radius_px, 24.0)
        self.head = paint_head(person, self.scale, seed)
        self.body = paint_body(person, radius_px, seed)
        self.head_rgba = self.head.pixels()
        self.body_rgba = self.body.pixels()

    def draw(
        self, frame: Frame, pose: Pose, centre_px: tuple[float, float], radius_px: float
    ) -> None:
        """Draw onto an RGB frame (h, w, 3); ``centre_px`` and ``radius_px`` at rest."""
        self._draw_body(frame, pose, centre_px, radius_px)
        self._draw_head(frame, pose, centre_px, radius_px)

    def landmarks_px(
        self, pose: Pose, centre_px: tuple[float, float], radius_px: float
    ) -> dict[str, Array]:
        """Where the named points of the face are in the picture, (2,) each."""
        points = landmarks(self.person, pose)
        placed = place(turn(np.array(list(points.values())), pose), pose, centre_px, radius_px)
        return dict(zip(points, placed, strict=True))

    def box_px(
        self, pose: Pose, centre_px: tuple[float, float], radius_px: float
    ) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the face from hairline to chin."""
        angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
        chin = CHIN_Y + (CHIN_Y - JAW_Y) * JAW_PULL * pose.opening
        middle, half = (chin + HAIRLINE_Y) / 2, (chin - HAIRLINE_Y) / 2
        outline = np.stack([np.cos(angles), middle + half * np.sin(angles)], axis=1)
        placed = place(outline, pose, centre_px, radius_px)
        (left, top), (right, bottom) = placed.min(axis=0), placed.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    def _draw_body(
        self, frame: Frame, pose: Pose, centre_px: tuple[float, float], radius_px: float
    ) -> None:
        import cv2

        height, width = frame.shape[:2]
        ratio = radius_px / self.body.scale
        left = centre_px[0] + (FOLLOW * pose.x + BODY_X[0]) * radius_px
        top = centre_px[1] + (FOLLOW * pose.y + BODY_Y[0]) * radius_px
        rows = slice(int(np.clip(top, 0, height)), height)
        right = left + (BODY_X[1] - BODY_X[0]) * radius_px
        columns = slice(int(np.clip(left, 0, width)), int(np.clip(right + 1, 0, width)))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        # Pixel centres lie at half pixels in both pictures.
        offset_x = left - columns.start + 0.5 * (ratio - 1.0)
        offset_y = top - rows.start + 0.5 * (ratio - 1.0)
        warp = np.array([[ratio, 0, offset_x], [0, ratio, offset_y]])
        size = (columns.stop - columns.start, rows.stop - rows.start)
        _blend(frame[rows, columns], cv2.warpAffine(self.body_rgba, warp, size))

    def _draw_head(
        self, frame: Frame, pose: Pose, centre_px: tuple[float, float], radius_px: float
    ) -> None:
        import cv2

        texture = self.head_rgba.copy()
        paint_features(self.head, texture, self.person, pose)
        x, y = head_centre(pose, centre_px, radius_px)
        reach_x = (HEAD_X[1] + 0.1 + 1.5 * abs(pose.roll)) * radius_px * pose.scale
        reach_y = (HEAD_Y[1] + 0.1 + 1.0 * abs(pose.roll)) * radius_px * pose.scale
        left, top = int(x - reach_x), int(y - reach_y)
        nodes_x, nodes_y = int(2 * reach_x / NODE_PX) + 2, int(2 * reach_y / NODE_PX) + 2
        middle = (NODE_PX - 1) / 2 + 0.5
        node_x = left + middle + NODE_PX * np.arange(nodes_x, dtype=np.float64)[None, :]
        node_y = top + middle + NODE_PX * np.arange(nodes_y, dtype=np.float64)[:, None]
        face_x, face_y = to_face(node_x, node_y, pose, centre_px, radius_px)
        nodes = np.stack([face_x - HEAD_X[0], face_y - HEAD_Y[0]], axis=-1) * self.scale - 0.5
        size = (nodes_x * NODE_PX, nodes_y * NODE_PX)
        where = cv2.resize(nodes.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        height, width = frame.shape[:2]
        rows = slice(max(top, 0), min(top + size[1], height))
        columns = slice(max(left, 0), min(left + size[0], width))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        seen = where[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        _blend(frame[rows, columns], cv2.remap(texture, seen, None, cv2.INTER_LINEAR))


def _blend(frame: Frame, drawn: Frame) -> None:
    """Lay a picture with premultiplied alpha over a frame, in place."""
    import cv2

    behind = cv2.cvtColor(255 - drawn[..., 3], cv2.COLOR_GRAY2RGB)
    kept = cv2.multiply(frame, behind, scale=1 / 255)
    frame[...] = cv2.add(kept, cv2.cvtColor(drawn, cv2.COLOR_RGBA2RGB))
