"""A published weight file comes in; a scorer of faces against sound goes out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor

from tthd_tools.errors import WeightsError
from tthd_tools.speakers.cepstrum import cepstrum
from tthd_tools.speakers.fits import LAGS, Fits, away_shifts, contrast
from tthd_tools.speakers.networks import LightAsd, LrAsd
from tthd_tools.speakers.squares import Framing

Floats = NDArray[np.float64]

GREY_MEAN, GREY_DEVIATION = 0.4161, 0.1688  # of the training pictures, 0..1
RENAMED = {"model.": "", "lossAV.FC.": "head.", "lossV.FC.": "picture_head."}
"""A file holds the training program's network and the classifiers of its two losses."""
DELAY = -1  # frames: the networks take a sound for fitting when it is a little early
LIPS_UNIT = 3.3  # what the lips add: their errors are not the network's, and there are more of them
BELIEF = 2.0  # beside a unit of score, in the choice among faces
BLOCK_FRAMES = 50  # encoded at a time: memory stays flat
REACH_FRAMES = 9  # a frame's features look so far into their neighbours: three blocks of 1 + 2


class Recipe(NamedTuple):
    """How a weight file is used: its network, what it was shown, and what its scores mean.

    ``unit``: contrast over one second that foreign sound reaches, with what the lips add, once in
    twenty times; None where the file does not tell fitting sound from foreign sound, and its own
    score is what there is: positive where it takes a face for the speaker's.
    """

    network: type[LightAsd | LrAsd]
    framing: Framing
    unit: float | None


# Fine-tuned on TalkSet the networks score a chattering face against any voice; trained on AVA
# alone they do not, and they were shown whole heads.
RECIPES = {
    "light_asd_ava": Recipe(LightAsd, Framing(1.4, 0.2), 1.2),
    "light_asd": Recipe(LightAsd, Framing(0.7, 0.2), None),
    "lr_asd": Recipe(LrAsd, Framing(0.7, 0.2), None),
}


class Told(NamedTuple):
    """What a network makes of each frame.

    ``scores`` (T,); ``belief`` (T,): how sure the network is by itself that the face speaks, 0..2.
    """

    scores: Floats
    belief: Floats


class NetworkScorer:
    """Scores grey squares of a face against sound, on one thread."""

    def __init__(self, name: str, path: Path) -> None:
        """``name``: one of RECIPES. Raises WeightsError where the file is another one."""
        self.recipe = RECIPES[name]
        torch.set_num_threads(1)
        self._network = load_network(self.recipe.network(), path)

    def score(self, pictures: NDArray[np.uint8], sound: NDArray[np.float32], lips: Fits) -> Told:
        """Judge pictures (T, 112, 112), 16 kHz sound and the fits of the lips alone."""
        return self.compare(self.see(pictures), self.hear(sound, len(pictures)), lips)

    def compare(self, seen: Tensor, heard: Tensor, lips: Fits) -> Told:
        """Judge features of T frames, (1, T, 128) each, and the fits of the lips alone."""
        if self.recipe.unit is None:
            (alone,) = self._logits(seen, heard, (0,))
            return Told(alone, BELIEF * expit(alone))
        near = self._logits(seen, heard, tuple(lag + DELAY for lag in LAGS))
        away = self._logits(seen, heard, away_shifts(seen.shape[1]))
        own = Fits(near, float(away.mean())).over(self.recipe.unit)
        return Told(contrast(own, lips.over(LIPS_UNIT)), BELIEF * expit(near.mean(axis=0)))

    def see(self, pictures: NDArray[np.uint8]) -> Tensor:
        """Features (1, T, 128) of grey pictures (T, 112, 112), the same whatever the block."""
        made = []
        with torch.inference_mode():
            for start in range(0, len(pictures), BLOCK_FRAMES):
                first = max(start - REACH_FRAMES, 0)
                block = pictures[first : start + BLOCK_FRAMES + REACH_FRAMES]
                grey = torch.from_numpy(block.astype(np.float32))[:, None]  # (t, 1, 112, 112)
                grey = (grey / 255 - GREY_MEAN) / GREY_DEVIATION
                features = self._network.visualEncoder(grey)
                made.append(features[:, start - first : start - first + BLOCK_FRAMES])
        return torch.cat(made, dim=1)

    def hear(self, sound: NDArray[np.float32], frames: int) -> Tensor:
        """Features (1, T, 128) of the sound of so many frames."""
        coefficients = torch.from_numpy(cepstrum(sound, frames).T.copy())  # (13, 4·T)
        with torch.inference_mode():
            features: Tensor = self._network.audioEncoder(coefficients[None, None])
        return features

    def _logits(self, seen: Tensor, heard: Tensor, shifts: tuple[int, ...]) -> Floats:
        """The network's own score of each frame with the sound at shifts: (n, T)."""
        with torch.inference_mode():
            moved = torch.cat([heard.roll(-shift, dims=1) for shift in shifts])  # (n, T, 128)
            logits: Tensor = self._network(seen.expand_as(moved), moved)
        return np.asarray(logits.numpy(), np.float64)


def load_network(network: LightAsd | LrAsd, path: Path) -> LightAsd | LrAsd:
    """Fill a network from a weight file, every key accounted for.

    Raises WeightsError where a key is missing, unexpected or of another shape.
    """
    stored: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    try:
        network.load_state_dict(dict(map(_entry, stored.items())), strict=True)
    except RuntimeError as error:
        kind = type(network).__name__
        raise WeightsError(f"{path} does not hold the weights of {kind}: {error}") from error
    return network.eval()


def _entry(stored: tuple[str, Tensor]) -> tuple[str, Tensor]:
    """Name and weights as our network has them: its films are pictures with rows of frames."""
    key, value = stored
    prefix = next((one for one in RENAMED if key.startswith(one)), "")
    if value.dim() == 5:  # (out, in, 1, k, k) across the picture or (out, in, k, 1, 1) along time
        value = value.squeeze(2) if value.shape[2] == 1 else value.flatten(3)
    return RENAMED.get(prefix, "") + key.removeprefix(prefix), value
