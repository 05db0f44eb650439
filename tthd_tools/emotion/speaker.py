"""The clips of one speaker come in; what is usual for that speaker goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.emotion.evidence import Evidence
    from tthd_tools.emotion.face import Rest

    Floats = NDArray[np.float64]

DIGITS = 6


class Usual(BaseModel):
    """What is usual for a speaker, of ``clips`` clips.

    ``rest`` and ``rest_variance`` (7,): the resting face; ``fer`` (7,): what the network says of
    this speaker on the whole, None where it has not looked; ``pitch_st`` and ``level_db``: medians
    of the voice, None where none was heard.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    clips: int
    rest: tuple[float, ...]
    rest_variance: tuple[float, ...]
    fer: tuple[float, ...] | None = None
    pitch_st: float | None = None
    level_db: float | None = None

    @property
    def resting_face(self) -> Rest:
        """The resting face as arrays."""
        import numpy as np

        from tthd_tools.emotion.face import Rest

        return Rest(np.array(self.rest), np.array(self.rest_variance))


def usual(clips: Sequence[Evidence]) -> Usual:
    """What is usual in these clips of one speaker; each counts once, however long it is."""
    import numpy as np

    from tthd_tools.emotion.evidence import RATE_HZ
    from tthd_tools.emotion.face import resting_face, unknown_rest

    moments, weights = [], []
    for clip in clips:
        if clip.cues is not None:
            seconds = clip.cues[:: round(RATE_HZ)]
            moments.append(seconds)
            weights.append(np.full(len(seconds), 1 / len(seconds)))
    rest = unknown_rest()
    if moments:
        rest = resting_face(np.concatenate(moments), np.concatenate(weights))
    fer = [clip.fer.mean(axis=0) for clip in clips if clip.fer is not None]
    return Usual(
        clips=len(clips),
        rest=_rounded(rest.mean),
        rest_variance=_rounded(rest.variance, DIGITS + 3),
        fer=_rounded(np.mean(fer, axis=0)) if fer else None,
        pitch_st=_median([clip.pitch_st for clip in clips]),
        level_db=_median([clip.level_db for clip in clips]),
    )


def _median(values: Sequence[float | None]) -> float | None:
    import numpy as np

    heard = [value for value in values if value is not None]
    return round(float(np.median(heard)), 3) if heard else None


def _rounded(values: Floats, digits: int = DIGITS) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)
