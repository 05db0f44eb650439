"""The engines that hear speech, best first: which runs, and how it is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from tthd_tools import weights
from tthd_tools.engines import Engine, Resolved, resolve_engine
from tthd_tools.errors import WeightsError
from tthd_tools.speech.records import VoiceDetector

SEAM = "voice detector"
# The best first: ``auto`` never comes to those after ``energy``, which are named.
VOICE_DETECTORS = (
    Engine("silero", {"onnxruntime": "onnxruntime"}, ("silero_vad",), "speech"),
    Engine("energy", {}),
    Engine("pyannote", {"pyannote": "pyannote.audio"}, (), "align"),
    Engine("whisperx", {"whisperx": "whisperx", "pyannote": "pyannote.audio"}, (), "align"),
)


def resolve_voice_detector(backend: str) -> Resolved:
    """Choose the engine without loading it; Silero's network is fetched on first use.

    ``auto`` takes ``energy`` where that network cannot be fetched. Raises UsageError for an unknown
    name or a missing extra, WeightsError where the network of a named engine is missing.
    """
    try:
        return resolve_engine(SEAM, VOICE_DETECTORS, backend)
    except WeightsError as error:
        if backend != "auto":
            raise
        chosen = resolve_engine(SEAM, VOICE_DETECTORS, "energy")
        return replace(chosen, why=f"silero passed over: {error}")


def open_voice_detector(
    backend: str, threshold: float = 0.5, model: str | None = None, diarizer: str | None = None
) -> VoiceDetector:
    """Load an engine; ``threshold`` 0..1 is where speech begins, see each engine.

    ``model``, ``diarizer``: of ``pyannote`` alone. Raises like ``resolve_voice_detector``.
    """
    name = resolve_voice_detector(backend).name
    if name == "energy":
        from tthd_tools.speech.energy import EnergyDetector

        return EnergyDetector(threshold)
    if name == "silero":
        from tthd_tools.speech.silero import SileroDetector

        return SileroDetector(weights.require("silero_vad"), threshold)
    from tthd_tools.speech.pyannote import PyannoteDetector, whisperx_model

    return PyannoteDetector(model or whisperx_model(), threshold, diarizer)


def model_facts(**models: str | None) -> dict[str, str]:
    """What identifies models that a user names: the sha256 of a file or of a folder's files."""
    return {f"{SEAM} {role}": _identity(name) for role, name in models.items() if name is not None}


def _identity(name: str) -> str:
    path = Path(name)
    if not path.exists():
        return name  # on the model hub
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
