"""Shots of an item: an item comes in, one scene per shot of what may be used goes out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from tthd_tools.clip import Clip, Part, Span
from tthd_tools.segments import bounds_s, gaps, stretches
from tthd_tools.stage import ClipStage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.media import Frame

    Plane = NDArray[np.uint8]

Edge = Literal["end", "cut", "fade", "segment"]
MARGIN_S = 1.0
"""So much is looked at on both sides of a stretch, so that cuts close to its ends are found."""
TOLERANCE_S = 1e-4
FADE_STEP = 10.0
"""Mean luma may change by so much between two frames of a fade into or out of black."""


class ScenesPart(Part):
    """One shot.

    ``start_kind`` and ``end_kind`` say what bounds it: the ``end`` of the file, a hard ``cut``, a
    ``fade``, or a bound of one of the item's segments (``segment``); ``black`` marks a stretch
    without picture; ``luma`` is its mean luma (16 … 235).
    """

    stage: ClassVar[str] = "scenes"
    index: int
    start_kind: Edge
    end_kind: Edge
    black: bool
    luma: float


class Boundary(NamedTuple):
    """Frame at which a new scene begins, and what kind of boundary that is."""

    frame: int
    kind: Edge


class Shot(NamedTuple):
    """One shot, or a piece of one that lies in a segment."""

    span: Span
    start_kind: Edge
    end_kind: Edge
    luma: float


class Scenes(ClipStage):
    """PySceneDetect's adaptive detector, fed with our own frames, and stretches of black.

    An item with segments is divided at each of their bounds too; what lies outside of all ends
    here, and is not decoded.

    ``threshold``: content change over its neighbours' mean; ``min_change``: least content change of
    a cut (HSV units, 0 … 255); ``min_scene_s``: shortest scene; ``black_luma``: mean luma below
    which a frame is black; ``min_black_s``: shortest stretch of black that divides.
    """

    provides: ClassVar[type[Part]] = ScenesPart
    reads: ClassVar[tuple[str, ...]] = ("segments",)
    level: ClassVar[str] = "item"
    threshold: float = Field(3.0, gt=1)
    min_change: float = Field(15.0, gt=0)
    min_scene_s: float = Field(0.3, ge=0)
    black_luma: float = Field(24.0, ge=16, le=235)
    min_black_s: float = Field(0.12, ge=0)
    width_px: int = Field(128, ge=64, le=1024)

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Yield the scenes of an item and, ended, what its segments leave out.

        Raises MediaError where the source cannot be decoded.
        """
        used = stretches(clip.item.segments, clip.span.end_s)
        found: list[tuple[Span, Shot | None]] = [
            (shot.span, shot) for stretch in used for shot in self._shots(clip, stretch)
        ]
        found += [(span, None) for span in gaps(used, clip.span.end_s)]
        for index, (span, shot) in enumerate(sorted(found, key=lambda one: one[0])):
            key = f"{index:03d}"
            if shot is None:
                yield replace(clip.ended(key, span, "outside_segments"), level="scene")
                continue
            part = ScenesPart(
                index=index,
                start_kind=shot.start_kind,
                end_kind=shot.end_kind,
                black=shot.luma < self.black_luma,
                luma=round(shot.luma, 1),
            )
            yield clip.child(key, "scene", span, part)

    def _shots(self, clip: Clip, stretch: Span) -> Iterator[Shot]:
        """The shots of one stretch, divided at the bounds of segments."""
        from tthd_tools.media import read_frames

        shots = _Shots(self)
        start_s = max(0.0, stretch.start_s - MARGIN_S)
        for frame in read_frames(clip.source, start_s, stretch.end_s + MARGIN_S):
            shots.see(frame)
        if not shots.times_s:  # the file is shorter than it says
            return
        end_s = max(clip.span.end_s, shots.times_s[-1] + shots.step_s)
        bounds = bounds_s(clip.item.segments)
        inner = [one for one in bounds if stretch.start_s < one < stretch.end_s]
        limits = [stretch.start_s, *inner, stretch.end_s]
        limit_at = {shots.frame_at(limit_s): limit_s for limit_s in reversed(limits)}
        for start, end in pairwise(shots.boundaries(limit_at)):
            stop_s = end_s if end.frame == len(shots.times_s) else shots.times_s[end.frame]
            luma = sum(shots.lumas[start.frame : end.frame]) / (end.frame - start.frame)
            span = Span(shots.times_s[start.frame], min(stop_s, limit_at.get(end.frame, stop_s)))
            yield Shot(span, start.kind, end.kind, luma)


