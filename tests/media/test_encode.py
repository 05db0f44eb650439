"""The mp4 that is written: its pictures, its keyframes, its bytes, and a disk that is full."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.movie import luma_of
from tthd_tools.errors import AccessError
from tthd_tools.media import VideoWriter, probe, read_frames


def noisy(index: int, size: int = 64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(index)
    y = np.clip(luma_of(index) + rng.normal(0, 8, (size, size)), 16, 235).astype(np.uint8)
    return y, np.full((size // 2,) * 2, 110, np.uint8), np.full((size // 2,) * 2, 140, np.uint8)


def write(path: Path, count: int = 60, **options: int) -> Path:
    with VideoWriter(path, 64, **options) as out:
        for index in range(count):
            out.write(*noisy(index))
    return path


def test_pictures_come_back_in_order_at_25_fps(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4")
    frames = list(read_frames(path))
    assert [frame.t_s for frame in frames] == pytest.approx([k / 25 for k in range(60)])
    assert [round(float(frame.luma().mean())) for frame in frames] == [
        pytest.approx(luma_of(k), abs=2) for k in range(60)
    ]
    facts = probe(path)
    assert (facts.video_codec, facts.pixel_format, facts.width) == ("h264", "yuv420p", 64)
    assert (facts.fps, facts.variable, facts.duration_s) == (25.0, False, 2.4)


def test_rgb_is_kept(tmp_path: Path) -> None:
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[:32], rgb[32:] = (200, 120, 40), (30, 60, 220)
    with VideoWriter(tmp_path / "a.mp4", 64) as out:
        for _ in range(3):
            out.write_rgb(rgb)
    got = next(read_frames(tmp_path / "a.mp4")).rgb()
    assert np.abs(got[10, 30].astype(int) - rgb[10, 30]).max() <= 6
    assert np.abs(got[50, 30].astype(int) - rgb[50, 30]).max() <= 6


def test_there_is_a_keyframe_each_second_and_the_index_comes_first(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", 80)
    with av.open(str(path)) as file:
        keys = [i for i, frame in enumerate(file.decode(video=0)) if frame.key_frame]
    assert keys == [0, 25, 50, 75]
    data = path.read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")
    with av.open(str(path)) as file:
        assert "creation_time" not in file.metadata
        assert file.streams.video[0].codec_context.color_range == 1
        assert file.streams.video[0].codec_context.colorspace == 6


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    first = write(tmp_path / "first.mp4").read_bytes()
    with VideoWriter(tmp_path / "other.mp4", 96, crf=30) as other:
        for k in range(40):
            other.write(*noisy(k, 96))
            if k == 20:
                second = write(tmp_path / "another name.mp4").read_bytes()
    third = write(tmp_path / "third.mp4").read_bytes()
    digests = {hashlib.sha256(data).hexdigest() for data in (first, second, third)}
    assert len(digests) == 1


@pytest.mark.parametrize("size", [96, 700])
def test_bytes_do_not_depend_on_what_memory_held_before(tmp_path: Path, size: int) -> None:
    digests = set()
    for run in range(4):
        waste = [np.random.default_rng(run).bytes(50_000 + 997 * n) for n in range(100)]
        del waste
        with VideoWriter(tmp_path / "other.mp4", 80 + 16 * run) as out:
            for k in range(12):
                out.write(*noisy(k, 80 + 16 * run))
        with VideoWriter(tmp_path / "a.mp4", size) as out:
            for k in range(20):
                out.write(*noisy(k, size))
        digests.add(hashlib.sha256((tmp_path / "a.mp4").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_odd_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="63 px is not even"):
        VideoWriter(tmp_path / "a.mp4", 63)


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match=r"a\.mp4' could not be written"):
        write(tmp_path / "absent" / "a.mp4")


def test_an_error_inside_the_block_goes_through(tmp_path: Path) -> None:
    def fail(path: Path, pictures: int) -> None:
        with VideoWriter(path, 64) as out:
            for index in range(pictures):
                out.write(*noisy(index))
            raise KeyError("mine")

    for pictures in (0, 1, 60):
        with pytest.raises(KeyError, match="mine"):
            fail(tmp_path / "a.mp4", pictures)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB, where this user may mount one."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mount or not umount:
        pytest.skip("no mount command")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True
    )
    if done.returncode:
        pytest.skip("this user may not mount a tmpfs")
    yield disk
    subprocess.run([umount, str(disk)], check=True)


def test_a_full_disk_is_told_or_the_file_is_whole(small_disk: Path, tmp_path: Path) -> None:
    outcomes = set()
    for count in (2, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 30, 100):
        path = small_disk / "a.mp4"
        try:
            write(path, count)
        except AccessError as error:
            outcomes.add(str(error).partition(":")[0])
        else:
            whole = path.read_bytes() == write(tmp_path / "b.mp4", count).read_bytes()
            outcomes.add("whole" if whole else "lost")
        path.unlink()
    assert outcomes == {"disk is full", "whole"}


def test_a_device_that_takes_nothing_is_told(tmp_path: Path) -> None:
    full = tmp_path / "a.mp4"
    full.symlink_to("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(AccessError, match="could not be written"):
        write(full, 100)
