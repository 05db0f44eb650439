"""Turns of speakers and speaking frames of faces come in; which face is which speaker goes out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import FPS

STEPS_PER_S = 100  # of turns
LEAST_SHARE = 0.5


def match_turns(turns: NDArray[np.int32], active: Sequence[NDArray[np.bool_]]) -> dict[int, int]:
    """Speaker of a turn: index of the face that goes with it.

    ``turns`` (n, 3): start and end in steps of 10 ms, speaker; ``active`` (T,) per face: the
    frames at 25 Hz in which it speaks. Pairs share as many frames as possible, each speaker and
    face being in one pair at most (H. Kuhn 1955); a pair that shares less than half of the frames
    in which either of them speaks is none.
    """
    from scipy.optimize import linear_sum_assignment

    speakers = sorted({int(turn[2]) for turn in turns})
    if not speakers or not active:
        return {}
    frames = max(len(one) for one in active)
    spoken = np.zeros((len(speakers), frames), np.bool_)
    for start, end, speaker in turns.tolist():
        first, last = round(start * FPS / STEPS_PER_S), round(end * FPS / STEPS_PER_S)
        spoken[speakers.index(speaker), first:last] = True
    seen = np.zeros((len(active), frames), np.bool_)
    for row, one in zip(seen, active, strict=True):
        row[: len(one)] = one
    shared = spoken.astype(np.int64) @ seen.T.astype(np.int64)  # (speakers, faces)
    fewer = np.minimum(spoken.sum(axis=1)[:, None], seen.sum(axis=1))
    shared[shared < LEAST_SHARE * fewer] = 0
    pairs = zip(*linear_sum_assignment(-shared), strict=True)
    return {speakers[one]: int(face) for one, face in pairs if shared[one, face] > 0}
