"""A clip that is still being found: its frames come out at 25 fps, and at their end what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tthd_tools.clip import FPS, Clip, ClipFrame, Span

if TYPE_CHECKING:
    from tthd_tools.media import Frame


class Reel:
    """Source frames and, after them, the clip that they make, taken from ``events``.

    ``begun`` is what is known of the clip from its first frame on: item, source, and its start.
    ``clip`` is None until the frames have ended.
    """

    def __init__(self, parent: Clip, first: Frame, events: Iterator[Clip | Frame]) -> None:
        self.begun = replace(parent, span=Span(first.t_s, parent.span.end_s))
        self.clip: Clip | None = None
        self._frames = self._shown(first, events)

    @classmethod
    def of(cls, clip: Clip) -> Reel:
        """The reel of a clip that is known already; it gives no frames."""
        reel = cls.__new__(cls)
        reel.begun = reel.clip = clip
        reel._frames = iter(())
        return reel

    def frames(self) -> Iterator[ClipFrame]:
        """The same frames as ``Clip.frames`` gives of the clip that comes of it; once."""
        return self._frames

    def wound(self) -> Clip:
        """The clip, after the rest of the frames has passed."""
        for _ in self._frames:
            pass
        if self.clip is None:
            raise RuntimeError("its frames have ended without a clip")
        return self.clip

    def _shown(self, first: Frame, events: Iterator[Clip | Frame]) -> Iterator[ClipFrame]:
        from tthd_tools.media import paced

        start_s = self.begun.span.start_s
        for frame, numbers in paced(self._until_clip(first, events), start_s, self._end_s):
            yield from (ClipFrame(k, start_s + k / FPS, frame, None) for k in numbers)

    def _until_clip(self, first: Frame, events: Iterator[Clip | Frame]) -> Iterator[Frame]:
        yield first
        for event in events:
            if isinstance(event, Clip):
                self.clip = event
                return
            yield event

    def _end_s(self) -> float:
        return self.begun.span.end_s if self.clip is None else self.clip.span.end_s
