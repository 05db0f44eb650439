"""Where somebody speaks: a clip comes in, it goes out with its share of speech and its pauses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, TypeAdapter, model_validator

from tthd_tools.clip import FPS, Clip, Part
from tthd_tools.stage import ClipStage, Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.speech import VoiceDetector, Voices

Backend = Literal["energy", "silero", "pyannote", "whisperx"]


class SpeechPart(Part):
    """Speech in a clip.

    ``ratio``: share of the time with speech, 0..1; ``seconds`` of speech; ``pauses``: gaps of at
    least ``min_pause_s`` between two stretches of speech, and the ``longest_pause_s`` of them (0
    without any); ``overlap_ratio``: share of the time in which more than one speaks; ``speakers``:
    how many take turns; ``language`` as a tag of BCP 47 with its ``language_score`` 0..1;
    ``backend``: the engine that heard it. What it cannot hear is None. ``features.npz`` holds
    ``speech`` float16 (T,) at 25 Hz: the share of the frame's 40 ms with speech; ``stretches``
    int32 (n, 2): where speech starts and ends, in steps of 10 ms; and where the engine tells
    speakers apart ``turns`` int32 (n, 3): start and end likewise, and the speaker from 0 on.
    """

    stage: ClassVar[str] = "speech"
    ratio: float
    seconds: float
    pauses: int
    longest_pause_s: float
    overlap_ratio: float | None
    speakers: int | None
    language: str | None
    language_score: float | None
    backend: Backend


class Speech(ClipStage):
    """Hears speech; ``backend``: ``silero`` where it can run, else ``energy``, under ``auto``.

    ``threshold`` 0..1: the probability from which speech begins, in ``energy`` the periodicity of
    a voice; ``model``: a segmentation model of ``pyannote``, a file, a folder or a name on the
    model hub; ``diarizer``: a pipeline of it that tells speakers apart, named likewise.
    """

    requires: ClassVar[tuple[type[Part], ...]] = ()
    provides: ClassVar[type[Part]] = SpeechPart
    version: ClassVar[int] = 2

    backend: Literal["auto"] | Backend = "auto"
    threshold: float = Field(0.5, gt=0, lt=1)
    min_pause_s: float = Field(0.3, ge=0)
    model: str | None = None
    diarizer: str | None = None
    _engine: tuple[Backend, VoiceDetector] | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _models_belong_to_pyannote(self) -> Self:
        if self.backend != "pyannote" and (self.model or self.diarizer):
            raise ValueError("model and diarizer are options of `backend: pyannote`")
        return self

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Choose the engine; the facts name it, its version and its weights."""
        from tthd_tools.speech import model_facts, resolve_voice_detector

        chosen = resolve_voice_detector(self.backend)
        models = model_facts(model=self.model, diarizer=self.diarizer)
        return self.model_copy(update={"backend": chosen.name}), chosen.facts("backend") | models

    def setup(self) -> None:
        """Load the engine."""
        from tthd_tools.speech import open_voice_detector, resolve_voice_detector

        name = resolve_voice_detector(self.backend).name
        engine = open_voice_detector(name, self.threshold, self.model, self.diarizer)
        self._engine = TypeAdapter(Backend).validate_python(name), engine

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Write ``features.npz``. Raises MediaError where the clip has no sound."""
        import numpy as np

        from tthd_tools.arrays import save_arrays
        from tthd_tools.speech import stretches

        name, engine = self._loaded()
        voices = engine.listen(clip.audio())
        arrays: dict[str, NDArray[Any]] = {
            "speech": shares(voices.speech, clip.frame_count),
            "stretches": np.array(stretches(voices.speech), np.int32).reshape(-1, 2),
        }
        if voices.turns is not None:
            arrays["turns"] = np.array(voices.turns, np.int32).reshape(-1, 3)
        save_arrays(folder / "features.npz", **arrays)
        yield clip.with_part(self._part(voices, name))

    def _part(self, voices: Voices, name: Backend) -> SpeechPart:
        from tthd_tools.speech import STEPS_PER_S, stretches

        spoken = voices.speech
        gaps = [end - start for start, end in stretches(~spoken) if start > 0 and end < len(spoken)]
        pauses = [gap / STEPS_PER_S for gap in gaps if gap >= STEPS_PER_S * self.min_pause_s]
        turns = voices.turns
        return SpeechPart(
            ratio=_ratio(spoken),
            seconds=round(int(spoken.sum()) / STEPS_PER_S, 2),
            pauses=len(pauses),
            longest_pause_s=max(pauses, default=0.0),
            overlap_ratio=None if voices.overlap is None else _ratio(voices.overlap),
            speakers=None if turns is None else len({turn.speaker for turn in turns}),
            language=voices.language,
            language_score=voices.language_score,
            backend=name,
        )

    def _loaded(self) -> tuple[Backend, VoiceDetector]:
        if self._engine is None:
            self.setup()
        if self._engine is None:
            raise RuntimeError("setup() has loaded no engine")
        return self._engine


def shares(spoken: NDArray[np.bool_], frames: int) -> NDArray[np.float16]:
    """The share of each frame's 40 ms with speech, of steps of 10 ms: float16 (frames,)."""
    import numpy as np

    from tthd_tools.speech import STEPS_PER_S

    per_frame = round(STEPS_PER_S / FPS)
    steps = np.zeros(frames * per_frame)
    steps[: len(spoken)] = spoken[: len(steps)]
    return np.asarray(steps.reshape(frames, per_frame).mean(axis=1), np.float16)


def _ratio(flags: NDArray[np.bool_]) -> float:
    return round(float(flags.mean()) if len(flags) else 0.0, 3)
