"""A speech-emotion model of transformers and a voice come in; the odds of each emotion go out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import AUDIO_RATE_HZ
from tthd_tools.emotion.face import NAMES, PRIOR
from tthd_tools.errors import UsageError, WeightsError
from tthd_tools.hub import (
    facts_of,
    find_snapshot,
    open_network,
    require_transformers,
    unusable,
    weight_files,
)
from tthd_tools.manifest.lists.fields import emotion_of

WHAT = "a model of emotions in voices"
WINDOW_S = 10.0  # models are trained on utterances; longer sound is heard in equal pieces
SHORTEST_S = 0.5
SHORT_WORDS = {"ang": "angry", "dis": "disgusted", "fea": "fearful", "hap": "happy"}
SHORT_WORDS |= {"neu": "neutral", "sur": "surprised"}
"""As IEMOCAP's labels are written."""


class FoundModel(NamedTuple):
    """A model whose files are here: ``facts`` are what its numbers depend on."""

    folder: Path
    facts: dict[str, str]


def find_voice_model(model: str, *, download: bool = False) -> FoundModel:
    """Find a model by repository or folder; nothing is fetched unless ``download`` says so.

    Raises UsageError without the extra and for what is neither, WeightsError where its files are
    not here.
    """
    require_transformers("speech-emotion models")
    folder: Path | None = Path(model).expanduser()
    if not Path(model).expanduser().is_dir():
        if model.count("/") != 1:
            raise UsageError(f"{model!r} is no folder and no repository such as owner/name")
        folder = find_snapshot(model, download=download)
    if folder is None:
        raise WeightsError(
            f"the speech-emotion model {model} is not on this machine; fetch it with "
            f"`hf download {model}`, or name the folder that holds it"
        )
    files = weight_files(folder)
    return FoundModel(folder, facts_of("voice", model, folder, files and [*files, *_small(folder)]))


class VoiceModel:
    """Any audio classifier of transformers whose labels are words for emotions, on one thread."""

    def __init__(self, folder: Path) -> None:
        """Load it; no code out of its folder is run.

        Raises WeightsError where it is no such model, or where fewer than two of its labels are
        words for emotions that a face shows, too.
        """
        import torch
        from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

        torch.set_num_threads(1)
        try:
            self._features = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError) as error:
            raise unusable(folder, WHAT, error) from error
        network, missing = open_network(AutoModelForAudioClassification, folder, WHAT)
        if missing:
            raise WeightsError(
                f"{folder} lacks the weights {', '.join(missing[:3])}, so it tells no emotions; "
                "name a model that was trained to"
            )
        self._network: Any = network
        words = network.config.id2label
        self._rows = [
            (at, NAMES.index(name)) for at, word in words.items() if (name := _name(word))
        ]
        if len({row for _, row in self._rows}) < 2:
            raise WeightsError(
                f"{folder} knows {', '.join(words.values())}, which are no emotions; name another"
            )

    @property
    def knows(self) -> list[str]:
        """The emotions of NAMES that it tells apart."""
        return [NAMES[row] for row in sorted({row for _, row in self._rows})]

    def likeliest(self, odds: NDArray[np.float64]) -> tuple[str, float]:
        """The likeliest of those that it knows, and how likely it is among them."""
        best = max(self.knows, key=lambda name: float(odds[NAMES.index(name)]))
        total = sum(float(odds[NAMES.index(name)]) for name in self.knows)
        return best, float(odds[NAMES.index(best)]) / total

    def __call__(self, sound: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Odds (7,) in the order of NAMES of mono sound at 16 kHz; None for under half a second.

        An emotion that it does not know is as likely as it is without any sound (``PRIOR``).
        """
        import torch

        if len(sound) < SHORTEST_S * AUDIO_RATE_HZ:
            return None
        pieces = np.array_split(sound, int(np.ceil(len(sound) / (WINDOW_S * AUDIO_RATE_HZ))))
        odds = np.zeros(len(NAMES))
        for piece in pieces:
            inputs = self._features(piece, sampling_rate=AUDIO_RATE_HZ, return_tensors="pt")
            with torch.inference_mode():
                found = torch.softmax(self._network(**inputs).logits[0].double(), dim=-1).numpy()
            for at, row in self._rows:
                odds[row] += found[at] * len(piece) / len(sound)
        known = np.isin(NAMES, self.knows)
        share = float(PRIOR[known].sum() / max(odds.sum(), 1e-9))
        return np.where(known, odds * share, PRIOR)


def _name(word: str) -> str | None:
    """One of NAMES for a model's word; calm counts as neutral."""
    label = SHORT_WORDS.get(word.lower()) or emotion_of(word)
    label = "neutral" if label == "calm" else label
    return label if label in NAMES else None


def _small(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))
