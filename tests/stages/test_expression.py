"""Actions, prosody and the network's odds of a clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.emotion.test_fer import H5PY, invented
from tthd_tools.arrays import load_arrays, save_arrays
from tthd_tools.clip import Clip
from tthd_tools.emotion.actions import ACTIONS
from tthd_tools.emotion.fer import MiniXception
from tthd_tools.errors import UsageError, WeightsError
from tthd_tools.media import Crop
from tthd_tools.stages.expression import Expression, ExpressionPart, face_picture
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.testing import dummy_clip, run_stage


def measured(stage: Expression, clip: Clip, folder: Path) -> Clip:
    (found,) = run_stage(stage, clip, folder)
    return found


def test_actions_and_prosody_of_a_clip(clip: Clip, folder: Path) -> None:
    found = measured(Expression(face="geometry"), clip, folder)
    part = found.part(ExpressionPart)
    assert part.face == "geometry"
    assert part.pitch_hz == pytest.approx(140, rel=0.01)
    assert part.rate_hz is not None
    features = found.arrays(ExpressionPart)
    assert set(features) == {"actions"}
    assert features["actions"].shape == (125, 9)
    assert features["actions"].dtype == np.float16
    assert np.isfinite(features["actions"]).all()
    corner = features["actions"][:, ACTIONS.index("lip_corner")].astype(float)
    lips = clip.arrays(TracksPart)["mouth"][:, 0].astype(float)
    assert np.corrcoef(corner, lips)[0, 1] < -0.99  # the upper lip rises over them


def without_face(folder: Path, frames: int, unseen: slice) -> Clip:
    clip = dummy_clip(folder, frames=frames)
    file = clip.file(TracksPart, "track.npz")
    track = load_arrays(file)
    track["valid"][unseen] = False
    save_arrays(file, **track)
    return clip


def test_where_no_face_was_seen_nothing_is_measured(tmp_path: Path, folder: Path) -> None:
    clip = without_face(tmp_path, 50, slice(10, 20))
    actions = measured(Expression(face="geometry"), clip, folder).arrays(ExpressionPart)["actions"]
    assert np.isnan(actions).all(axis=1).nonzero()[0].tolist() == list(range(10, 20))


def test_the_network_looks_five_times_a_second_where_there_is_a_face(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = without_face(tmp_path, 50, slice(10, 20))
    monkeypatch.setattr("tthd_tools.emotion.fer.open_fer", lambda: MiniXception(invented()))
    found = measured(Expression(face="fer"), clip, folder)
    assert found.part(ExpressionPart).face == "fer"
    odds = found.arrays(ExpressionPart)["fer"]
    assert odds.shape == (10, 7)
    assert np.isnan(odds).all(axis=1).nonzero()[0].tolist() == [2, 3]
    seen = odds[[0, 1, *range(4, 10)]].astype(float)
    assert seen.sum(axis=1) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("angle_deg", [0.0, 20.0])
def test_the_networks_picture_is_the_upright_face(
    clip: Clip, angle_deg: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = clip.arrays(TracksPart, "track.npz")
    frame = next(iter(clip.frames()))
    asked: list[Crop] = []

    def crop_luma(self: object, crop: Crop, size: int) -> np.ndarray:
        asked.append(crop)
        return np.full((size, size), 126, np.uint8)

    monkeypatch.setattr(type(frame.frame), "crop_luma", crop_luma)
    turned = {**track, "crop": track["crop"] + np.array([0, 0, 0, angle_deg])}
    picture = face_picture(frame, turned, roll_deg=0.0)
    assert picture.shape == (64, 64)
    assert set(picture.flat) == {128}  # limited range becomes full range
    height = 0.5 * 128
    assert asked[0].side == pytest.approx(1.15 * height, rel=0.02)
    assert asked[0].angle_deg == pytest.approx(angle_deg)
    assert (asked[0].cx, asked[0].cy) == pytest.approx((96, 72), abs=1.5)


def test_auto_is_the_mesh_alone_where_the_network_is_not_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_CACHE", str(tmp_path))
    monkeypatch.delenv("TTHD_WEIGHTS", raising=False)
    stage, facts = Expression().resolve()
    assert stage == Expression(face="geometry")
    assert facts == {"face": "geometry"}


def test_the_network_that_is_named_and_not_here_says_where_it_is_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("h5py", reason=H5PY)
    monkeypatch.setenv("TTHD_CACHE", str(tmp_path))
    with pytest.raises(WeightsError, match="tthd weights add FILE"):
        Expression(face="fer").resolve()


def test_the_network_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tthd_tools.engines.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs h5py.*\[emotion\]"):
        Expression(face="fer").resolve()


@pytest.mark.real
def test_auto_takes_the_network_where_its_weights_are(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("h5py", reason=H5PY)
    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))
    stage, facts = Expression().resolve()
    assert stage == Expression(face="fer")
    assert facts["face weights fer2013_mini_xception"].startswith("59534287")
