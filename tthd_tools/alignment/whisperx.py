"""Sound goes in; what whisperX takes it to say comes out, as a suggestion: words with their times.

For languages that Whisper serves. Its vocabulary holds no Tibetan letter, only bytes, and it stops
after some seventeen syllables, so languages in Tibetan script are refused.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from tthd_tools.alignment.emitter import TransformersCtc
from tthd_tools.alignment.forced import Emissions, align_text
from tthd_tools.alignment.models import resolve_model
from tthd_tools.alignment.windows import emit
from tthd_tools.errors import UsageError, WeightsError
from tthd_tools.extras import install_command
from tthd_tools.text import is_tibetan, normalise

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 16_000


class Word(NamedTuple):
    """A word, when it is said, and its score: 0..1 from whisperX, None where it gives none."""

    text: str
    start_s: float
    end_s: float
    score: float | None


class Draft(NamedTuple):
    """A transcript that nobody has read; ``status`` says so wherever it is kept."""

    text: str
    language: str
    words: tuple[Word, ...]
    model: str
    status: str = "asr_unverified"


class WhisperX:
    """Transcribes with a Whisper model and times its words by a CTC model.

    ``model``: a folder or name of faster-whisper; ``align_model``: a CTC model as in
    ``resolve_model``. With one, the words are timed as transcripts are everywhere else; without,
    by whisperX with its own model of the language. Nothing is fetched unless ``download`` says so.
    """

    rate_hz: ClassVar[int] = RATE_HZ

    def __init__(
        self,
        model: str,
        align_model: str | None = None,
        language: str | None = None,
        *,
        download: bool = False,
    ) -> None:
        """Load both. Raises UsageError without the extra or for Tibetan, WeightsError if absent."""
        if language is not None:
            refuse_unserved(language)
        require_whisperx()
        self._name, self._download = model, download
        self._align = TransformersCtc(resolve_model(align_model)) if align_model else None
        with _quiet():
            import torch
            from whisperx import asr

            torch.set_num_threads(1)
            try:
                self._pipeline = asr.load_model(
                    model,
                    "cpu",
                    compute_type="float32",
                    language=None if language is None else language.split("-")[0],
                    local_files_only=not download,
                    threads=1,
                )
            except (OSError, ValueError, RuntimeError) as error:
                raise WeightsError(
                    f"the Whisper model {model!r} is not on this machine or damaged; fetch it with "
                    "`hf download Systran/faster-whisper-small`, or name its folder"
                ) from error

    def transcribe(self, sound: NDArray[np.float32], language: str | None = None) -> Draft:
        """A suggestion for mono sound at 16 kHz; the language is guessed where none is given."""
        if language is not None:
            refuse_unserved(language)
        code = None if language is None else language.split("-")[0]
        with _quiet():
            found = self._pipeline.transcribe(sound, batch_size=1, language=code)
        heard = str(found["language"])
        text = joined(found["segments"], heard)
        if self._align is not None:
            words = _timed(self._align, sound, text, heard)
        else:
            words = self._timed_by_whisperx(found["segments"], sound, heard)
        return Draft(text, heard, words, self._name)

    def time(self, text: str, sound: NDArray[np.float32], language: str) -> tuple[Word, ...]:
        """The words of a transcript in mono sound at 16 kHz; those without a time are left out."""
        refuse_unserved(language)
        if self._align is not None:
            return _timed(self._align, sound, text, language)
        whole = {"text": text, "start": 0.0, "end": len(sound) / RATE_HZ}
        return self._timed_by_whisperx([whole], sound, language.split("-")[0])

    def guess_language(self, sound: NDArray[np.float32]) -> str:
        """The language that Whisper hears in the first 30 s, as its code of two letters."""
        with _quiet():
            return str(self._pipeline.detect_language(sound))

    def _timed_by_whisperx(
        self, segments: Sequence[Mapping[str, Any]], sound: NDArray[np.float32], language: str
    ) -> tuple[Word, ...]:
        from whisperx import alignment

        bundle = alignment.DEFAULT_ALIGN_MODELS_TORCH.get(language)
        name = bundle or alignment.DEFAULT_ALIGN_MODELS_HF.get(language)
        if name is None:
            raise UsageError(
                f"whisperX has no alignment model for {language}; name a CTC model of that "
                "language as align_model"
            )
        if bundle and not self._download and not _is_cached(bundle):
            raise WeightsError(
                f"the alignment model {bundle} is not on this machine; fetch it once with "
                "download: true, or name another as align_model"
            )
        with _quiet(), _own_sentences(alignment):
            try:
                model, about = alignment.load_align_model(
                    language, "cpu", name, model_cache_only=not self._download
                )
            except (OSError, ValueError) as error:
                raise WeightsError(
                    f"the alignment model {name} is not on this machine; fetch it with "
                    f"`hf download {name}`, or name another as align_model"
                ) from error
            return words_of(alignment.align(segments, model, about, sound, "cpu"))


def require_whisperx() -> None:
    """Raise UsageError where it is not installed."""
    if find_spec("whisperx") is None:
        raise UsageError(
            f"whisperx is not installed; {install_command('align')} in an environment of its "
            "own, for it needs torch 2.8"
        )


def is_served(language: str | None) -> bool:
    """Whether Whisper may be able to write a language: all but those in Tibetan script."""
    return language is None or not is_tibetan(language)


def refuse_unserved(language: str) -> None:
    """Raise UsageError for a language that Whisper cannot write."""
    if not is_served(language):
        raise UsageError(
            f"Whisper cannot write {language}: it has no Tibetan letters and stops after some 17 "
            "syllables; use the corpus or ctc backend on a transcript that a person has written"
        )


def joined(segments: Sequence[Mapping[str, Any]], language: str) -> str:
    """The normalised text of whisperX's segments."""
    return normalise(" ".join(str(one["text"]).strip() for one in segments), language)


