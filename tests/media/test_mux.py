"""What ``write_movie`` writes is read back as it was meant: times, sound, turn, bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tthd_tools.media import probe, read_audio, read_frames, write_movie


def grey_frames(n: int) -> list[np.ndarray]:
    return [np.full((64, 96, 3), 4 * k + 20, np.uint8) for k in range(n)]


def click_at(sample: int, n: int) -> np.ndarray:
    sound = np.zeros(n, np.float32)
    sound[sample : sample + 40] = 0.8
    return sound


@pytest.mark.parametrize("fps", [24000 / 1001, 25.0, 30000 / 1001, 30.0])
def test_frames_and_click_come_back_at_their_times(tmp_path: Path, fps: float) -> None:
    path = tmp_path / "a.mp4"
    times_s = [k / fps for k in range(50)]
    write_movie(path, grey_frames(50), times_s, click_at(48_000, 80_000))
    assert [f.t_s for f in read_frames(path)] == pytest.approx(times_s, abs=1e-5)
    sound = read_audio(path, 0.0, 1.6, 16_000)
    assert np.argmax(np.abs(sound) > 0.3) == pytest.approx(16_000, abs=16)


def test_variable_frame_times_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    times_s = [0.0, 0.033, 0.071, 0.1, 0.16, 0.19, 0.4]
    write_movie(path, grey_frames(7), times_s)
    assert [f.t_s for f in read_frames(path)] == pytest.approx(times_s, abs=1e-5)
    assert probe(path).variable


def test_sound_that_starts_late_stays_late(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    times_s = [k / 25 for k in range(50)]
    write_movie(path, grey_frames(50), times_s, click_at(24_000, 48_000), audio_start_s=0.5)
    sound = read_audio(path, 0.0, 2.0, 16_000)
    assert np.argmax(np.abs(sound) > 0.3) == pytest.approx(16_000, abs=32)


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_a_turned_picture_is_seen_upright(tmp_path: Path, rotation_deg: int) -> None:
    path = tmp_path / "a.mp4"
    upright = np.zeros((64, 96, 3), np.uint8)
    upright[:32, :48] = 200  # bright in the upper left
    write_movie(path, [upright] * 3, [0.0, 0.04, 0.08], rotation_deg=rotation_deg)
    seen = next(iter(read_frames(path))).rgb()
    assert seen.shape == (64, 96, 3)
    quarters = seen[16::32, 24::48, 0] > 100
    assert quarters.tolist() == [[True, False], [False, False]]


def test_another_angle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="45"):
        write_movie(tmp_path / "a.mp4", grey_frames(2), [0.0, 0.04], rotation_deg=45)


def test_a_browser_recording_has_picture_and_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    write_movie(
        path,
        grey_frames(20),
        [k / 20 for k in range(20)],
        click_at(4800, 48_000),
        video_codec="libvpx",
        audio_codec="libopus",
    )
    found = probe(path)
    assert (found.video_codec, found.audio_codec, found.width, found.height) == (
        "vp8",
        "opus",
        96,
        64,
    )


def test_same_input_same_bytes(tmp_path: Path) -> None:
    times_s = [k / 25 for k in range(25)]
    for name in ("a.mp4", "b.mp4"):
        write_movie(tmp_path / name, grey_frames(25), times_s, click_at(100, 48_000))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
