"""Picture and sound of two files in one: the picture untouched, the sound at its time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tthd_tools.errors import AccessError, MediaError
from tthd_tools.media import VideoWriter, add_sound, probe, read_audio, read_frames, write_wav


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path]:
    """Two seconds of grey pictures, and of silence with a click at one second."""
    video, sound = tmp_path / "video.mp4", tmp_path / "audio.wav"
    with VideoWriter(video, 64) as writer:
        for k in range(50):
            writer.write_rgb(np.full((64, 64, 3), 60 + 3 * k, np.uint8))
    samples = np.zeros(32_000, np.float32)
    samples[16_000:16_020] = 0.9
    write_wav(sound, samples)
    return video, sound


def test_the_picture_is_copied_and_the_sound_is_in_time(
    parts: tuple[Path, Path], tmp_path: Path
) -> None:
    target = tmp_path / "both.mp4"
    add_sound(*parts, target)
    found = probe(target)
    assert (found.video_codec, found.audio_codec) == ("h264", "aac")
    assert (found.duration_s, found.audio_start_s, found.audio_duration_s) == (2.0, 0.0, 2.0)
    before = [frame.luma() for frame in read_frames(parts[0])]
    after = [frame.luma() for frame in read_frames(target)]
    assert np.array_equal(before, after)
    sound = read_audio(target, 0.0, 2.0)
    assert np.abs(sound).argmax() == pytest.approx(16_010, abs=16)


def test_the_index_stands_in_front_and_the_bytes_are_the_same_each_time(
    parts: tuple[Path, Path], tmp_path: Path
) -> None:
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    add_sound(*parts, one)
    add_sound(*parts, two)
    data = one.read_bytes()
    assert data == two.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_sound_longer_than_the_picture_is_kept(parts: tuple[Path, Path], tmp_path: Path) -> None:
    write_wav(parts[1], np.full(48_000, 0.1, np.float32))
    add_sound(*parts, tmp_path / "both.mp4")
    assert probe(tmp_path / "both.mp4").audio_duration_s == pytest.approx(3.0, abs=0.07)


def test_a_file_without_a_picture_is_refused(parts: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no video stream"):
        add_sound(parts[1], parts[1], tmp_path / "both.mp4")


def test_a_folder_that_is_not_there_is_told(parts: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="could not be written"):
        add_sound(*parts, tmp_path / "nowhere" / "both.mp4")
