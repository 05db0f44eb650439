"""Words in time, or a suggestion, by whisperX; nothing of a language that Whisper cannot write."""

from __future__ import annotations

import string
from dataclasses import replace
from pathlib import Path

import pytest

from tests.alignment.tiny import write_tiny
from tests.alignment.tiny_whisper import write_tiny_whisper
from tthd_tools.alignment import whisperx
from tthd_tools.alignment.by_words import draft_of
from tthd_tools.clip import Clip, Span
from tthd_tools.errors import UsageError
from tthd_tools.stages.transcription import Transcription, TranscriptionPart
from tthd_tools.testing import dummy_item, run_stage

LATIN = {token: at for at, token in enumerate(["<pad>", "<unk>", "|", *string.ascii_lowercase])}


def test_without_the_extra_the_plan_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisperx, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"whisperx is not installed; .*\[align\]"):
        Transcription().resolve()


@pytest.mark.align
@pytest.mark.filterwarnings("ignore")
def test_the_stage_times_transcripts_and_suggests_where_there_is_none(
    clip: Clip, tmp_path: Path
) -> None:
    whisper = write_tiny_whisper(tmp_path / "whisper")
    aligner = write_tiny(tmp_path / "ctc", vocabulary=LATIN)
    stage = Transcription(model=str(whisper), align_model=str(aligner)).resolve()[0]
    stage.setup()

    def heard(**fields: str) -> Clip:
        said = dummy_item(duration_s=5.0, **fields)
        item = replace(clip, level="item", item=said, span=Span(0.0, 5.0), parts={}, folders={})
        folder = tmp_path / "-".join(fields.values())[:20].replace(" ", "")
        (made,) = run_stage(stage, item, folder)
        return replace(made, folders={"transcription": folder})

    told = heard(language="en", text_norm="Good day")
    part = told.part(TranscriptionPart)
    assert (part.words, part.is_draft, part.language) == (2, False, "en")
    assert draft_of(told) is None
    asked = heard(language="en")
    assert asked.part(TranscriptionPart).is_draft
    assert draft_of(asked) == "k"
    tibetan = heard(language="bo", text_norm="བཀྲ་ཤིས།").part(TranscriptionPart)
    assert (tibetan.words, tibetan.is_draft, tibetan.language) == (0, False, "bo")
