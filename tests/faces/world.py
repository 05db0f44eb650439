"""A world of square faces for tracker tests: frames that show it, and engines that see it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.records import Box, Detection, Mesh

# A flat mesh: a grid of points over a unit square, eyes and chin at their numbers.
_SIDE = np.linspace(-0.5, 0.5, 22)
UNIT = np.zeros((468, 3), np.float32)
UNIT[:, :2] = np.stack(np.meshgrid(_SIDE, _SIDE), axis=-1).reshape(-1, 2)[:468]
UNIT[467] = (0.5, 0.5, 0)
for _index, _point in {
    33: (-0.25, -0.15),
    263: (0.25, -0.15),
    10: (0, -0.5),
    152: (0, 0.5),
}.items():
    UNIT[_index, :2] = _point


@dataclass(frozen=True)
class Face:
    """A face of that identity around a point, ``px`` wide."""

    cx: float
    cy: float
    px: float
    identity: int = 0


@dataclass
class World:
    """What is in the picture now, and which part of it was last looked at."""

    faces: list[Face] = field(default_factory=list)
    crop: tuple[float, float, float] = (0, 0, 0)
    detector_calls: int = 0
    landmarker_calls: int = 0


@dataclass
class WorldFrame:
    """A frame of 640 × 360 that shows the faces of that moment."""

    world: World
    faces: list[Face]
    t_s: float
    width: int = 640
    height: int = 360

    def rgb(self, width: int = 0, height: int = 0) -> NDArray[np.uint8]:
        self.world.faces = self.faces
        return np.zeros((self.height, self.width, 3), np.uint8)

    def crop_rgb(self, crop: tuple[float, ...], size: int) -> NDArray[np.uint8]:
        self.world.faces = self.faces
        self.world.crop = (crop[0], crop[1], crop[2])
        return np.zeros((size, size, 3), np.uint8)

    def crop_luma(self, crop: tuple[float, ...], size: int) -> NDArray[np.uint8]:
        nearest = min(
            self.faces,
            key=lambda face: abs(face.cx - crop[0]) + abs(face.cy - crop[1]),
            default=None,
        )
        identity = nearest.identity if nearest else 0
        return np.random.default_rng(identity).integers(0, 255, (size, size)).astype(np.uint8)

    def luma(self, width: int, height: int) -> NDArray[np.uint8]:
        return np.full((height, width), 128, np.uint8)


@dataclass
class WorldDetector:
    world: World
    name: str = "world"

    def detect(self, rgb: NDArray[np.uint8]) -> list[Detection]:
        self.world.detector_calls += 1
        return [
            Detection(
                (f.cx - f.px / 2, f.cy - f.px / 2, f.cx + f.px / 2, f.cy + f.px / 2),
                0.9,
                np.array([[f.cx - f.px / 4, f.cy], [f.cx + f.px / 4, f.cy]], np.float32),
            )
            for f in self.world.faces
        ]


@dataclass
class WorldLandmarker:
    """Sees a face whose centre is in the inner half of what it is shown."""

    world: World
    name: str = "world"

    def locate(self, rgb: NDArray[np.uint8], box: Box, roll_deg: float = 0.0) -> Mesh | None:
        self.world.landmarker_calls += 1
        cx, cy, side = self.world.crop
        scale = rgb.shape[0] / side
        for face in self.world.faces:
            if max(abs(face.cx - cx), abs(face.cy - cy)) < side / 4:
                points = UNIT * np.float32(face.px * scale)
                points[:, 0] += np.float32((face.cx - cx + side / 2) * scale)
                points[:, 1] += np.float32((face.cy - cy + side / 2) * scale)
                return Mesh(points, 1.0, np.zeros(3, np.float32))
        return None
