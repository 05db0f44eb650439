"""The mediapipe engine: 478 points and blendshapes, in agreement with the embedded mesh."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.faces.drawn import drawn_face
from tthd_tools.faces import interocular_px, open_detector, open_landmarker, roll_deg

pytestmark = [
    pytest.mark.real,
    pytest.mark.usefixtures("embedded_weights", "task_file"),
    pytest.mark.skipif(find_spec("mediapipe") is None, reason="pip install 'tthd-tools[faces]'"),
]


@pytest.fixture
def task_file(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))


def test_a_drawn_face_gets_mesh_iris_and_blendshapes() -> None:
    rgb = drawn_face(mouth_open=1.0, roll_deg=20)
    landmarker = open_landmarker("mediapipe")
    mesh = landmarker.locate(rgb, (160, 178, 350, 366), 20)
    assert mesh is not None
    assert mesh.points.shape == (468, 3)
    assert mesh.iris is not None
    assert mesh.iris.shape == (10, 3)
    assert mesh.blendshapes is not None
    assert mesh.blendshapes.shape == (52,)
    shut = landmarker.locate(drawn_face(mouth_open=0.0, roll_deg=20), (160, 178, 350, 366), 20)
    assert shut is not None
    assert shut.blendshapes is not None
    assert mesh.blendshapes[25] > shut.blendshapes[25] + 0.03  # jawOpen
    assert mesh.pose_deg[2] == pytest.approx(20, abs=3)


def test_a_neighbour_in_the_crop_does_not_stand_in_for_the_face_in_the_box() -> None:
    face = drawn_face(size=(512, 220), centre=(110, 250), width=150)
    rgb = np.hstack([face, np.full((512, 220, 3), 110, np.uint8)])
    landmarker = open_landmarker("mediapipe")
    assert landmarker.locate(rgb, (35, 190, 185, 340)) is not None
    assert landmarker.locate(rgb, (175, 190, 325, 340)) is None


def test_two_runs_give_the_same_bits() -> None:
    landmarker, rgb, box = open_landmarker("mediapipe"), drawn_face(), (157.0, 174.0, 354.0, 371.0)
    first = landmarker.locate(rgb, box)
    landmarker.locate(drawn_face(roll_deg=10), box)
    second = landmarker.locate(rgb, box)
    assert first is not None
    assert second is not None
    assert first.points.tobytes() == second.points.tobytes()


def test_it_says_nothing_on_stderr_not_even_at_the_end() -> None:
    code = (
        "import numpy as np; from tthd_tools.faces import open_landmarker\n"
        "landmarker = open_landmarker('mediapipe')\n"
        "landmarker.locate(np.zeros((99, 99, 3), np.uint8), (0, 0, 99, 99))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr == ""


@pytest.mark.slow
def test_both_meshes_agree_within_three_percent_of_the_interocular_distance(shared: Path) -> None:
    from tthd_tools.media import read_frames

    detector = open_detector("litert")
    litert, mediapipe = open_landmarker("litert"), open_landmarker("mediapipe")
    for path in sorted((shared / "media" / "talkers").iterdir()):
        errors, turns = [], []
        for frame in list(read_frames(path, end_s=2.0))[::8]:
            rgb = frame.rgb()
            face = detector.detect(rgb)[0]
            roll = roll_deg(*face.keypoints[:2])
            ours, theirs = (engine.locate(rgb, face.box, roll) for engine in (litert, mediapipe))
            assert ours is not None
            assert theirs is not None
            gap = np.linalg.norm(ours.points[:, :2] - theirs.points[:, :2], axis=1).mean()
            errors.append(gap / interocular_px(ours.points))
            turns.append(np.abs(ours.pose_deg - theirs.pose_deg))
        assert np.mean(errors) < 0.03, path.name
        assert np.mean(turns) < 3, path.name
