"""Scenes begin at the first frame of each shot, at cuts, fades and black, at any frame rate."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tthd_tools.clip import Clip, Span
from tthd_tools.media import probe, write_movie
from tthd_tools.stages.scenes import Scenes, ScenesPart
from tthd_tools.testing import dummy_item, run_stage

Picture = np.ndarray


def texture(seed: int) -> Picture:
    """A picture of soft coloured blobs, 160 × 96."""
    small = np.random.default_rng(seed).integers(20, 235, (6, 10, 3)).astype(np.uint8)
    return cv2.resize(small, (160, 96), interpolation=cv2.INTER_CUBIC)


def moving(seed: int, count: int, step: int = 1) -> list[Picture]:
    return [np.roll(texture(seed), k * step, axis=1) for k in range(count)]


def black(count: int) -> list[Picture]:
    return [np.zeros((96, 160, 3), np.uint8)] * count


def faded(frames: list[Picture]) -> list[Picture]:
    shares = np.linspace(1, 0, len(frames))
    return [(frame * share).astype(np.uint8) for frame, share in zip(frames, shares, strict=True)]


def scenes_of(folder: Path, frames: list[Picture], times_s: list[float], **options) -> list[Clip]:  # type: ignore[no-untyped-def]
    path = folder / "film.mp4"
    write_movie(path, frames, times_s)
    facts = probe(path)
    item = dummy_item(path="film.mp4", size_bytes=path.stat().st_size, duration_s=facts.duration_s)
    clip = Clip("film", "item", item, path, Span(0.0, facts.duration_s))
    return run_stage(Scenes(**options), clip, folder / "out")


def at_rate(count: int, fps: float) -> list[float]:
    return [k / fps for k in range(count)]


def kinds(found: list[Clip]) -> list[tuple[str, str]]:
    parts = [one.part(ScenesPart) for one in found]
    return [(part.start_kind, part.end_kind) for part in parts]


@pytest.mark.parametrize("fps", [12.0, 23.976, 25.0, 29.97, 50.0])
def test_cuts_are_found_to_the_frame(tmp_path, fps):
    frames = [*moving(1, 30), *moving(2, 40), *moving(3, 20)]
    found = scenes_of(tmp_path, frames, at_rate(90, fps))
    assert [one.span.start_s for one in found] == pytest.approx([0, 30 / fps, 70 / fps], abs=1e-3)
    assert found[-1].span.end_s == pytest.approx(90 / fps, abs=1.5 / fps)
    assert kinds(found) == [("end", "cut"), ("cut", "cut"), ("cut", "end")]
    assert [one.part(ScenesPart).index for one in found] == [0, 1, 2]


def test_times_are_those_of_the_frames_at_a_variable_rate(tmp_path):
    steps = np.where(np.arange(59) % 3 == 0, 0.066, 0.033)
    times = [0.0, *np.cumsum(steps).tolist()]
    found = scenes_of(tmp_path, [*moving(1, 33), *moving(2, 27)], times)
    assert found[1].span.start_s == pytest.approx(times[33], abs=1e-3)


def test_scenes_join_without_gap_or_overlap(tmp_path):
    found = scenes_of(tmp_path, [*moving(1, 30), *moving(2, 30)], at_rate(60, 25))
    assert found[0].span.end_s == found[1].span.start_s
    assert found[0].span.start_s == 0.0


def test_one_shot_is_one_scene_however_the_camera_pans(tmp_path):
    found = scenes_of(tmp_path, moving(4, 75, step=4), at_rate(75, 25))
    assert kinds(found) == [("end", "end")]


def test_a_cut_soon_after_the_start_is_found(tmp_path):
    found = scenes_of(tmp_path, [*moving(1, 10), *moving(2, 40)], at_rate(50, 25))
    assert [one.span.start_s for one in found] == pytest.approx([0, 0.4], abs=1e-3)


def test_black_between_two_shots_is_a_scene_of_its_own(tmp_path):
    frames = [*moving(1, 30), *faded(moving(1, 50)[30:]), *black(10), *moving(2, 30)]
    found = scenes_of(tmp_path, frames, at_rate(90, 25))
    assert [one.part(ScenesPart).black for one in found] == [False, True, False]
    assert kinds(found)[1] == ("fade", "cut")
    assert found[1].span.end_s == pytest.approx(60 / 25, abs=1e-3)


def test_a_cut_to_black_is_a_cut(tmp_path):
    found = scenes_of(tmp_path, [*moving(1, 30), *black(30)], at_rate(60, 25))
    assert kinds(found) == [("end", "cut"), ("cut", "end")]
    assert found[1].span.start_s == pytest.approx(30 / 25, abs=1e-3)


def test_a_flash_of_black_divides_nothing(tmp_path):
    frames = [*moving(1, 30), *black(1), *moving(1, 30)]
    assert len(scenes_of(tmp_path, frames, at_rate(61, 25), threshold=200.0)) == 1


def test_a_dark_scene_is_black(tmp_path):
    (found,) = scenes_of(tmp_path, black(30), at_rate(30, 25))
    assert found.part(ScenesPart).black
    assert found.part(ScenesPart).luma == pytest.approx(16, abs=1)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "cuts_s"),
    [
        ("edge_cases/multishot_singer_audience.mp4", [0.67, 2.74, 7.04]),
        ("edge_cases/shotchange_noface.mp4", [3.20]),
        ("edge_cases/face_then_noface.mov", [2.4]),
    ],
)
def test_cuts_of_real_films(shared, tmp_path, name, cuts_s):
    path = shared / "media" / name
    facts = probe(path)
    clip = Clip("film", "item", dummy_item(path=name), path, Span(0.0, facts.duration_s))
    found = [one.span.start_s for one in run_stage(Scenes(), clip, tmp_path / "out")]
    for cut in cuts_s:
        assert min(abs(start - cut) for start in found) < 0.045


@pytest.mark.real
def test_a_single_shot_has_no_cut(shared, tmp_path):
    path = shared / "media" / "talkers" / "th13_man_glasses_comic_25fps.mp4"
    clip = Clip("film", "item", dummy_item(), path, Span(0.0, probe(path).duration_s))
    assert len(run_stage(Scenes(), clip, tmp_path / "out")) == 1
