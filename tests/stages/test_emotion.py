"""Labels with their origin, of drawn people and of real ones."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.emotion.test_evidence import resting, says
from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip, Span
from tthd_tools.emotion.face import MOVES, NAMES
from tthd_tools.emotion.fusion import odds_of, perceive
from tthd_tools.emotion.labels import ORIGINS
from tthd_tools.emotion.speaker import usual
from tthd_tools.stages.emotion import Emotion, EmotionFit, EmotionPart, evidence_of
from tthd_tools.stages.expression import ExpressionPart
from tthd_tools.table import FIXED, columns
from tthd_tools.testing import dummy_item

FILMS = (
    "edge_cases/face_emotions_silent.mp4",
    "talkers/th04_woman_glasses_25fps.mp4",
    "talkers/th15_man_congress_2s_30fps.mp4",
)


def acting(
    folder: Path,
    name: str,
    word: str | None = None,
    speaker: str = "spk_a",
    frames: int = 100,
    **item: object,
) -> Clip:
    """A clip of a person like most who shows an emotion, as ``expression`` leaves it."""
    number = len(list(folder.iterdir()))
    place = folder / f"{number:03d}"
    place.mkdir()
    actions = resting(frames).astype(float)
    actions[:, :7] += 1.2 * np.array(MOVES.get(name, np.zeros(7)))
    arrays = {"actions": actions.astype(np.float16)}
    if name == "nobody":
        arrays["actions"][:] = np.nan
    if word:
        arrays["fer"] = says(word, frames // 5)
    save_arrays(place / "features.npz", **arrays)
    part = ExpressionPart(face="fer" if word else "geometry", pitch_hz=200.0, level_db=-20.0)
    return Clip(
        id=f"dummy-00000000_{number:04d}",
        level="clip",
        item=dummy_item(speaker_id=speaker, **item),
        source=place,
        span=Span(0.0, frames / 25),
        parts={"expression": part},
        folders={"expression": place},
    )


def judge(clips: Sequence[Clip], stage: Emotion | None = None) -> list[EmotionPart]:
    stage = stage or Emotion()
    fit = stage.fit(clips, Path())
    return [stage.process(clip, fit, Path()).part(EmotionPart) for clip in clips]


def neutral_clips(folder: Path, word: str | None = None, count: int = 4) -> list[Clip]:
    return [acting(folder, "neutral", word) for _ in range(count)]


def test_what_is_perceived_says_so(tmp_path: Path) -> None:
    *_, part = judge([*neutral_clips(tmp_path), acting(tmp_path, "happy")])
    assert (part.label, part.label_origin, part.source) == ("happy", "perceived", "face")
    assert part.confidence == part.seen_confidence == part.face_confidence
    assert part.label_intensity == 2
    assert part.agreement is None
    assert part.speaker_clips == 5
    assert part.voice_arousal == 0.0
    assert part.segments == ((0.0, 4.0, "happy", part.confidence),)


def test_the_only_clip_of_a_speaker_gets_no_label_of_the_mesh_alone(tmp_path: Path) -> None:
    (part,) = judge([acting(tmp_path, "happy")])
    assert (part.label, part.label_origin, part.source, part.confidence) == (None,) * 4
    assert part.seen_label is not None
    assert part.seen_confidence is not None
    assert part.seen_confidence < 0.5
    assert part.voice_arousal is None


def test_network_and_mesh_together(tmp_path: Path) -> None:
    clips = [*neutral_clips(tmp_path, "neutral"), acting(tmp_path, "happy", "happy")]
    *_, part = judge(clips)
    assert (part.label, part.source, part.agreement) == ("happy", "fused", True)
    assert part.fer_label == "happy"


def test_disagreement_is_told(tmp_path: Path) -> None:
    clips = [*neutral_clips(tmp_path, "neutral"), acting(tmp_path, "happy", "angry")]
    *_, part = judge(clips)
    assert part.agreement is False
    assert (part.face_label, part.fer_label) == ("happy", "angry")


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_contributors_label_wins_with_its_own_origin(tmp_path: Path, origin: str) -> None:
    stated = {"emotion": "contempt", "emotion_intensity": 3, "emotion_origin": origin}
    *_, part = judge([*neutral_clips(tmp_path), acting(tmp_path, "happy", **stated)])
    assert (part.label, part.label_intensity, part.label_origin) == ("contempt", 3, origin)
    assert (part.source, part.confidence) == ("contributor", None)
    assert part.seen_label == "happy"  # what is perceived stays beside it
    assert part.agreement is None  # contempt is not told from a face


def test_a_contributor_who_is_contradicted(tmp_path: Path) -> None:
    stated = {"emotion": "sad", "emotion_origin": "intended"}
    *_, part = judge([*neutral_clips(tmp_path), acting(tmp_path, "happy", **stated)])
    assert part.label == "sad"
    assert part.agreement is False


@pytest.mark.parametrize(
    "stated",
    [
        {"emotion": "sad"},
        {"emotion": "sad", "emotion_origin": "rumoured"},
        {"emotion": "melancholic", "emotion_origin": "intended"},
    ],
)
def test_no_label_without_its_origin(tmp_path: Path, stated: dict[str, str]) -> None:
    *_, part = judge([*neutral_clips(tmp_path), acting(tmp_path, "happy", **stated)])
    assert (part.label, part.label_origin) == ("happy", "perceived")


def test_the_threshold_is_an_option(tmp_path: Path) -> None:
    clips = [*neutral_clips(tmp_path), acting(tmp_path, "happy")]
    *_, part = judge(clips, Emotion(min_confidence=0.99))
    assert (part.label, part.label_origin, part.source) == (None, None, None)
    assert part.seen_label == "happy"
    assert part.segments == ()
    *_, part = judge(clips, Emotion(min_confidence=0.0, min_segment_s=9.0))
    assert part.label == "happy"
    assert part.segments == ()


def test_no_face_no_label(tmp_path: Path) -> None:
    (part,) = judge([acting(tmp_path, "nobody")])
    assert part == EmotionPart(speaker_clips=1)


def test_speakers_are_measured_by_themselves(tmp_path: Path) -> None:
    clips = [acting(tmp_path, "surprised", speaker="spk_b") for _ in range(6)]
    found = judge([*neutral_clips(tmp_path), *clips])
    assert [part.speaker_clips for part in found] == [4] * 4 + [6] * 6
    fit = Emotion().fit([*neutral_clips(tmp_path), *clips], Path())
    brow_a, brow_b = (fit.speakers[name].rest[0] for name in ("spk_a", "spk_b"))
    assert brow_b > brow_a + 0.02  # somebody whose brows are always up is not always surprised


def test_the_fit_is_kept_as_json_and_a_new_speaker_is_its_own_measure(tmp_path: Path) -> None:
    clips = neutral_clips(tmp_path)
    fit = Emotion().fit(clips, Path())
    assert EmotionFit.model_validate_json(fit.model_dump_json()) == fit
    stranger = acting(tmp_path, "happy", speaker="spk_new")
    part = Emotion().process(stranger, fit, Path()).part(EmotionPart)
    assert part.speaker_clips == 1
    assert part == judge([stranger])[0]


def test_the_order_of_clips_changes_nothing(tmp_path: Path) -> None:
    clips = [*neutral_clips(tmp_path), acting(tmp_path, "sad"), acting(tmp_path, "angry")]
    turned = judge(clips[::-1])[::-1]
    assert turned == judge(clips)


def test_no_column_hides_one_of_the_contributors() -> None:
    ours = [f"emotion_{name}" for name in EmotionPart.model_fields]
    assert not set(ours) & set(FIXED)
    known = columns()
    assert known["emotion_label"] is str
    assert known["emotion_label_origin"] is str
    assert known["emotion_label_intensity"] is int
    assert known["emotion_agreement"] is bool
    assert "emotion_segments" not in known


def test_mesh_and_odds_of_other_lengths_do_not_break_it(tmp_path: Path) -> None:
    clip = acting(tmp_path, "happy", "happy", frames=3)
    (part,) = judge([replace(clip, span=Span(0.0, 0.12))])
    assert part.speaker_clips == 1
    assert odds_of(evidence_of(clip), usual([evidence_of(clip)])).shape[1] == len(NAMES)


@pytest.fixture(scope="module")
def real_clips(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """Clips of real films by the first word of their names, with what ``expression`` measures."""
    from tthd_tools.build import measure
    from tthd_tools.ingest import ingest
    from tthd_tools.pipeline import load_pipeline, make_plan
    from tthd_tools.survey import survey
    from tthd_tools.workspace import Workspace

    pytest.importorskip("h5py", reason="python -m pip install 'tthd-tools[emotion]'")
    folder = tmp_path_factory.mktemp("real")
    (folder / "raw").mkdir()
    for name in FILMS:
        shutil.copy(shared / "media" / name, folder / "raw")
    file = folder / "pipeline.yaml"
    file.write_text("name: p\nstages: [scenes, tracks, expression: {face: fer}]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TTHD_WEIGHTS", str(shared / "models" / "emotion"))
        plan = make_plan(load_pipeline(file))
        workspace = Workspace.create(folder / "work", folder / "raw")
        with workspace.writing():
            ingest(workspace)
            measure(workspace, plan)
    clips = [leaf.clip for state in survey(workspace, plan) for leaf in state.clips]
    return {Path(clip.item.path).stem.split("_")[0]: clip for clip in clips}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.usefixtures("embedded_weights")
def test_weeping_worry_and_laughter_in_turn(real_clips: dict[str, Clip]) -> None:
    evidence = evidence_of(real_clips["face"])
    odds = odds_of(evidence, usual([evidence]))
    weeps, worries, laughs = (
        dict(zip(NAMES, odds[start:end].mean(axis=0), strict=True))
        for start, end in ((0, 30), (30, 47), (50, 98))
    )
    assert max(laughs, key=lambda name: laughs[name]) == "happy"
    assert max(weeps, key=lambda name: weeps[name]) == "sad"
    assert (
        max(worries, key=lambda name: worries[name]) == "sad"
    )  # the mesh sees the mouth's corners
    assert worries["fearful"] > 1.5 * max(weeps["fearful"], laughs["fearful"])
    assert min(weeps["sad"], worries["sad"]) > 5 * laughs["sad"]
    (part,) = judge([real_clips["face"]])
    assert part.label is None  # no emotion is that of the whole clip
    assert (part.segments[0][2], part.segments[-1][2]) == ("sad", "happy")


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.usefixtures("embedded_weights")
@pytest.mark.parametrize("talker", ["th04", "th15"])
@pytest.mark.parametrize("network", [True, False])
def test_people_who_just_speak_are_neutral_or_nothing(
    real_clips: dict[str, Clip], talker: str, network: bool
) -> None:
    evidence = evidence_of(real_clips[talker])
    evidence = evidence if network else evidence._replace(fer=None)
    seen = perceive(evidence, usual([evidence]), 0.5, 1.0)
    assert seen is not None
    assert seen.all.label == "neutral" or seen.all.confidence < 0.5
    coloured = [one for one in seen.stretches if one.label != "neutral"]
    if talker == "th04" and network:  # she smiles at the end, for half a second from 3.8 s on
        assert [one.label for one in coloured] == ["happy"]
        assert coloured[0].start_s > 3.2
    else:
        assert coloured == []
