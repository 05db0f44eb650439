"""The engines of the two seams, best first: which runs, and how it is loaded."""

from __future__ import annotations

from tthd_tools.engines import Engine, Resolved, resolve_engine
from tthd_tools.faces.records import Detector, Landmarker

# The best first: ``auto`` takes the first that is present and free.
DETECTORS = (
    Engine("litert", {"ai_edge_litert": "ai-edge-litert"}, ("blazeface_full_range",)),
    Engine(
        "insightface",
        {"insightface": "insightface", "onnxruntime": "onnxruntime"},
        ("scrfd_500m_kps",),
        "faces",
    ),
)
LANDMARKERS = (
    Engine("mediapipe", {"mediapipe": "mediapipe"}, ("face_landmarker",), "faces"),
    Engine("litert", {"ai_edge_litert": "ai-edge-litert"}, ("face_mesh",)),
)


def resolve_detector(backend: str) -> Resolved:
    """Choose the face detector without loading it; embedded weights are fetched if absent.

    Raises UsageError for an unknown name or a missing extra, WeightsError for missing weights.
    """
    return resolve_engine("face detector", DETECTORS, backend)


def resolve_landmarker(backend: str) -> Resolved:
    """Choose the face landmarker; raises like ``resolve_detector``."""
    return resolve_engine("face landmarker", LANDMARKERS, backend)


def open_detector(backend: str, min_score: float = 0.5, min_face_px: float = 48.0) -> Detector:
    """Load a detector: ``min_score`` 0..1; faces narrower than ``min_face_px`` need not be found.

    Raises like ``resolve_detector``.
    """
    if resolve_detector(backend).name == "litert":
        from tthd_tools.faces.litert import LitertDetector

        return LitertDetector(min_score, min_face_px)
    from tthd_tools.faces.insightface import InsightfaceDetector

    return InsightfaceDetector(min_score)


def open_landmarker(backend: str) -> Landmarker:
    """Load a landmarker; raises like ``resolve_landmarker``."""
    if resolve_landmarker(backend).name == "litert":
        from tthd_tools.faces.litert import LitertLandmarker

        return LitertLandmarker()
    from tthd_tools.faces.mediapipe import MediapipeLandmarker

    return MediapipeLandmarker()
