"""Small videos for the media tests: pictures at given times, sound, odd containers and headers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE_HZ = 48000


def luma_of(index: int) -> int:
    """Grey of frame ``index``: neighbours differ by 37, so that a picture tells its number."""
    return 20 + index * 37 % 200


def grey(index: int, width: int = 64, height: int = 64) -> np.ndarray[Any, Any]:
    """A flat I420 picture (height * 3 / 2, width) whose grey tells the frame's number."""
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = luma_of(index)
    return picture


def write_movie(
    path: Path,
    times_s: Sequence[float],
    *,
    size: tuple[int, int] = (64, 64),
    pictures: Any = None,
    picture_format: str = "yuv420p",
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    tick: Fraction = Fraction(1, 90000),
    gop: int = 12,
    b_frames: int = 0,
    codec_options: dict[str, str] | None = None,
    rotation_deg: int = 0,
    aspect: Fraction | None = None,
    full_range: bool = False,
    colorspace: int | None = None,
    sound: np.ndarray[Any, Any] | None = None,
    sound_start_s: float = 0.0,
    sound_rate_hz: int = RATE_HZ,
    sound_codec: str = "aac",
    layout: str = "mono",
    muxer: str | None = None,
    muxer_options: dict[str, str] | None = None,
    metadata: str = "",
) -> Path:
    """Write picture i at ``times_s[i]``.

    ``pictures(i)`` gives an array in ``picture_format``, flat grey by default; ``sound`` is
    float32 (channels, n) at ``sound_rate_hz`` from ``sound_start_s`` on; ``rotation_deg`` is the
    clockwise turn stored in the header.
    """
    width, height = size
    options = {"fflags": "+bitexact", **(muxer_options or {})}
    if path.suffix in (".mp4", ".mov"):
        options.setdefault("movflags", "+faststart")
    with av.open(str(path), "w", format=muxer, options=options) as out:
        if metadata:
            out.metadata["title"] = metadata
        span_s = times_s[-1] - times_s[0]
        rate = Fraction((len(times_s) - 1) / span_s if span_s else 25).limit_denominator(1001)
        video = out.add_stream(codec, rate=rate)
        video.width, video.height, video.pix_fmt = width, height, pixel_format
        context = video.codec_context
        context.time_base, context.gop_size, context.thread_count = tick, gop, 1
        context.max_b_frames = b_frames
        context.options = {**_codec_options(codec), **(codec_options or {})}
        if aspect:
            context.sample_aspect_ratio = aspect
        if full_range:
            context.color_range = 2
        if colorspace:
            context.colorspace = colorspace
        if rotation_deg:
            video.set_display_rotation(-rotation_deg)
        audio = None
        if sound is not None:
            audio = out.add_stream(sound_codec, rate=sound_rate_hz, layout=layout)
        packets: list[Any] = []
        for index, time_s in enumerate(times_s):
            array = pictures(index) if pictures else grey(index, width, height)
            frame = av.VideoFrame.from_ndarray(array, format=picture_format)
            if pixel_format != picture_format or full_range:
                frame = frame.reformat(
                    format=pixel_format, dst_color_range=2 if full_range else 1, src_color_range=1
                )
            frame.pts, frame.time_base = round(time_s / tick), tick
            packets += video.encode(frame)
        packets += video.encode(None)
        if audio is not None and sound is not None:
            packets += _encode_sound(audio, sound, sound_start_s, sound_rate_hz, layout)
        _mux(out, packets)
    return path


def _codec_options(codec: str) -> dict[str, str]:
    return {
        "libx264": {"preset": "ultrafast", "crf": "10"},
        "libx265": {"preset": "ultrafast", "crf": "10", "x265-params": "log-level=none:pools=none"},
        "libvpx": {"deadline": "realtime", "cpu-used": "8", "b:v": "2M"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "b:v": "2M"},
        "mpeg4": {"q:v": "2"},
    }.get(codec, {})


def _encode_sound(
    audio: Any, sound: np.ndarray[Any, Any], start_s: float, rate_hz: int, layout: str
) -> list[Any]:
    packets: list[Any] = []
    block = 960
    for at in range(0, sound.shape[1], block):
        part = np.ascontiguousarray(sound[:, at : at + block], np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.rate = rate_hz
        frame.pts, frame.time_base = round(start_s * rate_hz) + at, Fraction(1, rate_hz)
        packets += audio.encode(frame)
    return packets + audio.encode(None)


def _mux(out: Any, packets: list[Any]) -> None:
    """Interleave by decoding time, as a recorder does."""
    for packet in sorted(packets, key=lambda p: float((p.dts or 0) * p.time_base)):
        out.mux(packet)


def clicks(times_s: Sequence[float], length_s: float, rate_hz: int = RATE_HZ) -> Any:
    """Silence (1, n) with a tone burst of 8 ms at each time."""
    sound = np.zeros((1, round(length_s * rate_hz)), np.float32)
    n = round(0.008 * rate_hz)
    burst = 0.8 * np.sin(2 * np.pi * 1500 * np.arange(n) / rate_hz)
    for time_s in times_s:
        at = round(time_s * rate_hz)
        sound[0, at : at + n] = burst[: sound.shape[1] - at]
    return sound
