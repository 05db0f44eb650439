"""Which emotion is shown: expressions come in, a label with its origin and its doubt goes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tthd_tools.clip import Clip, Part
from tthd_tools.emotion.labels import LABELS, ORIGINS, Origin
from tthd_tools.emotion.speaker import Usual
from tthd_tools.stage import CorpusStage, Fit
from tthd_tools.stages.expression import ExpressionPart
from tthd_tools.stages.voice_emotion import VoiceEmotionPart

if TYPE_CHECKING:
    from tthd_tools.emotion.evidence import Evidence


class EmotionPart(Part):
    """The emotion of a clip: what its contributor says, else what is perceived.

    ``label`` is one of ``emotion.labels.LABELS``, None where nobody is sure enough, and never
    without its ``label_origin`` (intended, perceived, self_reported; ours is always perceived).
    ``source`` says who gave it. ``confidence`` 0..1, None for a contributor's label.
    ``label_intensity`` 0..3. ``agreement``: whether all who are sure say the same, None where fewer
    than two are. What is perceived stays beside a contributor's label, and is told however unsure:
    ``seen_…`` of all sources together, ``face_…`` of the mesh, ``fer_…`` of the network,
    ``voice_…`` of a model of voices, None where it has not looked or listened; ``valence`` and
    ``arousal`` -1..1. ``voice_arousal`` -1..1: higher and louder than usual; None for a speaker's
    only clip. ``speaker_clips``: how many clips tell what is usual for this speaker; where it is
    1, the mesh alone gives no label. ``segments``: stretches of start and end in seconds from the
    clip's first frame, perceived label and confidence.
    """

    stage: ClassVar[str] = "emotion"
    label: str | None = None
    confidence: float | None = None
    label_intensity: int | None = None
    label_origin: Origin | None = None
    source: Literal["contributor", "face", "fused"] | None = None
    agreement: bool | None = None
    seen_label: str | None = None
    seen_confidence: float | None = None
    valence: float | None = None
    arousal: float | None = None
    face_label: str | None = None
    face_confidence: float | None = None
    fer_label: str | None = None
    fer_confidence: float | None = None
    voice_label: str | None = None
    voice_confidence: float | None = None
    voice_arousal: float | None = None
    speaker_clips: int
    segments: tuple[tuple[float, float, str, float], ...] = ()


class EmotionFit(Fit):
    """What is usual for each speaker."""

    speakers: dict[str, Usual]


class Emotion(CorpusStage):
    """Judges each clip beside what is usual for its speaker.

    ``min_confidence``: a perceived label that is less sure is none; ``min_segment_s``: length
    of a stretch. ``voice``: what the stage ``voice_emotion`` has heard counts, too. A contributor's
    label wins if it says its origin.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (ExpressionPart,)
    provides: ClassVar[type[Part]] = EmotionPart
    reads: ClassVar[tuple[str, ...]] = ("emotion", "emotion_intensity", "emotion_origin")
    fit_type: ClassVar[type[Fit]] = EmotionFit

    voice: bool = False
    min_confidence: float = Field(0.5, ge=0, le=1)
    min_segment_s: float = Field(1.0, ge=0)

    @property
    def inputs(self) -> tuple[type[Part], ...]:
        """With ``voice``, what a model of voices has heard."""
        return self.requires + ((VoiceEmotionPart,) if self.voice else ())

    def fit(self, clips: Iterable[Clip], folder: Path) -> EmotionFit:
        """Learn what is usual for each speaker."""
        from tthd_tools.emotion.speaker import usual

        found: defaultdict[str, list[Evidence]] = defaultdict(list)
        for clip in clips:
            found[clip.item.speaker_id].append(evidence_of(clip, voice=self.voice))
        return EmotionFit(speakers={one: usual(found[one]) for one in sorted(found)})

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        """Judge one clip; the clip of a speaker whom the fit has not seen is its own measure."""
        from tthd_tools.emotion.fusion import agree, perceive, voice_arousal
        from tthd_tools.emotion.speaker import usual

        evidence = evidence_of(clip, voice=self.voice)
        known = fit.speakers.get(clip.item.speaker_id) if isinstance(fit, EmotionFit) else None
        habit = known or usual([evidence])
        seen = perceive(evidence, habit, self.min_confidence, self.min_segment_s)
        told = stated_label(clip)
        numbers = {"voice_arousal": voice_arousal(evidence, habit), "speaker_clips": habit.clips}
        if seen is None:
            part = EmotionPart(**numbers)
        else:
            sure = seen.all.confidence >= self.min_confidence
            part = EmotionPart(
                label=seen.all.label if sure else None,
                confidence=seen.all.confidence if sure else None,
                label_intensity=seen.intensity if sure else None,
                label_origin="perceived" if sure else None,
                source=("fused" if seen.fer or seen.voice else "face") if sure else None,
                agreement=agree((seen.face, seen.fer, seen.voice), told, self.min_confidence),
                seen_label=seen.all.label,
                seen_confidence=seen.all.confidence,
                valence=seen.valence,
                arousal=seen.arousal,
                face_label=seen.face.label,
                face_confidence=seen.face.confidence,
                fer_label=seen.fer.label if seen.fer else None,
                fer_confidence=seen.fer.confidence if seen.fer else None,
                voice_label=seen.voice.label if seen.voice else None,
                voice_confidence=seen.voice.confidence if seen.voice else None,
                segments=tuple(seen.stretches),
                **numbers,
            )
        return clip.with_part(part if told is None else _as_told(part, clip, told))


def evidence_of(clip: Clip, *, voice: bool = False) -> Evidence:
    """What ``expression`` has measured of a clip, and with ``voice`` what ``voice_emotion`` has."""
    import numpy as np

    from tthd_tools.emotion.evidence import gather

    features, part = clip.arrays(ExpressionPart), clip.part(ExpressionPart)
    pitch_st = None if part.pitch_hz is None else 12 * float(np.log2(part.pitch_hz / 100))
    odds = clip.part(VoiceEmotionPart).odds if voice else ()
    seen = gather(features["actions"], features.get("fer"))
    heard = np.array(odds) if odds else None
    return seen._replace(pitch_st=pitch_st, level_db=part.level_db, voice=heard)


def stated_label(clip: Clip) -> str | None:
    """The contributor's label; None without an origin, or where it is none of ours."""
    item = clip.item
    holds = item.emotion in LABELS and item.emotion_origin in ORIGINS
    return item.emotion if holds else None


def _as_told(part: EmotionPart, clip: Clip, label: str) -> EmotionPart:
    """The same with the contributor's label in place of ours."""
    told = {
        "label": label,
        "confidence": None,
        "label_intensity": clip.item.emotion_intensity,
        "label_origin": clip.item.emotion_origin,
        "source": "contributor",
    }
    return EmotionPart.model_validate(part.model_dump() | told)
