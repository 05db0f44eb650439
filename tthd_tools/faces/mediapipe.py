"""The mediapipe engine: a picture and a face's box in, 478 points and 52 blendshapes out."""

from __future__ import annotations

import weakref
from contextlib import suppress
from typing import Any

import numpy as np

from tthd_tools import weights
from tthd_tools.faces.geometry import mesh_box, pose_deg, square_crop, to_picture
from tthd_tools.faces.quiet import quiet_stderr
from tthd_tools.faces.records import Box, Mesh, Picture

CROP_SCALE = 2.0  # room for the engine's own detector, which finds large faces alone
CROP_PX = 384  # its mesh network then sees about 256 pixels of face, its input size
MESH_POINTS = 468
SAME_FACE_IOU = 0.2  # what the engine found elsewhere in the crop is another face


class MediapipeLandmarker:
    """FaceLandmarker on a turned square crop twice the box; ``presence`` is always 1.

    Each picture stands for itself (IMAGE mode), so the numbers do not depend on what came before.
    """

    name = "mediapipe"

    def __init__(self) -> None:
        path = weights.require("face_landmarker")
        with quiet_stderr():
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

            options = vision.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_path=str(path)),
                num_faces=2,  # a neighbour in the crop must not stand in for the face in the box
                min_face_detection_confidence=0.2,
                output_face_blendshapes=True,
            )
            self._engine = vision.FaceLandmarker.create_from_options(options)
            self._mediapipe = mediapipe
            self._detect(np.zeros((CROP_PX, CROP_PX, 3), np.uint8))  # logs on its first picture
        weakref.finalize(self, _release, self._engine)

    def locate(self, rgb: Picture, box: Box, roll_deg: float = 0.0) -> Mesh | None:
        patch, affine = square_crop(rgb, box, roll_deg, CROP_SCALE, CROP_PX)
        result = self._detect(patch)
        found = []
        for landmarks, shapes in zip(result.face_landmarks, result.face_blendshapes, strict=True):
            raw = np.array([(p.x, p.y, p.z) for p in landmarks], np.float32) * CROP_PX
            points = to_picture(raw, affine)
            found.append((_overlap(mesh_box(points[:MESH_POINTS]), box), points, shapes))
        if not found:
            return None
        overlap, points, shapes = max(found, key=lambda face: face[0])
        if overlap < SAME_FACE_IOU:
            return None
        return Mesh(
            points=points[:MESH_POINTS],
            presence=1.0,
            pose_deg=pose_deg(points[:MESH_POINTS]),
            iris=points[MESH_POINTS:],
            blendshapes=np.array([shape.score for shape in shapes], np.float32),
        )

    def _detect(self, patch: Picture) -> Any:
        image = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=patch)
        return self._engine.detect(image)


def _release(engine: Any) -> None:
    """Close the engine; at the interpreter's end its threads are gone and it can only be let go."""
    with suppress(RuntimeError):
        engine.close()
    engine._handle = None  # else its __del__ complains on stderr


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared) if shared else 0.0
