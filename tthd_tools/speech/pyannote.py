"""Sound goes in, speech, overlap and speaker turns come out: networks run by pyannote.audio.

``whisperx`` is the segmentation network in whisperX's wheel (MIT, of pyannote/segmentation) with
whisperX's thresholds; ``pyannote`` is any segmentation model, that one unless another is named.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tthd_tools.errors import WeightsError
from tthd_tools.speech.records import STEPS_PER_S, Sound, Turn, Voices
from tthd_tools.speech.regions import between, tidy

if TYPE_CHECKING:
    Scores = NDArray[np.float32]

RATE_HZ = 16_000
HYSTERESIS = 0.137  # whisperX's: speech begins at 0.5 and ends at 0.363
SHORTEST = BRIDGE = 10  # whisperX's, in steps of 10 ms
WHISPERX_FILE = "assets/pytorch_model.bin"
WHISPERX_SHA256 = "0b5b3216d60a2d32fc086b47ea8c67589aaeb26b7e07fcbe620d6d0b83e209ea"


class PyannoteDetector:
    """A segmentation network slid over the sound, and a diarization pipeline where one is named.

    ``model``, ``diarizer``: a file, a folder or a name on the model hub. A checkpoint of
    pyannote.audio is a pickle, which can run any program: only load what you trust.
    """

    def __init__(
        self, model: str | Path, threshold: float = 0.5, diarizer: str | None = None
    ) -> None:
        """Load both. Raises WeightsError where one is absent or no such model."""
        self._threshold = threshold
        with _quiet():
            import torch
            from pyannote.audio import Inference, Model, Pipeline
            from pyannote.audio.telemetry import set_telemetry_metrics

            set_telemetry_metrics(False)  # else it tells its makers about each sound
        torch.set_num_threads(1)
        with _loading("segmentation model", model):
            network = Model.from_pretrained(model, strict=False)
            self._segment = Inference(network, pre_aggregation_hook=loudest_two)
        self._diarize: Callable[[dict[str, Any]], Any] | None = None
        if diarizer is not None:
            with _loading("diarization pipeline", diarizer):
                self._diarize = _there(Pipeline.from_pretrained(diarizer))

    def listen(self, sound: Sound) -> Voices:
        """Hear mono sound at 16 kHz."""
        import torch

        steps = len(sound) * STEPS_PER_S // RATE_HZ
        if not steps:
            return Voices(np.zeros(0, np.bool_))
        file = {"waveform": torch.from_numpy(sound.copy())[None], "sample_rate": RATE_HZ}
        with _quiet():
            heard = self._segment(file)
            turns = None if self._diarize is None else turns_of(self._diarize(file), steps)
        frames = heard.sliding_window
        first_s = frames.start + frames.duration / 2
        scores = at_steps(np.asarray(heard.data), first_s, frames.step, steps)
        flags = [
            tidy(between(one, self._threshold, self._threshold - HYSTERESIS), BRIDGE, SHORTEST)
            for one in scores.T
        ]
        overlap = flags[1] if len(flags) > 1 else None
        return Voices(flags[0], overlap, turns)


def whisperx_model() -> Path:
    """The network's file in the installed whisperX. Raises WeightsError where it is another."""
    found = find_spec("whisperx")
    folders = [] if found is None else list(found.submodule_search_locations or ())
    for folder in folders:
        path = Path(folder) / WHISPERX_FILE
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() == WHISPERX_SHA256:
                return path
            raise WeightsError(
                f"{path} is not the voice network that whisperx 3.8 brings; install that release "
                "again, or name a segmentation model with the option `model` of `speech`"
            )
    raise WeightsError(
        "no segmentation network is here; install whisperx, whose wheel holds one, or name a file "
        "or folder with the option `model` of `speech`"
    )


def loudest_two(scores: Scores) -> Scores:
    """Of each speaker's activity (chunks, frames, speakers) the highest two, the highest first."""
    return np.asarray(-np.sort(-scores, axis=-1)[..., :2])


def at_steps(scores: Scores, first_s: float, step_s: float, steps: int) -> Scores:
    """Scores (m, c), whose first is of the time ``first_s``, in the middle of each 10 ms (n, c)."""
    times_s = (np.arange(steps) + 0.5) / STEPS_PER_S
    known_s = first_s + step_s * np.arange(len(scores))
    return np.stack([np.interp(times_s, known_s, one) for one in scores.T], axis=1)


def turns_of(diarized: Any, steps: int) -> tuple[Turn, ...]:
    """Turns out of a pipeline's answer, by start; speakers are numbered as they come in."""
    annotation = getattr(diarized, "speaker_diarization", diarized)  # of pyannote.audio 4, or 3
    found = sorted(
        (round(turn.start * STEPS_PER_S), min(round(turn.end * STEPS_PER_S), steps), str(label))
        for turn, _, label in annotation.itertracks(yield_label=True)
    )
    numbers = {label: k for k, label in enumerate(dict.fromkeys(label for *_, label in found))}
    return tuple(Turn(start, end, numbers[label]) for start, end, label in found)


@contextmanager
def _loading(what: str, name: str | Path) -> Iterator[None]:
    """Whatever pyannote.audio, its hub and torch raise, as one sentence."""
    try:
        with _quiet():
            yield
    except Exception as error:  # six packages of others have their own errors
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WeightsError(
            f"the {what} {str(name)!r} cannot be loaded ({type(error).__name__}: {reason}); give "
            "the path of a downloaded one, or its name on the model hub where that is reachable"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps its advice away: warnings, log lines, and what its hub prints among our data."""
    quietest = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        with warnings.catch_warnings(action="ignore"), redirect_stdout(sys.stderr):
            yield
    finally:
        logging.disable(quietest)


def _there(pipeline: Any) -> Callable[[dict[str, Any]], Any]:
    if pipeline is None:  # how it says that the hub refuses
        raise LookupError("the model hub does not give it")
    found: Callable[[dict[str, Any]], Any] = pipeline
    return found
