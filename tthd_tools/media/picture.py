"""A path goes in, decoded pictures with their times come out, from the first or a keyframe on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.errors import MediaError
from tthd_tools.media.container import (
    SEEKABLE,
    demuxed,
    no_video,
    open_media,
    pixel_aspect,
    promised_end_s,
    refuse,
    video_stream,
)

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

SEEK_MARGIN_S = 0.3
# The file is broken when more frames than this are missing at its end.
MISSING, MISSING_AVI = 3.0, 1.5


@dataclass
class Clock:
    """Times of decoded frames in seconds since the first one.

    Presentation timestamps rule. AVI stores none: there the n-th shown frame takes the n-th
    packet's time. Frames without any time follow at the nominal rate.
    """

    path: Path
    stream: VideoStream

    def __post_init__(self) -> None:
        self.by_packet = self.stream.container.format.name == "avi"
        self.tick_s = float(self.stream.time_base or 0)
        rate = self.stream.average_rate or self.stream.guessed_rate
        self.step_s = 1 / float(rate) if rate else 0.04
        self.origin: int | None = None
        self.restart()

    def restart(self) -> None:
        """Forget the order of frames, after a seek; the origin stays."""
        self.pending: deque[int | None] = deque()
        self.last_s: float | None = None

    def time_s(self, frame: VideoFrame) -> float:
        """Time of the next decoded frame; always later than the one before."""
        ticks = frame.pts
        if self.by_packet and self.pending:
            ticks = self.pending.popleft()
        if self.origin is None and self.last_s is None:
            self.origin = ticks
        last_s = self.last_s
        if ticks is None or self.origin is None:
            time_s = 0.0 if last_s is None else last_s + self.step_s
        else:
            time_s = (ticks - self.origin) * self.tick_s
        if last_s is not None and time_s <= last_s:
            if last_s - time_s > 1:
                raise refuse(
                    self.path,
                    f"jumps back in time by {last_s - time_s:.1f} s at {last_s:.2f} s: "
                    "cut it there or convert it again",
                )
            time_s = last_s + 1e-3
        self.last_s = round(time_s, 6)
        return self.last_s


class Decoded(NamedTuple):
    """A decoded picture, its time since the first, and width over height of a stored pixel."""

    t_s: float
    picture: VideoFrame
    aspect: float


class Picture:
    """The frames of one open file with their times, from the first or from a keyframe on."""

    def __init__(self, path: Path, container: InputContainer) -> None:
        stream = video_stream(container)
        if stream is None:
            raise no_video(path)
        self.path, self.container, self.stream = path, container, stream
        self.clock = Clock(path, stream)
        self.aspect = pixel_aspect(stream)
        self.end_s = 0.0
        self._frames = self._decoded()

    def __iter__(self) -> Iterator[Decoded]:
        return self._frames

    def _decoded(self) -> Iterator[Decoded]:
        for packet in demuxed(self.container, self.stream, self._complain):
            if packet.size:
                self.clock.pending.append(packet.dts)
            try:
                frames = packet.decode()
            except Exception as error:  # whatever the library raises, it is the file's fault
                if self.clock.last_s is not None or not packet.size:
                    raise self._broken() from error
                self.clock.pending.clear()  # the first packets may lean on ones before them
                continue
            for frame in frames:
                time_s = self.clock.time_s(frame)
                if frame.is_corrupt:
                    raise self._broken()
                self.end_s = time_s + max(self.clock.step_s, frame.duration * self.clock.tick_s)
                yield Decoded(time_s, frame, self.aspect)
        self._check_whole()

    def _complain(self, cause: Exception | None) -> None:
        """The container is damaged here; before the first picture that is no loss."""
        if self.clock.last_s is not None or cause is not None:
            raise self._broken() from cause

    def _broken(self) -> MediaError:
        last_s = self.clock.last_s
        if last_s is None:
            return refuse(self.path, "holds no picture that can be decoded: export it again")
        return refuse(
            self.path, f"is damaged {last_s:.2f} s after its first picture: copy or export it again"
        )

    def _check_whole(self) -> None:
        """At the end of the file: did all come that the header promised?"""
        last_s = self.clock.last_s
        if last_s is None:
            raise self._broken()
        promised_s = promised_end_s(self.stream, self.clock.origin)
        missing_s = 0.0 if promised_s is None else promised_s - self.end_s
        # an AVI counts its pictures: one that is left out in the middle shifts those after it
        slack = MISSING_AVI if self.clock.by_packet else MISSING
        if missing_s > slack * self.clock.step_s:
            raise refuse(
                self.path,
                f"is damaged: its pictures end after {self.end_s:.2f} s of {promised_s:.2f} s, "
                "copy or export it again",
            )

    def seek(self, target_s: float) -> Decoded | None:
        """Go to a keyframe at or before ``target_s``; its frame, or None where that failed."""
        import av

        origin = self.clock.origin
        if origin is None or self.clock.tick_s <= 0:
            return None
        ticks = origin + int(max(0.0, target_s - SEEK_MARGIN_S) / self.clock.tick_s)
        self.clock.restart()
        try:
            self.container.seek(ticks, stream=self.stream)
        except (av.FFmpegError, OSError):
            return None
        self._frames = self._decoded()
        for decoded in self._frames:
            if decoded.t_s > target_s:
                return None
            if decoded.picture.key_frame:
                return decoded
        return None


def timed_frames(path: Path, start_s: float = 0.0) -> Iterator[Decoded]:
    """Decoded frames with their times: at least from the last one at or before ``start_s`` on.

    A seek is believed only when it lands on a keyframe at or before ``start_s``; otherwise the
    file is read from its beginning. Raises MediaError S002 when the file breaks or ends early.
    """
    if start_s > 2 * SEEK_MARGIN_S:
        with open_media(path) as container:
            picture = Picture(path, container)
            first = next(iter(picture), None)
            if first is not None and _may_seek(picture):
                for back_s in (0.0, 15.0):
                    landed = picture.seek(start_s - back_s)
                    if landed is not None:
                        yield landed
                        yield from picture
                        return
    with open_media(path) as container:
        yield from Picture(path, container)


def _may_seek(picture: Picture) -> bool:
    name = picture.container.format.name
    if not name.startswith(SEEKABLE):
        return False
    # frames of an AVI are counted in decoding order: right after a seek only without B-frames
    return name != "avi" or not picture.stream.codec_context.has_b_frames
