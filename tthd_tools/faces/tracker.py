"""Follow faces through a scene: frames go in one by one, tracks with a mesh a frame come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.geometry import interocular_px, mesh_box, mesh_roll_deg, roll_deg
from tthd_tools.faces.records import Box, Detection, Detector, Landmarker, Mesh, Points

if TYPE_CHECKING:
    from tthd_tools.media import Frame

LOOK_SCALE = 2.0  # what the landmarker is shown, over the box
LOOK_PX = 256  # its size: the mesh's own 1.5 × crop then is 192 px, its input
FACE_PX = 24  # side of the grey picture that tells people apart after a gap


class Seen(NamedTuple):
    """One face in one frame, in source pixels: its mesh and its square box."""

    mesh: Mesh
    box: Box


@dataclass
class Track:
    """One face from frame ``first`` on: ``now`` is None in a frame where it is lost.

    ``looks`` is its grey picture (24, 24) of the newest frame in which the detector ran.
    """

    number: int
    first: int
    now: Seen | None
    last: Seen
    looks: NDArray[np.float32]
    missing: int = 0
    doubts: int = 0


@dataclass(frozen=True)
class TrackerOptions:
    """``detect_every`` and ``lost_after`` in frames, sizes in source pixels."""

    min_score: float = 0.5
    min_presence: float = 0.5
    detect_every: int = 10
    lost_after: int = 12
    least_px: float = 24.0
    most_faces: int = 8
    min_likeness: float = 0.5


class FaceTracker:
    """Detector at some rate, mesh in every frame on the box of the frame before.

    ``live`` are the tracks of the newest frame; one that is no longer there has ended.
    ``tiny_px`` is the width of the largest face that was too small to follow.
    """

    def __init__(self, detector: Detector, landmarker: Landmarker, options: TrackerOptions) -> None:
        self._detector = detector
        self._landmarker = landmarker
        self._options = options
        self._count = 0
        self._shown: Frame | None = None
        self.live: list[Track] = []
        self.tiny_px = 0.0

    def step(self, k: int, frame: Frame) -> None:
        """Take output frame ``k``; a frame shown twice is looked at once."""
        if frame is not self._shown:
            self._look(k, frame)
        self._shown = frame

    def _look(self, k: int, frame: Frame) -> None:
        options = self._options
        followed = [self._follow(track, frame) for track in self.live]
        lost = any(one is None for one in followed)
        due = k % options.detect_every == 0
        if due or (lost and k % 2 == 0) or (not self.live and k % (options.detect_every // 2) == 0):
            detections = self._detector.detect(frame.rgb())
            self._recover(followed, detections, frame)
            if due:
                self._doubt(followed, detections)
            self._end_twins(followed)
            self._note(followed)
            for track in self.live:
                if track.now is not None:
                    track.looks = looks_of(frame, track.now)
            self._begin(k, frame, detections)
        else:
            self._end_twins(followed)
            self._note(followed)

    def _follow(self, track: Track, frame: Frame) -> Seen | None:
        """The face near where it was, if it is there."""
        if track.missing:
            return None
        before = track.last
        seen = self._locate(frame, before.box, mesh_roll_deg(before.mesh.points))
        return seen if seen is not None and _near(seen.box, before.box) else None

    def _recover(
        self, followed: list[Seen | None], detections: Sequence[Detection], frame: Frame
    ) -> None:
        """Look for lost faces where the detector sees one that nobody has, of the same looks."""
        for index, track in enumerate(self.live):
            if followed[index] is not None:
                continue
            taken = [seen.box for seen in followed if seen is not None]
            free = [one for one in detections if all(iou(one.box, box) < 0.3 for box in taken)]
            for detection in sorted(free, key=lambda one: -iou(one.box, track.last.box)):
                if not _near(detection.box, track.last.box, reach=1.0):
                    continue
                seen = self._locate(frame, detection.box, roll_deg(*detection.keypoints[:2]))
                if seen is not None and self._is_like(frame, seen, track):
                    followed[index] = seen
                    break

    def _is_like(self, frame: Frame, seen: Seen, track: Track) -> bool:
        likeness = float((looks_of(frame, seen) * track.looks).mean())
        return likeness >= self._options.min_likeness

    def _doubt(self, followed: list[Seen | None], detections: Sequence[Detection]) -> None:
        """A mesh that the detector has not confirmed three times in a row clings to no face."""
        for index, track in enumerate(self.live):
            seen = followed[index]
            confirmed = seen is not None and any(iou(one.box, seen.box) > 0.2 for one in detections)
            track.doubts = 0 if confirmed else track.doubts + 1
            if track.doubts >= 3:
                followed[index] = None

    def _end_twins(self, followed: list[Seen | None]) -> None:
        """Of two tracks that have come onto one face, the younger loses it."""
        for index, seen in enumerate(followed):
            for older in followed[:index]:
                if seen is not None and older is not None and iou(seen.box, older.box) > 0.4:
                    followed[index] = None

    def _note(self, followed: Sequence[Seen | None]) -> None:
        for track, seen in zip(self.live, followed, strict=True):
            track.now = seen
            track.last = seen or track.last
            track.missing = 0 if seen is not None else track.missing + 1
        self.live = [track for track in self.live if track.missing <= self._options.lost_after]

    def _begin(self, k: int, frame: Frame, detections: Sequence[Detection]) -> None:
        taken = [track.last.box for track in self.live]
        for detection in sorted(detections, key=lambda one: -_width(one.box)):
            if detection.score < self._options.min_score:
                continue
            if any(iou(detection.box, box) > 0.2 for box in taken):
                continue
            if _width(detection.box) < self._options.least_px:
                self.tiny_px = max(self.tiny_px, _width(detection.box))
                continue
            if len(self.live) >= self._options.most_faces:
                return
            seen = self._locate(frame, detection.box, roll_deg(*detection.keypoints[:2]))
            if seen is None or any(iou(seen.box, box) > 0.2 for box in taken):
                continue
            self.live.append(Track(self._count, k, seen, seen, looks_of(frame, seen)))
            self._count += 1
            taken.append(seen.box)

    def _locate(self, frame: Frame, box: Box, angle_deg: float) -> Seen | None:
        from tthd_tools.media import Crop

        # A square on even pixels is cut out of the planes without interpolation.
        side = 2.0 * max(8, round(LOOK_SCALE * max(_width(box), box[3] - box[1]) / 2))
        left, top = (2.0 * round(((box[i] + box[i + 2]) - side) / 4) for i in (0, 1))
        picture = frame.crop_rgb(Crop(left + side / 2, top + side / 2, side), LOOK_PX)
        scale = LOOK_PX / side
        shown = [(box[i] - (left, top)[i % 2]) * scale for i in range(4)]
        inner = (shown[0], shown[1], shown[2], shown[3])
        mesh = self._landmarker.locate(picture, inner, angle_deg)
        if mesh is None or mesh.presence < self._options.min_presence:
            return None
        points = _moved(mesh.points, scale, left, top)
        iris = None if mesh.iris is None else _moved(mesh.iris, scale, left, top)
        return Seen(mesh._replace(points=points, iris=iris), mesh_box(points))


def _moved(points: Points, scale: float, left: float, top: float) -> Points:
    """Points of the picture that the landmarker was shown, in source pixels."""
    moved = points * np.float32(1 / scale)
    moved[:, :2] += np.array([left, top], np.float32)
    return np.asarray(moved, np.float32)


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_width(a) * (a[3] - a[1]) + _width(b) * (b[3] - b[1]) - shared)


def _width(box: Box) -> float:
    return box[2] - box[0]


def _near(box: Box, before: Box, reach: float = 0.6) -> bool:
    """Whether a face could have moved from ``before`` to ``box`` by the next frame."""
    shift = max(
        abs(box[0] + box[2] - before[0] - before[2]), abs(box[1] + box[3] - before[1] - before[3])
    )
    ratio = _width(box) / max(_width(before), 1e-6)
    return shift / 2 < reach * _width(before) and 0.6 < ratio < 1.7


def looks_of(frame: Frame, seen: Seen) -> NDArray[np.float32]:
    """Grey picture of a face, eyes level, of zero mean and unit deviation (24, 24)."""
    from tthd_tools.media import Crop

    points = seen.mesh.points
    cx, cy = (float(x) for x in points[:, :2].mean(axis=0))
    side = 2.0 * max(interocular_px(points), 4.0)
    luma = frame.crop_luma(Crop(cx, cy, side, mesh_roll_deg(points)), FACE_PX).astype(np.float32)
    normal = (luma - luma.mean()) / max(float(luma.std()), 1.0)
    return np.asarray(normal, np.float32)
