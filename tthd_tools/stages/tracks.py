"""Faces through a scene: a scene comes in, a clip per steady track goes out, with mesh and crop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, PrivateAttr

from tthd_tools.clip import AUDIO_RATE_HZ, FPS, Clip, Part, Span
from tthd_tools.errors import Reject
from tthd_tools.segments import boxes_in
from tthd_tools.stage import ClipStage, Follow, Reel, Stage
from tthd_tools.stages.scenes import ScenesPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.faces import Detector, Landmarker
    from tthd_tools.faces.cutting import CutOptions, Piece
    from tthd_tools.faces.tracker import TrackerOptions

Boundary = Literal["scene", "jump", "length", "lost", "crop"]
POINT_SCALE = 16_384
"""Mesh points are kept as int16 in units of 1/16384 of the crop's side, from its centre."""


class TracksPart(Part):
    """One face through a scene or a piece of one.

    ``face_ratio``: share of frames with a face; ``face_px``: median face width in source pixels;
    ``side_px``: side of the crop in source pixels (median where it moves); ``other_faces``: mean
    number of other faces in the picture. Arrays in ``track.npz``, T frames at 25 Hz:
    ``crop`` float64 (T,4) centre x, y, side in source pixels, angle in degrees;
    ``source_s`` float64 (T,) time of the source frame shown; ``repeated``, ``skipped`` bool (T,);
    ``valid`` bool (T,); ``mesh`` int16 (T,468,3), see POINT_SCALE; ``box`` float32 (T,4) face box
    x0, y0, x1, y1 in source pixels; ``iris`` int16 (T,10,3) and ``blendshapes`` float16 (T,52),
    only if measured.
    Features in ``features.npz``: ``mouth`` float16 (T,4): inner-lip opening, width, outer height
    and chin distance over the interocular distance; ``pose`` float16 (T,3) yaw, pitch, roll in
    degrees, see ``faces.pose_deg``. NaN where no face was seen.
    """

    stage: ClassVar[str] = "tracks"
    scale: ClassVar[int] = POINT_SCALE
    index: int
    start_kind: Boundary
    end_kind: Boundary
    face_ratio: float
    face_px: float
    side_px: float
    other_faces: float
    crop: Literal["static", "smooth", "affine"]
    detector: str
    landmarker: str

    @staticmethod
    def points(clip: Clip, size: int) -> NDArray[np.float32]:
        """Mesh in pixels of a ``size`` × ``size`` crop, (T, 468, 3); z in the same unit."""
        import numpy as np

        mesh = clip.arrays(TracksPart, "track.npz")["mesh"].astype(np.float32)
        scaled = mesh * np.float32(size / POINT_SCALE)
        scaled[..., :2] += np.float32(size / 2)
        return scaled


class Tracks(ClipStage):
    """Detector at some rate, mesh in every frame, divided where the person or the crop jumps.

    ``detector`` and ``landmarker``: an engine or ``auto``; ``min_score``, ``min_presence``: 0 … 1;
    ``min_face_px``: least median face width of a clip; ``min_track_s``, ``max_clip_s``: lengths;
    ``jump_threshold``: see ``faces.jumps``; ``crop``, ``margin``: the square over the face's box;
    ``min_face_share``: face width over the side under which a static crop is divided.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (ScenesPart,)
    provides: ClassVar[type[Part]] = TracksPart
    reads: ClassVar[tuple[str, ...]] = ("segments",)
    level: ClassVar[str] = "scene"
    detector: str = "auto"
    landmarker: str = "auto"
    min_score: float = Field(0.5, ge=0, le=1)
    min_presence: float = Field(0.5, ge=0, le=1)
    min_face_px: float = Field(48.0, ge=8)
    min_track_s: float = Field(1.0, ge=0.2)
    max_clip_s: float = Field(30.0, ge=4, le=60)
    detect_every: int = Field(10, ge=2, le=50)
    lost_after_s: float = Field(0.48, ge=0)
    jump_threshold: float = Field(5.6, gt=0)
    crop: Literal["static", "smooth", "affine"] = "static"
    margin: float = Field(1.8, ge=1)
    min_face_share: float = Field(0.3, ge=0, le=1)
    _engines: tuple[Detector, Landmarker] | None = PrivateAttr(None)

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Choose the engines; the facts name them, their versions and their weights."""
        from tthd_tools.faces import resolve_detector, resolve_landmarker

        chosen = {
            "detector": resolve_detector(self.detector),
            "landmarker": resolve_landmarker(self.landmarker),
        }
        facts = {
            name: fact
            for seam, engine in chosen.items()
            for name, fact in engine.facts(seam).items()
        }
        names = {seam: engine.name for seam, engine in chosen.items()}
        return self.model_copy(update=names), facts

    def setup(self) -> None:
        """Load both engines."""
        from tthd_tools.faces import open_detector, open_landmarker

        detector = open_detector(self.detector, min(self.min_score, 0.3), self.min_face_px)
        self._engines = (detector, open_landmarker(self.landmarker))

    def follow(self, reel: Reel, folder: Path) -> Follow:
        """Return a scene's clips, and with its reason each track that is none.

        A track may be too short, too small, or outside of the boxes of the item's segments.

        Raises Reject: ``no_audio`` without a sound stream, ``no_face`` or ``tiny_face``.
        """
        from tthd_tools.faces.cutting import Cutter
        from tthd_tools.faces.tracker import FaceTracker

        probe, count = reel.begun.item.probe, 0
        if not probe.get("audio_codec"):
            raise Reject("no_audio")
        _refuse_black(reel)
        tracker = FaceTracker(*self._loaded(), self._tracker_options())
        writer = _Writer(self, reel.begun, folder)
        picture = (int(probe["width"]), int(probe["height"]))
        cutter = Cutter(self._cut_options(), picture, writer.quietest, writer.take)
        while (shown := (yield)) is not None:
            tracker.step(shown.k, shown.frame)
            cutter.take(shown.k, shown.frame, tracker.live)
            count += 1
        cutter.finish()
        _refuse_black(reel)
        if not writer.found and tracker.tiny_px:
            raise Reject("tiny_face", face_px=round(tracker.tiny_px, 1), frames=count)
        if not writer.found:
            raise Reject("no_face", frames=count)
        return [clip for _, clip in sorted(writer.found, key=lambda one: one[0])]

    def _tracker_options(self) -> TrackerOptions:
        from tthd_tools.faces.tracker import TrackerOptions

        return TrackerOptions(
            min_score=self.min_score,
            min_presence=self.min_presence,
            detect_every=self.detect_every,
            lost_after=round(self.lost_after_s * FPS),
            least_px=self.min_face_px / 2,
        )

    def _cut_options(self) -> CutOptions:
        from tthd_tools.faces.cutting import CutOptions
        from tthd_tools.faces.jumps import JumpOptions

        return CutOptions(
            least_frames=round(self.min_track_s * FPS),
            most_frames=round(self.max_clip_s * FPS),
            min_face_px=self.min_face_px,
            margin=self.margin,
            min_face_share=self.min_face_share,
            static=self.crop == "static",
            jump=JumpOptions(threshold=self.jump_threshold),
        )

    def _loaded(self) -> tuple[Detector, Landmarker]:
        if self._engines is None:
            self.setup()
        if self._engines is None:
            raise RuntimeError("setup() has loaded no engines")
        return self._engines