def words_of(aligned: Mapping[str, Any]) -> tuple[Word, ...]:
    """The words of what ``whisperx.align`` returns; those that it could not time are left out."""
    return tuple(
        Word(
            str(one["word"]),
            float(one["start"]),
            float(one["end"]),
            float(one["score"]) if one.get("score") is not None else None,
        )
        for segment in aligned["segments"]
        for one in segment.get("words", ())
        if one.get("start") is not None and one.get("end") is not None
    )


def _timed(
    emitter: TransformersCtc, sound: NDArray[np.float32], text: str, language: str
) -> tuple[Word, ...]:
    """Words timed by our own alignment."""
    emitter.speak(language)
    if emitter.rate_hz != RATE_HZ:
        raise UsageError(f"the alignment model takes {emitter.rate_hz} Hz, and only 16000 will do")
    blocks = list(emit(emitter, lambda first, last: sound[first:last], len(sound)))
    if not blocks:
        return ()
    stride_s = emitter.stride / emitter.rate_hz
    emissions = Emissions(np.concatenate(blocks), emitter.vocabulary, stride_s)
    return tuple(
        Word(one.unit.text, one.start_s, one.end_s, None)
        for one in align_text(emissions, text, language).spoken
    )


def _is_cached(bundle: str) -> bool:
    """Whether the file of a model of torchaudio lies where torch looks for it."""
    import torch
    import torchaudio

    file = Path(getattr(torchaudio.pipelines, bundle)._path).name
    return (Path(torch.hub.get_dir()) / "checkpoints" / file).is_file()


@contextmanager
def _own_sentences(alignment: Any) -> Iterator[None]:
    """Let whisperX part sentences by an untrained splitter: its own is downloaded at first use."""
    from nltk.tokenize.punkt import PunktSentenceTokenizer

    loaded = alignment.nltk_load
    alignment.nltk_load = lambda *_: PunktSentenceTokenizer()
    try:
        yield
    finally:
        alignment.nltk_load = loaded


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's prints off stdout, which holds data, and its advice to itself."""
    import sys
    import warnings

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
