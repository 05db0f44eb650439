"""Evidence of the tracks of one scene comes in; who speaks, and how clearly, goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS
from tthd_tools.speakers.resolve import Scale

CLEAR = 1.0
"""Margin that decides: a speaker is so far behind a chattering face once in a hundred times."""
LEAST_OVERLAP_S = 1.0
"""Tracks that are seen together for less than this are no alternatives."""


class Evidence(NamedTuple):
    """What a track is compared by, (T,) at 25 Hz, and when in its source it begins."""

    start_s: float
    values: NDArray[np.floating]


def total(scores: NDArray[np.floating], scale: Scale) -> float:
    """One score for (T,) of them."""
    growth = np.sqrt(len(scores) / FPS) if scale.grows else 1.0
    return float(scores.astype(np.float64).mean() * growth)


def margin(own: Evidence, others: Sequence[Evidence], scale: Scale) -> float | None:
    """Total of the evidence minus that of the best other track while both are seen, or None.

    Negative: another face is the likelier speaker. The lowest of the margins to each other track.
    """
    found = []
    for other in others:
        late = round((other.start_s - own.start_s) * FPS)  # frames after the start of ``own``
        first, last = max(0, late), min(len(own.values), late + len(other.values))
        if last - first >= LEAST_OVERLAP_S * FPS:
            theirs = other.values[first - late : last - late]
            found.append(total(own.values[first:last] - theirs, scale))
    return min(found, default=None)


def is_active(score: float, to_best_other: float | None, scale: Scale) -> bool | None:
    """Whether a track speaks: its score is no chance, and no other track's is higher.

    None where its score may be chance or not, or another track is a little ahead.
    """
    if score < scale.silent_below or (to_best_other is not None and to_best_other <= -CLEAR):
        return False
    ahead = to_best_other is None or to_best_other >= 0
    return True if score >= scale.active_from and ahead else None
