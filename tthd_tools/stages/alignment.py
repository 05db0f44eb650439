"""When each syllable is said: clips with sound and text come in, times with sureness go out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, PrivateAttr

from tthd_tools.clip import Clip, Part
from tthd_tools.errors import UsageError
from tthd_tools.stage import CorpusStage, Fit, Stage
from tthd_tools.stages.acoustics import AcousticsPart
from tthd_tools.stages.emissions import EmissionsPart
from tthd_tools.stages.speech import SpeechPart
from tthd_tools.stages.transcription import TranscriptionPart

if TYPE_CHECKING:
    from tthd_tools.alignment.aligner import Aligner
    from tthd_tools.alignment.transcripts import Placed

Backend = Literal["none", "vad", "corpus", "ctc", "whisperx"]


class AlignedSyllable(NamedTuple):
    """A syllable (a word in other languages): seconds from the clip's start, the end exclusive.

    ``confidence``: how probably it is what is said there, 0..1, None where nothing can tell;
    ``word``, ``sentence``: numbers of the stretches between spaces or shads, and between marks that
    end a sentence.
    """

    text: str
    start_s: float
    end_s: float
    confidence: float | None
    word: int
    sentence: int


class AlignmentPart(Part):
    """The transcript of a clip in time.

    ``backend``: what placed it, ``none`` where there is no text or no place for it; the times of
    ``vad`` are spread over the speech and no measurement, so they have no confidence. ``text`` is
    what of the transcript is said in the clip, None where that is unknown; ``text_status`` where
    the transcript comes from. ``confidence``: the probability that the text is what is said, right
    and wrong ones being equally many; ``worst``: the lowest of a syllable, ``worst_syllable`` which
    one; ``syllables_per_s`` of the time that the syllables take.
    """

    stage: ClassVar[str] = "alignment"
    backend: Backend = "none"
    fit_id: str = ""
    text: str | None = None
    text_status: str | None = None
    confidence: float | None = None
    worst: float | None = None
    worst_syllable: str | None = None
    syllable_count: int | None = None
    syllables_per_s: float | None = None
    syllables: tuple[AlignedSyllable, ...] = ()

    def between(self, start_s: float, end_s: float) -> AlignmentPart:
        """The part of a piece of the clip: syllables whose middle lies in it, in its own time.

        Where their times are measured, the text is cut with them.
        """
        places = [
            index
            for index, one in enumerate(self.syllables)
            if start_s <= (one.start_s + one.end_s) / 2 < end_s
        ]
        kept = tuple(
            self.syllables[index]._replace(
                start_s=round(max(self.syllables[index].start_s, start_s) - start_s, 3),
                end_s=round(min(self.syllables[index].end_s, end_s) - start_s, 3),
            )
            for index in places
        )
        text = self.text
        if text is not None and self.backend != "vad" and len(kept) < len(self.syllables):
            text = _piece(text, [one.text for one in self.syllables], places)
        return self.model_copy(update={"syllables": kept, "text": text})

    def record(self) -> dict[str, Any]:
        """What a sample of a release says of it, as plain data; empty where nothing is placed."""
        if not self.syllables:
            return {}
        return {
            "backend": self.backend,
            "fit_id": self.fit_id,
            "text_status": self.text_status,
            "confidence": self.confidence,
            "syllables": [one._asdict() for one in self.syllables],
        }


class AlignmentFit(Fit):
    """What the corpus has taught: with ``backend: corpus`` the folder holds an aligner.

    ``minutes`` of sound with text from so many ``speakers`` were there to learn from.
    """

    backend: Literal["vad", "corpus", "ctc", "whisperx"] = "vad"
    minutes: float = 0.0
    speakers: int = 0


class Alignment(CorpusStage):
    """Places transcripts in time.

    ``backend: corpus`` trains an aligner on the corpus itself, ``vad`` spreads the syllables over
    the speech, ``auto`` takes the former from ``least_minutes`` of sound with text on. ``ctc``
    takes what the stage ``emissions`` has heard, ``whisperx`` the words of ``transcription``.
    ``aligner``: a folder that ``tthd align train`` has written, instead of training one here.
    ``most_minutes``: so much is trained on at most.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (AcousticsPart, SpeechPart)
    provides: ClassVar[type[Part]] = AlignmentPart
    reads: ClassVar[tuple[str, ...]] = (
        "text_norm", "text_status", "text_of", "language", "speaker_id", "segments",
    )  # fmt: skip
    version: ClassVar[int] = 2
    fit_type: ClassVar[type[Fit]] = AlignmentFit
    backend: Literal["auto", "vad", "corpus", "ctc", "whisperx"] = "auto"
    least_minutes: float = Field(2.0, ge=0)
    most_minutes: float = Field(30.0, gt=0)
    aligner: str | None = None
    _loaded: tuple[Path, Aligner] | None = PrivateAttr(None)
    _item: tuple[str, list[Placed]] | None = PrivateAttr(None)

    @property
    def inputs(self) -> tuple[type[Part], ...]:
        """With ``backend: ctc`` or ``whisperx``, the part of the stage that has heard the item."""
        heard: dict[str, type[Part]] = {"ctc": EmissionsPart, "whisperx": TranscriptionPart}
        return self.requires + ((heard[self.backend],) if self.backend in heard else ())

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """A given aligner's files enter the fingerprint. Raises UsageError where it is none."""
        if self.aligner is None:
            return self, {}
        from tthd_tools.alignment.aligner import aligner_sha256

        try:
            return self, {"aligner": aligner_sha256(Path(self.aligner))}
        except (OSError, ValueError) as error:
            raise UsageError(
                f"alignment.aligner: {self.aligner!r} holds no aligner ({error}); make one with "
                "`tthd align train`"
            ) from error

    def fit(self, clips: Iterable[Clip], folder: Path) -> AlignmentFit:
        """Train on the transcripts, where there are enough of them."""
        from tthd_tools.alignment.acoustics import RATE_HZ
        from tthd_tools.alignment.learn import learn
        from tthd_tools.alignment.transcripts import utterances

        if self.aligner is not None:
            return AlignmentFit(backend="corpus")
        if self.backend in ("vad", "ctc", "whisperx"):
            return AlignmentFit(backend=self.backend)
        found = [one for one in utterances(clips) if one.is_possible]
        minutes = round(sum(len(one.rows) for one in found) / RATE_HZ / 60, 2)
        speakers = len({one.speaker for one in found})
        if not found or (self.backend == "auto" and minutes < self.least_minutes):
            return AlignmentFit(minutes=minutes, speakers=speakers)
        learn(found, self.most_minutes).save(folder)
        return AlignmentFit(backend="corpus", minutes=minutes, speakers=speakers)

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        """The clip with its text in time."""
        from tthd_tools.alignment.transcripts import place_spread, sureness_of, transcript_of

        transcript = transcript_of(clip)
        if transcript is None:
            return clip.with_part(AlignmentPart())
        if self.backend in ("ctc", "whisperx"):
            return clip.with_part(self._heard(clip, transcript.text))
        if not isinstance(fit, AlignmentFit) or fit.backend == "vad":
            placed = place_spread(clip, transcript)
            return clip.with_part(_part("vad", clip, transcript.text, placed, None))
        aligner = self._aligner(folder)
        whole, placed = sureness_of(clip, self._placed(clip, aligner), aligner)
        part = _part("corpus", clip, transcript.text, placed, whole)
        fit_id = folder.name if self.aligner is None else ""
        return clip.with_part(part.model_copy(update={"fit_id": fit_id}))

    def _heard(self, clip: Clip, text: str) -> AlignmentPart:
        """The part of a clip whose item another stage has heard."""
        from tthd_tools.alignment.by_ctc import mean_confidence, place_by_ctc
        from tthd_tools.alignment.by_words import place_by_words
        from tthd_tools.alignment.transcripts import within

        key = clip.fingerprints.get(self.inputs[-1].stage, "") + clip.item.text_norm
        key += clip.id if clip.item.text_of == "clip" else ""
        if self._item is None or self._item[0] != key:
            place = place_by_ctc if self.backend == "ctc" else place_by_words
            self._item = (key, place(clip))
        placed = within(clip, self._item[1])
        whole = mean_confidence(clip, placed)
        return _part("ctc" if self.backend == "ctc" else "whisperx", clip, text, placed, whole)

    def _aligner(self, folder: Path) -> Aligner:
        from tthd_tools.alignment.aligner import load_aligner

        where = folder if self.aligner is None else Path(self.aligner)
        if self._loaded is None or self._loaded[0] != where:
            self._loaded = (where, load_aligner(where))
        return self._loaded[1]

    def _placed(self, clip: Clip, aligner: Aligner) -> list[Placed]:
        """The syllables of the clip; its item is aligned once for all of its clips."""
        from tthd_tools.alignment.transcripts import place, within

        if clip.item.text_of == "clip":
            return place(clip, aligner)
        key = clip.fingerprints.get(AcousticsPart.stage, "") + clip.item.text_norm
        if self._item is None or self._item[0] != key:
            self._item = (key, place(clip, aligner))
        return within(clip, self._item[1])


