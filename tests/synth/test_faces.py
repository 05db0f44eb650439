"""The embedded detector and mesh find the drawn faces and follow their mouths."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.faces import interocular_px, open_detector, open_landmarker, pose_deg, roll_deg
from tthd_tools.synth import Actor, Script, Studio, Take, invent_person
from tthd_tools.synth.speech import Emotion

pytestmark = pytest.mark.usefixtures("embedded_weights")


@pytest.mark.parametrize(
    ("seed", "emotion", "turn_deg"),
    [
        (0, "neutral", 0.0),
        (1, "happy", 16.0),
        (2, "sad", -16.0),
        (3, "angry", 0.0),
        (4, "surprised", 16.0),
    ],
)
def test_every_face_is_found_and_its_mouth_is_followed(
    seed: int, emotion: Emotion, turn_deg: float
) -> None:
    actor = Actor(invent_person(seed), emotion=emotion, turn_deg=turn_deg)
    studio = Studio(Script((Take((actor,), 5.0, background=seed, seed=seed),), fps=10.0))
    truth = studio.truth().faces[0]
    detector, landmarker = open_detector("litert"), open_landmarker("litert")
    measured = []
    for k, rgb in enumerate(studio.frames()):
        (face,) = detector.detect(rgb)
        left, top, right, bottom = truth.boxes[k]
        assert left < (face.box[0] + face.box[2]) / 2 < right
        assert top < (face.box[1] + face.box[3]) / 2 < bottom
        mesh = landmarker.locate(rgb, face.box, roll_deg(*face.keypoints[:2]))
        assert mesh is not None
        assert mesh.presence > 0.9
        lips = np.linalg.norm(mesh.points[13, :2] - mesh.points[14, :2])
        measured.append((lips / interocular_px(mesh.points), *pose_deg(mesh.points)))
    opening, yaw, pitch, roll = np.array(measured).T
    assert np.corrcoef(opening, truth.opening)[0, 1] > 0.95
    drawn = np.array(truth.pose_deg)
    assert yaw.mean() == pytest.approx(drawn[:, 0].mean(), abs=8.0)
    assert np.corrcoef(yaw, drawn[:, 0])[0, 1] > 0.8
    assert np.corrcoef(pitch, drawn[:, 1])[0, 1] > 0.5
    assert np.corrcoef(roll, drawn[:, 2])[0, 1] > 0.8


def test_landmarks_of_truth_and_mesh_agree() -> None:
    actor = Actor(invent_person(3))
    studio = Studio(Script((Take((actor,), 2.0, background=1, seed=1),), fps=5.0))
    truth = studio.truth().faces[0]
    landmarker = open_landmarker("litert")
    points_of = {
        "left_eye_outer": 33,
        "left_eye_inner": 133,
        "right_eye_inner": 362,
        "right_eye_outer": 263,
        "mouth_left": 61,
        "mouth_right": 291,
        "nose_tip": 1,
    }
    for k, rgb in enumerate(studio.frames()):
        mesh = landmarker.locate(rgb, truth.boxes[k])
        assert mesh is not None
        for name, index in points_of.items():
            distance = np.linalg.norm(mesh.points[index, :2] - truth.landmarks[name][k])
            assert distance / interocular_px(mesh.points) < 0.13, name


def test_two_people_are_two_faces() -> None:
    actors = (Actor(invent_person(0), x=0.28), Actor(invent_person(1), x=0.74, size=0.16))
    studio = Studio(Script((Take(actors, 0.4, background=2, seed=2),), size=(768, 512)))
    detector = open_detector("litert")
    assert [len(detector.detect(rgb)) for rgb in studio.frames()] == [2] * 10
