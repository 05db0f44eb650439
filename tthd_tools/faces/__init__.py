"""From a picture to faces, and from a face to its mesh: two seams with three engines.

detector = open_detector("auto")            # whole picture → boxes with key points
landmarker = open_landmarker("auto")        # picture and box → mesh of 468 points
for face in detector.detect(rgb):
    mesh = landmarker.locate(rgb, face.box, roll_deg(*face.keypoints[:2]))
    next_box, next_roll = mesh_box(mesh.points), mesh_roll_deg(mesh.points)
"""

from __future__ import annotations

from tthd_tools.faces.geometry import (
    interocular_px,
    mesh_box,
    mesh_roll_deg,
    pose_deg,
    roll_deg,
)
from tthd_tools.faces.records import Box, Detection, Detector, Landmarker, Mesh, Picture, Points
from tthd_tools.faces.resolve import (
    DETECTORS,
    LANDMARKERS,
    open_detector,
    open_landmarker,
    resolve_detector,
    resolve_landmarker,
)

__all__ = [
    "DETECTORS",
    "LANDMARKERS",
    "Box",
    "Detection",
    "Detector",
    "Landmarker",
    "Mesh",
    "Picture",
    "Points",
    "interocular_px",
    "mesh_box",
    "mesh_roll_deg",
    "open_detector",
    "open_landmarker",
    "pose_deg",
    "resolve_detector",
    "resolve_landmarker",
    "roll_deg",
]
