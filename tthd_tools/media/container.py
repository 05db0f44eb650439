"""A path goes in, an open container and its streams come out; whatever the decoder library or the
file system raise leaves as one MediaError sentence."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.errors import MediaError

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

# Only real media containers: playlists and scripts (m3u8, concat, sdp, ...) could name other files.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,ivf,nut,"
    "h264,hevc,m4v,wav,w64,aiff,mp3,aac,flac,amr,caf"
)
# Containers whose timestamps stay exact after a seek.
SEEKABLE = ("mov", "matroska", "avi", "mpegts", "flv", "ogg", "asf", "nut", "wav")


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

    av.logging.set_level(av.logging.PANIC)  # errors are counted, nothing reaches stderr
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
        if not any(stream.codec_context for stream in container.streams):
            raise refuse(path, "is damaged at its beginning: copy or export it again")
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


def demuxed(
    container: InputContainer, stream: Stream, complain: Callable[[Exception | None], None]
) -> Iterator[Any]:
    """Packets (``av.Packet``) of a stream; calls ``complain`` where the container is damaged.

    A demuxer that finds rubbish looks for the next good place and goes on: what it left out shows
    only in a packet marked corrupt or in its error log.
    """
    import av

    packets = container.demux(stream)
    while True:
        errors, _ = av.logging.get_last_error()
        try:
            packet = next(packets)
        except StopIteration:
            return
        except Exception as error:  # whatever the library raises, it is the file's fault
            complain(error)
            return
        count, last = av.logging.get_last_error()
        # a recording that was never closed ends "prematurely" too, and lacks nothing
        _, source, words = last if last and count > errors else (0, "", "")
        if packet.is_corrupt or (source == container.format.name and "prematurely" not in words):
            complain(None)
        yield packet


def no_video(path: Path) -> MediaError:
    """The error for a file without a moving picture."""
    return refuse(path, "has no video stream: give a file with a picture", "S003", "no_video")


def pixel_aspect(stream: VideoStream) -> float:
    """Width over height of a stored pixel; 1 where the file says nothing or nonsense."""
    ratio = stream.sample_aspect_ratio
    return float(ratio) if ratio and 1 / 8 <= ratio <= 8 else 1.0


def promised_end_s(stream: VideoStream | AudioStream, origin: int | None) -> float | None:
    """End of a stream by its header in seconds after ``origin`` (ticks), where it says so."""
    if stream.time_base is None:
        return None
    tick_s = float(stream.time_base)
    if stream.container.format.name == "avi" and stream.type == "video":
        return stream.frames * tick_s or None  # its duration is cut down to what is there
    if stream.duration and stream.container.format.name.startswith(("mov", "avi")):
        start = stream.start_time or 0
        return (start + stream.duration - (origin or 0)) * tick_s
    tag = stream.metadata.get("DURATION", "")  # Matroska: end time as HH:MM:SS.fraction
    try:
        hours, minutes, seconds = (float(part) for part in tag.split(":"))
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + seconds - (origin or 0) * tick_s
