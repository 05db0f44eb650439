"""Tracks follow one person each, through gaps and past others, and end where the face is gone."""

from __future__ import annotations

import pytest

from tests.faces.world import Face, World, WorldDetector, WorldFrame, WorldLandmarker
from tthd_tools.faces.tracker import FaceTracker, TrackerOptions, iou


def follow(
    scene: list[list[Face]], options: TrackerOptions | None = None
) -> tuple[dict[int, dict[int, Face | None]], FaceTracker, World]:
    """Track number → frame → the face that the track showed there (None: lost)."""
    world = World()
    tracker = FaceTracker(WorldDetector(world), WorldLandmarker(world), options or TrackerOptions())
    seen: dict[int, dict[int, Face | None]] = {}
    for k, faces in enumerate(scene):
        tracker.step(k, WorldFrame(world, faces, k / 25))  # type: ignore[arg-type]
        for track in tracker.live:
            shown = None
            if track.now is not None:
                x = (track.now.box[0] + track.now.box[2]) / 2
                shown = min(faces, key=lambda face: abs(face.cx - x))
            seen.setdefault(track.number, {})[k] = shown
    return seen, tracker, world


def test_a_moving_face_is_one_track_with_a_mesh_in_every_frame():
    scene = [[Face(100 + 3 * k, 180, 60)] for k in range(60)]
    seen, _, _ = follow(scene)
    assert list(seen) == [0]
    assert [seen[0][k].cx for k in range(60)] == [100 + 3 * k for k in range(60)]


def test_the_mesh_box_is_where_the_face_is():
    world = World()
    tracker = FaceTracker(WorldDetector(world), WorldLandmarker(world), TrackerOptions())
    tracker.step(0, WorldFrame(world, [Face(200, 150, 80)], 0.0))  # type: ignore[arg-type]
    assert tracker.live[0].last.box == pytest.approx((160, 110, 240, 190), abs=0.01)


def test_the_detector_runs_at_its_rate_only_while_nothing_is_lost():
    _, _, world = follow([[Face(300, 180, 60)] for _ in range(50)])
    assert world.detector_calls == 5
    assert world.landmarker_calls == 50


def test_a_frame_shown_twice_is_looked_at_once():
    world = World()
    tracker = FaceTracker(WorldDetector(world), WorldLandmarker(world), TrackerOptions())
    frame = WorldFrame(world, [Face(300, 180, 60)], 0.0)
    tracker.step(0, frame)  # type: ignore[arg-type]
    tracker.step(1, frame)  # type: ignore[arg-type]
    assert world.landmarker_calls == 1
    assert tracker.live[0].now is not None


def test_two_people_side_by_side_are_never_mixed():
    scene = [[Face(200, 180, 60, 1), Face(330 - k, 180, 60, 2)] for k in range(60)]
    seen, _, _ = follow(scene)
    assert {face.identity for face in seen[0].values() if face} == {1}
    assert {face.identity for face in seen[1].values() if face} == {2}


def test_a_short_gap_is_bridged_when_the_same_face_comes_back():
    scene = [[] if 20 <= k < 28 else [Face(300, 180, 60, 5)] for k in range(50)]
    seen, _, _ = follow(scene)
    assert list(seen) == [0]
    assert [k for k, face in seen[0].items() if face is None] == list(range(20, 28))


def test_another_face_after_a_gap_is_another_track():
    scene = [
        [Face(300, 180, 60, 5)] if k < 20 else [Face(300, 180, 60, 6)] if k >= 28 else []
        for k in range(70)
    ]
    seen, _, _ = follow(scene)
    assert {face.identity for face in seen[0].values() if face} == {5}
    assert {face.identity for face in seen[1].values() if face} == {6}


def test_a_face_that_leaps_across_the_picture_is_not_followed_there():
    scene = [[Face(100, 180, 60)] if k < 30 else [Face(500, 180, 60)] for k in range(60)]
    seen, _, _ = follow(scene)
    assert {face.cx for face in seen[0].values() if face} == {100}
    assert {face.cx for face in seen[1].values() if face} == {500}


def test_a_face_that_has_gone_ends_its_track_after_the_allowed_gap():
    scene = [[Face(300, 180, 60)] if k < 20 else [] for k in range(60)]
    seen, tracker, _ = follow(scene, TrackerOptions(lost_after=5))
    assert max(seen[0]) == 24  # five frames without it; with the sixth it has ended
    assert tracker.live == []


def test_a_face_too_small_to_follow_is_measured_and_not_tracked():
    seen, tracker, world = follow([[Face(300, 180, 15)] for _ in range(20)])
    assert seen == {}
    assert tracker.tiny_px == 15
    assert world.landmarker_calls == 0


def test_a_mesh_that_the_detector_never_confirms_is_dropped():
    class Blind(WorldDetector):
        def detect(self, rgb):  # type: ignore[no-untyped-def]
            return super().detect(rgb) if self.world.detector_calls == 0 else []

    world = World()
    tracker = FaceTracker(Blind(world), WorldLandmarker(world), TrackerOptions(lost_after=3))
    for k in range(60):
        tracker.step(k, WorldFrame(world, [Face(300, 180, 60)], k / 25))  # type: ignore[arg-type]
    assert tracker.live == []


def test_no_more_faces_are_followed_than_allowed_and_the_largest_come_first():
    faces = [Face(60 + 120 * n, 180, 40 + 4 * n, n) for n in range(5)]
    _, tracker, _ = follow([faces], TrackerOptions(most_faces=3))
    widths = sorted(round(track.last.box[2] - track.last.box[0]) for track in tracker.live)
    assert widths == [48, 52, 56]


def test_overlap_of_boxes():
    assert iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert iou((0, 0, 10, 10), (10, 0, 20, 10)) == 0.0
    assert iou((0, 0, 10, 10), (0, 0, 10, 10)) == 1.0
