"""Scenes begin at the first frame of each shot, at cuts, fades and black, at any frame rate."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tthd_tools.clip import Clip, Segment, Span
from tthd_tools.media import Frame, probe, read_frames, write_movie
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


def film_of(
    folder: Path,
    frames: list[Picture],
    times_s: list[float],
    segments: tuple[tuple[float, float], ...] = (),
) -> Clip:
    path = folder / "film.mp4"
    write_movie(path, frames, times_s)
    facts = probe(path)
    item = dummy_item(
        path="film.mp4",
        size_bytes=path.stat().st_size,
        duration_s=facts.duration_s,
        probe=facts.model_dump(mode="json"),
        segments=[Segment(start_s=start_s, end_s=end_s) for start_s, end_s in segments],
    )
    return Clip("film", "item", item, path, Span(0.0, facts.duration_s))


def scenes_of(folder: Path, *film, segments=(), **options) -> list[Clip]:  # type: ignore[no-untyped-def]
    return run_stage(Scenes(**options), film_of(folder, *film, segments), folder / "out")


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


def spans(found: list[Clip]) -> list[tuple[float, float, str | None]]:
    return [(round(one.span.start_s, 3), round(one.span.end_s, 3), one.reason) for one in found]


def test_what_lies_outside_of_the_segments_ends_with_its_reason(tmp_path):
    found = scenes_of(tmp_path, moving(1, 100), at_rate(100, 25), segments=((1.0, 2.0), (3.0, 3.6)))
    assert spans(found) == [
        (0.0, 1.0, "outside_segments"),
        (1.0, 2.0, None),
        (2.0, 3.0, "outside_segments"),
        (3.0, 3.6, None),
        (3.6, 4.0, "outside_segments"),
    ]
    assert [(one.id, one.level) for one in found[:2]] == [("000", "scene"), ("001", "scene")]
    assert kinds([found[1], found[3]]) == [("segment", "segment")] * 2
    assert found[3].part(ScenesPart).index == 3


def test_segments_of_the_whole_item_change_nothing(tmp_path):
    frames = [*moving(1, 30), *moving(2, 40)]
    plain = scenes_of(tmp_path, frames, at_rate(70, 25))
    whole = scenes_of(tmp_path, frames, at_rate(70, 25), segments=((0.0, 9.0),))
    assert spans(whole) == spans(plain)
    assert [one.parts for one in whole] == [one.parts for one in plain]


def test_cuts_inside_of_a_segment_are_found_and_those_outside_are_not_looked_for(tmp_path):
    frames = [*moving(1, 30), *moving(2, 60), *moving(3, 60), *moving(4, 30)]
    found = scenes_of(tmp_path, frames, at_rate(180, 25), segments=((2.0, 5.0),))
    assert spans(found) == [
        (0.0, 2.0, "outside_segments"),
        (2.0, 3.6, None),
        (3.6, 5.0, None),
        (5.0, 7.2, "outside_segments"),
    ]
    assert kinds(found[1:3]) == [("segment", "cut"), ("cut", "segment")]


def test_a_cut_close_to_a_bound_is_found_and_one_at_a_bound_is_a_cut(tmp_path):
    frames = [*moving(1, 50), *moving(2, 50), *moving(3, 50)]
    found = scenes_of(tmp_path, frames, at_rate(150, 25), segments=((1.96, 4.0),))
    assert spans(found)[1:3] == [(1.96, 2.0, None), (2.0, 4.0, None)]
    assert kinds(found[1:3]) == [("segment", "cut"), ("cut", "cut")]


@pytest.mark.parametrize("fps", [23.976, 25.0, 29.97])
def test_no_frame_of_a_scene_begins_or_ends_outside_of_its_segment(tmp_path, fps):
    segment = (1.005, 2.011)
    _, inside, _ = scenes_of(tmp_path, moving(1, 90), at_rate(90, fps), segments=(segment,))
    times = np.arange(90) / fps
    first = times[times >= segment[0]][0]
    assert inside.span.start_s == pytest.approx(first, abs=2e-3)
    assert inside.span.end_s == segment[1]


def test_segments_that_overlap_or_touch_divide_at_each_bound(tmp_path):
    segments = ((0.0, 2.0), (1.0, 3.0), (3.0, 4.0))
    found = scenes_of(tmp_path, moving(1, 100), at_rate(100, 25), segments=segments)
    assert spans(found) == [
        (0.0, 1.0, None),
        (1.0, 2.0, None),
        (2.0, 3.0, None),
        (3.0, 4.0, None),
    ]
    assert kinds(found)[0] == ("end", "segment")
    assert kinds(found)[3] == ("segment", "end")


def test_segments_after_the_end_of_the_file_leave_nothing_but_a_reason(tmp_path):
    found = scenes_of(tmp_path, moving(1, 50), at_rate(50, 25), segments=((5.0, 6.0),))
    assert spans(found) == [(0.0, 2.0, "outside_segments")]


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


@pytest.mark.parametrize("segments", [(), ((0.4, 1.3), (2.0, 3.1))])
@pytest.mark.parametrize("fps", [23.976, 25.0, 50.0])
def test_frames_come_before_the_scene_that_they_make(tmp_path, fps, segments):
    frames = [*moving(1, 30), *faded(moving(4, 12)), *black(12), *moving(2, 40)]
    item = film_of(tmp_path, frames, at_rate(len(frames), fps), segments)
    passed: list[Frame] = []
    for one in Scenes().unroll(item):
        if isinstance(one, Clip):
            there = [frame.t_s for frame in read_frames(item.source, *one.span)]
            assert [frame.t_s for frame in passed] == ([] if one.reason else there)
            passed = []
        else:
            passed.append(one)
    assert passed == []
