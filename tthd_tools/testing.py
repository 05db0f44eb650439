"""For authors of stages: dummy records, a small talking clip with its track, and fake stages.

clip = dummy_clip(tmp_path)
(measured,) = run_stage(Quality(), clip, tmp_path / "quality")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tthd_tools.clip import AUDIO_RATE_HZ, FPS, Clip, Item, Part, Span
from tthd_tools.errors import Reject, StageError
from tthd_tools.stage import ClipStage, CorpusStage, Fit, Stage
from tthd_tools.stages.masks import LIPS
from tthd_tools.stages.tracks import POINT_SCALE, TracksPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, HEIGHT, SIDE = 192, 144, 128  # picture of the dummy clip and side of its crop, px
# Points of MediaPipe's face topology that stages ask for by number.
LANDMARKS = {10: (0.0, -0.25), 152: (0.0, 0.25), 33: (-0.11, -0.07), 263: (0.11, -0.07)}


def dummy_item(path: str = "dummy.mp4", **fields: Any) -> Item:
    """An item of one unknown speaker; ``fields`` replace what it says."""
    defaults: dict[str, Any] = {
        "item_id": "dummy-00000000",
        "path": path,
        "sha256": "0" * 64,
        "size_bytes": 0,
        "speaker_id": "spk_item_dummy-00000000",
    }
    return Item(**{**defaults, **fields})


def dummy_clip(folder: Path, frames: int = 50, sound_late_frames: int = 0) -> Clip:
    """A clip of a drawn face that says "ah" at uneven times, as ``tracks`` would leave it.

    Its video, ``track.npz`` and ``features.npz`` are written into ``folder``. The sound comes
    ``sound_late_frames`` after the lips.
    """
    from tthd_tools.arrays import save_arrays

    opening = mouth_opening(frames)
    source = folder / "dummy.mp4"
    _write_video(source, opening, sound_late_frames)
    tracks = folder / "tracks"
    tracks.mkdir(parents=True, exist_ok=True)
    save_arrays(tracks / "track.npz", **dummy_track(opening))
    save_arrays(tracks / "features.npz", **dummy_features(opening))
    part = TracksPart(
        index=0,
        start_kind="scene",
        end_kind="scene",
        face_ratio=1.0,
        face_px=0.4 * SIDE,
        side_px=SIDE,
        other_faces=0.0,
        crop="static",
        detector="dummy",
        landmarker="dummy",
    )
    return Clip(
        id="dummy-00000000_0000",
        level="clip",
        item=dummy_item(size_bytes=source.stat().st_size, duration_s=frames / FPS),
        source=source,
        span=Span(0.0, frames / FPS),
        parts={part.stage: part},
        folders={part.stage: tracks},
        fingerprints={part.stage: "dummy"},
    )


def run_stage(stage: Stage, clip: Clip, folder: Path) -> list[Clip]:
    """What a stage makes of one clip, with ``folder`` as its folder, as the runner would do it.

    A corpus stage is fitted on this clip alone. Raises what the stage raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stage.setup()
    if isinstance(stage, CorpusStage):
        return [stage.process(clip, stage.fit([clip], folder), folder)]
    if not isinstance(stage, ClipStage):
        raise TypeError(f"{stage.name} is neither a clip stage nor a corpus stage")
    return [
        replace(
            made,
            folders={
                **made.folders,
                stage.name: folder if made.id == clip.id else folder / made.id,
            },
        )
        for made in stage.process(clip, folder)
    ]


def mouth_opening(frames: int) -> Floats:
    """How far the mouth is open at each frame, 0..1: syllables of uneven length and height."""
    import numpy as np

    random = np.random.default_rng(7)
    opening = np.zeros(frames)
    start = 2
    while start < frames:
        length = int(random.integers(4, 9))
        bump = random.uniform(0.5, 1) * np.hanning(length + 2)[1:-1]
        opening[start : start + length] = bump[: frames - start]
        start += length + int(random.integers(0, 6))
    return opening


def dummy_mesh(opening: float) -> Floats:
    """468 points (468, 3) in crop sides from its centre: an oval of points with eyes and lips."""
    import numpy as np

    index = np.arange(468)
    radius, turn = np.sqrt((index + 0.5) / 468), index * np.pi * (3 - np.sqrt(5))
    points = np.stack(
        [0.2 * radius * np.cos(turn), 0.25 * radius * np.sin(turn), 0.1 * radius**2], axis=1
    )
    for number, place in LANDMARKS.items():
        points[number, :2] = place
    around = np.pi - np.arange(len(LIPS)) * 2 * np.pi / len(LIPS)
    points[list(LIPS), 0] = 0.07 * np.cos(around)
    points[list(LIPS), 1] = 0.12 + (0.02 + 0.03 * opening) * np.sin(around)
    return points


def dummy_track(opening: Floats) -> dict[str, NDArray[Any]]:
    """The arrays of ``track.npz`` for a face that stays where it is, see TracksPart."""
    import numpy as np

    frames = len(opening)
    none = np.zeros(frames, np.bool_)
    mesh = np.array([dummy_mesh(value) for value in opening]).reshape(frames, 468, 3)
    low, high = 0.5 - np.array([0.2, 0.25]), 0.5 + np.array([0.2, 0.25])
    corner = np.array([WIDTH - SIDE, HEIGHT - SIDE]) / 2
    box = np.concatenate([corner + low * SIDE, corner + high * SIDE])
    return {
        "crop": np.tile([WIDTH / 2, HEIGHT / 2, SIDE, 0.0], (frames, 1)),
        "source_s": np.arange(frames) / FPS,
        "repeated": none,
        "skipped": none,
        "valid": ~none,
        "mesh": np.rint(mesh * POINT_SCALE).astype(np.int16),
        "box": np.tile(box, (frames, 1)).astype(np.float32),
    }


