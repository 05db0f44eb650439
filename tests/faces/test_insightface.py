"""The insightface engine: SCRFD's boxes and five points, from which either mesh starts."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.faces.drawn import drawn_face
from tthd_tools.faces import interocular_px, open_detector, open_landmarker, roll_deg

pytestmark = [
    pytest.mark.real,
    pytest.mark.usefixtures("embedded_weights", "scrfd_file"),
    pytest.mark.skipif(find_spec("insightface") is None, reason="pip install 'tthd-tools[faces]'"),
]


@pytest.fixture
def scrfd_file(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))


def test_a_drawn_face_is_found_with_five_points() -> None:
    (face,) = open_detector("insightface").detect(drawn_face())
    assert face.box == pytest.approx((170, 145, 341, 363), abs=10)
    assert face.keypoints == pytest.approx(
        np.array([[218, 231], [294, 231], [256, 270], [230, 312], [282, 312]]), abs=14
    )


def test_nothing_is_found_where_nothing_is() -> None:
    assert open_detector("insightface").detect(np.full((90, 120, 3), 128, np.uint8)) == []


def test_a_mesh_from_its_box_is_the_mesh_from_the_default_box(shared: Path) -> None:
    from tthd_tools.media import read_frames

    path = shared / "media" / "talkers" / "th05_woman_blond_25fps.mp4"
    rgb = next(iter(read_frames(path))).rgb()
    landmarker, meshes = open_landmarker("litert"), []
    for backend in ("litert", "insightface"):
        face = open_detector(backend).detect(rgb)[0]
        mesh = landmarker.locate(rgb, face.box, roll_deg(*face.keypoints[:2]))
        assert mesh is not None
        meshes.append(mesh.points)
    gap = np.linalg.norm(meshes[0][:, :2] - meshes[1][:, :2], axis=1).mean()
    assert gap / interocular_px(meshes[0]) < 0.03
