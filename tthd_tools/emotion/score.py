"""Labels that are known and guesses at them come in; how good each source is goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tthd_tools.emotion.fusion import Guess

BINS = 10


class Judged(NamedTuple):
    """A clip whose emotion is known, and what each source says of it."""

    truth: str
    speaker: str
    guesses: Mapping[str, Guess]


class Score(NamedTuple):
    """How good a source is, in shares 0..1 but for ``clips``, which it has judged.

    ``recall``: mean over the emotions that are there of how many clips of each are found
    (unweighted average recall); ``f1``: likewise, the harmonic mean with precision; ``error``:
    expected calibration error, see ``calibration_error``; ``sure``: clips whose guess is sure
    enough for a label, and ``right`` of those. The last three are None for what has no confidence.
    """

    source: str
    clips: int
    recall: float
    f1: float
    error: float | None
    sure: float | None
    right: float | None


def score(clips: Sequence[Judged], source: str, least: float) -> Score:
    """How good a source is on the clips that it has judged; ``least``: sure enough for a label.

    Raises ValueError where it has judged none.
    """
    seen = [(one.truth, one.guesses[source]) for one in clips if source in one.guesses]
    if not seen:
        raise ValueError(f"{source} has judged no clip")
    pairs = [(truth, guess.label) for truth, guess in seen]
    marks = [(guess.confidence, truth == guess.label) for truth, guess in seen]
    sure = [right for confidence, right in marks if confidence >= least]
    return Score(
        source,
        len(seen),
        round(average_recall(pairs), 4),
        round(macro_f1(pairs), 4),
        round(calibration_error(marks), 4),
        round(len(sure) / len(seen), 4),
        round(sum(sure) / len(sure), 4) if sure else None,
    )


def majority(clips: Sequence[Judged]) -> Score:
    """What always saying the most frequent emotion gives."""
    label, _ = min(Counter(one.truth for one in clips).items(), key=lambda one: (-one[1], one[0]))
    pairs = [(one.truth, label) for one in clips]
    recall, f1 = round(average_recall(pairs), 4), round(macro_f1(pairs), 4)
    return Score(f"always {label}", len(clips), recall, f1, None, None, None)


def average_recall(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean over the true labels of the share that is found; pairs are truth and guess."""
    total = Counter(truth for truth, _ in pairs)
    found = Counter(truth for truth, guess in pairs if truth == guess)
    return sum(found[label] / count for label, count in total.items()) / len(total)


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean over the true labels of the harmonic mean of recall and precision."""
    total, given = Counter(truth for truth, _ in pairs), Counter(guess for _, guess in pairs)
    found = Counter(truth for truth, guess in pairs if truth == guess)
    return sum(2 * found[label] / (total[label] + given[label]) for label in total) / len(total)


def calibration_error(marks: Sequence[tuple[float, bool]]) -> float:
    """How far confidence is from the share that is right; marks are confidence and right or not.

    Mean over ten equal bins of confidence, by their size (C. Guo et al. 2017, arXiv:1706.04599,
    equation 3).
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for mark in marks:
        bins.setdefault(min(int(mark[0] * BINS), BINS - 1), []).append(mark)
    apart = sum(abs(sum(c for c, _ in some) - sum(r for _, r in some)) for some in bins.values())
    return apart / len(marks)


def confusion(clips: Sequence[Judged], source: str) -> dict[str, dict[str, int]]:
    """How often each emotion is taken for which."""
    found: dict[str, dict[str, int]] = {}
    for one in clips:
        if source in one.guesses:
            row = found.setdefault(one.truth, {})
            label = one.guesses[source].label
            row[label] = row.get(label, 0) + 1
    return {truth: dict(sorted(found[truth].items())) for truth in sorted(found)}