def dummy_features(opening: Floats) -> dict[str, NDArray[Any]]:
    """The arrays of ``features.npz``, see TracksPart."""
    import numpy as np

    height = 0.06 * opening / 0.22  # over the interocular distance
    mouth = np.stack([height, 0 * height + 0.6, height + 0.1, height + 1.2], axis=1)
    return {"mouth": mouth.astype(np.float16), "pose": np.zeros((len(opening), 3), np.float16)}


def _write_video(path: Path, opening: Floats, late_frames: int) -> None:
    import numpy as np

    from tthd_tools.media.mux import write_movie

    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = (draw_face(float(value)) for value in opening)
    times_s = np.arange(len(opening)) / FPS
    write_movie(path, pictures, list(times_s), voice(opening, late_frames), AUDIO_RATE_HZ)


def draw_face(opening: float) -> NDArray[np.uint8]:
    """A drawn face before a chequered wall, RGB (144, 192, 3)."""
    import numpy as np

    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    picture = 90.0 + 60 * ((x // 16 + y // 16) % 2)[..., None] * np.ones(3)
    across, down = (x + 0.5 - WIDTH / 2) / SIDE, (y + 0.5 - HEIGHT / 2) / SIDE
    picture[(across / 0.2) ** 2 + (down / 0.25) ** 2 < 1] = (220, 170, 140)
    for side in (-0.08, 0.08):
        picture[((across - side) / 0.03) ** 2 + ((down + 0.07) / 0.015) ** 2 < 1] = (60, 40, 30)
    lips = (across / 0.07) ** 2 + ((down - 0.12) / (0.02 + 0.03 * opening)) ** 2 < 1
    picture[lips] = (160, 60, 60)
    return np.asarray(picture, np.uint8)


def voice(opening: Floats, late_frames: int = 0) -> NDArray[np.float32]:
    """A buzz at 140 Hz as loud as the mouth is open, 16 kHz: (640 · T,) float32."""
    import numpy as np

    samples = np.arange(round(len(opening) * AUDIO_RATE_HZ / FPS))
    at = samples / AUDIO_RATE_HZ * FPS - late_frames
    loudness = np.interp(at, np.arange(len(opening)), opening, left=0.0)
    phase = 2 * np.pi * 140 * samples / AUDIO_RATE_HZ
    buzz = sum(np.sin(n * phase) / n for n in range(1, 20))
    noise = np.random.default_rng(0).normal(0, 1e-3, len(samples))
    return np.asarray(0.2 * loudness * buzz + noise, np.float32)


class FakePart(Part):
    """What ``FakeStage`` makes: the number of output frames."""

    stage: ClassVar[str] = "fake"
    frames: int


class FakeStage(ClipStage):
    """Counts frames without decoding; or, as told, rejects, fails or breaks on a clip.

    ``children``: so many pieces of equal length come out instead of the clip itself.
    """

    provides: ClassVar[type[Part]] = FakePart

    children: int = 0
    reject: str | None = None
    fail: str | None = None
    crash: str | None = None

    @property
    def name(self) -> str:
        """Always ``fake``: it has no file of its own."""
        return "fake"

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Do as the options say."""
        if self.reject is not None:
            raise Reject(self.reject, frames=clip.frame_count)
        if self.fail is not None:
            raise StageError(self.fail)
        if self.crash is not None:
            raise RuntimeError(self.crash)
        part = FakePart(frames=clip.frame_count)
        if not self.children:
            yield clip.with_part(part)
        length_s = clip.span.duration_s / max(self.children, 1)
        for index in range(self.children):
            start_s = clip.span.start_s + index * length_s
            yield clip.child(f"{index:03d}", clip.level, Span(start_s, start_s + length_s), part)


class FakeFit(Fit):
    """What ``FakeCorpusStage`` learns."""

    longest: int = 0


class FakeCorpusPart(Part):
    """What ``FakeCorpusStage`` makes: a clip's frames over those of the longest clip."""

    stage: ClassVar[str] = "fake_corpus"
    share: float


class FakeCorpusStage(CorpusStage):
    """Compares each clip with the longest one."""

    requires: ClassVar[tuple[type[Part], ...]] = (FakePart,)
    provides: ClassVar[type[Part]] = FakeCorpusPart

    @property
    def name(self) -> str:
        """Always ``fake_corpus``: it has no file of its own."""
        return "fake_corpus"

    def fit(self, clips: Iterable[Clip], folder: Path) -> FakeFit:
        """Find the longest clip."""
        return FakeFit(longest=max((clip.part(FakePart).frames for clip in clips), default=0))

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        """Compare one clip with the longest."""
        longest = fit.longest if isinstance(fit, FakeFit) else 0
        frames = clip.part(FakePart).frames
        return clip.with_part(FakeCorpusPart(share=frames / longest if longest else 0.0))
