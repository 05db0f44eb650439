"""Jumps of drawn feature arrays are found; fast motion, glitches, skips and overlays are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tthd_tools.faces import open_detector, open_landmarker
from tthd_tools.faces.jumps import JumpFeatures, JumpOptions, find_jumps, patch_square
from tthd_tools.faces.patches import PATCH_SIDE, Square
from tthd_tools.faces.tracker import FaceTracker, TrackerOptions
from tthd_tools.media import Crop, sample_frames

Motion = np.ndarray[Any, np.dtype[np.float64]]
FRAMES = 60
FACE_PX = 100.0


def sway(frames: int = FRAMES) -> Motion:
    """A head that sways calmly: x, y in source pixels (T, 2)."""
    t = np.arange(frames)
    return np.stack([3 * np.sin(t / 6), 2 * np.cos(t / 9)], axis=1)


def filmed(
    motion: Motion, times_s: np.ndarray[Any, Any] | None = None, seed: int = 3
) -> JumpFeatures:
    """What is observed of a textured face that moves like ``motion`` before a still room."""
    dice = np.random.default_rng(seed)
    shape = dice.uniform(-0.5, 0.5, (468, 3)) * FACE_PX
    shape[[33, 263]] = [[-30, -10, 0], [30, -10, 0]]
    face, room = _texture(dice), _texture(dice)
    count = len(motion)
    points = shape[None] + dice.normal(0, 0.05, (count, 468, 3))
    points[:, :, :2] += motion[:, None] + 200
    squares: list[Square] = []
    for k in range(count):
        mesh = points[k].astype(np.float32)
        squares.append(patch_square(mesh, squares[-1] if squares else None))
    patches = [_view(face, m + 200, s, dice) for m, s in zip(motion, squares, strict=True)]
    whole = Square(200, 200, 400)
    thumbs = []
    for m in motion:
        thumb = _view(room, np.array([200.0, 200.0]), whole, dice, 96)
        thumb[30:66, 30:66] = _view(face, m + 200, Square(200, 200, 150), dice, 36)
        thumbs.append(thumb)
    return JumpFeatures(
        points.astype(np.float32),
        np.stack(patches),
        np.array(squares, np.float32),
        np.stack(thumbs),
        np.arange(count) / 25 if times_s is None else times_s,
    )


def _texture(dice: np.random.Generator) -> Motion:
    """Smooth random luma: phases and speeds of eight waves (8, 4)."""
    return dice.uniform([-0.35, -0.35, 0, 8], [0.35, 0.35, 6.3, 16], (8, 4))


def _view(
    texture: Motion,
    centre: Motion,
    square: Square,
    dice: np.random.Generator,
    size: int = PATCH_SIDE,
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    at = (np.arange(size) + 0.5) / size - 0.5
    x = (square.cx + at * square.side - centre[0])[None, :, None]
    y = (square.cy + at * square.side - centre[1])[:, None, None]
    noise = dice.normal(0, 1 if size == PATCH_SIDE else 0.3, (size, size))
    waves = texture[:, 3] * np.sin(texture[:, 0] * x + texture[:, 1] * y + texture[:, 2])
    return np.clip(waves.sum(axis=2) + 120 + noise, 0, 255).astype(np.uint8)


def starts(track: JumpFeatures) -> list[int]:
    return [jump.start for jump in find_jumps(track)]


def test_a_jump_of_the_head_is_found_at_its_first_frame() -> None:
    motion = sway()
    motion[30:] += [6, 4]

    assert starts(filmed(motion)) == [30]


def test_a_small_jump_of_a_calm_head_is_found() -> None:
    motion = sway() / 6
    motion[41:] += [3.6, 0]  # 6 % of the interocular distance

    assert starts(filmed(motion)) == [41]


def test_a_hard_jump_has_no_transition_frames() -> None:
    motion = sway()
    motion[30:] += [9, 0]

    (jump,) = find_jumps(filmed(motion))

    assert (jump.start, jump.end) == (30, 30)
    assert jump.score > 5.6


def test_calm_motion_holds_no_jump() -> None:
    assert starts(filmed(sway())) == []


def test_fast_motion_that_builds_up_over_some_frames_is_no_jump() -> None:
    motion = sway()
    nod = np.cumsum([0, 2, 5, 9, 12, 12, 9, 5, 2, 0])
    motion[25:35, 1] += nod
    motion[35:, 1] += nod[-1]

    assert starts(filmed(motion)) == []


def test_a_landmark_glitch_that_returns_is_no_jump() -> None:
    track = filmed(sway())
    track.points[30:32] += np.float32(8)

    assert starts(track) == []


def test_an_overlay_away_from_the_face_is_no_jump() -> None:
    track = filmed(sway())
    track.thumbs[30:, :25] = 250

    assert starts(track) == []


def test_frames_skipped_on_the_way_from_30_to_25_fps_are_no_jumps() -> None:
    t = np.floor(np.arange(FRAMES) * 1.2 + 0.4)
    motion = np.stack([14 * np.sin(t / 7), 8 * np.cos(t / 9)], axis=1)

    assert starts(filmed(motion, times_s=t / 30)) == []


def test_skips_baked_into_a_25_fps_file_are_no_jumps() -> None:
    t = np.floor(np.arange(FRAMES) * 1.2 + 0.4)
    motion = np.stack([14 * np.sin(t / 7), 8 * np.cos(t / 9)], axis=1)

    assert starts(filmed(motion)) == []


def test_frames_repeated_on_the_way_from_12_fps_are_no_jumps() -> None:
    t = np.floor(np.arange(FRAMES) * 0.48)
    track = filmed(np.stack([6 * np.sin(t / 3), 4 * np.cos(t / 4)], axis=1), times_s=t / 12)
    repeats = np.flatnonzero(np.diff(t) == 0) + 1
    for k in repeats:
        track.points[k], track.patches[k], track.thumbs[k] = (
            track.points[k - 1],
            track.patches[k - 1],
            track.thumbs[k - 1],
        )

    assert starts(track) == []


def test_a_jump_is_found_between_repeated_frames() -> None:
    motion = np.repeat(sway(30), 2, axis=0)
    motion[30:] += [8, 0]
    track = filmed(motion, times_s=np.repeat(np.arange(30) / 12.5, 2))
    for k in range(1, FRAMES, 2):
        track.patches[k], track.thumbs[k] = track.patches[k - 1], track.thumbs[k - 1]
        track.points[k] = track.points[k - 1]

    assert starts(track) == [30]


def test_a_face_lost_for_two_frames_by_the_jump_is_divided_at_the_jump() -> None:
    motion = sway()
    motion[30:] += [25, 10]
    track = filmed(motion)
    track.points[30:32] = np.nan

    assert starts(track) == [30]


def test_a_remnant_of_one_frame_at_the_start_is_cut_off() -> None:
    motion = sway()
    motion[0] += [12, 8]

    assert starts(filmed(motion)) == [1]


def test_two_jumps_are_found_in_order() -> None:
    motion = sway()
    motion[20:] += [8, 0]
    motion[44:] += [-6, 5]

    assert starts(filmed(motion)) == [20, 44]


def test_an_extreme_threshold_finds_nothing() -> None:
    motion = sway()
    motion[30:] += [8, 0]

    assert find_jumps(filmed(motion), JumpOptions(threshold=1000)) == []


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
def test_a_short_track_without_a_jump_has_none(frames: int) -> None:
    assert starts(filmed(sway(frames))) == []


def test_a_track_without_any_face_has_none() -> None:
    track = filmed(sway())
    track.points[:] = np.nan

    assert starts(track) == []


def test_the_same_track_gives_the_same_scores() -> None:
    motion = sway()
    motion[30:] += [8, 0]

    assert find_jumps(filmed(motion)) == find_jumps(filmed(motion))


def test_a_buffer_that_begins_12_frames_earlier_finds_the_same_jump() -> None:
    motion = sway()
    motion[30:] += [8, 0]
    track = filmed(motion)
    part = replace(track, **{name: getattr(track, name)[18:43] for name in vars(track)})

    assert starts(part) == [12]


def dissolved(track: JumpFeatures, other: JumpFeatures, start: int, end: int) -> JumpFeatures:
    """``track`` up to ``start``, ``other`` from ``end`` on, mixtures between."""
    shares = np.clip((np.arange(FRAMES) - start + 1) / (end - start + 1), 0, 1)

    def mixed(name: str) -> np.ndarray[Any, Any]:
        a, b = getattr(track, name), getattr(other, name)
        weights = shares.reshape(-1, *[1] * (a.ndim - 1))
        return np.asarray((1 - weights) * a + weights * b)

    points = np.where((shares > 0.5)[:, None, None], other.points, track.points)
    patches, thumbs = mixed("patches").astype(np.uint8), mixed("thumbs").astype(np.uint8)
    return replace(track, points=points, patches=patches, thumbs=thumbs)


@pytest.mark.parametrize("length", [2, 4, 6])
def test_a_dissolve_is_found_with_its_mixtures(length: int) -> None:
    calm = sway() / 4
    later = calm.copy()
    later[20:] += [9, 6]
    track = dissolved(filmed(calm), filmed(later), 30, 30 + length)

    (jump,) = find_jumps(track)

    assert abs(jump.start - 30) <= 1
    assert abs(jump.end - 30 - length) <= 1
    assert jump.end > jump.start


def test_a_calm_turn_of_as_many_frames_as_a_dissolve_is_none() -> None:
    motion = sway() / 4
    motion[30:34] += np.array([[1.8, 1.2], [3.6, 2.4], [5.4, 3.6], [7.2, 4.8]])
    motion[34:] += [9, 6]

    assert starts(filmed(motion)) == []


def observed(path: Path, start_s: float, end_s: float) -> JumpFeatures:
    """What is observed of the first face of a stretch of a film."""
    tracker = FaceTracker(open_detector("litert"), open_landmarker("litert"), TrackerOptions())
    rows: list[tuple[Any, ...]] = []
    for k, _, frame in sample_frames(path, start_s, end_s):
        tracker.step(k, frame)
        mesh = tracker.live[0].last.mesh.points
        square = patch_square(mesh, rows[-1][2] if rows else None)
        patch = frame.crop_luma(Crop(*square), PATCH_SIDE)
        rows.append((mesh, patch, square, frame.luma(96, 96), frame.t_s))
    points, patches, squares, thumbs, source_s = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return JumpFeatures(points, patches, squares.astype(np.float32), thumbs, source_s)


@pytest.mark.real
@pytest.mark.usefixtures("embedded_weights")
@pytest.mark.parametrize(
    ("name", "jump_s"),
    [
        ("th10_man_sofa_portrait_hevc_30fps", 9.03),
        ("th12_man_anchor_71s_25fps", 7.04),
        ("th12_man_anchor_71s_25fps", 28.08),
        ("th12_man_anchor_71s_25fps", 38.12),
        ("th12_man_anchor_71s_25fps", 57.16),
    ],
)
def test_the_jump_cuts_of_the_talkers_are_found(shared: Path, name: str, jump_s: float) -> None:
    start_s = round(jump_s - 1, 2)
    path = shared / "media" / "talkers" / f"{name}.mp4"

    (jump,) = find_jumps(observed(path, start_s, start_s + 2))

    assert start_s + jump.start / 25 == pytest.approx(jump_s, abs=0.04)


@pytest.mark.real
@pytest.mark.usefixtures("embedded_weights")
@pytest.mark.parametrize(
    ("name", "start_s", "end_s"),
    [
        ("th05_woman_blond_25fps", 0.0, 6.0),
        ("th11_woman_ad_1080p_30fps", 2.0, 4.0),
        ("th13_man_glasses_comic_25fps", 0.0, 7.3),
        ("th15_man_congress_2s_30fps", 0.0, 2.06),
    ],
)
def test_the_fast_heads_overlays_and_skips_of_the_talkers_are_no_jumps(
    shared: Path, name: str, start_s: float, end_s: float
) -> None:
    path = shared / "media" / "talkers" / f"{name}.mp4"

    assert find_jumps(observed(path, start_s, end_s)) == []
