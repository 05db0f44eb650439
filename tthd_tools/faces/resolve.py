"""From a backend's name, or ``auto``, to the engine that will run: its versions and weights."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

from tthd_tools import weights
from tthd_tools.errors import UsageError
from tthd_tools.extras import install_command
from tthd_tools.faces.records import Detector, Landmarker


@dataclass(frozen=True)
class Engine:
    """What one engine of one seam needs: distributions by import name, weights by name."""

    name: str
    packages: dict[str, str]  # import name: distribution
    weights: tuple[str, ...]


@dataclass(frozen=True)
class Resolved:
    """The engine that will run, everything its numbers depend on, and why it was chosen."""

    name: str
    packages: dict[str, str]  # distribution: version
    weights: dict[str, str]  # name: sha256
    licence: str
    why: str


# The best first: ``auto`` takes the first that is present and free.
DETECTORS = (
    Engine("litert", {"ai_edge_litert": "ai-edge-litert"}, ("blazeface_full_range",)),
    Engine(
        "insightface",
        {"insightface": "insightface", "onnxruntime": "onnxruntime"},
        ("scrfd_500m_kps",),
    ),
)
LANDMARKERS = (
    Engine("mediapipe", {"mediapipe": "mediapipe"}, ("face_landmarker",)),
    Engine("litert", {"ai_edge_litert": "ai-edge-litert"}, ("face_mesh",)),
)


def resolve_detector(backend: str) -> Resolved:
    """Choose the face detector without loading it; embedded weights are fetched if absent.

    Raises UsageError for an unknown name or a missing extra, WeightsError for missing weights.
    """
    return _resolve("face detector", DETECTORS, backend)


def resolve_landmarker(backend: str) -> Resolved:
    """Choose the face landmarker; raises like ``resolve_detector``."""
    return _resolve("face landmarker", LANDMARKERS, backend)


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


def _resolve(seam: str, engines: tuple[Engine, ...], backend: str) -> Resolved:
    passed_over: list[str] = []
    for engine in engines:
        if engine.name == backend:
            return _named(engine)
        reason = _absent(engine)
        if backend == "auto" and reason is None:
            return _described(engine, "; ".join(["the best that is here", *passed_over]))
        passed_over.append(f"{engine.name} passed over: {reason}")
    if backend == "auto":
        raise UsageError(
            f"no {seam} can run here ({'; '.join(passed_over)}); {install_command('faces')}"
        )
    names = ", ".join(["auto", *(engine.name for engine in engines)])
    raise UsageError(f"no {seam} is called {backend!r}; choose one of {names}")


def _absent(engine: Engine) -> str | None:
    """Why ``auto`` may not take this engine, or None."""
    for module in engine.packages:
        if find_spec(module) is None:
            return f"{module} is not installed"
    for name in engine.weights:
        weight = weights.lookup(name)
        if not weight.free:
            return f"{weight.file_name} is not free ({weight.licence})"
        if weight.wheel is None and weights.find(name) is None:
            return f"{weight.file_name} is not on this machine"
    return None


def _named(engine: Engine) -> Resolved:
    for module in engine.packages:
        if find_spec(module) is None:
            raise UsageError(
                f"the {engine.name} backend needs {module}, which is not installed; "
                f"{install_command('faces')}"
            )
    return _described(engine, "named")


def _described(engine: Engine, why: str) -> Resolved:
    for name in engine.weights:
        weights.require(name)
    return Resolved(
        name=engine.name,
        packages={name: version(name) for name in engine.packages.values()},
        weights={name: weights.lookup(name).sha256 for name in engine.weights},
        licence="; ".join(weights.lookup(name).licence for name in engine.weights),
        why=why,
    )
