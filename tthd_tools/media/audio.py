"""A media file goes in, mono samples on the picture's timeline come out; samples go out as WAV."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.errors import MediaError
from tthd_tools.media.container import (
    SEEKABLE,
    audio_stream,
    boundary,
    demuxed,
    open_media,
    promised_end_s,
    refuse,
    video_stream,
)
from tthd_tools.media.encode import write_error
from tthd_tools.media.picture import Picture

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

Samples = NDArray[np.float32]


class Part(NamedTuple):
    """Decoded sound: time since the first picture (None if unknown), rate, mono samples (n,)."""

    t_s: float | None
    rate: int
    samples: Samples


# Timestamps in milliseconds jitter; only sound that is further off than this is moved.
JITTER_S = 0.015
# Decoders (AAC, MP3, Opus) need some sound before the first wanted sample to be exact.
PREROLL_S = 0.5
MISSING_S = 0.5  # of the end of the sound that its header promises
FILTER_S = 0.1  # more than the resampling filter reaches


def read_audio(path: Path, start_s: float, end_s: float, rate_hz: int = 16000) -> Samples:
    """Mono sound between two times of the picture, float32 (round((end_s - start_s) * rate_hz),).

    Placed by its timestamps; silence where there is none. All channels are mixed.
    Raises MediaError S006 (reason no_audio) without a sound stream, S002 where it is damaged.
    """
    first = round(start_s * rate_hz)
    out = np.zeros(round((end_s - start_s) * rate_hz), np.float32)
    origin_s = _origin_s(path)
    for offset, part in _resampled(path, origin_s, start_s, end_s, rate_hz):
        low, high = max(first, offset), min(first + len(out), offset + len(part))
        if low < high:
            out[low - first : high - first] = part[low - offset : high - offset]
    return out


def write_wav(path: Path, samples: Samples, rate_hz: int = 16000) -> None:
    """Write mono float samples (n,) in -1..1 as 16-bit PCM; raises AccessError."""
    whole = np.clip(np.rint(np.asarray(samples, np.float64) * 32768), -32768, 32767)
    try:
        with path.open("wb") as file, wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate_hz)
            out.writeframes(whole.astype("<i2").tobytes())
    except OSError as error:
        raise write_error(path, error) from error


def sound_end_s(path: Path) -> float:
    """When the last packet of sound ends, seconds on the picture's timeline; decodes no sound.

    Raises MediaError S006 (reason no_audio) without a sound stream, S002 where it is damaged.
    """
    origin_s = _origin_s(path)
    end_s = 0.0
    with open_media(path) as container, boundary(path):
        stream = audio_stream(container)
        for packet in container.demux(stream) if stream is not None else ():
            if packet.pts is not None and packet.time_base is not None:
                ticks = packet.pts + (packet.duration or 0)
                end_s = max(end_s, float(ticks * packet.time_base) - origin_s)
    return end_s


def _origin_s(path: Path) -> float:
    """Container time of the first picture; of the first sound where there is no picture."""
    with open_media(path) as container, boundary(path):
        stream = audio_stream(container)
        if stream is None:
            raise refuse(path, "has no audio stream: give a file with sound", "S006", "no_audio")
        if video_stream(container) is None:
            return float((stream.start_time or 0) * (stream.time_base or 0))
        picture = Picture(path, container)
        next(iter(picture))
        return (picture.clock.origin or 0) * picture.clock.tick_s


def _frame(samples: Samples, rate: int) -> AudioFrame:
    import av

    frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.rate = rate
    return frame


def _resampled(
    path: Path, origin_s: float, start_s: float, end_s: float, rate_hz: int
) -> Iterator[tuple[int, Samples]]:
    """Parts of the sound at ``rate_hz`` with the number of their first sample since the origin."""
    import av

    resampler: av.AudioResampler | None = None
    offset = 0
    for index, rate, part in _gapless(path, origin_s, start_s, end_s, rate_hz):
        if resampler is None:
            resampler = av.AudioResampler("fltp", "mono", rate_hz)
            offset = index * rate_hz // rate
        for frame in resampler.resample(_frame(part, rate)):
            yield offset, frame.to_ndarray()[0]
            offset += frame.samples
    if resampler is not None:
        for frame in resampler.resample(None):
            yield offset, frame.to_ndarray()[0]
            offset += frame.samples


def _gapless(
    path: Path, origin_s: float, start_s: float, end_s: float, rate_hz: int
) -> Iterator[tuple[int, int, Samples]]:
    """Joined parts (index, rate, samples) of the sound at its own rate around the wanted span.

    Gaps are filled with silence and overlaps cut. The first index is one that falls on a whole
    sample of ``rate_hz``, so that every call resamples on the same grid.
    """
    position: int | None = None
    cursor = end = 0
    for time_s, rate, samples in _decoded(path, origin_s, start_s - FILTER_S):
        at = cursor if time_s is None else round(time_s * rate)
        if position is None:
            grid = rate // math.gcd(rate, rate_hz)
            position = math.floor((start_s - FILTER_S) * rate / grid) * grid
            end = math.ceil((end_s + FILTER_S) * rate)
        elif abs(at - cursor) <= JITTER_S * rate:
            at = cursor
        elif at < cursor:
            samples, at = samples[cursor - at :], cursor
        cursor = at + len(samples)
        while position < min(at, end):
            silence = min(rate, min(at, end) - position)
            yield position, rate, np.zeros(silence, np.float32)
            position += silence
        wanted = samples[max(0, position - at) : max(0, end - at)]
        if len(wanted):
            yield position, rate, wanted
            position += len(wanted)
        if position >= end:
            return


def _decoded(path: Path, origin_s: float, from_s: float) -> Iterator[Part]:
    """Decoded sound from ``from_s`` or before; a seek that lands late is not believed."""
    for back_s in (PREROLL_S, 10.0):
        if from_s - back_s < 1:
            break
        parts = _sound(path, origin_s, from_s - back_s)
        first = next(parts, None)
        if first is not None and first.t_s is not None and first.t_s <= from_s:
            yield first
            yield from parts
            return
    yield from _sound(path, origin_s, None)


def _sound(path: Path, origin_s: float, seek_s: float | None) -> Iterator[Part]:
    """Decoded mono parts of a file, after a seek if ``seek_s`` is given (nothing if it fails)."""
    import av

    with open_media(path) as container, boundary(path):
        stream = audio_stream(container)
        if stream is None or not stream.time_base:
            return
        tick_s = float(stream.time_base)
        if seek_s is not None:
            if not container.format.name.startswith(SEEKABLE):
                return
            try:
                container.seek(int((seek_s + origin_s) / tick_s), stream=stream)
            except av.FFmpegError:
                return
        until_s: float | None = None
        rate = 0

        def complain(cause: Exception | None) -> None:
            if until_s is not None or cause is not None:
                raise _broken(path, until_s) from cause

        for packet in demuxed(container, stream, complain):
            try:
                frames = packet.decode()
            except Exception as error:  # whatever the library raises, it is the file's fault
                if until_s is not None or not packet.size:
                    raise _broken(path, until_s) from error
                continue  # the first packets may lean on ones before them
            for frame in frames:
                time_s = None if frame.pts is None else frame.pts * tick_s - origin_s
                rate = rate or frame.sample_rate
                samples = _at_rate(_mono(frame), frame.sample_rate, rate)
                until_s = (until_s or 0.0) if time_s is None else time_s
                until_s += len(samples) / rate
                yield Part(time_s, rate, samples)
        promised_s = promised_end_s(stream, None)
        if promised_s is not None and promised_s - origin_s - (until_s or 0) > MISSING_S:
            raise _broken(path, until_s)


def _broken(path: Path, until_s: float | None) -> MediaError:
    if until_s is None:
        return refuse(path, "has sound that cannot be decoded: export it again")
    return refuse(path, f"has sound that is damaged at {until_s:.2f} s: copy or export it again")


def _mono(frame: AudioFrame) -> Samples:
    """All channels of a decoded frame mixed, float32 (n,) in -1..1."""
    samples: NDArray[Any] = frame.to_ndarray()
    channels = frame.layout.nb_channels
    if not frame.format.is_planar:
        samples = samples.reshape(-1, channels).T
    full = {"u1": 128.0, "i2": 2.0**15, "i4": 2.0**31}.get(samples.dtype.str[1:], 1.0)
    scaled = samples.astype(np.float32) / np.float32(full) - np.float32(full == 128)
    weights = np.array([_weight(channel.name) for channel in frame.layout.channels], np.float32)
    if len(weights) != channels or not weights.any():
        weights = np.ones(channels, np.float32)
    mixed: Samples = (weights / weights.sum()) @ scaled
    return mixed


def _weight(channel: str) -> float:
    """Share of a channel in the mix, after ITU-R BS.775: speech sits in the centre."""
    if channel.startswith("LFE"):
        return 0.0
    return {"FC": math.sqrt(2), "FL": 1.0, "FR": 1.0}.get(channel, math.sqrt(0.5))


def _at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    """A stream that changes its rate in the middle goes on at its first one."""
    if rate == wanted:
        return samples
    at = np.arange(round(len(samples) * wanted / rate)) * (rate / wanted)
    resampled: Samples = np.interp(at, np.arange(len(samples)), samples).astype(np.float32)
    return resampled
