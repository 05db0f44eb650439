"""Among the tracks of a scene the one whose lips fit speaks; off-screen speech has no speaker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip, Span
from tthd_tools.media import probe
from tthd_tools.stage import Fit
from tthd_tools.stages.active_speaker import ActiveSpeaker, ActiveSpeakerPart
from tthd_tools.stages.audio_features import AudioFeatures
from tthd_tools.stages.scenes import Scenes
from tthd_tools.stages.speaker import Speaker, SpeakerPart
from tthd_tools.stages.speech import Speech, SpeechPart
from tthd_tools.stages.tracks import Tracks, TracksPart
from tthd_tools.testing import dummy_item, run_stage


def track(
    folder: Path,
    name: str,
    score: float | None,
    start_s: float = 0.0,
    speech: float = 0.8,
    turns: list[tuple[int, int, int]] | None = None,
    moving: float = 0.0,
) -> Clip:
    """Four seconds with the same score in each frame."""
    frames = np.full(100, np.nan if score is None else score / 2, np.float16)
    for stage, arrays in (
        ("active_speaker", {"score": frames, "choice": frames + moving}),
        ("speech", {} if turns is None else {"turns": np.array(turns, np.int32)}),
    ):
        (folder / name / stage).mkdir(parents=True)
        save_arrays(folder / name / stage / "features.npz", **arrays)
    parts = (
        ActiveSpeakerPart(score=score, backend="correlation"),
        SpeechPart(
            ratio=speech,
            seconds=4 * speech,
            pauses=0,
            longest_pause_s=0.0,
            overlap_ratio=None,
            speakers=None,
            language=None,
            language_score=None,
            backend="energy",
        ),
    )
    return Clip(
        id=name,
        level="clip",
        item=dummy_item(),
        source=folder / "none.mp4",
        span=Span(start_s, start_s + 4.0),
        parts={part.stage: part for part in parts},
        folders={part.stage: folder / name / part.stage for part in parts},
    )


def verdict(clip: Clip, *beside: Clip) -> SpeakerPart:
    stage = Speaker()
    judged = stage.process(replace(clip, beside=beside), Fit(), Path())
    return judged.part(SpeakerPart)


def test_the_track_that_fits_speaks_and_the_other_does_not(tmp_path: Path) -> None:
    man, other = track(tmp_path, "man", 4.0), track(tmp_path, "other", 1.25)
    assert verdict(man, other) == SpeakerPart(
        active=True, score=4.0, margin=2.75, turn=None, backend="correlation"
    )
    found = verdict(other, man)
    assert (found.active, found.margin) == (False, -2.75)


def test_a_single_track_has_no_margin(tmp_path: Path) -> None:
    assert verdict(track(tmp_path, "one", 1.5)).margin is None
    assert verdict(track(tmp_path, "two", 1.5)).active is True


def test_a_closed_mouth_is_behind_lips_that_move_and_does_not_change_the_score(
    tmp_path: Path,
) -> None:
    man, listener = track(tmp_path, "man", 1.5, moving=0.75), track(tmp_path, "listener", 1.75)
    found = verdict(man, listener)
    assert (found.active, found.score, found.margin) == (True, 1.5, 1.25)
    assert verdict(listener, man).active is False


def test_dubbed_and_off_screen_speech_has_no_speaker(tmp_path: Path) -> None:
    dubbed, still = track(tmp_path, "dubbed", 0.25), track(tmp_path, "still", 0.0)
    assert verdict(dubbed, still).active is False
    assert verdict(still, dubbed).active is False


def test_what_may_be_chance_is_left_open(tmp_path: Path) -> None:
    assert verdict(track(tmp_path, "maybe", 0.8)).active is None


def test_without_speech_nobody_is_said_to_speak_or_not(tmp_path: Path) -> None:
    found = verdict(track(tmp_path, "quiet", 0.0, speech=0.01))
    assert (found.active, found.score) == (None, 0.0)
    chewing = track(tmp_path, "chewing", 0.0, speech=0.01, moving=1.0)
    assert verdict(track(tmp_path, "still", 0.0, speech=0.01), chewing).margin is None


def test_what_was_not_measured_is_no_number_and_no_rival(tmp_path: Path) -> None:
    short, long = track(tmp_path, "short", None), track(tmp_path, "long", 1.5)
    assert verdict(short, long) == SpeakerPart(
        active=None, score=None, margin=None, turn=None, backend="correlation"
    )
    assert verdict(long, short).margin is None


@pytest.mark.parametrize(("score", "turn"), [(3.0, 1), (0.2, None)])
def test_a_speaking_face_goes_with_the_turns_it_covers(
    tmp_path: Path, score: float, turn: int | None
) -> None:
    turns = [(0, 60, 0), (60, 400, 1)]
    assert verdict(track(tmp_path, "one", score, turns=turns)).turn == turn


@pytest.mark.real
@pytest.mark.usefixtures("embedded_weights")
def test_of_two_small_faces_the_man_at_the_podium_speaks(shared: Path, tmp_path: Path) -> None:
    film = shared / "media" / "edge_cases" / "twopeople_podium_12fps.mp4"
    found = probe(film)
    item = dummy_item(size_bytes=found.size_bytes, probe=found.model_dump(mode="json"))
    (scene,) = run_stage(
        Scenes(),
        Clip("podium", "item", item, film, Span(0.0, found.duration_s)),
        tmp_path / "scenes",
    )
    clips = []
    for clip in run_stage(Tracks(min_face_px=20), scene, tmp_path / "tracks"):
        for stage in (
            AudioFeatures(),
            ActiveSpeaker(backend="correlation"),
            Speech(backend="energy"),
        ):
            (clip,) = run_stage(stage, clip, tmp_path / clip.id / stage.name)
        clips.append(clip)
    silent, at_podium = sorted(
        clips, key=lambda one: float(np.median(one.arrays(TracksPart, "track.npz")["box"][:, 0]))
    )
    speaker, listener = verdict(at_podium, silent), verdict(silent, at_podium)
    assert speaker.active is True
    assert speaker.margin is not None
    assert speaker.margin > 1
    assert listener.active is False
