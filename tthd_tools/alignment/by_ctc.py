"""An item's transcript and what a CTC model heard of it come in; its syllables in time go out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tthd_tools.alignment.ctc import TooShort
from tthd_tools.alignment.emissions import read_emissions
from tthd_tools.alignment.forced import align_text
from tthd_tools.alignment.transcripts import Placed, Spoken, is_whole, told_of
from tthd_tools.clip import Clip


def place_by_ctc(clip: Clip) -> list[Placed]:
    """All syllables of the transcript in the time of the item; none where they cannot fit in.

    A syllable's confidence is exp(margin), see ``forced.Spoken``: the mean probability of its path,
    relative to what the model would have written; None for what the model cannot spell.
    """
    heard, span = read_emissions(clip), told_of(clip)
    if heard is None:
        return []
    try:
        found = align_text(heard.between(*span), clip.item.text_norm, clip.item.language or "und")
    except TooShort:
        return []
    return [
        Placed(
            Spoken(
                one.unit.text, one.unit.start, one.unit.end, one.unit.word, one.unit.sentence, ()
            ),
            one.start_s,
            one.end_s,
            None if one.margin is None else math.exp(one.margin),
        )
        for one in found.spoken
    ]


def mean_confidence(clip: Clip, placed: Sequence[Placed]) -> float | None:
    """The geometric mean of the syllables' confidences over their time.

    None where nothing can be spelled or nothing is said, 0 where the transcript is longer than the
    sound can be.
    """
    if not placed:
        return 0.0 if is_whole(clip) else None
    heard = [one for one in placed if one.confidence is not None]
    seconds = sum(one.end_s - one.start_s for one in heard)
    if seconds <= 0:
        return None
    lost = sum(
        (one.end_s - one.start_s) * math.log(max(one.confidence or 0.0, 1e-12)) for one in heard
    )
    return math.exp(lost / seconds)
