"""Who of those in the picture speaks: the scores of a scene come in, a verdict goes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from tthd_tools.clip import Clip, Part
from tthd_tools.stage import CorpusStage, Fit
from tthd_tools.stages.active_speaker import ActiveSpeakerPart
from tthd_tools.stages.speech import SpeechPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.speakers import Evidence


class SpeakerPart(Part):
    """Whether this face is the speaker's.

    ``active``: its score is no chance, and no other track of the scene is the likelier one at the
    same time; a dubbed face and one that listens are not; None where it cannot be told. ``score``:
    that of ``active_speaker``; ``margin``: ahead of the best other track while both are seen, by
    ``choice`` of ``active_speaker``, None without another or without speech; ``turn``: the number
    of the speaker, as ``speech`` counts them, whose turns go with the frames in which this face
    speaks, None where no engine tells turns or none goes; ``backend``: the engine of the score. The
    others are None where nothing was measured.
    """

    stage: ClassVar[str] = "speaker"
    active: bool | None
    score: float | None
    margin: float | None
    turn: int | None
    backend: str


class Speaker(CorpusStage):
    """Chooses among the tracks of a scene; it learns nothing (empty fit).

    ``min_speech``: share of speech under which nobody is said to speak or not to.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (ActiveSpeakerPart, SpeechPart)
    provides: ClassVar[type[Part]] = SpeakerPart
    version: ClassVar[int] = 2
    beside: ClassVar[bool] = True

    min_speech: float = Field(0.05, ge=0, le=1)

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        """Compare one clip with those beside it."""
        from tthd_tools.speakers import SCALES, is_active, margin

        own = clip.part(ActiveSpeakerPart)
        if own.score is None:
            return clip.with_part(
                SpeakerPart(active=None, score=None, margin=None, turn=None, backend=own.backend)
            )
        others = [one for one in clip.beside if one.part(ActiveSpeakerPart).score is not None]
        scale = SCALES[own.backend]
        heard = clip.part(SpeechPart).ratio >= self.min_speech
        beside = [_evidence(one) for one in others if heard]  # in silence lips say nothing
        to_best = margin(_evidence(clip), beside, scale)
        return clip.with_part(
            SpeakerPart(
                active=is_active(own.score, to_best, scale) if heard else None,
                score=own.score,
                margin=None if to_best is None else round(to_best, 3),
                turn=_turn(clip, scale.frame_from),
                backend=own.backend,
            )
        )


def _evidence(clip: Clip) -> Evidence:
    from tthd_tools.speakers import Evidence

    return Evidence(clip.span.start_s, clip.arrays(ActiveSpeakerPart)["choice"])


def _turn(clip: Clip, least: float) -> int | None:
    """The speaker whose turns go with the frames in which this face speaks."""
    from tthd_tools.speakers import match_turns, smoothed

    turns: NDArray[np.int32] | None = clip.arrays(SpeechPart).get("turns")
    if turns is None:
        return None
    scores = smoothed(clip.arrays(ActiveSpeakerPart)["score"].astype(float))
    return next(iter(match_turns(turns, [scores >= least])), None)
