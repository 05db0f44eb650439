"""Frames of a file in order, by timestamps, the same after every seek."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media.movie import luma_of, write_movie
from tthd_tools.errors import MediaError
from tthd_tools.media import judder, read_frames, sample_frames

RATES = {
    "12": Fraction(12),
    "23.976": Fraction(24000, 1001),
    "24": Fraction(24),
    "29.97": Fraction(30000, 1001),
    "30": Fraction(30),
    "50": Fraction(50),
    "60": Fraction(60),
}


def even(rate: Fraction | int, count: int, start_s: float = 0.0) -> list[float]:
    return [start_s + float(i / Fraction(rate)) for i in range(count)]


def contents(path: Path, start_s: float = 0.0, end_s: float = math.inf) -> list[tuple[float, int]]:
    return [
        (frame.t_s, round(float(frame.luma().mean())))
        for frame in read_frames(path, start_s, end_s)
    ]


def expected(times_s: list[float]) -> list[tuple[float, int]]:
    return [
        (pytest.approx(t - times_s[0], abs=1.2e-5), pytest.approx(luma_of(i), abs=2))  # type: ignore[misc]
        for i, t in enumerate(times_s)
    ]


@pytest.mark.parametrize("name", RATES)
def test_every_frame_comes_at_its_time(tmp_path: Path, name: str) -> None:
    times_s = even(RATES[name], 30)
    path = write_movie(tmp_path / "a.mp4", times_s)
    assert contents(path) == expected(times_s)


VARIABLE = [0.0, 0.033, 0.1, 0.133, 0.5, 0.52, 1.7, 1.74, 1.78, 2.5, 2.533, 2.6]


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", {"b_frames": 2}),
        (".mov", {"codec": "libx265"}),
        (".mkv", {"b_frames": 2, "tick": Fraction(1, 1000)}),
        (".webm", {"codec": "libvpx", "muxer_options": {"live": "1"}}),
        (".webm", {"codec": "libvpx-vp9", "muxer_options": {"live": "1"}}),
        (".ts", {"b_frames": 2}),
    ],
)
def test_variable_rate_keeps_its_times(tmp_path: Path, suffix: str, options: dict) -> None:
    path = write_movie(tmp_path / f"a{suffix}", VARIABLE, **options)
    got = contents(path)
    assert [t for t, _ in got] == pytest.approx(VARIABLE, abs=6e-4)
    assert [y for _, y in got] == [pytest.approx(luma_of(i), abs=6) for i in range(len(VARIABLE))]


def test_time_starts_at_the_first_frame_of_an_offset_file(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 20, start_s=0.852))
    frames = list(read_frames(path))
    assert frames[0].t_s == 0.0
    assert frames[19].t_s == 0.76
    assert [frame.index for frame in frames] == list(range(20))


@pytest.mark.parametrize("b_frames", [0, 2])
def test_avi_takes_times_from_the_order_of_packets(tmp_path: Path, b_frames: int) -> None:
    times_s = even(25, 40)
    path = write_movie(
        tmp_path / "a.avi", times_s, codec="mpeg4", b_frames=b_frames, tick=Fraction(1, 25)
    )
    got = contents(path)
    assert [t for t, _ in got] == pytest.approx(times_s)
    assert [y for _, y in got] == [pytest.approx(luma_of(i), abs=8) for i in range(40)]
    assert contents(path, 1.0) == got[25:]


def test_a_stream_without_timestamps_runs_at_its_nominal_rate(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.h264", even(25, 30), b_frames=2, muxer="h264")
    got = contents(path)
    assert [t for t, _ in got] == pytest.approx(even(25, 30))
    assert contents(path, 0.8) == got[20:]


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", {"b_frames": 2, "gop": 30}),
        (".mp4", {"b_frames": 3, "codec_options": {"x264-params": "open-gop=1:keyint=20"}}),
        (".mp4", {"codec_options": {"x264-params": "intra-refresh=1:keyint=25"}}),
        (".mp4", {"codec": "libx265", "gop": 20}),
        (".mp4", {"codec": "mpeg4", "b_frames": 2, "tick": Fraction(1, 25)}),
        (".mkv", {"b_frames": 2}),
        (".webm", {"codec": "libvpx-vp9", "muxer_options": {"live": "1"}}),
        (".webm", {"codec": "libvpx", "gop": 30}),
        (".ts", {"b_frames": 2}),
        (".avi", {"codec": "mpeg4", "tick": Fraction(1, 25)}),
        (".flv", {"b_frames": 2, "tick": Fraction(1, 1000)}),
    ],
)
def test_a_frame_is_the_same_after_a_seek(tmp_path: Path, suffix: str, options: dict) -> None:
    noise = np.random.default_rng(0).integers(16, 235, (96, 64), dtype=np.uint8)

    def moving(index: int) -> np.ndarray:
        return np.roll(noise, index * 3, axis=1)

    path = write_movie(tmp_path / f"a{suffix}", even(25, 150, 0.4), pictures=moving, **options)
    whole = [(frame.t_s, frame.luma().tobytes()) for frame in read_frames(path)]
    assert len(whole) == 150
    for first in (1, 16, 24, 25, 26, 49, 60, 99, 100, 117, 149):
        part = [(f.t_s, f.luma().tobytes()) for f in read_frames(path, whole[first][0])]
        assert part == whole[first:]


def test_the_span_is_half_open(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 50))
    assert [f.t_s for f in read_frames(path, 0.8, 0.92)] == [0.8, 0.84, 0.88]
    assert list(read_frames(path, 5.0, 6.0)) == []
    assert [f.index for f in read_frames(path, 0.8, 0.92)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (25, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (50, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]),
        (30, [0, 1, 2, 4, 5, 6, 7, 8, 10, 11]),
        (12, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]),
    ],
)
def test_sampling_shows_the_nearest_frame_that_has_begun(
    tmp_path: Path, rate: int, shown: list[int]
) -> None:
    times_s = even(rate, 60)
    path = write_movie(tmp_path / "a.mp4", times_s)
    samples = list(sample_frames(path, 0.0, 0.4))
    assert [s.k for s in samples] == list(range(10))
    assert [s.t_s for s in samples] == pytest.approx([k / 25 for k in range(10)])
    assert [s.frame.t_s for s in samples] == pytest.approx([times_s[i] for i in shown], abs=2e-5)


def test_sampling_starts_inside_a_long_frame_and_ends_after_the_last(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", [0.0, 0.5, 3.0, 3.04])
    samples = list(sample_frames(path, 2.0, 4.0))
    assert len(samples) == 50
    assert [s.frame.t_s for s in samples] == [0.5] * 25 + [3.0] + [3.04] * 24
    assert samples[0].frame is samples[24].frame


def test_sampling_in_the_middle_equals_sampling_from_the_start(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", even(Fraction(30000, 1001), 200), b_frames=2)
    whole = [s.frame.t_s for s in sample_frames(path, 0.0, 6.0)]
    part = [s.frame.t_s for s in sample_frames(path, 4.0, 6.0)]
    assert part == whole[100:]


def test_judder_marks_repeats_and_skips() -> None:
    repeated, skipped = judder([0.0, 0.04, 0.04, 0.08, 0.16, 0.2, 0.2399])
    assert repeated.tolist() == [False, False, True, False, False, False, False]
    assert skipped.tolist() == [False, False, False, False, True, False, False]
    repeated, skipped = judder([1.0, 1.0, 1.0])
    assert (repeated.tolist(), skipped.tolist()) == ([False, True, True], [False] * 3)
    assert judder([])[0].shape == (0,)


@pytest.mark.parametrize("name", ["23.976", "24", "29.97", "30", "60"])
def test_steady_motion_is_steady_where_judder_marks_nothing(tmp_path: Path, name: str) -> None:
    """A bar moves 3 px in 40 ms; its second difference at 25 fps is zero."""
    times_s = even(RATES[name], int(4 * RATES[name]))

    def bar(index: int) -> np.ndarray:
        picture = np.full((96, 512), 128, np.uint8)
        edge = 40 + 75 * times_s[index]
        picture[:64] = 20 + 200 * np.clip(np.arange(512) + 1 - edge, 0, 1)
        return picture

    path = write_movie(tmp_path / "a.mp4", times_s, size=(512, 64), pictures=bar)
    samples = list(sample_frames(path, 0.0, 3.9))
    repeated, skipped = judder([s.frame.t_s for s in samples])
    place = np.array([(220 - s.frame.luma()[32].astype(float)).sum() / 200 for s in samples])
    steps = np.diff(place)
    good = ~(repeated | skipped)[1:]
    assert good.mean() > 0.4
    usual = np.median(steps[good])
    both = good[1:] & good[:-1]
    assert np.abs(np.diff(steps)[both]).max() < 0.05 * usual


def test_a_file_cut_off_gives_its_frames_then_says_where_it_ends(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(16, 235, (96, 64), dtype=np.uint8)
    path = write_movie(
        tmp_path / "a.mp4", even(25, 200), pictures=lambda i: np.roll(noise, i * 5, axis=0)
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    seen: list[float] = []
    with pytest.raises(MediaError, match=r"'a\.mp4' .*[345]\.\d\d s") as caught:
        seen.extend(frame.t_s for frame in read_frames(path))
    assert caught.value.code == "S002"
    assert seen == pytest.approx(even(25, 98), abs=2e-5)
    assert len(list(read_frames(path, 0.0, 2.0))) == 50


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", {}),
        (".mp4", {"codec": "libx265"}),
        (".avi", {"codec": "mpeg4", "tick": Fraction(1, 25)}),
        (".webm", {"codec": "libvpx-vp9"}),
    ],
)
def test_damage_in_the_middle_is_told_with_its_time(
    tmp_path: Path, suffix: str, options: dict
) -> None:
    noise = np.random.default_rng(0).integers(16, 235, (96, 64), dtype=np.uint8)
    path = write_movie(
        tmp_path / f"a{suffix}",
        even(25, 200),
        pictures=lambda i: np.roll(noise, i * 5, axis=0),
        **options,
    )
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20000] = bytes(20000)
    path.write_bytes(data)
    with pytest.raises(
        MediaError, match=r"'a\..*(is damaged|pictures end after) [0-9.]+ s"
    ) as caught:
        list(read_frames(path))
    assert caught.value.code == "S002"
