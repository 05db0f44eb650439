"""The one record that flows through everything: a piece of a source video and its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.media import Crop, Frame

Level = Literal["item", "scene", "track", "clip"]
FPS = 25.0
AUDIO_RATE_HZ = 16_000


class Part(BaseModel):
    """What one stage has added to a clip: a small typed record.

    ``stage`` names the stage that provides it and prefixes its columns: field ``offset_ms`` of the
    part of ``sync`` is the column ``sync_offset_ms``. A value that was not measured is ``None``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    stage: ClassVar[str]


P = TypeVar("P", bound=Part)


class Segment(BaseModel):
    """A piece of an item that may be used: seconds from its first video frame, the end exclusive.

    ``box``: x0, y0, x1, y1 in 0..1 of the picture, in which the speaker's face lies; None for
    anywhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    start_s: float
    end_s: float
    box: tuple[float, float, float, float] | None = None


class Item(BaseModel):
    """One contributed source video: where it is, what it is, and what its manifest row says.

    ``path`` is relative to the raw folder, with ``/``; ``mtime_ns`` is when the file was changed
    last, 0 where nobody knows. ``rights`` is the basis on which it may be
    used, ``unknown`` until somebody says, and ``tier`` the widest release that the contributor
    allows; ``consent_scope`` is what its consent covered when it was ingested, and a build looks
    again. ``text`` is as sent, ``text_norm`` normalised. ``segments``, if any, are all that may be
    used. ``text_of``: whether the text is what is said in the whole item, or in one clip as a
    reviewer has written it. ``stated`` holds the other columns of its manifest row, ``extra`` the
    file's own metadata.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    item_id: str
    path: str
    sha256: str
    size_bytes: int
    mtime_ns: int = 0
    duration_s: float = 0.0
    speaker_id: str
    language: str | None = None
    dialect: str | None = None
    text: str = ""
    text_norm: str = ""
    text_status: str | None = None
    text_of: Literal["item", "clip"] = "item"
    emotion: str | None = None
    emotion_intensity: int | None = None
    emotion_origin: str | None = None
    submission_id: str | None = None
    contributor: str | None = None
    consent_id: str | None = None
    consent_scope: tuple[str, ...] = ()
    rights: str = "unknown"
    license: str | None = None
    tier: str = "internal"
    segments: tuple[Segment, ...] = ()
    stated: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    probe: dict[str, Any] = {}


class Span(NamedTuple):
    """A piece of a source: seconds from its first video frame, the end exclusive."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


class ClipFrame(NamedTuple):
    """Output frame ``k`` of a clip at 25 fps: the source frame that it shows, and its crop."""

    k: int
    t_s: float
    frame: Frame
    crop: Crop | None

    def luma(self, size: int) -> NDArray[np.uint8]:
        """Luma of the crop, (size, size)."""
        return self.frame.crop_luma(self._square(), size)

    def rgb(self, size: int) -> NDArray[np.uint8]:
        """RGB of the crop, (size, size, 3)."""
        return self.frame.crop_rgb(self._square(), size)

    def rgb_half(self, size: int) -> NDArray[np.uint8]:
        """As ``rgb``, made of twice the size: cheap where another stage asks for that ``yuv``."""
        return self.frame.crop_rgb_half(self._square(), size)

    def yuv(self, size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
        """The crop as planes Y (size, size), U and V (size/2, size/2)."""
        return self.frame.crop_yuv(self._square(), size)

    def _square(self) -> Crop:
        if self.crop is None:
            raise ValueError("only a clip has a crop; an item or a scene shows its whole picture")
        return self.crop


@dataclass(frozen=True)
class Clip:
    """An item, a scene or a clip, immutable: a span of one source and the parts measured so far.

    ``source`` is the raw video file, ``folders`` maps a stage's name to the folder of its files.
    ``reason`` is set when the branch has ended there, with the ``numbers`` behind it. ``beside``
    holds the other clips of the scene that it shares time with, for a corpus stage that asks.
    """

    id: str
    level: Level
    item: Item
    source: Path
    span: Span
    parts: Mapping[str, Part] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    beside: Sequence[Clip] = ()

    def part(self, kind: type[P]) -> P:
        """The part of that class. Raises KeyError where no stage has provided it."""
        found = self.parts.get(kind.stage)
        if not isinstance(found, kind):
            raise KeyError(f"{self.id} has no {kind.__name__}")
        return found

    def has(self, kind: type[Part]) -> bool:
        """Whether a stage has provided that part."""
        return isinstance(self.parts.get(kind.stage), kind)

    def with_part(self, part: Part) -> Clip:
        """The same clip with one more part."""
        return replace(self, parts={**self.parts, part.stage: part})

    def child(self, key: str, level: Level, span: Span, part: Part) -> Clip:
        """A piece of this one; ``key`` is unique among its siblings and names its folder."""
        return replace(self, id=key, level=level, span=span, parts={**self.parts, part.stage: part})

    def ended(self, key: str, span: Span, reason: str, **numbers: float) -> Clip:
        """A piece of this one with which nothing more can be done, and why."""
        return replace(self, id=key, level="track", span=span, reason=reason, numbers=numbers)

    def file(self, kind: type[Part], name: str) -> Path:
        """Path of a file that the stage of ``kind`` has left for this clip."""
        return self.folders[kind.stage] / name

    def arrays(self, kind: type[Part], name: str = "features.npz") -> dict[str, NDArray[Any]]:
        """Arrays of an ``.npz`` that the stage of ``kind`` has left for this clip."""
        import numpy as np

        with np.load(self.file(kind, name), allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}

    @property
    def frame_count(self) -> int:
        """Number of output frames at 25 fps."""
        return round(self.span.duration_s * FPS)

    def frames(self) -> Iterator[ClipFrame]:
        """Source pixels at 25 fps, with the crop of each frame where the clip has one.

        Always decoded from the source, so that a stage done again sees the same numbers.
        """
        from tthd_tools.media import Crop, sample_frames

        crops = self._crops()
        for k, t_s, frame in sample_frames(self.source, *self.span, fps=FPS):
            yield ClipFrame(k, t_s, frame, None if crops is None else Crop(*map(float, crops[k])))

    def audio(self, rate_hz: int = AUDIO_RATE_HZ) -> NDArray[np.float32]:
        """Mono sound of the span, (n,) float32, read-only. Raises MediaError without sound."""
        return _read_sound(self.source, *self.span, rate_hz)

    def _crops(self) -> NDArray[np.float64] | None:
        if "tracks" not in self.folders or self.level != "clip":
            return None
        import numpy as np

        with np.load(self.folders["tracks"] / "track.npz", allow_pickle=False) as track:
            crops: NDArray[np.float64] = track["crop"]
        return crops


@lru_cache(maxsize=2)  # the stages of one clip read the same sound one after the other
def _read_sound(source: Path, start_s: float, end_s: float, rate_hz: int) -> NDArray[np.float32]:
    from tthd_tools.media import read_audio

    sound = read_audio(source, start_s, end_s, rate_hz)
    sound.flags.writeable = False
    return sound
