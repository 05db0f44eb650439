"""A picture and its sound come in as two files, one mp4 for people to watch goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tthd_tools.media.audio import read_audio
from tthd_tools.media.container import no_video, open_media, video_stream
from tthd_tools.media.encode import write_error

BIT_RATE = 64_000
BLOCK = 1024  # samples of an AAC frame


def add_sound(video: Path, sound: Path, target: Path, rate_hz: int = 16_000) -> None:
    """Copy the picture of ``video`` untouched and add ``sound`` as AAC, both from time zero.

    The index stands in front, so that a browser can begin and seek at once; no date is written.
    Raises MediaError for a file that cannot be read, AccessError where ``target`` cannot be
    written.
    """
    import av

    # As far as the file reaches: what is asked for beyond its end would come back as silence.
    with open_media(sound) as opened:
        samples = read_audio(sound, 0.0, (opened.duration or 0) / av.time_base, rate_hz)
    try:
        with (
            open_media(video) as source,
            av.open(
                f"file:{target}",
                "w",
                format="mp4",
                options={"fflags": "+bitexact", "movflags": "+faststart"},
            ) as out,
        ):
            picture = video_stream(source)
            if picture is None:
                raise no_video(video)
            copy = out.add_stream_from_template(picture)
            # add_stream is typed as any kind of stream, and the codec's name decides which.
            voice: Any = out.add_stream("aac", rate=rate_hz, layout="mono", bit_rate=BIT_RATE)
            voice.codec_context.flags |= av.codec.context.Flags.bitexact
            blocks = _Blocks(samples, rate_hz)
            for packet in source.demux(picture):
                if packet.dts is None:
                    continue
                for frame in blocks.until(float(packet.dts * (packet.time_base or 0))):
                    out.mux(voice.encode(frame))
                packet.stream = copy
                out.mux(packet)
            for frame in blocks.until(float("inf")):
                out.mux(voice.encode(frame))
            out.mux(voice.encode(None))
    except OSError as error:
        raise write_error(target, error) from error


class _Blocks:
    """Sound in pieces, given out in step with the picture so that the file is interleaved."""

    def __init__(self, samples: np.ndarray[Any, np.dtype[np.float32]], rate_hz: int) -> None:
        self._samples, self._rate_hz, self._position = samples, rate_hz, 0

    def until(self, t_s: float) -> Any:
        from fractions import Fraction

        import av

        while self._position < min(t_s * self._rate_hz, len(self._samples)):
            piece = np.ascontiguousarray(self._samples[None, self._position :][:, :BLOCK])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.sample_rate = self._rate_hz
            frame.time_base = Fraction(1, self._rate_hz)
            frame.pts = self._position
            self._position += BLOCK
            yield frame
