"""The dummies are what they say, and the fakes do as they are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tthd_tools.clip import Clip
from tthd_tools.errors import Reject, StageError
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.testing import (
    FakeCorpusPart,
    FakeCorpusStage,
    FakePart,
    FakeStage,
    dummy_clip,
    dummy_item,
    run_stage,
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return dummy_clip(tmp_path_factory.mktemp("dummy"), frames=30)


def test_dummy_item_takes_any_field() -> None:
    assert dummy_item().item_id == "dummy-00000000"
    assert dummy_item(language="bo").language == "bo"


def test_dummy_clip_has_pictures_sound_and_a_track(clip: Clip) -> None:
    frames = list(clip.frames())
    assert len(frames) == clip.frame_count == 30
    assert frames[0].luma(128).shape == (128, 128)
    assert clip.audio().shape == (19_200,)
    track = clip.arrays(TracksPart, "track.npz")
    assert track["mesh"].shape == (30, 468, 3)
    assert track["valid"].all()
    assert clip.arrays(TracksPart)["mouth"].shape == (30, 4)


def test_mesh_lies_on_the_drawn_lips(clip: Clip) -> None:
    opening = clip.arrays(TracksPart)["mouth"][:, 0]
    (widest,) = [frame for frame in clip.frames() if frame.k == opening.argmax()]
    rgb = widest.rgb(128).astype(int)
    red = np.nonzero((rgb[..., 0] > rgb[..., 1] + 75) & (np.arange(128)[:, None] > 64))
    lips = TracksPart.points(clip, 128)[opening.argmax(), [0, 17], 1]
    assert (red[0].min(), red[0].max()) == pytest.approx(lips, abs=3)


def test_same_dummy_has_same_bytes(tmp_path: Path) -> None:
    first = dummy_clip(tmp_path / "a", frames=5).source.read_bytes()
    assert dummy_clip(tmp_path / "b", frames=5).source.read_bytes() == first


def test_fake_stage_measures_splits_rejects_and_fails(clip: Clip, tmp_path: Path) -> None:
    (measured,) = run_stage(FakeStage(), clip, tmp_path)
    assert measured.part(FakePart).frames == 30
    assert measured.folders["fake"] == tmp_path
    pieces = run_stage(FakeStage(children=3), clip, tmp_path)
    assert [piece.frame_count for piece in pieces] == [10, 10, 10]
    assert [piece.folders["fake"].name for piece in pieces] == ["000", "001", "002"]
    with pytest.raises(Reject, match="no_face"):
        run_stage(FakeStage(reject="no_face"), clip, tmp_path)
    with pytest.raises(StageError, match="too dark"):
        run_stage(FakeStage(fail="too dark"), clip, tmp_path)
    with pytest.raises(RuntimeError, match="a bug"):
        run_stage(FakeStage(crash="a bug"), clip, tmp_path)


def test_fake_corpus_stage_compares_with_the_longest(clip: Clip, tmp_path: Path) -> None:
    (measured,) = run_stage(FakeStage(), clip, tmp_path)
    (half,) = run_stage(FakeStage(children=2), clip, tmp_path)[:1]
    stage = FakeCorpusStage()
    fit = stage.fit([measured, half], tmp_path)
    whole = stage.process(measured, fit, tmp_path).part(FakeCorpusPart)
    assert whole.share == 1.0
    short = half.with_part(FakePart(frames=15))
    assert stage.process(short, fit, tmp_path).part(FakeCorpusPart).share == 0.5