@dataclass
class _Shots:
    """What one pass over a stretch of frames gathers: their times, mean lumas and hard cuts."""

    stage: Scenes
    times_s: list[float] = field(default_factory=list)
    lumas: list[float] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    _detector: Any = None

    def see(self, frame: Frame) -> None:
        """Take the next source frame."""
        from scenedetect import FrameTimecode
        from scenedetect.detectors import AdaptiveDetector

        if self._detector is None:
            # Its own minimum length would hide a cut near the start; ours is applied afterwards.
            self._detector = AdaptiveDetector(
                self.stage.threshold, min_scene_len=1, min_content_val=self.stage.min_change
            )
        planes = _shrunk(frame, self.stage.width_px)
        number = FrameTimecode(len(self.times_s), fps=25.0)
        found = self._detector.process_frame(number, _bgr(planes))
        self.cuts.extend(one.frame_num for one in found)
        self.times_s.append(frame.t_s)
        self.lumas.append(float(planes[0].mean()))

    @property
    def step_s(self) -> float:
        """Mean time between two frames, in seconds."""
        count = len(self.times_s)
        return (self.times_s[-1] - self.times_s[0]) / (count - 1) if count > 1 else 0.04

    def frame_at(self, time_s: float) -> int:
        """The first frame that begins at that time or later."""
        return bisect_left(self.times_s, time_s - TOLERANCE_S)

    def boundaries(self, limits: Collection[int]) -> list[Boundary]:
        """Where scenes begin, in order, from the first to the last frame of ``limits``.

        A scene begins at each of the limits, which are bounds of segments or ends of the file.
        """
        edges = {one.frame: one.kind for one in self._edges()}
        inner = {k: kind for k, kind in edges.items() if min(limits) < k < max(limits)}
        kinds = inner | {limit: edges.get(limit, "segment") for limit in limits}
        return [Boundary(frame, kind) for frame, kind in sorted(kinds.items())]

    def _edges(self) -> list[Boundary]:
        """Shots from frame 0 to one past the last, in order."""
        count = len(self.times_s)
        kinds: dict[int, Edge] = dict.fromkeys(self.cuts, "cut")
        for first, last in self._black_runs():
            for edge in (first, last):
                if not 0 < edge < count:
                    continue
                near = [cut for cut in self.cuts if abs(cut - edge) <= 1]
                # Hue leaps where a picture gets dark, so a detector sees cuts in fades.
                step = abs(self.lumas[edge] - self.lumas[edge - 1])
                if step < FADE_STEP:
                    for cut in near:
                        kinds.pop(cut, None)
                if not near or step < FADE_STEP:
                    kinds[edge] = "fade"
        least = max(1, round(self.stage.min_scene_s / self.step_s))
        kept = [Boundary(0, "end")]
        for frame, kind in sorted(kinds.items()):
            if min(frame - kept[-1].frame, count - frame) >= least:
                kept.append(Boundary(frame, kind))
            elif kind == "cut" and kept[-1].kind == "fade":
                kept[-1] = Boundary(frame, kind)
        return [*kept, Boundary(count, "end")]

    def _black_runs(self) -> list[tuple[int, int]]:
        """Stretches of black as (first frame, one past the last)."""
        least = max(1, round(self.stage.min_black_s / self.step_s))
        dark = [luma < self.stage.black_luma for luma in self.lumas]
        edges = [k for k, (a, b) in enumerate(pairwise([False, *dark, False])) if a != b]
        runs = zip(edges[::2], edges[1::2], strict=True)
        return [(first, last) for first, last in runs if last - first >= least]


def _shrunk(frame: Frame, width_px: int) -> tuple[Plane, Plane, Plane]:
    """Y, U, V of a small picture whose longer side has at most ``width_px``, sides even."""
    scale = min(1.0, width_px / max(frame.width, frame.height))
    width, height = (max(16, 2 * round(side * scale / 2)) for side in (frame.width, frame.height))
    return frame.yuv(width, height)


def _bgr(planes: tuple[Plane, Plane, Plane]) -> Plane:
    """The picture (h, w, 3) as PySceneDetect wants it."""
    import cv2
    import numpy as np

    packed = np.concatenate([plane.reshape(-1) for plane in planes])
    picture = packed.reshape(planes[0].shape[0] * 3 // 2, planes[0].shape[1])
    bgr: Plane = cv2.cvtColor(picture, cv2.COLOR_YUV2BGR_I420)
    return bgr
