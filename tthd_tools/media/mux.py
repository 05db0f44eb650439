"""Frames, their times and sound come in; a media file as a camera or browser writes it goes out."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import av
    import av.container

TICKS_HZ = 120_000  # 23.976, 24, 25, 29.97, 30, 50, 59.94 and 60 fps are whole numbers of ticks
CODEC_OPTIONS = {
    # mbtree reads unset memory with AVX-512: bytes would differ from run to run (see encode.py)
    "libx264": {"preset": "veryfast", "crf": "18", "x264-params": "mbtree=0"},
    "libx265": {"preset": "ultrafast", "crf": "22", "x265-params": "pools=none:log-level=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "crf": "12", "b:v": "2M"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "24", "b:v": "0"},
}
MATRICES = {  # 3x3 display matrices of an MP4 track header, clockwise turn of the stored picture
    0: (0x10000, 0, 0, 0x10000),
    90: (0, 0x10000, -0x10000, 0),
    180: (-0x10000, 0, 0, -0x10000),
    270: (0, -0x10000, 0x10000, 0),
}


def write_movie(
    path: Path,
    frames: Iterable[npt.NDArray[np.uint8]],
    times_s: Sequence[float],
    audio: npt.NDArray[np.float32] | None = None,
    rate_hz: int = 48_000,
    *,
    video_codec: str = "libx264",
    audio_codec: str = "aac",
    pixel_format: str = "yuv420p",
    audio_start_s: float = 0.0,
    rotation_deg: int = 0,
    options: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
) -> None:
    """Write a movie whose frame k is shown from ``times_s[k]`` on.

    ``frames``: RGB uint8 (h, w, 3), as they shall be seen; ``audio``: float32 (n,) or (n, 2),
    starting at ``audio_start_s`` on the picture's time line. ``rotation_deg`` stores the picture
    turned back and stamps an MP4 with the clockwise turn that sets it upright. The container
    follows the suffix. One encoder thread, no dates: the same input gives the same bytes.
    Raises ``ValueError`` for a rotation that is no quarter turn.
    """
    import av

    if rotation_deg not in MATRICES:
        raise ValueError(f"rotation {rotation_deg} is not one of 0, 90, 180, 270")
    muxer_options = {"fflags": "+bitexact"}
    if path.suffix in {".mp4", ".mov"}:
        muxer_options |= {"movflags": "+faststart", "video_track_timescale": str(TICKS_HZ)}
    muxer_options |= container_options or {}
    with av.open(str(path), "w", options=muxer_options) as container:
        encoder = _Picture(container, video_codec, pixel_format, times_s, options)
        sound = None if audio is None else _Sound(container, audio_codec, audio, rate_hz)
        for frame, t_s in zip(frames, times_s, strict=True):
            encoder.write(np.rot90(frame, rotation_deg // 90), t_s)
            if sound is not None:
                sound.write_until(t_s, audio_start_s)
        if sound is not None:
            sound.write_until(float("inf"), audio_start_s)
            sound.close()
        encoder.close()
    if rotation_deg:
        _stamp_rotation(path, rotation_deg)


class _Picture:
    """The picture track: the stream is opened with the first frame, which gives the size."""

    def __init__(
        self,
        container: av.container.OutputContainer,
        codec: str,
        pixel_format: str,
        times_s: Sequence[float],
        options: Mapping[str, str] | None,
    ) -> None:
        span_s = times_s[-1] - times_s[0] if len(times_s) > 1 else 0.0
        rate = Fraction((len(times_s) - 1) / span_s if span_s else 25.0).limit_denominator(1001)
        # add_stream is typed as any kind of stream, and the codec's name decides which.
        stream: Any = container.add_stream(codec, rate=rate)
        stream.pix_fmt = pixel_format
        stream.codec_context.options = {**CODEC_OPTIONS.get(codec, {}), **(options or {})}
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, TICKS_HZ)
        stream.codec_context.gop_size = 2 * max(round(rate), 1)
        stream.time_base = Fraction(1, TICKS_HZ)
        self.container, self.stream = container, stream
        self.sized = False

    def write(self, picture: npt.NDArray[np.uint8], t_s: float) -> None:
        import av

        if not self.sized:
            self.stream.height, self.stream.width = picture.shape[:2]
            self.sized = True
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts = round(t_s * TICKS_HZ)
        frame.time_base = Fraction(1, TICKS_HZ)
        self.container.mux(self.stream.encode(frame))

    def close(self) -> None:
        self.container.mux(self.stream.encode(None))


class _Sound:
    """The sound track, written in step with the picture so that the file is interleaved."""

    def __init__(
        self,
        container: av.container.OutputContainer,
        codec: str,
        audio: npt.NDArray[np.float32],
        rate_hz: int,
    ) -> None:
        self.samples = np.atleast_2d(audio.T).astype(np.float32)  # (channels, n)
        self.layout = "stereo" if self.samples.shape[0] == 2 else "mono"
        self.container, self.rate_hz, self.position = container, rate_hz, 0
        stream: Any = container.add_stream(codec, rate=rate_hz, layout=self.layout)
        self.stream = stream

    def write_until(self, t_s: float, start_s: float) -> None:
        import av

        total = self.samples.shape[1]
        end = total if t_s == float("inf") else min(round((t_s - start_s) * self.rate_hz), total)
        if end <= self.position:
            return
        block = np.ascontiguousarray(self.samples[:, self.position : end])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=self.layout)
        frame.sample_rate = self.rate_hz
        frame.time_base = Fraction(1, self.rate_hz)
        frame.pts = round(start_s * self.rate_hz) + self.position
        self.container.mux(self.stream.encode(frame))
        self.position = end

    def close(self) -> None:
        self.container.mux(self.stream.encode(None))


def _stamp_rotation(path: Path, rotation_deg: int) -> None:
    """Write the turn into the first track header (ISO/IEC 14496-12, 8.3.2): the muxer cannot."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd")
    a, b, c, d = MATRICES[rotation_deg]
    # Version 0 of the header: 4 type + 4 flags + 32 of times, id, duration, layer, volume.
    struct.pack_into(">9i", data, at + 44, a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
