"""What a reviewer's sheet says of the text: measured times where there are any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tthd_tools.clip import Clip, Span
from tthd_tools.review.transcript import transcript
from tthd_tools.stages.alignment import AlignedSyllable, AlignmentPart
from tthd_tools.testing import dummy_clip


def clip_with(folder: Path, part: AlignmentPart | None = None) -> Clip:
    clip = dummy_clip(folder)
    fields = {"text": "བཀྲ་ཤིས།", "text_norm": "བཀྲ་ཤིས།", "language": "bo"}
    clip = replace(clip, item=clip.item.model_copy(update=fields))
    return clip if part is None else clip.with_part(part)


def test_without_an_aligner_syllables_are_spread_and_say_so(tmp_path: Path) -> None:
    found = transcript(clip_with(tmp_path))
    assert not found["aligned"]
    assert found["syllables"] == [
        {"text": "བཀྲ", "start_s": 0.0, "end_s": 1.0},
        {"text": "ཤིས", "start_s": 1.0, "end_s": 2.0},
    ]


def test_measured_times_come_with_their_confidence(tmp_path: Path) -> None:
    said = (AlignedSyllable("བཀྲ", 0.2, 0.5, 0.9, 0, 0), AlignedSyllable("ཤིས", 0.5, 0.8, 0.1, 0, 0))
    found = transcript(clip_with(tmp_path, AlignmentPart(backend="corpus", syllables=said)))
    assert found["aligned"]
    assert found["syllables"][1] == {
        "text": "ཤིས", "start_s": 0.5, "end_s": 0.8, "confidence": 0.1,
    }  # fmt: skip


def test_times_of_vad_are_no_measurement(tmp_path: Path) -> None:
    said = (AlignedSyllable("བཀྲ", 0.2, 0.5, None, 0, 0),)
    found = transcript(clip_with(tmp_path, AlignmentPart(backend="vad", syllables=said)))
    assert (found["aligned"], found["syllables"]) == (
        False, [{"text": "བཀྲ", "start_s": 0.2, "end_s": 0.5}],
    )  # fmt: skip


def test_a_piece_has_syllables_only_where_an_aligner_has_found_them(tmp_path: Path) -> None:
    piece = replace(clip_with(tmp_path), span=Span(0.0, 1.0))
    assert transcript(piece)["is_part"]
    assert transcript(piece)["syllables"] == []
    said = (AlignedSyllable("ཤིས", 0.5, 0.8, 0.5, 0, 0),)
    found = transcript(piece.with_part(AlignmentPart(backend="corpus", syllables=said)))
    assert not found["is_part"]
    assert len(found["syllables"]) == 1
