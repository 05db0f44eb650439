"""What was drawn and said comes in; ``NAME.truth.json``, the ground truth of a file, goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tthd_tools.synth.speech import Emotion


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Join(_Record):
    """A cut or jump cut: ``t_s`` is the time of the first frame of what follows."""

    t_s: float
    kind: Literal["cut", "jump"]
    skip_s: float
    zoom: float
    dissolve_frames: int  # half of them before ``t_s``, half after


class FaceTrack(_Record):
    """One face through one take: lists hold one entry per frame from ``first_frame`` on."""

    speaker: str
    take: int
    speaks: bool
    emotion: Emotion
    first_frame: int
    boxes: list[tuple[float, float, float, float]]  # left, top, right, bottom in pixels
    landmarks: dict[str, list[tuple[float, float]]]  # name: x, y in pixels
    opening: list[float]  # gap of the inner lips over the distance of the eyes, seen from the front
    width: list[float]  # of the mouth over the distance of the eyes, seen from the front
    pose_deg: list[tuple[float, float, float]]  # yaw to the right, pitch up, roll clockwise


class SpokenSyllable(_Record):
    """A syllable on the picture's time line; the sound of it comes ``offset_ms`` later."""

    text: str
    roman: str
    speaker: str
    phrase: int
    start_s: float
    end_s: float


class Happening(_Record):
    """``pause``, ``hum`` (loud, lips closed), ``silent_open``, ``clap``; on the picture's time."""

    kind: str
    speaker: str
    start_s: float
    end_s: float


class Truth(_Record):
    """Everything known about a synthetic file."""

    size: tuple[int, int]
    fps: float | None  # null for a variable rate
    times_s: list[float]
    duration_s: float
    joins: list[Join]
    faces: list[FaceTrack]
    syllables: list[SpokenSyllable]
    events: list[Happening]
    background_px: list[tuple[float, float]]  # where the background has moved to, per frame
    sound: bool
    offset_ms: float  # positive: the sound comes late
    noise_db: float | None
    text: str

    @property
    def cuts_s(self) -> list[float]:
        return [join.t_s for join in self.joins if join.kind == "cut"]

    @property
    def jump_cuts_s(self) -> list[float]:
        return [join.t_s for join in self.joins if join.kind == "jump"]


def truth_path(movie: Path) -> Path:
    """Where the ground truth of a movie lies."""
    return movie.with_suffix(".truth.json")


def read_truth(movie: Path) -> Truth:
    """The ground truth of a movie that ``render`` wrote; raises ``OSError`` where there is none."""
    return Truth.model_validate_json(truth_path(movie).read_text(encoding="utf-8"))