def _refuse_black(reel: Reel) -> None:
    """Raises Reject for a scene that is black, once that is known."""
    if reel.clip is not None and reel.clip.part(ScenesPart).black:
        raise Reject("no_face", black=1.0, frames=reel.clip.frame_count)


class _Writer:
    """Writes the arrays of each piece at once, so that nothing longer than a clip is kept."""

    def __init__(self, stage: Tracks, scene: Clip, folder: Path) -> None:
        self._stage = stage
        self._scene = scene
        self._folder = folder
        self._pieces: dict[int, int] = {}
        self.found: list[tuple[tuple[int, int], Clip]] = []

    def take(self, piece: Piece) -> None:
        """Make a clip, or an end with its reason, of a piece."""
        index = self._pieces.get(piece.track, 0)
        self._pieces[piece.track] = index + 1
        key = f"{piece.track:02d}{index:03d}"
        start_s = self._scene.span.start_s + piece.rows[0].k / FPS
        span = Span(round(start_s, 6), round(start_s + len(piece.rows) / FPS, 6))
        reason = piece.reason or (None if self._wanted(piece, span) else "outside_box")
        if reason is not None:
            numbers = {"frames": len(piece.rows), "face_px": round(piece.face_px, 1)}
            clip = self._scene.ended(key, span, reason, **numbers)
        else:
            clip = self._scene.child(key, "clip", span, self._save(piece, key))
        self.found.append(((piece.track, index), clip))

    def _wanted(self, piece: Piece, span: Span) -> bool:
        """Whether the face's centre, the median over the piece, lies in the box of a segment."""
        import numpy as np

        boxes = boxes_in(self._scene.item.segments, span)
        if not boxes:
            return True
        probe = self._scene.item.probe
        left, top, right, bottom = np.median([one.box for one in piece.seen], axis=0)
        x, y = (left + right) / 2 / probe["width"], (top + bottom) / 2 / probe["height"]
        return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in boxes)

    def _save(self, piece: Piece, key: str) -> TracksPart:
        import numpy as np

        from tthd_tools.arrays import save_arrays
        from tthd_tools.faces.measure import track_arrays, track_features

        stage, probe = self._stage, self._scene.item.probe
        picture = (int(probe["width"]), int(probe["height"]))
        arrays = track_arrays(piece, stage.crop, stage.margin, picture, POINT_SCALE)
        folder = self._folder / key
        folder.mkdir(parents=True)
        save_arrays(folder / "track.npz", **arrays)
        save_arrays(folder / "features.npz", **track_features(piece))
        return TracksPart(
            index=piece.track,
            start_kind=piece.start_kind,
            end_kind=piece.end_kind,
            face_ratio=round(len(piece.seen) / len(piece.rows), 4),
            face_px=round(piece.face_px, 1),
            side_px=round(float(np.median(arrays["crop"][:, 2])), 1),
            other_faces=round(sum(row.others for row in piece.rows) / len(piece.rows), 3),
            crop=stage.crop,
            detector=stage.detector,
            landmarker=stage.landmarker,
        )

    def quietest(self, first: int, last: int) -> int:
        """The frame between two at which the sound is quietest over a fifth of a second."""
        import numpy as np

        from tthd_tools.media import read_audio

        start_s = self._scene.span.start_s + first / FPS
        samples = round(AUDIO_RATE_HZ / FPS)
        sound = read_audio(
            self._scene.source, start_s, start_s + (last - first + 1) / FPS, AUDIO_RATE_HZ
        )
        power = (sound.reshape(-1, samples).astype(np.float64) ** 2).mean(axis=1)
        smooth = np.convolve(power, np.ones(5) / 5, mode="same")
        # The edges of the stretch are seen on one side only.
        inner = smooth[2:-2] if len(smooth) > 5 else smooth
        return first + (2 if len(smooth) > 5 else 0) + int(np.argmin(inner))
