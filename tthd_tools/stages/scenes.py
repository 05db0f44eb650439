"""Shots of an item: an item comes in, one scene per shot of what may be used goes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from pydantic import Field

from tthd_tools.boundaries import CUT_LAG, BoundaryFinder
from tthd_tools.clip import FPS, Clip, Part, Span
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
    version: ClassVar[int] = 2  # pictures are made small by another filter since, for all stages
    level: ClassVar[str] = "item"
    threshold: float = Field(3.0, gt=1)
    min_change: float = Field(15.0, gt=0)
    min_scene_s: float = Field(0.3, ge=0)
    black_luma: float = Field(24.0, ge=16, le=235)
    min_black_s: float = Field(0.12, ge=0)
    width_px: int = Field(128, ge=64, le=1024)

    def unroll(self, clip: Clip) -> Iterator[Clip | Frame]:
        """Yield the scenes of an item, each after its frames, and, ended, what is in no segment.

        Raises MediaError where the source cannot be decoded.
        """
        used = stretches(clip.item.segments, clip.span.end_s)
        spans = [(span, True) for span in used]
        spans += [(span, False) for span in gaps(used, clip.span.end_s)]
        index = 0
        for span, is_used in sorted(spans):
            for one in self._shots(clip, span) if is_used else [span]:
                if isinstance(one, Shot):
                    yield self._scene(clip, index, one)
                elif isinstance(one, Span):
                    ended = clip.ended(f"{index:03d}", one, "outside_segments")
                    yield replace(ended, level="scene")
                else:
                    yield one
                    continue
                index += 1

    def _scene(self, clip: Clip, index: int, shot: Shot) -> Clip:
        part = ScenesPart(
            index=index,
            start_kind=shot.start_kind,
            end_kind=shot.end_kind,
            black=shot.luma < self.black_luma,
            luma=round(shot.luma, 1),
        )
        return clip.child(f"{index:03d}", "scene", shot.span, part)

    def _shots(self, clip: Clip, stretch: Span) -> Iterator[Frame | Shot]:
        """The frames of each shot of one stretch, and the shot; divided at bounds of segments."""
        from tthd_tools.media import read_frames

        look = _Look(self, 1 / (clip.item.probe.get("fps") or FPS))
        inner = [s for s in bounds_s(clip.item.segments) if stretch.start_s < s < stretch.end_s]
        limits = [stretch.start_s, *inner, stretch.end_s]
        begun: tuple[int, Edge] | None = None
        start_s = max(0.0, stretch.start_s - MARGIN_S)
        frames = read_frames(clip.source, start_s, stretch.end_s + MARGIN_S)
        for number, frame in enumerate(look.certain(frames)):
            passed = [limit_s for limit_s in limits if limit_s - TOLERANCE_S <= frame.t_s]
            limits = limits[len(passed) :]
            edge: Edge | None = look.finder.kind_at(number) or ("segment" if passed else None)
            if edge and begun:
                yield look.shot(begun, number, edge, min([frame.t_s, *passed]))
            if edge:
                begun = (number, edge) if limits and (begun or passed) else None
            if begun:
                yield frame
        if begun:
            end_s = max(clip.span.end_s, look.end_s)
            yield look.shot(begun, len(look.finder.times_s), "end", min([end_s, *limits]))


class _Look:
    """What is seen of the frames of one stretch: their times, mean lumas and hard cuts."""

    def __init__(self, stage: Scenes, step_s: float) -> None:
        from scenedetect.detectors import AdaptiveDetector

        self.finder = BoundaryFinder(step_s, stage.min_scene_s, stage.black_luma, stage.min_black_s)
        self._width_px = stage.width_px
        # Its own minimum length would hide a cut near the start; ours is applied afterwards.
        self._detector = AdaptiveDetector(
            stage.threshold, min_scene_len=1, window_width=CUT_LAG, min_content_val=stage.min_change
        )

    def certain(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames, each as soon as it is certain whether a shot begins with it."""
        waiting: deque[Frame] = deque()
        for frame in frames:
            self.see(frame)
            waiting.append(frame)
            while len(self.finder.times_s) - len(waiting) < self.finder.certain:
                yield waiting.popleft()
        self.finder.finish()
        yield from waiting

    def see(self, frame: Frame) -> None:
        """Take the next source frame."""
        from scenedetect import FrameTimecode

        planes = _shrunk(frame, self._width_px)
        number = FrameTimecode(len(self.finder.times_s), fps=25.0)
        cuts = self._detector.process_frame(number, _bgr(planes))
        self.finder.take(frame.t_s, float(planes[0].mean()), [one.frame_num for one in cuts])

    def shot(self, begun: tuple[int, Edge], end: int, edge: Edge, end_s: float) -> Shot:
        """The shot from a frame to before another one."""
        first, start_edge = begun
        luma = sum(self.finder.lumas[first:end]) / (end - first)
        span = Span(self.finder.times_s[first], round(end_s, 6))
        return Shot(span, start_edge, edge, luma)

    @property
    def end_s(self) -> float:
        """Where the last frame ends, as long as the mean of all."""
        times_s = self.finder.times_s
        count = len(times_s)
        return times_s[-1] + ((times_s[-1] - times_s[0]) / (count - 1) if count > 1 else 1 / FPS)


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
