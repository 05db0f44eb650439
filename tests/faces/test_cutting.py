"""Pieces of a track: divided at jumps, pauses, gaps and crops, with the reason where one ends."""

from __future__ import annotations

import numpy as np

from tests.faces.world import Face, World, WorldDetector, WorldFrame, WorldLandmarker
from tthd_tools.faces.crops import plan_crops
from tthd_tools.faces.cutting import CutOptions, Cutter, Piece, filled
from tthd_tools.faces.jumps import JumpOptions
from tthd_tools.faces.measure import mouth_shape, track_arrays, track_features
from tthd_tools.faces.tracker import FaceTracker, TrackerOptions

OPTIONS = CutOptions(
    least_frames=25,
    most_frames=750,
    min_face_px=48,
    margin=1.8,
    min_face_share=0.3,
    static=True,
    jump=JumpOptions(),
)


def cut(
    scene: list[list[Face]], options: CutOptions = OPTIONS, quietest: int | None = None
) -> list[Piece]:
    world = World()
    tracker = FaceTracker(WorldDetector(world), WorldLandmarker(world), TrackerOptions())
    pieces: list[Piece] = []
    cutter = Cutter(
        options, (640, 360), lambda first, last: quietest or (first + last) // 2, pieces.append
    )
    for k, faces in enumerate(scene):
        frame = WorldFrame(world, faces, k / 25)
        tracker.step(k, frame)  # type: ignore[arg-type]
        cutter.take(k, frame, tracker.live)  # type: ignore[arg-type]
    cutter.finish()
    return sorted(pieces, key=lambda one: (one.track, one.rows[0].k))


def spans(pieces: list[Piece]) -> list[tuple[int, int, str, str, str | None]]:
    return [
        (one.rows[0].k, one.rows[-1].k + 1, one.start_kind, one.end_kind, one.reason)
        for one in pieces
    ]


def still(count: int, px: float = 60) -> list[list[Face]]:
    return [[Face(320, 180, px)] for _ in range(count)]


def test_a_steady_track_is_one_piece():
    assert spans(cut(still(100))) == [(0, 100, "scene", "scene", None)]


def test_a_face_that_comes_and_goes_is_trimmed_to_where_it_is_seen():
    scene = [[], *[[] for _ in range(9)], *still(60), *[[] for _ in range(40)]]
    assert spans(cut(scene)) == [(10, 70, "lost", "lost", None)]


def test_a_track_under_a_second_ends_with_its_reason():
    scene = [*still(20), *[[] for _ in range(30)]]
    assert spans(cut(scene)) == [(0, 20, "scene", "lost", "short_track")]


def test_a_narrow_face_ends_with_its_reason():
    assert spans(cut(still(50, px=40))) == [(0, 50, "scene", "scene", "tiny_face")]


def test_a_long_track_is_divided_where_it_is_quiet_and_leaves_no_short_rest():
    pieces = cut(still(800), quietest=600)
    assert spans(pieces) == [
        (0, 600, "scene", "length", None),
        (600, 800, "length", "scene", None),
    ]


def test_a_track_just_over_the_limit_leaves_three_seconds():
    pieces = cut(still(755))
    lengths = [len(one.rows) for one in pieces]
    assert sum(lengths) == 755
    assert min(lengths) >= 75
    assert max(lengths) <= 750


def test_no_frame_of_a_very_long_track_is_lost_and_no_more_than_a_clip_is_kept():
    world = World()
    tracker = FaceTracker(WorldDetector(world), WorldLandmarker(world), TrackerOptions())
    pieces: list[Piece] = []
    cutter = Cutter(OPTIONS, (640, 360), lambda first, last: last, pieces.append)
    most = 0
    for k in range(4000):
        frame = WorldFrame(world, [Face(320, 180, 60)], k / 25)
        tracker.step(k, frame)  # type: ignore[arg-type]
        cutter.take(k, frame, tracker.live)  # type: ignore[arg-type]
        most = max(most, *(len(entry.rows) for entry in cutter._open.values()))
    cutter.finish()
    assert [row.k for one in pieces for row in one.rows] == list(range(4000))
    assert most <= 750 + 75 + 12


