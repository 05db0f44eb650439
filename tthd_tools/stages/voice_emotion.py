"""Which emotion a voice has, by a model that is named: a clip comes in, it goes out with odds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from tthd_tools.clip import Clip, Part
from tthd_tools.errors import MediaError
from tthd_tools.stage import ClipStage, Stage

if TYPE_CHECKING:
    from tthd_tools.emotion.voice_model import VoiceModel


class VoiceEmotionPart(Part):
    """What a speech-emotion model makes of a clip's sound.

    ``label`` is the likeliest of the emotions that it knows and that a face shows, too, with its
    ``confidence`` 0..1; ``odds`` are those of ``emotion.face.NAMES``, empty where it hears nothing;
    ``model`` is its name.
    """

    stage: ClassVar[str] = "voice_emotion"
    label: str | None = None
    confidence: float | None = None
    odds: tuple[float, ...] = ()
    model: str = ""


class VoiceEmotion(ClipStage):
    """Asks a speech-emotion model of transformers.

    ``model``: a folder, or a repository of the hub; ``download``: it may be fetched.
    """

    provides: ClassVar[type[Part]] = VoiceEmotionPart
    extra: ClassVar[str | None] = "ctc"
    model: str = "superb/wav2vec2-base-superb-er"
    download: bool = False
    _model: VoiceModel | None = PrivateAttr(None)

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Find the model; its name, packages and files' sha256 enter the fingerprint."""
        from tthd_tools.emotion.voice_model import find_voice_model

        return self, find_voice_model(self.model, download=self.download).facts

    def setup(self) -> None:
        """Load the model."""
        from tthd_tools.emotion.voice_model import VoiceModel, find_voice_model

        self._model = VoiceModel(find_voice_model(self.model).folder)

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Listen to the whole clip."""
        if self._model is None:
            self.setup()
        assert self._model is not None  # noqa: S101 (for the type checker: setup has set it)
        try:
            odds = self._model(clip.audio())
        except MediaError as error:
            if error.reason != "no_audio":
                raise
            odds = None
        if odds is None:
            yield clip.with_part(VoiceEmotionPart(model=self.model))
            return
        label, confidence = self._model.likeliest(odds)
        part = VoiceEmotionPart(
            label=label,
            confidence=round(confidence, 3),
            odds=tuple(round(float(one), 4) for one in odds),
            model=self.model,
        )
        yield clip.with_part(part)
