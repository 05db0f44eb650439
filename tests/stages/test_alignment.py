"""Transcripts in time: a corpus that learns from itself, one that cannot, and corrections."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.alignment.spoken import speak
from tthd_tools.alignment.units import syllable_units
from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip, Segment, Span
from tthd_tools.errors import UsageError
from tthd_tools.stages.acoustics import AcousticsPart
from tthd_tools.stages.alignment import AlignedSyllable, Alignment, AlignmentFit, AlignmentPart
from tthd_tools.stages.speech import SpeechPart
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
