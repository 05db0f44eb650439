"""Each number moves with what it names, and stands still otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip
from tthd_tools.stages.quality import (
    Quality,
    QualityPart,
    head_speed,
    measure_face,
    measure_sound,
)
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.testing import run_stage


def measure(clip: Clip, folder: Path) -> QualityPart:
    (measured,) = run_stage(Quality(), clip, folder)
    return measured.part(QualityPart)


def changed(clip: Clip, folder: Path, **arrays: Any) -> Clip:
    """The clip with other arrays in its track."""
    folder.mkdir(exist_ok=True)
    save_arrays(folder / "track.npz", **{**clip.arrays(TracksPart, "track.npz"), **arrays})
    save_arrays(folder / "features.npz", **clip.arrays(TracksPart))
    return replace(clip, folders={"tracks": folder})


def test_a_still_face_before_a_still_wall(clip: Clip, folder: Path) -> None:
    part = measure(clip, folder)
    assert part.face_px == 51.2
    assert part.face_ratio == 1.0
    assert part.longest_gap_s == 0.0
    assert part.head_motion == 0.0
    assert part.camera_motion_px == pytest.approx(0.0, abs=0.01)
    assert (part.crop_jitter_px, part.judder_per_s) == (0.0, 0.0)
    assert (part.yaw_mean, part.yaw_p95) == (0.0, 0.0)
    assert part.upscale == 4.0
    assert part.brightness == pytest.approx(0.6, abs=0.05)
    assert part.loudness_lufs == pytest.approx(-22, abs=2)


def test_tracks_tell_of_gaps_judder_and_moving_crops(clip: Clip, tmp_path: Path) -> None:
    track = clip.arrays(TracksPart, "track.npz")
    valid, repeated, skipped = (track[name].copy() for name in ("valid", "repeated", "skipped"))
    valid[40:52] = False
    repeated[[10, 20]] = True
    skipped[30] = True
    crop = track["crop"].copy()
    crop[:, 0] += np.arange(125) * 0.3
    crop[:, 1] += np.arange(125) * 0.4
    fields = {"valid": valid, "repeated": repeated, "skipped": skipped, "crop": crop}
    part = measure(changed(clip, tmp_path / "track", **fields), tmp_path / "out")
    assert part.longest_gap_s == 0.48
    assert part.judder_per_s == 0.6
    assert part.crop_jitter_px == pytest.approx(0.5)


def test_pose_is_summed_up(clip: Clip, tmp_path: Path) -> None:
    pose = np.zeros((125, 3), np.float16)
    pose[:, 0] = np.linspace(-20, 30, 125)
    pose[:, 1] = -10
    pose[7] = np.nan
    turned = changed(clip, tmp_path / "track")
    mouth = clip.arrays(TracksPart)["mouth"]
    save_arrays(tmp_path / "track" / "features.npz", pose=pose, mouth=mouth)
    part = measure(turned, tmp_path / "out")
    assert part.yaw_mean == pytest.approx(5.2, abs=0.1)
    assert part.yaw_p95 == pytest.approx(27.5, abs=0.3)
    assert (part.pitch_mean, part.pitch_p95) == (-10.0, 10.0)


def test_without_any_face_what_needs_one_is_none(clip: Clip, tmp_path: Path) -> None:
    part = measure(changed(clip, tmp_path / "t", valid=np.zeros(125, np.bool_)), tmp_path / "out")
    assert part.longest_gap_s == 5.0
    for name in ("sharpness", "brightness", "yaw_mean", "roll_p95", "head_motion"):
        assert getattr(part, name) is None


@pytest.mark.parametrize("angle_deg", [0.0, 30.0])
def test_head_speed_is_in_interocular_distances(
    clip: Clip, tmp_path: Path, angle_deg: float
) -> None:
    track = clip.arrays(TracksPart, "track.npz")
    mesh = track["mesh"].copy()
    between = 0.22 * 16_384  # of the dummy's eyes, in units of the mesh
    mesh[:, :, 0] += np.rint(np.arange(125) * between / 100).astype(np.int16)[:, None]
    crop = track["crop"].copy()
    crop[:, 3] = angle_deg
    moving = changed(clip, tmp_path / "track", mesh=mesh, crop=crop)
    assert head_speed(moving, moving.arrays(TracksPart, "track.npz")) == pytest.approx(
        0.25, rel=0.01
    )


def test_a_crop_that_follows_the_head_does_not_hide_its_motion(clip: Clip, tmp_path: Path) -> None:
    crop = clip.arrays(TracksPart, "track.npz")["crop"].copy()
    crop[:, 0] += np.arange(125) * 0.22 * 128 / 50  # half an interocular distance a second
    moving = changed(clip, tmp_path / "track", crop=crop)
    speed = head_speed(moving, moving.arrays(TracksPart, "track.npz"))
    assert speed == pytest.approx(0.5, rel=0.01)


def test_blur_lowers_sharpness_and_contrast_does_not() -> None:
    import cv2

    random = np.random.default_rng(4).normal(0, 1, (256, 256)).astype(np.float32)
    sharp = np.clip(120 + 60 * cv2.GaussianBlur(random, (0, 0), 2) / 0.28, 16, 235).astype(np.uint8)
    small = cv2.resize(sharp, (128, 128), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), 2)
    faded = (120 + (small.astype(np.float32) - 120) / 2).astype(np.uint8)
    reference = measure_face(small)[0]
    assert measure_face(blurred)[0] < reference / 3
    assert measure_face(faded)[0] == pytest.approx(reference, rel=0.1)


def test_exposure_of_a_face() -> None:
    luma = np.full((128, 128), 16, np.uint8)
    luma[:64] = 235
    assert measure_face(luma)[1:] == (0.5, 0.5, 0.5)
    assert measure_face(np.full((128, 128), 126, np.uint8))[1:] == (
        pytest.approx(0.5, abs=0.01),
        0.0,
        0.0,
    )


def test_sound_numbers() -> None:
    t = np.arange(48_000) / 16_000
    loud = 0.1 * np.sin(2 * np.pi * 997 * t)
    loud[24_000:] = 0
    sound = (loud + np.random.default_rng(0).normal(0, 1e-3, 48_000)).astype(np.float32)
    found = measure_sound(sound)
    assert found["loudness_lufs"] == pytest.approx(-23, abs=0.6)
    assert found["snr_db"] == pytest.approx(20 * np.log10(0.1 / np.sqrt(2) / 1e-3), abs=1.5)
    assert found["silence_ratio"] == pytest.approx(0.5, abs=0.01)
    assert found["clipping"] == 0.0
    assert measure_sound(np.clip(20 * sound, -1, 1))["clipping"] == pytest.approx(0.33, abs=0.03)


def test_silence_has_no_loudness_and_no_snr() -> None:
    assert measure_sound(np.zeros(16_000, np.float32)) == {
        "loudness_lufs": None,
        "clipping": 0.0,
        "snr_db": None,
        "silence_ratio": 1.0,
    }
    assert measure_sound(np.zeros(0, np.float32))["silence_ratio"] == 1.0
