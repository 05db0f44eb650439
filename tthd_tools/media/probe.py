"""A path goes in, the facts of its picture and sound come out, from the header and two frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from tthd_tools.errors import MediaError
from tthd_tools.media.container import (
    audio_stream,
    boundary,
    no_video,
    open_media,
    promised_end_s,
    refuse,
    video_stream,
)
from tthd_tools.media.frame import rotation_deg, upright_size
from tthd_tools.media.picture import Picture

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

PROBED_PACKETS = 64
REORDERED_PACKETS = 16  # so many at the end may still lack a neighbour
# Steps between pictures are uneven when they differ by more than rounding to milliseconds does.
UNEVEN_S, UNEVEN = 0.0021, 0.1
UNEVEN_RATE = 0.02  # of the beginning against the whole
MIN_PX, MAX_PX, MAX_FPS = 16, 16384, 1000


class Probe(BaseModel):
    """Facts of one media file; times in seconds since its first video frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    container: str
    size_bytes: int
    duration_s: float
    video_codec: str
    width: int
    height: int
    rotation_deg: int
    fps: float | None
    variable: bool | None
    pixel_format: str
    bit_depth: int
    first_timestamp_s: float
    audio_codec: str | None = None
    audio_rate_hz: int | None = None
    audio_channels: int | None = None
    audio_start_s: float | None = None
    audio_duration_s: float | None = None


def probe(path: Path) -> Probe:
    """Look at a media file: header, times of the first packets, two decoded frames.

    ``width`` and ``height`` are upright, in square pixels; ``duration_s`` is the picture's;
    ``fps`` the average, None if unknown; ``variable`` is judged from the first packets, None if
    there are too few. Only a file without a duration is read through, without decoding.
    Raises MediaError S001-S005 and S007.
    """
    times = _packet_times(path)
    with open_media(path) as container, boundary(path):
        picture = Picture(path, container)
        first = next(iter(picture))
        if next(iter(picture), None) is None:
            raise _absurd(path, "has one picture only: give a video")
        turn = rotation_deg(first.picture)
        width, height = upright_size(first.picture.width, first.picture.height, turn, first.aspect)
        _refuse_absurd(path, width, height, times.fps)
        first_s = (picture.clock.origin or 0) * picture.clock.tick_s
        return Probe(
            container=container.format.name,
            size_bytes=path.stat().st_size,
            duration_s=round(_duration_s(picture, times, first_s), 6),
            video_codec=picture.stream.codec_context.name,
            width=width,
            height=height,
            rotation_deg=turn,
            fps=times.fps,
            variable=times.variable,
            pixel_format=first.picture.format.name,
            bit_depth=first.picture.format.components[0].bits,
            first_timestamp_s=round(first_s, 6),
            **_sound(audio_stream(container), first_s),
        )


class _PacketTimes(NamedTuple):
    """``end_s``: container time of the picture's end, where the file had to be read through."""

    fps: float | None
    variable: bool | None
    end_s: float | None


def _packet_times(path: Path) -> _PacketTimes:
    """Rate of the picture from packet timestamps, without decoding."""
    with open_media(path) as container, boundary(path):
        stream = video_stream(container)
        if stream is None:
            raise no_video(path)
        known = promised_end_s(stream, None) is not None or bool(container.duration)
        by_dts = container.format.name == "avi"
        ticks: list[int] = []
        count, last, whole = 0, 0, True
        for packet in container.demux(stream):
            if not packet.size:
                continue
            tick = packet.dts if by_dts or packet.pts is None else packet.pts
            if tick is not None and len(ticks) < PROBED_PACKETS:
                ticks.append(tick)
            count, last = count + 1, max(last, tick or 0)
            if known and len(ticks) == PROBED_PACKETS:
                whole = False
                break
        tick_s = float(stream.time_base or 0)
        rate = stream.average_rate or stream.guessed_rate
        steps = np.diff(np.unique(ticks)[: None if whole else -REORDERED_PACKETS]) * tick_s
        if len(steps) < 2:
            fps = float(rate) if rate else None
            return _PacketTimes(fps, None, count / fps if fps and not known else None)
        usual = float(np.median(steps))
        variable = bool(np.ptp(steps) > max(UNEVEN_S, UNEVEN * usual))
        if whole:
            fps = (count - 1) / ((last - min(ticks)) * tick_s)
        else:
            here = 1 / float(np.mean(steps))
            fps = float(rate) if rate and stream.frames else here
            variable = variable or abs(fps - here) > UNEVEN_RATE * fps
            # the average of a header is off by how long it says the last picture lasts
            fps = fps if variable else here
        return _PacketTimes(round(fps, 3), variable, last * tick_s + usual)


def _duration_s(picture: Picture, times: _PacketTimes, first_s: float) -> float:
    """Length of the picture: by its stream's header, else as read through, else the file's."""
    promised_s = promised_end_s(picture.stream, picture.clock.origin)
    if promised_s is not None and promised_s > 0:
        return promised_s
    container = picture.container
    if container.duration:
        return (container.duration + (container.start_time or 0)) / 1e6 - first_s
    return (times.end_s or 0.0) - first_s


def _sound(stream: AudioStream | None, first_s: float) -> dict[str, Any]:
    """The fields of the sound, times relative to the first picture."""
    if stream is None:
        return {}
    tick_s = float(stream.time_base or 0)
    start = stream.start_time
    end_s = promised_end_s(stream, start)
    return {
        "audio_codec": stream.codec_context.name,
        "audio_rate_hz": stream.codec_context.sample_rate,
        "audio_channels": stream.codec_context.layout.nb_channels,
        "audio_start_s": None if start is None else round(start * tick_s - first_s, 6),
        "audio_duration_s": None if end_s is None else round(end_s, 6),
    }


def _refuse_absurd(path: Path, width: int, height: int, fps: float | None) -> None:
    if min(width, height) < MIN_PX or max(width, height) > MAX_PX:
        raise _absurd(path, f"is {width}x{height} px: give a picture of {MIN_PX} to {MAX_PX} px")
    if fps is not None and fps > MAX_FPS:
        raise _absurd(path, f"claims {fps:.0f} pictures a second: convert it to 60 or fewer")


def _absurd(path: Path, what: str) -> MediaError:
    return refuse(path, what, "S005", "absurd")
