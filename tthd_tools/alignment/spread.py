"""Syllables and the stretches with speech come in; a guess at each syllable's time goes out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise


def spread(
    lengths: Sequence[float], speech_s: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Start and end of each syllable, spread over the speech by their expected ``lengths``.

    ``speech_s`` are stretches in seconds, in order and at least one. A syllable that falls on both
    sides of a pause lies on the side of its middle, and ends where the pause begins.
    """
    total = sum(lengths)
    if not total:
        return []
    spoken_s = sum(end_s - start_s for start_s, end_s in speech_s)
    bounds = [spoken_s * so_far / total for so_far in accumulate(lengths, initial=0.0)]
    found, before_s, index = [], 0.0, 0
    for first_s, last_s in pairwise(bounds):
        middle_s = (first_s + last_s) / 2
        while index < len(speech_s) - 1 and middle_s > before_s + _length(speech_s[index]):
            before_s += _length(speech_s[index])
            index += 1
        low_s, high_s = speech_s[index]
        shift_s = low_s - before_s
        found.append((max(low_s, first_s + shift_s), min(high_s, last_s + shift_s)))
    return found


def _length(stretch: tuple[float, float]) -> float:
    return stretch[1] - stretch[0]
