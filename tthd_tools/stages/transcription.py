"""What whisperX hears in an item: it comes in, it goes out with words in time, or a suggestion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from tthd_tools.clip import Clip, Part
from tthd_tools.errors import MediaError
from tthd_tools.stage import ClipStage, Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.alignment.by_words import Words
    from tthd_tools.alignment.whisperx import WhisperX


class TranscriptionPart(Part):
    """Words in time, or what a machine takes an item to say.

    ``words`` (0 without sound, and for a language that Whisper cannot write); ``is_draft``: they
    are a suggestion for reviewers, status ``asr_unverified``, and are in no release; else they are
    those of the item's transcript. ``language``: as stated, else as it was heard. ``words.json``
    holds them.
    """

    stage: ClassVar[str] = "transcription"
    words: int = 0
    is_draft: bool = False
    language: str | None = None
    model: str = ""


class Transcription(ClipStage):
    """Times the words of an item's transcript with whisperX, or suggests one where there is none.

    ``model``: a folder or name of faster-whisper; ``align_model``: a CTC model that times the
    words, as in the stage ``emissions``; without one, whisperX's own of the language does.
    ``download``: they may be fetched.
    """

    provides: ClassVar[type[Part]] = TranscriptionPart
    level: ClassVar[str] = "item"
    reads: ClassVar[tuple[str, ...]] = ("language", "text_norm")
    extra: ClassVar[str | None] = "align"
    model: str = "small"
    align_model: str | None = None
    download: bool = False
    _engine: WhisperX | None = PrivateAttr(None)

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """The package and the models enter the fingerprint. Raises UsageError without the extra."""
        from importlib.metadata import version

        from tthd_tools.alignment.whisperx import require_whisperx
        from tthd_tools.speech import model_facts

        require_whisperx()
        models = model_facts(whisper=self.model, align=self.align_model)
        return self, {"whisperx": version("whisperx")} | models

    def setup(self) -> None:
        """Load the models."""
        from tthd_tools.alignment.whisperx import WhisperX

        self._engine = WhisperX(self.model, self.align_model, download=self.download)

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Write ``words.json``."""
        from tthd_tools.alignment.whisperx import RATE_HZ, is_served
        from tthd_tools.media import read_audio

        language = clip.item.language
        try:
            sound = read_audio(clip.source, *clip.span, RATE_HZ)
        except MediaError as error:
            if error.reason != "no_audio":
                raise
            sound = None
        if sound is None or not is_served(language):
            yield clip.with_part(TranscriptionPart(language=language, model=self.model))
            return
        heard, found = self._words(clip, sound)
        found.save(folder)
        part = TranscriptionPart(
            words=len(found.words), is_draft=found.is_draft, language=heard, model=self.model
        )
        yield clip.with_part(part)

    def _words(self, clip: Clip, sound: NDArray[np.float32]) -> tuple[str, Words]:
        from tthd_tools.alignment.by_words import Words

        if self._engine is None:
            self.setup()
        engine, item = self._engine, clip.item
        assert engine is not None  # noqa: S101 (for the type checker: setup has set it)
        if item.text_norm and item.language:
            words = engine.time(item.text_norm, sound, item.language)
            return item.language, Words(is_draft=False, words=words)
        draft = engine.transcribe(sound, item.language)
        return draft.language, Words(is_draft=True, words=draft.words)
