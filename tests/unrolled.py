"""A stage that unrolls films into scenes and one that follows, importable in worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tests.acts import PiecesPart, misbehave
from tthd_tools.clip import Clip, Part, Span
from tthd_tools.errors import MediaError
from tthd_tools.media import read_frames
from tthd_tools.stage import ClipStage, Follow, Reel

if TYPE_CHECKING:
    from tthd_tools.media import Frame


class Reels(ClipStage):
    """Divides an item into scenes of ``length`` frames; the second one is outside and ends."""

    provides: ClassVar[type[Part]] = PiecesPart
    level: ClassVar[str] = "item"
    length: int = 8
    breaks_at: int = -1

    @property
    def name(self) -> str:
        return "pieces"

    def unroll(self, clip: Clip) -> Iterator[Clip | Frame]:
        for frame in read_frames(clip.source):
            if frame.index == self.breaks_at:
                raise MediaError("damaged at 0.4 s", code="S002")
            scene, first = divmod(frame.index, self.length)
            if first == 0 and scene:
                yield self._scene(clip, scene - 1)
            if scene != 1:
                yield frame
        yield self._scene(clip, scene)

    def _scene(self, clip: Clip, number: int) -> Clip:
        step_s = self.length / 25
        span = Span(round(number * step_s, 6), round((number + 1) * step_s, 6))
        if number == 1:
            return clip.ended(f"{number:03d}", span, "outside")
        return clip.child(f"{number:03d}", "scene", span, PiecesPart(index=number))


class FacesPart(Part):
    stage: ClassVar[str] = "faces"
    frames: int


class Faces(ClipStage):
    """Makes two clips of each scene, with a file each; may go wrong in the scene from ``at_s``."""

    requires: ClassVar[tuple[type[Part], ...]] = (PiecesPart,)
    provides: ClassVar[type[Part]] = FacesPart
    level: ClassVar[str] = "scene"
    gain: float = 1.0
    at_s: float = -1.0
    how: str = ""
    log: str = ""
    extra_engine: bool = True

    @property
    def name(self) -> str:
        return "faces"

    def setup(self) -> None:
        if not self.extra_engine:
            raise ImportError("no module named engine")

    def follow(self, reel: Reel, folder: Path) -> Follow:
        if self.log:
            known = "alone" if reel.clip else "following"
            with Path(self.log).open("a") as log:
                log.write(f"{known} {reel.begun.span.start_s:.2f}\n")
        lumas = []
        while (frame := (yield)) is not None:
            lumas.append(f"{frame.k} {self.gain * float(frame.frame.luma(8, 6).mean()):.2f}")
            if abs(reel.begun.span.start_s - self.at_s) < 1e-6 and frame.k == 3:
                misbehave(self.how)
        scene = reel.clip
        assert scene is not None
        for k in range(2):
            (folder / f"{k:03d}").mkdir()
            (folder / f"{k:03d}" / "lumas.txt").write_text("\n".join(lumas))
        part = FacesPart(frames=scene.frame_count)
        return [scene.child(f"{k:03d}", "clip", scene.span, part) for k in range(2)]
