"""Clips and an aligner come in; the syllables of their transcripts, with times, go out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.alignment.acoustics import RATE_HZ
from tthd_tools.alignment.spread import spread
from tthd_tools.alignment.units import syllable_units
from tthd_tools.clip import Clip, Span
from tthd_tools.stages.acoustics import AcousticsPart
from tthd_tools.text import find_syllables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.alignment.aligner import Aligner
    from tthd_tools.alignment.train import Utterance

WHOLE = 0.9
"""Of an item's duration: a shorter clip shows a part of what the item's transcript says."""
_SENTENCE = re.compile("[\u0f0d-\u0f12\u0f14.!?…。！？।॥؟\n]")
_WORD = re.compile(r"\s")


class Spoken(NamedTuple):
    """A syllable of a transcript, ``text[start:end]`` of it, and the units it is made of."""

    text: str
    start: int
    end: int
    word: int
    sentence: int
    units: tuple[str, ...]


class Transcript(NamedTuple):
    """A normalised text and those of its syllables that can be said."""

    text: str
    spoken: tuple[Spoken, ...]


class Placed(NamedTuple):
    """A syllable in the time of the item, and how surely it is said there (None: nobody knows)."""

    spoken: Spoken
    start_s: float
    end_s: float
    confidence: float | None = None


def transcript_of(clip: Clip) -> Transcript | None:
    """The transcript of a clip's item, or of the clip where a reviewer wrote it; None without."""
    text, language = clip.item.text_norm, clip.item.language or "und"
    found = tuple(spoken(text, language))
    return Transcript(text, found) if found else None


def is_whole(clip: Clip) -> bool:
    """Whether what the transcript tells of is said in this clip."""
    return clip.item.text_of == "clip" or clip.span.duration_s >= WHOLE * clip.item.duration_s


def utterances(clips: Iterable[Clip]) -> Iterator[Utterance]:
    """What can be learned from: each transcript once, with the sound that it tells of."""
    from tthd_tools.alignment.train import Utterance

    seen: set[str] = set()
    for clip in clips:
        name = _told_name(clip)
        transcript = None if name in seen else transcript_of(clip)
        if transcript is None or not clip.part(AcousticsPart).rows:
            continue
        seen.add(name)
        syllables = tuple(one.units for one in transcript.spoken)
        yield Utterance(clip.item.speaker_id, _rows(clip, told_of(clip)), syllables, name)


def _told_name(clip: Clip) -> str:
    """The name of what a clip's transcript tells of: the clip alone, or its item."""
    return clip.id if clip.item.text_of == "clip" else clip.item.item_id


def told_of(clip: Clip) -> Span:
    """The stretch of the item that its transcript tells of: its segments, or all of it."""
    if clip.item.text_of == "clip":
        return clip.span
    segments = clip.item.segments
    if segments:
        return Span(min(one.start_s for one in segments), max(one.end_s for one in segments))
    return Span(0.0, clip.part(AcousticsPart).rows / RATE_HZ)


def place(clip: Clip, aligner: Aligner) -> list[Placed]:
    """All syllables of the transcript in the time of the item; none where they cannot fit in."""
    from tthd_tools.alignment.aligner import hear

    transcript, span = transcript_of(clip), told_of(clip)
    rows = _rows(clip, span)
    if transcript is None or not len(rows):
        return []
    try:
        found = hear(aligner.model, rows).align([one.units for one in transcript.spoken])
    except ValueError:
        return []
    return [
        Placed(one, said.start_s + span.start_s, said.end_s + span.start_s)
        for one, said in zip(transcript.spoken, found, strict=True)
    ]


def place_spread(clip: Clip, transcript: Transcript) -> list[Placed]:
    """The syllables spread over the speech of a clip; none where it is a part of its item."""
    from tthd_tools.speech.regions import speech_s

    if not is_whole(clip):
        return []
    speech = speech_s(clip) or [(0.0, clip.span.duration_s)]
    lengths = [float(len(one.units)) for one in transcript.spoken]
    return [
        Placed(one, start_s + clip.span.start_s, end_s + clip.span.start_s)
        for one, (start_s, end_s) in zip(transcript.spoken, spread(lengths, speech), strict=True)
    ]


def within(clip: Clip, placed: Iterable[Placed]) -> list[Placed]:
    """The syllables whose middle lies in the clip, cut at its ends."""
    start_s, end_s = clip.span
    return [
        one._replace(start_s=max(one.start_s, start_s), end_s=min(one.end_s, end_s))
        for one in placed
        if start_s <= (one.start_s + one.end_s) / 2 < end_s
    ]


def sureness_of(
    clip: Clip, placed: list[Placed], aligner: Aligner
) -> tuple[float | None, list[Placed]]:
    """How surely the text is what is said, by the model that has not heard this speaker.

    None where nothing is said; 0 where the transcript is longer than the sound can be.
    """
    from tthd_tools.alignment.aligner import hear

    if not placed:
        return (0.0 if is_whole(clip) else None), placed
    judge = aligner.judge(clip.item.speaker_id, _told_name(clip))
    sound = hear(judge, _rows(clip, clip.span))
    try:
        said = sound.align([one.spoken.units for one in placed])
    except ValueError:
        return 0.0, placed
    whole, each = aligner.sureness(said)
    return whole, [one._replace(confidence=sure) for one, sure in zip(placed, each, strict=True)]


def said_text(transcript: str, placed: list[Placed]) -> str:
    """The piece of the transcript from the first to the last of these syllables, with its marks."""
    if not placed:
        return ""
    first, last = placed[0].spoken.start, placed[-1].spoken.end
    after = re.match(r"[^\w\s]*", transcript[last:])
    return transcript[first : last + (after.end() if after else 0)].strip()


def _rows(clip: Clip, span: Span) -> NDArray[np.float16]:
    """Log-mel rows of a stretch of the item; none without sound."""
    import numpy as np

    from tthd_tools.alignment.acoustics import BANDS

    if not clip.part(AcousticsPart).rows:
        return np.zeros((0, BANDS), np.float16)
    rows: NDArray[np.float16] = clip.arrays(AcousticsPart)["log_mel"]
    return rows[round(span.start_s * RATE_HZ) : round(span.end_s * RATE_HZ)]


def spoken(text: str, language: str) -> Iterator[Spoken]:
    """The syllables of a normalised text that can be said."""
    word = sentence = end = 0
    for index, one in enumerate(find_syllables(text, language)):
        between = text[end : one.start] if index else ""
        ends_sentence = bool(_SENTENCE.search(between))
        sentence += ends_sentence
        word += ends_sentence or bool(_WORD.search(between))
        end = one.end
        if units := syllable_units(one.text, language):
            yield Spoken(one.text, one.start, one.end, word, sentence, units)
