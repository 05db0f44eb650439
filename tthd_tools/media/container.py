"""A path goes in, an open container and its timed video frames come out; every failure of the
decoder library or the file system leaves as one MediaError sentence."""

from __future__ import annotations

import errno
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.errors import MediaError

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# Only real media containers: playlists and scripts (m3u8, concat, sdp, ...) could name other files.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,ivf,nut,"
    "h264,hevc,m4v,wav,w64,aiff,mp3,aac,flac,amr,caf"
)
# Containers whose timestamps stay exact after a seek.
SEEKABLE = ("mov", "matroska", "avi", "mpegts", "flv", "ogg", "asf", "nut", "wav")
SEEK_MARGIN_S = 0.3
MAX_LEADING_ERRORS = 500
MISSING_TAIL_S = 0.5


def refuse(path: Path, what: str, code: str = "S002", reason: str = "undecodable") -> MediaError:
    """The one way a sentence about a media file is made: name first, on one line."""
    return MediaError(f"{path.name!r} {what}", code=code, reason=reason)


@contextmanager
def boundary(path: Path) -> Iterator[None]:
    """Turn what PyAV or the file system raise into MediaError."""
    import av

    try:
        yield
    except av.error.PermissionError as error:
        raise refuse(path, "may not be read: allow reading it", "S004", "unreadable") from error
    except (av.FFmpegError, UnicodeError) as error:
        raise refuse(path, f"cannot be decoded ({_words(error)}): copy or convert it again") from (
            error
        )
    except OSError as error:
        raise refuse(
            path, f"cannot be read ({_words(error)}): check the disk", "S004", "unreadable"
        ) from error


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__).lower()


def _check_file(path: Path) -> bytes:
    """First bytes of a regular, readable, non-empty file."""
    try:
        mode = path.stat()
        if not stat.S_ISREG(mode.st_mode):
            raise refuse(path, "is not a file: give a video file", "S001")
        with path.open("rb") as file:
            head = file.read(64)
    except ValueError as error:
        raise refuse(path, "is not a possible file name: rename it", "S001") from error
    except OSError as error:
        what = {
            errno.ENOENT: "does not exist: check the name",
            errno.ELOOP: "is a link that leads to itself: replace it by the file",
        }.get(error.errno or 0, f"may not be read ({_words(error)}): allow reading it")
        raise refuse(path, what, "S004", "unreadable") from error
    if not head:
        raise refuse(path, "is empty (0 bytes): copy it again", "S007", "empty")
    return head


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a media file; raises MediaError S001, S002, S004 or S007."""
    import av

    av.logging.set_level(None)  # nothing of the library's own talk may reach stderr
    head = _check_file(path)
    try:
        with boundary(path):
            container = av.open(
                f"file:{path}",  # so that no name is taken for an address
                metadata_errors="replace",
                container_options={"format_whitelist": FORMATS, "protocol_whitelist": "file"},
            )
    except MediaError as error:
        if error.code == "S002" and not _looks_like_media(head):
            raise refuse(path, "is not a media file: give a video file", "S001") from error
        if error.code == "S002":
            raise refuse(
                path, "is damaged or was cut off while it was written: copy or export it again"
            ) from error
        raise
    try:
        yield container
    finally:
        container.close()


def _looks_like_media(head: bytes) -> bool:
    return head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip") or head.startswith(
        (b"RIFF", b"\x1aE\xdf\xa3", b"OggS", b"FLV", b"\x30\x26\xb2\x75")
    )


def video_stream(container: InputContainer) -> VideoStream | None:
    """The best moving picture (cover art is none), set to one decoder thread."""
    from av.stream import Disposition

    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        return None
    best = container.streams.best("video")
    chosen = next((s for s in streams if s is best), streams[0])
    if chosen.codec_context is None:
        return None
    chosen.codec_context.thread_count = 1
    return chosen


def audio_stream(container: InputContainer) -> AudioStream | None:
    """The best sound, or None."""
    streams = [s for s in container.streams.audio if s.codec_context is not None]
    if not streams:
        return None
    best = container.streams.best("audio")
    chosen = next((s for s in streams if s is best), streams[0])
    chosen.codec_context.thread_count = 1
    return chosen


def no_video(path: Path) -> MediaError:
    """The error for a file without a moving picture."""
    return refuse(path, "has no video stream: give a file with a picture", "S003", "no_video")


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
        self._frames = self._decoded()

    def __iter__(self) -> Iterator[Decoded]:
        return self._frames

    def _decoded(self) -> Iterator[Decoded]:
        import av

        errors = 0
        frames: list[VideoFrame]
        for packet in self._packets():
            if packet.size:
                self.clock.pending.append(packet.dts)
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                errors += 1
                # before the first whole picture a recording may start in the middle of one
                if self.clock.last_s is None and errors < MAX_LEADING_ERRORS and packet.size:
                    self.clock.pending.clear()
                    continue
                raise self._broken() from error
            for frame in frames:
                time_s = self.clock.time_s(frame)
                if frame.is_corrupt:
                    raise self._broken()
                yield Decoded(time_s, frame, self.aspect)
        self._check_whole()

    def _packets(self) -> Iterator[av.Packet[VideoStream]]:
        import av

        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.FFmpegError, OSError) as error:
                raise self._broken() from error
            yield packet

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
        if promised_s is not None and promised_s - last_s - self.clock.step_s > MISSING_TAIL_S:
            raise refuse(
                self.path,
                f"ends {last_s:.2f} s after its first picture but should last {promised_s:.2f} s: "
                "copy it again",
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


def pixel_aspect(stream: VideoStream) -> float:
    """Width over height of a stored pixel; 1 where the file says nothing or nonsense."""
    ratio = stream.sample_aspect_ratio
    return float(ratio) if ratio and 1 / 8 <= ratio <= 8 else 1.0


def promised_end_s(stream: VideoStream | AudioStream, origin: int | None) -> float | None:
    """End of a stream by its header in seconds after ``origin`` (ticks), where it says so."""
    if stream.time_base is None:
        return None
    tick_s = float(stream.time_base)
    if stream.duration and stream.container.format.name.startswith(("mov", "avi")):
        start = stream.start_time or 0
        return (start + stream.duration - (origin or 0)) * tick_s
    tag = stream.metadata.get("DURATION", "")  # Matroska: end time as HH:MM:SS.fraction
    try:
        hours, minutes, seconds = (float(part) for part in tag.split(":"))
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + seconds - (origin or 0) * tick_s


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