def _part(
    backend: Backend, clip: Clip, text: str, placed: list[Placed], confidence: float | None
) -> AlignmentPart:
    """The part of a clip, in the clip's own time."""
    from tthd_tools.alignment.transcripts import is_whole, said_text

    status = clip.item.text_status
    if not placed:
        return AlignmentPart(text_status=status, confidence=confidence)
    start_s = clip.span.start_s
    syllables = tuple(
        AlignedSyllable(
            text=one.spoken.text,
            start_s=round(one.start_s - start_s, 3),
            end_s=round(one.end_s - start_s, 3),
            confidence=None if one.confidence is None else round(one.confidence, 3),
            word=one.spoken.word,
            sentence=one.spoken.sentence,
        )
        for one in placed
    )
    sure = [(one.confidence, one.text) for one in syllables if one.confidence is not None]
    worst, which = min(sure, default=(None, None))
    taken_s = sum(one.end_s - one.start_s for one in syllables)
    return AlignmentPart(
        backend=backend,
        text=text if is_whole(clip) else said_text(text, placed),
        text_status=status,
        confidence=None if confidence is None else round(confidence, 3),
        worst=worst,
        worst_syllable=which,
        syllable_count=len(syllables),
        syllables_per_s=round(len(syllables) / taken_s, 2) if taken_s else None,
        syllables=syllables,
    )


def _piece(text: str, syllables: list[str], places: list[int]) -> str:
    """The text from the first to the last of some of its syllables, with what follows the last."""
    if not places:
        return ""
    starts, at = [], 0
    for one in syllables:
        at = text.index(one, at)
        starts.append(at)
        at += len(one)
    last = places[-1]
    end = starts[last + 1] if last + 1 < len(starts) else len(text)
    return text[starts[places[0]] : end].strip()
