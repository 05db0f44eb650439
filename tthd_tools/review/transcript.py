"""A clip comes in; its text in all forms, with a time for each syllable, goes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tthd_tools.alignment.by_words import draft_of
from tthd_tools.clip import FPS, Clip
from tthd_tools.errors import UsageError
from tthd_tools.speech.regions import stretches
from tthd_tools.stages.alignment import AlignmentPart
from tthd_tools.stages.speech import SpeechPart
from tthd_tools.text.languages import is_tibetan
from tthd_tools.text.normalise import normalise
from tthd_tools.text.syllables import syllables
from tthd_tools.text.wylie import to_wylie

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WHOLE = 0.9
"""Of an item's duration: a clip that is shorter shows a part of what the transcript says."""
_TIBETAN = re.compile("[\u0f40-\u0f6c]")


def transcript(clip: Clip) -> dict[str, Any]:
    """The fields of a clip's sheet about its text, as it was sent; ``draft`` is a suggestion.

    ``speech_s`` are the stretches with speech, for the syllables of a text that is corrected.

    ``syllables`` are those of the ``alignment`` stage, each with its ``confidence``, and
    ``aligned`` says whether their times are measured; without that stage they are spread evenly
    over the speech. ``is_part``: the text is that of the whole item and the clip is a piece of it,
    so its syllables cannot be placed and there are none.
    """
    item = clip.item
    language = item.language or ("bo" if _TIBETAN.search(item.text) else "und")
    norm = item.text_norm or normalise(item.text, language)
    speech = _speech(clip)
    placed, aligned = _placed(clip), False
    if placed:
        aligned = clip.part(AlignmentPart).backend != "vad"
    is_part = not placed and clip.span.duration_s < WHOLE * item.duration_s
    if not placed and not is_part:
        found = syllables(norm, language)
        times = spread(len(found), speech, clip.span.duration_s)
        placed = [_syllable(one, *time, None) for one, time in zip(found, times, strict=True)]
    return {
        "text": {
            "raw": item.text,
            "norm": norm,
            "wylie": _wylie(norm) if is_tibetan(language) else None,
            "status": item.text_status,
            "draft": None if norm else draft_of(clip),
        },
        "syllables": placed,
        "speech_s": [] if speech is None else [(a / FPS, b / FPS) for a, b in stretches(speech)],
        "aligned": aligned,
        "is_part": bool(is_part and norm),
    }


def _placed(clip: Clip) -> list[dict[str, Any]]:
    """The syllables that the ``alignment`` stage has placed."""
    part = clip.part(AlignmentPart) if clip.has(AlignmentPart) else AlignmentPart()
    return [_syllable(one.text, one.start_s, one.end_s, one.confidence) for one in part.syllables]


def _syllable(text: str, start_s: float, end_s: float, confidence: float | None) -> dict[str, Any]:
    times = {"start_s": round(start_s, 3), "end_s": round(end_s, 3)}
    return {"text": text} | times | ({} if confidence is None else {"confidence": confidence})


def spread(
    count: int, speech: NDArray[np.bool_] | None, duration_s: float
) -> list[tuple[float, float]]:
    """Start and end of ``count`` syllables of equal length over the frames with speech.

    ``speech`` is bool (T,) at 25 Hz; without it, or without any speech, over the whole duration. A
    syllable that falls on both sides of a pause lies on the side of its middle.
    """
    runs = [] if speech is None else stretches(speech)
    spans = [(a / FPS, b / FPS) for a, b in runs] or [(0.0, duration_s)]
    total_s = sum(end_s - start_s for start_s, end_s in spans)
    found, before_s, index = [], 0.0, 0
    for k in range(count):
        middle_s = (k + 0.5) * total_s / count
        while middle_s > before_s + spans[index][1] - spans[index][0] and index < len(spans) - 1:
            before_s += spans[index][1] - spans[index][0]
            index += 1
        low_s, high_s = spans[index]
        start_s = low_s + k * total_s / count - before_s
        found.append((max(low_s, start_s), min(high_s, start_s + total_s / count)))
    return found


def _speech(clip: Clip) -> NDArray[np.bool_] | None:
    if not clip.has(SpeechPart):
        return None
    shares: NDArray[np.float16] = clip.arrays(SpeechPart)["speech"]
    return shares >= 0.5


def _wylie(text: str) -> str | None:
    """None without pyewts: the page then shows the other forms alone."""
    try:
        return to_wylie(text)
    except UsageError:
        return None
