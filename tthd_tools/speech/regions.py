"""From a value every 10 ms to stretches of speech, and from a clip to what was heard in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tthd_tools.speech.records import STEPS_PER_S, Flags, Turn

if TYPE_CHECKING:
    from tthd_tools.clip import Clip


def stretches(flags: Flags) -> list[tuple[int, int]]:
    """Start and end (exclusive) of each run of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def between(values: NDArray[np.float32], onset: float, offset: float) -> Flags:
    """True from where a value reaches ``onset`` to where it falls under ``offset`` (hysteresis)."""
    found = np.zeros(len(values), np.bool_)
    for start, end in stretches(values >= offset):
        begins = start + np.flatnonzero(values[start:end] >= onset)
        found[begins[0] if len(begins) else end : end] = True
    return found


def tidy(flags: Flags, bridge: int, shortest: int, margin: int = 0) -> Flags:
    """Close gaps of up to ``bridge`` steps, drop runs under ``shortest``, widen by ``margin``."""
    joined = flags.copy()
    for start, end in stretches(~flags):
        if start > 0 and end < len(flags) and end - start <= bridge:
            joined[start:end] = True
    kept = np.zeros(len(flags), np.bool_)
    for start, end in stretches(joined):
        if end - start >= shortest:
            kept[max(start - margin, 0) : end + margin] = True
    return kept


def speech_s(clip: Clip) -> list[tuple[float, float]]:
    """Stretches of speech in seconds from the clip's start, to 10 ms; of the ``speech`` stage.

    Raises KeyError where it has not run.
    """
    from tthd_tools.stages.speech import SpeechPart

    found = clip.arrays(SpeechPart)["stretches"].tolist()
    return [(start / STEPS_PER_S, end / STEPS_PER_S) for start, end in found]


def turns(clip: Clip) -> tuple[Turn, ...] | None:
    """Speaker turns of a clip by start; None where its engine tells nobody apart.

    Raises KeyError where ``speech`` has not run.
    """
    from tthd_tools.stages.speech import SpeechPart

    found = clip.arrays(SpeechPart).get("turns")
    return None if found is None else tuple(Turn(*one) for one in found.tolist())
