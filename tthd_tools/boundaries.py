"""Times, brightness and hard cuts of frames go in, in order; where shots begin comes out at once.

A place is certain a few frames after it, as soon as nothing that may follow can change it: the
detector's window, a stretch of black that may prove too short, a shot that may.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

Kind = Literal["end", "cut", "fade"]
FADE_STEP = 10.0
"""Mean luma may change by so much between two frames of a fade into or out of black."""
CUT_LAG = 2
"""A cut is told with so many frames after it in the detector's window."""
NEAR = 1
"""A cut so many frames from the edge of black is that edge."""


class Boundary(NamedTuple):
    """Frame with which a shot begins, and what kind of boundary that is.

    A cut soon after a fade takes its place; ``since`` is then the fade's frame.
    """

    frame: int
    kind: Kind
    since: int


class BoundaryFinder:
    """Decides on cuts and on the edges of black, in order of the frames.

    ``step_s``: usual time between two frames; ``min_scene_s``: shortest shot; ``black_luma``: mean
    luma below which a frame is black; ``min_black_s``: shortest stretch of black that counts.
    Lengths are met within half a frame.
    """

    def __init__(
        self, step_s: float, min_scene_s: float, black_luma: float, min_black_s: float
    ) -> None:
        self._slack_s = step_s / 2 - 1e-6
        self._step_s = step_s
        self._min_scene_s, self._min_black_s = min_scene_s, min_black_s
        self._black_luma = black_luma
        self._cuts: set[int] = set()
        self._next = 1
        self._ended = False
        self.times_s: list[float] = []
        self.lumas: list[float] = []
        self.found = [Boundary(0, "end", 0)]

    def take(self, t_s: float, luma: float, cuts: Collection[int] = ()) -> None:
        """Take the next frame, and the cuts that it makes certain, at most CUT_LAG before it."""
        self.times_s.append(t_s)
        self.lumas.append(luma)
        self._cuts.update(cuts)
        self._decide()

    def finish(self) -> None:
        """No frame follows: nothing is open any more."""
        self._ended = True
        self._decide()
        last = self.found[-1]
        if last.kind != "end" and not self._lasts(last.since, len(self.times_s), self._min_scene_s):
            self.found.pop()

    @property
    def certain(self) -> int:
        """Which of the frames before this one are boundaries does not change any more."""
        last = self.found[-1]
        if self._ended or last.kind == "end":
            return len(self.times_s) if self._ended else self._next
        newest = len(self.times_s) - 1
        stays = self._lasts(last.since, newest, self._min_scene_s)
        if last.kind == "fade":
            stays = stays and self._lasts(last.frame, self._next, self._min_scene_s)
        return self._next if stays else last.since

    def kind_at(self, frame: int) -> Kind | None:
        """What a certain frame begins, if anything."""
        last = next(one for one in reversed(self.found) if one.frame <= frame)
        return last.kind if last.frame == frame else None

    def _decide(self) -> None:
        while self._next < len(self.times_s) and self._is_known(self._next):
            kind, last = self._kind(self._next), self.found[-1]
            if kind and self._lasts(last.frame, self._next, self._min_scene_s):
                self.found.append(Boundary(self._next, kind, self._next))
            elif kind == "cut" and last.kind == "fade":
                self.found[-1] = Boundary(self._next, "cut", last.since)
            self._next += 1

    def _is_known(self, frame: int) -> bool:
        """Whether all is there that a frame's kind depends on."""
        if self._ended:
            return True
        if frame + NEAR + CUT_LAG >= len(self.times_s):
            return False
        return all(self._is_edge(near) is not None for near in (frame, frame + NEAR))

    def _kind(self, frame: int) -> Literal["cut", "fade"] | None:
        near = range(frame - NEAR, frame + NEAR + 1)
        fades = [edge for edge in near if self._is_edge(edge) and self._is_soft(edge)]
        # Hue leaps where a picture gets dark, so a detector sees cuts in fades.
        if frame in self._cuts and not fades:
            return "cut"
        if self._is_edge(frame) and (frame in fades or not self._cuts.intersection(near)):
            return "fade"
        return None

    def _is_soft(self, edge: int) -> bool:
        return abs(self.lumas[edge] - self.lumas[edge - 1]) < FADE_STEP

    def _is_dark(self, frame: int) -> bool:
        return self.lumas[frame] < self._black_luma

    def _is_edge(self, frame: int) -> bool | None:
        """Whether a stretch of black begins or ends before a frame; None while it may yet."""
        if not 0 < frame < len(self.times_s) or self._is_dark(frame) == self._is_dark(frame - 1):
            return False
        if not self._is_dark(frame):
            first = frame - 1
            while first > 0 and self._is_dark(first - 1) and not self._is_long(first, frame):
                first -= 1
            return self._is_long(first, frame)
        for end in range(frame + 1, len(self.times_s)):
            if self._is_long(frame, end):
                return True
            if not self._is_dark(end):
                return False
        return self._is_long(frame, len(self.times_s)) if self._ended else None

    def _is_long(self, first: int, end: int) -> bool:
        return self._lasts(first, end, self._min_black_s)

    def _lasts(self, first: int, end: int, least_s: float) -> bool:
        """Whether the frames from ``first`` to before ``end`` last so long, and are some."""
        times = self.times_s
        end_s = times[end] if end < len(times) else times[-1] + self._step_s
        return end > first and end_s - times[first] > least_s - self._slack_s
