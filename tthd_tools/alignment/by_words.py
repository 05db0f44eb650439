"""Words with times, of whisperX, go into a file and come out of it as those of a clip."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tthd_tools.alignment.transcripts import Placed, Transcript, transcript_of
from tthd_tools.alignment.whisperx import Word
from tthd_tools.clip import Clip

FILE = "words.json"


class Words(BaseModel):
    """What somebody says in an item, in its time; ``is_draft``: nobody has read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    is_draft: bool
    words: tuple[Word, ...]

    def save(self, folder: Path) -> None:
        """Write ``words.json``."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1)
        (folder / FILE).write_text(text, encoding="utf-8")


def read_words(clip: Clip) -> Words | None:
    """The words of a clip's item; None where it has none."""
    from tthd_tools.stages.transcription import TranscriptionPart

    if not clip.has(TranscriptionPart) or not clip.part(TranscriptionPart).words:
        return None
    text = clip.file(TranscriptionPart, FILE).read_text(encoding="utf-8")
    return Words.model_validate_json(text)


def draft_of(clip: Clip) -> str | None:
    """What a machine suggests is said in a clip; None without a suggestion."""
    found = read_words(clip)
    if found is None or not found.is_draft:
        return None
    start_s, end_s = clip.span
    here = [one for one in found.words if start_s <= (one.start_s + one.end_s) / 2 < end_s]
    return " ".join(one.text for one in here) or None


def place_by_words(clip: Clip) -> list[Placed]:
    """The syllables of the transcript, at the times of the words that they are in.

    One whose word has no time is left out; there are none where the words are a suggestion, which
    is no transcript.
    """
    found, transcript = read_words(clip), transcript_of(clip)
    if found is None or found.is_draft or transcript is None:
        return []
    return list(_placed(transcript, found.words))


def _placed(transcript: Transcript, words: tuple[Word, ...]) -> Iterator[Placed]:
    left, end = list(transcript.spoken), 0
    for word in words:
        start = transcript.text.find(word.text, end)
        if start < 0:
            continue
        end = start + len(word.text)
        inside = [one for one in left if start <= one.start < end]
        left = [one for one in left if one.start >= end]
        step_s = (word.end_s - word.start_s) / max(len(inside), 1)
        for index, one in enumerate(inside):
            first_s = word.start_s + index * step_s
            yield Placed(one, first_s, first_s + step_s, word.score)
