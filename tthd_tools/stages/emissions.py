"""What a CTC model hears in an item: it comes in, it goes out with log-probabilities of tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, PrivateAttr

from tthd_tools.clip import Clip, Part
from tthd_tools.errors import MediaError
from tthd_tools.stage import ClipStage, Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.alignment.emitter import TransformersCtc

LEAST = -30.0
"""Of a log-probability; float16 holds it, and nothing smaller decides an alignment."""


class EmissionsPart(Part):
    """What a CTC model makes of an item's sound, for forced alignment.

    ``frames`` (0 without sound), ``stride_s`` apart: frame k begins k · ``stride_s`` after the
    first video frame; ``model`` and its ``licence``; ``tokens`` kept. ``features.npz`` holds
    ``tokens`` (V,) and ``log_probs`` float16 (T, V), column 0 for the blank, and ``star`` float16
    (T,): that of the best token which is no blank, kept or not.
    """

    stage: ClassVar[str] = "emissions"
    frames: int
    stride_s: float
    model: str
    licence: str
    tokens: int


class Emissions(ClipStage):
    """Runs a CTC model over the whole sound of an item, ``window_s`` at a time.

    ``model``: a name (``tthd_tools.alignment.models``), a repository of the hub, a folder, or
    ``auto``: the first that is free and here. ``download``: it may be fetched. ``context_s``: seen
    on either side of a window, and not kept.
    """

    provides: ClassVar[type[Part]] = EmissionsPart
    level: ClassVar[str] = "item"
    reads: ClassVar[tuple[str, ...]] = ("language",)
    extra: ClassVar[str | None] = "ctc"
    model: str = "auto"
    download: bool = False
    window_s: float = Field(20.0, ge=1, le=300)
    context_s: float = Field(2.0, ge=0, le=30)
    _emitter: TransformersCtc | None = PrivateAttr(None)
    _licence: str = PrivateAttr("")

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Find the model; its name, packages and files' sha256 enter the fingerprint."""
        from tthd_tools.alignment.models import resolve_model

        found = resolve_model(self.model, download=self.download)
        return self.model_copy(update={"model": found.name}), dict(found.facts)

    def setup(self) -> None:
        """Load the model."""
        from tthd_tools.alignment.emitter import TransformersCtc
        from tthd_tools.alignment.models import resolve_model

        found = resolve_model(self.model)
        self._emitter, self._licence = TransformersCtc(found), found.licence

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Write ``features.npz``. Raises StageError where the model does not know the language."""
        if self._emitter is None:
            self.setup()
        emitter = self._emitter
        assert emitter is not None  # noqa: S101 (for the type checker: setup has set it)
        emitter.speak(clip.item.language)
        try:
            found = self._hear(clip, emitter)
        except MediaError as error:
            if error.reason != "no_audio":
                raise
            found = {}
        if found:
            from tthd_tools.arrays import save_arrays

            save_arrays(folder / "features.npz", **found)
        part = EmissionsPart(
            frames=len(found["log_probs"]) if found else 0,
            stride_s=emitter.stride / emitter.rate_hz,
            model=self.model,
            licence=self._licence,
            tokens=len(found["tokens"]) if found else 0,
        )
        yield clip.with_part(part)

    def _hear(self, clip: Clip, emitter: TransformersCtc) -> dict[str, NDArray[np.generic]]:
        """The arrays of ``features.npz``; a block of sound is read, heard and cut at a time."""
        import numpy as np

        from tthd_tools.alignment.tokens import needed
        from tthd_tools.alignment.windows import emit
        from tthd_tools.media import read_audio

        rate, vocabulary = emitter.rate_hz, emitter.vocabulary
        kept = needed(vocabulary, clip.item.language)
        columns = [vocabulary.columns[token] for token in kept]
        is_blank = np.arange(max(vocabulary.columns.values()) + 1) == vocabulary.blank

        def read(first: int, last: int) -> NDArray[np.float32]:
            return read_audio(clip.source, first / rate, last / rate, rate)

        samples = round(clip.span.duration_s * rate)
        blocks, stars = [], []
        for block in emit(emitter, read, samples, self.window_s, self.context_s):
            narrow = np.maximum(block, LEAST).astype(np.float16)
            blocks.append(narrow[:, columns])
            stars.append(narrow[:, : len(is_blank)][:, ~is_blank].max(axis=1))
        if not blocks:
            return {}
        return {
            "log_probs": np.concatenate(blocks),
            "star": np.concatenate(stars),
            "tokens": np.array(kept),
        }
