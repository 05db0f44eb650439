"""The embedded engines find drawn faces where they were drawn, and real ones in every frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.faces.drawn import drawn_face
from tthd_tools.faces import (
    interocular_px,
    mesh_box,
    mesh_roll_deg,
    open_detector,
    open_landmarker,
    roll_deg,
)
from tthd_tools.faces.litert import tiles

pytestmark = pytest.mark.usefixtures("embedded_weights")


def test_a_drawn_face_is_found_once_where_it_was_drawn() -> None:
    (face,) = open_detector("litert").detect(drawn_face())
    assert face.score > 0.8
    assert face.box == pytest.approx((157, 174, 354, 371), abs=8)
    assert face.keypoints.shape == (6, 2)
    assert face.keypoints[0] == pytest.approx([218, 231], abs=8)  # the picture's left eye
    assert face.keypoints[1] == pytest.approx([294, 231], abs=8)


@pytest.mark.parametrize("roll", [-25.0, 20.0])
def test_roll_of_box_and_mesh_follow_the_drawn_one(roll: float) -> None:
    rgb = drawn_face(roll_deg=roll)
    (face,) = open_detector("litert").detect(rgb)
    measured = roll_deg(*face.keypoints[:2])
    assert measured == pytest.approx(roll, abs=4)
    mesh = open_landmarker("litert").locate(rgb, face.box, measured)
    assert mesh is not None
    assert mesh.pose_deg == pytest.approx([0, 0, roll], abs=4)


def test_the_lips_of_the_mesh_open_with_the_drawn_mouth() -> None:
    landmarker, openings = open_landmarker("litert"), []
    for mouth_open in (0.0, 0.5, 1.0):
        rgb = drawn_face(mouth_open=mouth_open)
        mesh = landmarker.locate(rgb, (157, 174, 354, 371))
        assert mesh is not None
        assert mesh.points.shape == (468, 3)
        assert mesh.presence > 0.99
        gap = float(np.linalg.norm(mesh.points[13, :2] - mesh.points[14, :2]))
        openings.append(gap / interocular_px(mesh.points))
    assert openings[0] < 0.08 < openings[1] < 0.22 < openings[2]


def test_a_small_face_is_found_in_a_full_hd_picture_but_not_without_tiles() -> None:
    rgb = drawn_face(size=(1080, 1920), centre=(1700, 900), width=50)
    (face,) = open_detector("litert", min_score=0.3, min_face_px=48).detect(rgb)
    assert face.box == pytest.approx((1667, 878, 1721, 932), abs=6)
    assert open_detector("litert", min_score=0.5, min_face_px=1000).detect(rgb) == []


def test_two_faces_are_two_and_the_surest_comes_first() -> None:
    rgb = np.hstack([drawn_face(size=(512, 400), centre=(200, 250), width=w) for w in (180, 90)])
    faces = open_detector("litert").detect(rgb)
    assert [round((face.box[0] + face.box[2]) / 200) for face in faces] in ([2, 6], [6, 2])
    assert faces[0].score >= faces[1].score


def test_nothing_is_found_where_nothing_is() -> None:
    detector = open_detector("litert", min_score=0.3)
    assert detector.detect(np.full((360, 640, 3), 128, np.uint8)) == []
    assert detector.detect(np.zeros((16, 16, 3), np.uint8)) == []
    assert detector.detect(np.zeros((1, 700, 3), np.uint8)) == []


def test_presence_falls_when_the_face_has_left_the_box() -> None:
    landmarker, rgb = open_landmarker("litert"), drawn_face(size=(512, 1024))
    for box in [
        (457.0, 174.0, 654.0, 371.0),
        (700.0, 200.0, 900.0, 400.0),
        (-90.0, 0.0, 0.0, 90.0),
    ]:
        mesh = landmarker.locate(rgb, box)
        assert mesh is not None
        assert mesh.presence < 0.1


def test_a_mesh_leads_to_the_next_frame_without_the_detector() -> None:
    landmarker = open_landmarker("litert")
    box, roll = (157.0, 174.0, 354.0, 371.0), 0.0
    for shift in range(0, 60, 6):
        rgb = drawn_face(size=(512, 600), centre=(256 + shift, 250), roll_deg=shift / 2)
        mesh = landmarker.locate(rgb, box, roll)
        assert mesh is not None
        assert mesh.presence > 0.99
        box, roll = mesh_box(mesh.points), mesh_roll_deg(mesh.points)
    assert (box[0] + box[2]) / 2 == pytest.approx(256 + 54, abs=12)
    assert roll == pytest.approx(27, abs=4)


def test_two_runs_give_the_same_bits() -> None:
    rgb, runs = drawn_face(), []
    for _ in range(2):
        (face,) = open_detector("litert").detect(rgb)
        mesh = open_landmarker("litert").locate(rgb, face.box)
        assert mesh is not None
        runs.append((face.box, face.score, face.keypoints.tobytes(), mesh.points.tobytes()))
    assert runs[0] == runs[1]


def test_tiles_cover_the_picture_and_overlap() -> None:
    assert tiles(512, 512, 48) == [(0, 0, 512, 512)]
    assert tiles(1920, 1080, 48) == [
        (0, 0, 1920, 1080),
        (0, 0, 1080, 1080),
        (840, 0, 1920, 1080),
    ]
    assert tiles(320, 240, 20) == [(0, 0, 320, 240)]
    squares = tiles(3840, 2160, 48)[1:]
    assert len(squares) == 12
    assert max(square[2] for square in squares) == 3840
    assert max(square[3] for square in squares) == 2160


@pytest.mark.real
@pytest.mark.slow
def test_a_face_is_found_in_every_talker(shared: Path) -> None:
    from tthd_tools.media import read_frames

    detector, landmarker = open_detector("litert"), open_landmarker("litert")
    for path in sorted((shared / "media" / "talkers").iterdir()):
        hits = []
        for number, frame in enumerate(read_frames(path, end_s=10.0)):
            if number % 5 == 0:
                rgb = frame.rgb()
                faces = detector.detect(rgb)
                mesh = landmarker.locate(rgb, faces[0].box) if faces else None
                hits.append(mesh is not None and mesh.presence > 0.5)
        assert np.mean(hits) >= 0.95, path.name


@pytest.mark.real
def test_a_face_that_leaves_is_lost_and_two_small_faces_are_two(shared: Path) -> None:
    from tthd_tools.media import read_frames

    detector, landmarker = open_detector("litert", 0.3), open_landmarker("litert")
    folder = shared / "media" / "edge_cases"
    presence = []
    for frame in read_frames(folder / "face_then_noface.mov", 2.0, 3.0):
        rgb = frame.rgb()
        if not presence:
            box = detector.detect(rgb)[0].box
        mesh = landmarker.locate(rgb, box)
        assert mesh is not None
        presence.append((frame.t_s, mesh.presence))
    assert all((value > 0.5) == (t < 2.4) for t, value in presence if abs(t - 2.4) > 0.05)
    for frame in list(read_frames(folder / "twopeople_podium_12fps.mp4", end_s=3.0))[::10]:
        assert len(detector.detect(frame.rgb())) == 2