def test_two_faces_give_a_piece_each_that_counts_the_other():
    scene = [[Face(200, 180, 60, 1), Face(450, 180, 60, 2)] for _ in range(50)]
    pieces = cut(scene)
    assert spans(pieces) == [(0, 50, "scene", "scene", None)] * 2
    assert {row.others for one in pieces for row in one.rows} == {1}


def test_a_walking_face_is_divided_by_the_crop():
    pieces = cut([[Face(60 + 3 * k, 180, 60)] for k in range(170)])
    assert len(pieces) > 1
    assert pieces[0].end_kind == "crop"
    assert sum(len(one.rows) for one in pieces) == 170


def test_gaps_are_filled_in_time():
    values = [np.array([0.0, 10.0]), None, None, np.array([3.0, 40.0])]
    assert filled(values).tolist() == [[0, 10], [1, 20], [2, 30], [3, 40]]


def test_arrays_of_a_piece_are_in_the_units_that_the_part_promises():
    (piece,) = cut(still(50))
    arrays = track_arrays(piece, "static", 1.8, (640, 360), 16384)
    assert (
        arrays["crop"][0].tolist()
        == plan_crops(
            np.array([[290, 150, 350, 210.0]] * 2), np.zeros((2, 468, 3)), "static", 1.8, (640, 360)
        )[0].tolist()
    )
    side = arrays["crop"][0, 2]
    eye = arrays["mesh"][0, 33, :2] / 16384 * side + arrays["crop"][0, :2]
    assert np.allclose(eye, (320 - 15, 180 - 9), atol=0.02)
    assert arrays["mesh"].dtype == np.int16
    assert arrays["source_s"][-1] == 49 / 25
    assert arrays["valid"].all()
    assert not arrays["repeated"].any()
    assert not arrays["skipped"].any()


def test_a_frame_without_the_face_is_marked_and_has_no_numbers():
    scene = [[] if k in (20, 21) else [Face(320, 180, 60)] for k in range(50)]
    (piece,) = cut(scene)
    arrays, features = track_arrays(piece, "static", 1.8, (640, 360), 16384), track_features(piece)
    assert np.flatnonzero(~arrays["valid"]).tolist() == [20, 21]
    assert (arrays["mesh"][20] == 0).all()
    assert np.isnan(features["mouth"][20]).all()
    assert np.isfinite(features["mouth"][22]).all()


def test_mouth_shape_is_measured_over_the_distance_of_the_eyes():
    points = np.zeros((468, 3), np.float32)
    points[[33, 133], 0], points[[362, 263], 0] = -50, 50  # eyes 100 px apart
    points[13, 1], points[14, 1] = 60, 80
    points[78, 0], points[308, 0] = -30, 30
    points[0, 1], points[17, 1] = 50, 95
    points[2, 1], points[152, 1] = 30, 130
    assert mouth_shape(points).tolist() == [
        np.float32(0.2),
        np.float32(0.6),
        np.float32(0.45),
        np.float32(1.0),
    ]


def test_irises_are_kept_in_the_units_of_the_mesh_where_they_were_measured():
    (piece,) = cut(still(50))
    rows = []
    for row in piece.rows:
        assert row.seen is not None
        iris = row.seen.mesh.points[:10].copy()
        rows.append(row._replace(seen=row.seen._replace(mesh=row.seen.mesh._replace(iris=iris))))
    arrays = track_arrays(piece._replace(rows=rows), "static", 1.8, (640, 360), 16384)
    assert (arrays["iris"] == arrays["mesh"][:, :10]).all()
    assert "iris" not in track_arrays(piece, "static", 1.8, (640, 360), 16384)
