"""What goes in and out of a voice detector: mono sound in, what was heard in it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Flags = NDArray[np.bool_]
STEPS_PER_S = 100
"""Decisions are made every 10 ms: number k is about the sound from 10·k to 10·k + 10 ms."""


class Turn(NamedTuple):
    """What one speaker says in one go: steps of 10 ms, the end exclusive; speakers from 0 on."""

    start: int
    end: int
    speaker: int


@dataclass(frozen=True)
class Voices:
    """What an engine has heard in a sound of n steps of 10 ms.

    ``speech``: somebody speaks, (n,); ``overlap``: more than one does, (n,), None from an engine
    that cannot tell; ``turns`` by start, None likewise; ``language`` as a tag of BCP 47 with its
    ``language_score`` 0..1, None likewise.
    """

    speech: Flags
    overlap: Flags | None = None
    turns: tuple[Turn, ...] | None = None
    language: str | None = None
    language_score: float | None = None


class VoiceDetector(Protocol):
    """An engine: it keeps nothing from one sound to the next."""

    def listen(self, sound: Sound) -> Voices:
        """Hear mono sound at 16 kHz within ±1, (160·n + rest,)."""
        ...
