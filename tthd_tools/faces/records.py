"""Records and Protocols of the two seams: what goes into a face engine and what comes out.

A ``Detector`` finds faces in a whole picture, a ``Landmarker`` puts a mesh on one face whose box is
known. Every engine runs on one thread and gives the same numbers for the same picture. Coordinates
are pixels of the picture given, x to the right, y down, the first pixel reaching from 0 to 1.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # (h, w, 3), RGB
Points = NDArray[np.float32]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1


class Detection(NamedTuple):
    """One face in a picture: its box, how sure the detector is (0..1), and K key points.

    The first two key points of every engine are the eyes, the one on the picture's left first.
    """

    box: Box
    score: float
    keypoints: Points  # (K, 2)


class Mesh(NamedTuple):
    """468 points of MediaPipe's face topology, and what the engine measures beside them.

    ``points`` x, y, z in pixels, z grows away from the camera and is 0 at the head's centre.
    ``presence`` 0..1: falls when the face has left the box. ``pose_deg`` yaw, pitch, roll, see
    ``geometry.pose_deg``. None: this engine does not measure it.
    """

    points: Points  # (468, 3)
    presence: float
    pose_deg: Points  # (3,)
    iris: Points | None = None  # (10, 3)
    blendshapes: Points | None = None  # (52,)


class Detector(Protocol):
    """Finds faces in a picture."""

    name: str

    def detect(self, rgb: Picture) -> list[Detection]:
        """Return the faces, the surest first."""
        ...


class Landmarker(Protocol):
    """Puts a mesh on the face in a box."""

    name: str

    def locate(self, rgb: Picture, box: Box, roll_deg: float = 0.0) -> Mesh | None:
        """Return the mesh in coordinates of ``rgb``, None if the engine finds no face there.

        ``roll_deg`` turns the crop so that the eyes are level: see ``geometry.roll_deg``.
        """
        ...
