"""Sound on the picture's timeline: placed by timestamps, mixed to mono, resampled on one grid."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.movie import RATE_HZ, clicks, write_movie
from tthd_tools.errors import AccessError, MediaError
from tthd_tools.media import read_audio, write_wav


def even(rate: Fraction | int, count: int, start_s: float = 0.0) -> list[float]:
    return [start_s + float(i / Fraction(rate)) for i in range(count)]


def onsets(samples: np.ndarray, rate_hz: int = 16000) -> list[float]:
    """Times at which the sound rises above 0.2 after at least 50 ms below."""
    loud = np.flatnonzero(np.abs(samples) > 0.2)
    first = loud[np.diff(loud, prepend=-rate_hz) > 0.05 * rate_hz]
    return [float(i) / rate_hz for i in first]


AT_S = [0.5, 1.25, 2.0, 2.9]


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", {}),
        (".mp4", {"b_frames": 2, "sound_rate_hz": 44100}),
        (".mov", {"sound_codec": "pcm_s16le", "sound_rate_hz": 8000}),
        (".mp4", {"sound_codec": "libmp3lame"}),
        (".mkv", {"sound_codec": "flac", "sound_rate_hz": 96000, "tick": Fraction(1, 1000)}),
        (".mkv", {"sound_codec": "pcm_f32le", "sound_rate_hz": 22050}),
        (".webm", {"codec": "libvpx", "sound_codec": "libopus", "muxer_options": {"live": "1"}}),
        (".ts", {"b_frames": 2}),
        (
            ".avi",
            {"codec": "mpeg4", "tick": Fraction(1, 25), "sound_codec": "pcm_s16le"},
        ),
    ],
)
def test_sound_lies_where_it_was(tmp_path: Path, suffix: str, options: dict) -> None:
    rate = options.get("sound_rate_hz", RATE_HZ)
    path = write_movie(
        tmp_path / f"a{suffix}", even(25, 100), sound=clicks(AT_S, 4.0, rate), **options
    )
    samples = read_audio(path, 0.0, 4.0)
    assert samples.shape == (64000,)
    assert samples.dtype == np.float32
    assert onsets(samples) == pytest.approx(AT_S, abs=0.003)
    assert np.abs(samples).max() == pytest.approx(0.8, abs=0.25)


@pytest.mark.parametrize("start_s", [-0.5, 0.3])
def test_sound_that_starts_before_or_after_the_picture(tmp_path: Path, start_s: float) -> None:
    path = write_movie(
        tmp_path / "a.mp4",
        even(25, 100, 1.0),
        sound=clicks([0.7, 1.7], 3.0),
        sound_start_s=1.0 + start_s,
    )
    samples = read_audio(path, 0.0, 5.0)
    assert len(samples) == 80000
    assert onsets(samples) == pytest.approx([0.7 + start_s, 1.7 + start_s], abs=0.003)
    assert not samples[round((start_s + 3.1) * 16000) :].any()
    if start_s > 0:
        assert not samples[: round((start_s - 0.03) * 16000)].any()


def test_a_span_equals_that_part_of_the_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.1, (1, 20 * 44100)).astype(np.float32)
    for suffix, codec, exact in ((".mov", "pcm_s16le", 0), (".mp4", "aac", 2e-3)):
        path = write_movie(
            tmp_path / f"a{suffix}",
            even(25, 500),
            sound=noise,
            sound_rate_hz=44100,
            sound_codec=codec,
        )
        whole = read_audio(path, 0.0, 20.0)
        part = read_audio(path, 13.37, 15.004)
        assert np.abs(part - whole[213920 : 213920 + 26144]).max() <= exact
        assert np.array_equal(part, read_audio(path, 13.37, 15.004))


def test_a_span_of_a_file_with_rounded_times_is_within_a_millisecond(tmp_path: Path) -> None:
    path = write_movie(
        tmp_path / "a.mkv",
        even(25, 500),
        tick=Fraction(1, 1000),
        sound=clicks([13.5, 14.25], 20.0),
        sound_codec="flac",
    )
    assert onsets(read_audio(path, 13.37, 15.0)) == pytest.approx([0.13, 0.88], abs=0.001)


def test_resampling_keeps_a_tone(tmp_path: Path) -> None:
    at = np.arange(2 * 44100) / 44100
    tone = (0.5 * np.sin(2 * np.pi * 440 * at))[None].astype(np.float32)
    path = write_movie(
        tmp_path / "a.mov", even(25, 50), sound=tone, sound_rate_hz=44100, sound_codec="pcm_s16le"
    )
    got = read_audio(path, 0.5, 1.5)
    want = 0.5 * np.sin(2 * np.pi * 440 * (0.5 + np.arange(16000) / 16000))
    assert got == pytest.approx(want, abs=2e-3)
    assert len(read_audio(path, 0.0, 1.0, rate_hz=48000)) == 48000


@pytest.mark.parametrize(
    ("layout", "gains", "expected"),
    [
        ("stereo", [1.0, 0.5], 0.75),
        ("5.1", [0, 0, 1.0, 1.0, 0, 0], 0.2929),
    ],
)
def test_channels_are_mixed(
    tmp_path: Path, layout: str, gains: list[float], expected: float
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 300 * np.arange(RATE_HZ) / RATE_HZ)
    sound = np.outer(gains, tone).astype(np.float32)
    path = write_movie(
        tmp_path / "a.mkv", even(25, 25), sound=sound, layout=layout, sound_codec="flac"
    )
    got = read_audio(path, 0.2, 0.8)
    assert float(np.abs(got).max()) == pytest.approx(0.5 * expected, abs=0.01)


def write_blocks(path: Path, blocks: list[tuple[float, np.ndarray]]) -> Path:
    """A mkv with a picture and raw sound blocks at the given times (ms ticks)."""
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as out:
        video = out.add_stream("libx264", rate=25)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        sound = out.add_stream("pcm_s16le", rate=16000, layout="mono")
        packets = []
        for index in range(75):
            frame = av.VideoFrame.from_ndarray(np.full((96, 64), 90, np.uint8), format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            packets += video.encode(frame)
        packets += video.encode(None)
        for time_s, samples in blocks:
            audio = av.AudioFrame.from_ndarray(
                np.rint(samples * 32767).astype(np.int16)[None], format="s16", layout="mono"
            )
            audio.rate = 16000
            audio.pts, audio.time_base = round(time_s * 1000), Fraction(1, 1000)
            sound.codec_context.time_base = Fraction(1, 1000)
            packets += sound.encode(audio)
        for packet in sorted(packets, key=lambda p: float((p.dts or 0) * p.time_base)):
            out.mux(packet)
    return path


def test_rounded_timestamps_make_no_clicks(tmp_path: Path) -> None:
    """Blocks of 20.3 ms whose times jitter by up to 5 ms stay one smooth tone."""
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(48000) / 16000)
    rng = np.random.default_rng(1)
    blocks = [
        (max(0.0, i / 16000 + rng.uniform(-0.005, 0.005) * (i > 0)), tone[i : i + 325])
        for i in range(0, 40000, 325)
    ]
    got = read_audio(write_blocks(tmp_path / "a.mkv", blocks), 0.0, 2.0)
    assert got == pytest.approx(tone[:32000], abs=1e-3)


def test_gaps_become_silence_and_overlaps_are_cut(tmp_path: Path) -> None:
    ones = np.full(8000, 0.5)
    blocks = [(0.0, ones), (0.8, ones * 0.5), (1.2, -ones), (2.5, ones)]
    got = read_audio(write_blocks(tmp_path / "a.mkv", blocks), 0.0, 3.0)
    at = [0.25, 0.65, 1.0, 1.25, 1.35, 1.6, 2.0, 2.7]
    values = [got[round(t * 16000)] for t in at]
    assert values == pytest.approx([0.5, 0, 0.25, 0.25, -0.5, -0.5, 0, 0.5], abs=1e-3)


def test_no_sound_stream_is_told(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 10))
    with pytest.raises(MediaError, match=r"'a\.mp4' has no audio stream") as caught:
        read_audio(path, 0, 1)
    assert (caught.value.code, caught.value.reason) == ("S006", "no_audio")


def test_a_sound_file_alone_starts_with_its_sound(tmp_path: Path) -> None:
    sound = clicks(AT_S, 4.0, 16000)[0]
    write_wav(tmp_path / "a.wav", sound, 16000)
    assert onsets(read_audio(tmp_path / "a.wav", 0, 4)) == pytest.approx(AT_S, abs=0.001)


def test_damaged_sound_is_told_with_its_time(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (1, 8 * RATE_HZ)).astype(np.float32)
    path = write_movie(tmp_path / "a.mkv", even(25, 200), sound=noise, sound_codec="flac")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 9000] = bytes(9000)
    path.write_bytes(data)
    with pytest.raises(MediaError, match=r"sound that is damaged at [345]\.\d\d s") as caught:
        read_audio(path, 0, 8)
    assert caught.value.code == "S002"
    assert len(read_audio(path, 0, 2)) == 32000


def test_wav_holds_16_bit_samples(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, np.array([0, 0.5, -1, 1, 2, -3, 1 / 32768], np.float32), 8000)
    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (1, 2, 8000, 7)
        values = np.frombuffer(file.readframes(7), "<i2")
    assert values.tolist() == [0, 16384, -32768, 32767, 32767, -32768, 1]
    assert read_audio(path, 0, 7 / 8000, 8000)[:3] == pytest.approx([0, 0.5, -1])


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(AccessError, match="disk is full"):
        write_wav(full, np.zeros(100000, np.float32))
    with pytest.raises(AccessError, match="could not be written"):
        write_wav(tmp_path / "absent" / "a.wav", np.zeros(10, np.float32))
