"""Scores of one track: high for its own voice, none for a still mouth or a foreign voice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip
from tthd_tools.stages.active_speaker import ActiveSpeaker, ActiveSpeakerPart
from tthd_tools.stages.audio_features import AudioFeatures
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.testing import dummy_clip, run_stage


def measure(clip: Clip, folder: Path, backend: str = "correlation") -> Clip:
    (heard,) = run_stage(AudioFeatures(), clip, folder / "audio_features")
    stage = ActiveSpeaker.model_validate({"backend": backend})
    (measured,) = run_stage(stage, heard, folder / "active_speaker")
    return measured


def scores(clip: Clip) -> np.ndarray:
    return clip.arrays(ActiveSpeakerPart)["score"]


def test_a_face_that_speaks_has_a_high_score_in_each_frame(clip: Clip, tmp_path: Path) -> None:
    measured = measure(clip, tmp_path)
    part = measured.part(ActiveSpeakerPart)
    assert part.backend == "correlation"
    assert part.score is not None
    assert part.score > 1
    assert scores(measured).shape == (125,)
    assert scores(measured).dtype == np.float16
    assert (scores(measured) > 0).mean() > 0.8


def test_faces_are_compared_by_the_score_and_whether_the_lips_move(
    clip: Clip, tmp_path: Path
) -> None:
    arrays = measure(clip, tmp_path).arrays(ActiveSpeakerPart)
    assert arrays["choice"].dtype == np.float16
    extra = arrays["choice"].astype(float) - arrays["score"]
    assert 0.5 < extra.mean() < 1
    assert -0.01 < extra.min() <= extra.max() < 1.01


def test_a_still_mouth_beside_a_voice_scores_nothing(clip: Clip, tmp_path: Path) -> None:
    features = clip.arrays(TracksPart)
    features["mouth"][:] = features["mouth"][0]
    save_arrays(tmp_path / "features.npz", **features)
    save_arrays(tmp_path / "track.npz", **clip.arrays(TracksPart, "track.npz"))
    silent = replace(clip, folders={"tracks": tmp_path})
    measured = measure(silent, tmp_path)
    assert measured.part(ActiveSpeakerPart).score == 0
    assert (measured.arrays(ActiveSpeakerPart)["choice"] == 0).all()


def test_sound_that_is_far_off_is_chance(tmp_path: Path) -> None:
    late = dummy_clip(tmp_path / "dummy", frames=125, sound_late_frames=40)
    score = measure(late, tmp_path).part(ActiveSpeakerPart).score
    assert score is not None
    assert score < 1


def test_a_short_clip_says_nothing(tmp_path: Path) -> None:
    measured = measure(dummy_clip(tmp_path / "dummy", frames=27), tmp_path)
    assert measured.part(ActiveSpeakerPart) == ActiveSpeakerPart(score=None, backend="correlation")
    assert scores(measured).shape == (27,)
    assert np.isnan(scores(measured)).all()
    assert np.isnan(measured.arrays(ActiveSpeakerPart)["choice"]).all()


def test_the_embedded_backend_is_what_auto_means_without_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_CACHE", str(tmp_path))
    stage, facts = ActiveSpeaker().resolve()
    assert stage == ActiveSpeaker(backend="correlation")
    assert facts == {"backend": "correlation"}


@pytest.mark.real
def test_the_network_looks_at_the_same_frames(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))
    pytest.importorskip("torch")
    stage, facts = ActiveSpeaker().resolve()
    assert stage == ActiveSpeaker(backend="light_asd_ava")
    assert facts["backend weights light_asd_ava"].startswith("d44bc3ea")
    clip = dummy_clip(tmp_path / "dummy", frames=30)
    measured = measure(clip, tmp_path, "light_asd_ava")
    part = measured.part(ActiveSpeakerPart)
    assert part.backend == "light_asd_ava"
    assert part.score is not None
    assert scores(measured).shape == (30,)
    assert np.isfinite(scores(measured)).all()
