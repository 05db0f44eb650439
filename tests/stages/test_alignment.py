"""Transcripts in time: a corpus that learns from itself, one that cannot, and corrections."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.alignment.spoken import speak
from tests.conftest import ROOT
from tthd_tools.alignment.by_words import Words, draft_of
from tthd_tools.alignment.units import syllable_units
from tthd_tools.alignment.whisperx import Word
from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip, Segment, Span
from tthd_tools.errors import PipelineError, UsageError
from tthd_tools.pipeline import Step, load_pipeline
from tthd_tools.stages.acoustics import AcousticsPart
from tthd_tools.stages.alignment import AlignedSyllable, Alignment, AlignmentFit, AlignmentPart
from tthd_tools.stages.emissions import EmissionsPart
from tthd_tools.stages.speech import SpeechPart
from tthd_tools.stages.transcription import TranscriptionPart
from tthd_tools.testing import dummy_item

SYLLABLES = ("མ", "ས", "ཏོ", "ལེ", "ཀུ", "ནིག", "ཤང", "པུས")


def some(seed: int, count: int = 8) -> list[str]:
    random = np.random.default_rng(seed)
    return [SYLLABLES[index] for index in random.integers(len(SYLLABLES), size=count)]


def clip_of(
    folder: Path, seed: int, said: list[str] | None = None, text: str | None = None
) -> tuple[Clip, list[tuple[float, float]]]:
    """A clip that is its whole item; ``said`` is what is heard, ``text`` what the row says."""
    said = said or some(seed)
    utterance, times = speak([syllable_units(one, "bo") for one in said], seed)
    home = folder / f"c{seed}"
    home.mkdir(parents=True)
    save_arrays(home / "features.npz", log_mel=utterance.rows)
    speech = home / "speech"
    speech.mkdir()
    spoken = np.array([[round(100 * times[0][0]), round(100 * times[-1][1])]], np.int32)
    save_arrays(speech / "features.npz", stretches=spoken)
    seconds = len(utterance.rows) / 100
    item = dummy_item(
        item_id=f"item{seed}",
        speaker_id=f"spk{seed % 3}",
        duration_s=seconds,
        language="bo",
        text_norm="་".join(said) + "།" if text is None else text,
        text_status="human",
    )
    facts = dict.fromkeys(("overlap_ratio", "speakers", "language", "language_score"))
    parts = {
        "acoustics": AcousticsPart(rows=len(utterance.rows)),
        "speech": SpeechPart.model_construct(backend="energy", **facts),
    }
    clip = Clip(
        id=f"item{seed}_0000",
        level="clip",
        item=item,
        source=folder / "none.mp4",
        span=Span(0.0, seconds),
        parts=parts,
        folders={"acoustics": home, "speech": speech},
        fingerprints={"acoustics": f"a{seed}", "speech": f"s{seed}"},
    )
    return clip, times


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Alignment, AlignmentFit, Path]:
    folder = tmp_path_factory.mktemp("corpus")
    stage = Alignment(least_minutes=0.1)
    fitted = folder / "fit0123"
    fitted.mkdir()
    fit = stage.fit([clip_of(folder, seed)[0] for seed in range(12)], fitted)
    return stage, fit, fitted


def test_a_corpus_learns_its_own_sounds(
    learned: tuple[Alignment, AlignmentFit, Path], tmp_path: Path
) -> None:
    stage, fit, folder = learned
    assert (fit.backend, fit.speakers) == ("corpus", 3)
    clip, times = clip_of(tmp_path, 50)
    part = stage.process(clip, fit, folder).part(AlignmentPart)
    assert part.backend == "corpus"
    assert part.fit_id == "fit0123"
    assert part.text == clip.item.text_norm
    assert [one.text for one in part.syllables] == some(50)
    errors = [
        abs(one.start_s - start_s) for one, (start_s, _) in zip(part.syllables, times, strict=True)
    ]
    assert max(errors) <= 0.12  # of so little sound; see tests of training for more
    assert part.confidence is not None
    assert part.confidence > 0.7
    assert part.worst == min(one.confidence or 0 for one in part.syllables)
    assert part.syllable_count == 8


def test_another_text_is_doubted(
    learned: tuple[Alignment, AlignmentFit, Path], tmp_path: Path
) -> None:
    stage, fit, folder = learned
    clip, _ = clip_of(tmp_path, 51, text="་".join(some(99)))
    part = stage.process(clip, fit, folder).part(AlignmentPart)
    assert part.confidence is not None
    assert part.confidence < 0.4


def test_a_text_longer_than_its_sound_can_be_is_no_text_of_it(
    learned: tuple[Alignment, AlignmentFit, Path], tmp_path: Path
) -> None:
    stage, fit, folder = learned
    clip, _ = clip_of(tmp_path, 52, text="་".join(some(1, 300)))
    part = stage.process(clip, fit, folder).part(AlignmentPart)
    assert (part.backend, part.confidence, part.syllables) == ("none", 0.0, ())


def test_a_piece_of_an_item_has_its_piece_of_the_text(
    learned: tuple[Alignment, AlignmentFit, Path], tmp_path: Path
) -> None:
    stage, fit, folder = learned
    clip, times = clip_of(tmp_path, 53)
    start_s = (times[2][1] + times[3][0]) / 2
    end_s = (times[5][1] + times[6][0]) / 2
    piece = replace(clip, id="item53_0001", span=Span(start_s, end_s))
    part = stage.process(piece, fit, folder).part(AlignmentPart)
    assert [one.text for one in part.syllables] == some(53)[3:6]
    assert part.text == "་".join(some(53)[3:6]) + "་"
    assert 0 <= part.syllables[0].start_s < part.syllables[-1].end_s <= end_s - start_s + 1e-3


def test_a_corrected_text_is_that_of_the_clip_alone(
    learned: tuple[Alignment, AlignmentFit, Path], tmp_path: Path
) -> None:
    stage, fit, folder = learned
    clip, times = clip_of(tmp_path, 54)
    corrected = clip.item.model_copy(
        update={"text_norm": "་".join(some(54)[:3]), "text_of": "clip"}
    )
    piece = replace(clip, item=corrected, span=Span(0.0, (times[2][1] + times[3][0]) / 2))
    part = stage.process(piece, fit, folder).part(AlignmentPart)
    assert [one.text for one in part.syllables] == some(54)[:3]


def test_little_text_is_spread_over_the_speech_without_confidence(tmp_path: Path) -> None:
    clip, times = clip_of(tmp_path, 1)
    stage = Alignment()
    fit = stage.fit([clip], tmp_path)
    assert (fit.backend, fit.speakers) == ("vad", 1)
    part = stage.process(clip, fit, tmp_path).part(AlignmentPart)
    assert (part.backend, part.confidence, part.worst) == ("vad", None, None)
    assert len(part.syllables) == 8
    assert part.syllables[0].start_s == pytest.approx(times[0][0], abs=0.011)
    assert part.syllables[-1].end_s == pytest.approx(times[-1][1], abs=0.011)
    half = replace(clip, span=Span(0.0, clip.span.end_s / 2))
    assert stage.process(half, fit, tmp_path).part(AlignmentPart).backend == "none"


def heard(clip: Clip, said: list[str], times: list[tuple[float, float]], folder: Path) -> Clip:
    """The clip with what a perfect CTC model hears, every 20 ms a letter."""
    letters = sorted(set("".join(SYLLABLES)))
    frames = round(clip.item.duration_s * 50)
    probable = np.zeros(frames, int)
    for text, (start_s, end_s) in zip(said, times, strict=True):
        first, last = round(start_s * 50), round(end_s * 50)
        which = np.arange(last - first) * len(text) // (last - first)
        probable[first:last] = [1 + letters.index(text[index]) for index in which]
    log_probs = np.full((frames, 1 + len(letters)), np.log(0.01))
    log_probs[np.arange(frames), probable] = np.log(0.8)
    folder.mkdir()
    arrays = {"log_probs": log_probs.astype(np.float16), "tokens": np.array(["<pad>", *letters])}
    save_arrays(folder / "features.npz", star=log_probs[:, 1:].max(axis=1), **arrays)
    part = EmissionsPart(frames=frames, stride_s=0.02, model="m", licence="l", tokens=len(letters))
    return replace(
        clip,
        parts=clip.parts | {"emissions": part},
        folders=clip.folders | {"emissions": folder},
        fingerprints={**clip.fingerprints, "emissions": "e"},
    )


def test_ctc_places_what_a_model_has_heard(tmp_path: Path) -> None:
    clip, times = clip_of(tmp_path, 60)
    clip = heard(clip, some(60), times, tmp_path / "heard")
    stage = Alignment(backend="ctc")
    fit = stage.fit([clip], tmp_path)
    part = stage.process(clip, fit, tmp_path).part(AlignmentPart)
    assert (part.backend, part.text, part.fit_id) == ("ctc", clip.item.text_norm, "")
    assert [one.text for one in part.syllables] == some(60)
    for one, (start_s, end_s) in zip(part.syllables, times, strict=True):
        assert (one.start_s, one.end_s) == pytest.approx((start_s, end_s), abs=0.17)
    middle_errors = [
        abs((one.start_s + one.end_s) / 2 - sum(time) / 2)
        for one, time in zip(part.syllables, times, strict=True)
    ]
    assert max(middle_errors) < 0.1
    assert part.confidence is not None
    assert part.confidence > 0.9
    other = replace(clip, item=clip.item.model_copy(update={"text_norm": "་".join(some(7))}))
    doubted = stage.process(other, fit, tmp_path).part(AlignmentPart).confidence
    assert doubted is not None
    assert doubted < 0.3
    cut_s = (times[3][1] + times[4][0]) / 2
    piece = replace(clip, id="item60_0001", span=Span(cut_s, clip.span.end_s))
    part = stage.process(piece, fit, tmp_path).part(AlignmentPart)
    assert [one.text for one in part.syllables] == some(60)[4:]
    assert part.syllables[0].start_s == pytest.approx(times[4][0] - cut_s, abs=0.17)
    long = replace(clip, item=clip.item.model_copy(update={"text_norm": "མ་" * 900}))
    part = stage.process(long, fit, tmp_path).part(AlignmentPart)
    assert (part.backend, part.confidence) == ("none", 0.0)


def worded(clip: Clip, folder: Path, words: Words) -> Clip:
    """The clip with words that another stage has heard in its item."""
    folder.mkdir()
    words.save(folder)
    part = TranscriptionPart(words=len(words.words), is_draft=words.is_draft, language="en")
    parts, folders = clip.parts | {"transcription": part}, clip.folders | {"transcription": folder}
    marks = {**clip.fingerprints, "transcription": folder.name}
    return replace(clip, parts=parts, folders=folders, fingerprints=marks)


def test_words_of_whisperx_are_times_of_a_transcript_and_no_transcript(tmp_path: Path) -> None:
    clip, _ = clip_of(tmp_path, 61)
    clip = replace(clip, span=Span(0.0, 4.0), item=clip.item.model_copy(
        update={"language": "en", "text_norm": "Good day, it's me. Hello", "duration_s": 4.0}
    ))  # fmt: skip
    words = (Word("Good", 0.2, 0.5, 0.9), Word("day,", 0.5, 0.9, 0.8), Word("me.", 2.0, 2.4, None))
    said = worded(clip, tmp_path / "said", Words(is_draft=False, words=words))
    stage = Alignment(backend="whisperx")
    part = stage.process(said, AlignmentFit(), tmp_path).part(AlignmentPart)
    assert (part.backend, part.text_status) == ("whisperx", "human")
    assert [(one.text, one.start_s, one.confidence) for one in part.syllables] == [
        ("Good", 0.2, 0.9),
        ("day", 0.5, 0.8),
        ("me", 2.0, None),
    ]
    assert (part.worst_syllable, part.worst) == ("day", 0.8)
    draft = worded(clip, tmp_path / "draft", Words(is_draft=True, words=words))
    assert stage.process(draft, AlignmentFit(), tmp_path).part(AlignmentPart).syllables == ()
    assert draft_of(draft) == "Good day, me."
    assert draft_of(replace(draft, span=Span(0.6, 4.0))) == "day, me."
    assert draft_of(said) is None
    assert draft_of(clip) is None


@pytest.mark.parametrize(
    ("backend", "stage"), [("ctc", "emissions"), ("whisperx", "transcription")]
)
def test_a_backend_asks_for_the_stage_that_hears(backend: str, stage: str, tmp_path: Path) -> None:
    stages = ["acoustics", "scenes", "tracks", "speech"]
    text = (
        f"name: x\nstages: [{', '.join(stages)}]\ncorpus:\n  - alignment: {{backend: {backend}}}\n"
    )
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(PipelineError, match=f"alignment needs what {stage} makes"):
        load_pipeline(path)
    path.write_text(text.replace("[acoustics", f"[acoustics, {stage}"))
    (alignment,) = load_pipeline(path).corpus
    clip, _ = clip_of(tmp_path, 1)
    others = [replace(clip, fingerprints={**clip.fingerprints, stage: mark}) for mark in "ab"]
    one, two = (Step(alignment, {}).fingerprint(other) for other in others)
    assert one != two


def test_the_pipelines_of_the_page_stand_in_order(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "alignment.md").read_text("utf-8")
    backends = []
    for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        (tmp_path / "x.yaml").write_text(block)
        (alignment,) = load_pipeline(tmp_path / "x.yaml").corpus
        backends.append(alignment.model_dump()["backend"])
    assert backends == ["ctc", "whisperx"]


def test_no_text_has_no_times(tmp_path: Path) -> None:
    clip, _ = clip_of(tmp_path, 2, text="")
    assert (
        Alignment().process(clip, AlignmentFit(), tmp_path).part(AlignmentPart) == AlignmentPart()
    )


def test_segments_say_where_the_text_is_said(
    learned: tuple[Alignment, AlignmentFit, Path], tmp_path: Path
) -> None:
    stage, fit, folder = learned
    clip, times = clip_of(tmp_path, 55)
    start_s = (times[3][1] + times[4][0]) / 2
    item = clip.item.model_copy(
        update={
            "segments": (Segment(start_s=start_s, end_s=clip.span.end_s),),
            "text_norm": "་".join(some(55)[4:]),
        }
    )
    part = stage.process(replace(clip, item=item), fit, folder).part(AlignmentPart)
    assert part.syllables[0].start_s == pytest.approx(times[4][0], abs=0.1)


def test_a_folder_that_holds_no_aligner_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no aligner .* `tthd align train`"):
        Alignment(aligner=str(tmp_path)).resolve()


def test_a_trimmed_part_keeps_what_lies_in_it_in_its_own_time() -> None:
    syllables = tuple(AlignedSyllable("ཀ", k, k + 1.0, 0.5, 0, 0) for k in range(4))
    part = AlignmentPart(backend="corpus", syllables=syllables)
    kept = part.between(0.8, 2.7).syllables
    assert [(one.start_s, one.end_s) for one in kept] == [(0.2, 1.2), (1.2, 1.9)]
    assert part.record()["syllables"][0] == {
        "text": "ཀ", "start_s": 0.0, "end_s": 1.0, "confidence": 0.5, "word": 0, "sentence": 0,
    }  # fmt: skip
    assert AlignmentPart().record() == {}


def test_a_trimmed_text_is_cut_with_its_syllables_where_they_are_measured() -> None:
    said = tuple(
        AlignedSyllable(text, k, k + 1.0, None, 0, 0) for k, text in enumerate(("ཀ", "ཁ", "ཀ", "ག"))
    )
    part = AlignmentPart(backend="corpus", text="ཀ་ཁ། ཀ་ག།", syllables=said)
    assert part.between(2.0, 4.0).text == "ཀ་ག།"
    assert part.between(1.0, 3.0).text == "ཁ། ཀ་"
    assert part.between(3.9, 4.0).text == ""
    assert part.between(0.0, 4.0).text == part.text
    assert part.model_copy(update={"backend": "vad"}).between(2.0, 4.0).text == part.text
