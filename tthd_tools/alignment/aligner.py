"""A trained aligner: sound and its syllables come in; times, and how sure it is, go out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.alignment.acoustics import RATE_HZ
from tthd_tools.alignment.lattice import Lattice, best_path, make_lattice
from tthd_tools.alignment.network import Network, load_network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Scores = NDArray[np.float32]

Units = tuple[str, ...]


class Said(NamedTuple):
    """A syllable's time in seconds, and its ``fit``: how likely its sounds are there.

    ``fit`` is the mean over its frames of the log-likelihood of its states over that of any sound.
    """

    start_s: float
    end_s: float
    fit: float


class Sureness(NamedTuple):
    """The logistic curve from a fit to the probability that the text is right."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, fit: float) -> float:
        """That probability, 0..1."""
        from math import tanh

        return 0.5 + 0.5 * tanh((self.slope * fit + self.offset) / 2)


@dataclass(frozen=True)
class Sound:
    """One sound as a model hears it: ``scores`` (T,S) of its states at 100 Hz."""

    model: Network
    scores: Scores

    def align(
        self, syllables: Sequence[Units], first: int = 0, last: int | None = None
    ) -> list[Said]:
        """Times of the syllables, from the beginning of the sound; only frames [first, last) count.

        Raises ValueError where the sound is too short for so many.
        """
        lattice = make_lattice(self.model, syllables)
        piece = self.scores[first:last]
        path = best_path(piece, lattice)
        return _said(piece, lattice, path.places, first)


def hear(model: Network, rows: NDArray[np.floating]) -> Sound:
    """A sound of log-mel rows (T,26)."""
    return Sound(model, model.scores(rows))


@dataclass(frozen=True)
class Aligner:
    """What a corpus has taught: a model of all of it, and one for each fold without its speakers.

    Where there is one speaker alone, the folds are of recordings.

    ``whole``, ``single``: what the mean fit of a transcript's syllables means, and that of one of
    them; ``folds`` tells which model has not heard a speaker; one that nobody has heard is judged
    by the model of all.
    """

    model: Network
    without: tuple[Network, ...]
    folds: dict[str, int]
    whole: Sureness
    single: Sureness

    def judge(self, speaker: str, recording: str = "") -> Network:
        """The model that has not heard this speaker, or this recording of the only one."""
        fold = self.folds.get(speaker, self.folds.get(recording))
        return self.model if fold is None or not self.without else self.without[fold]

    def sureness(self, said: Sequence[Said]) -> tuple[float, list[float]]:
        """How probably these syllables are what is said, all of them together and each alone."""
        fits = [one.fit for one in said]
        return self.whole(sum(fits) / len(fits)), [self.single(fit) for fit in fits]

    def save(self, folder: Path) -> None:
        """Write ``model.npz``, ``without-N.npz`` and ``aligner.json`` into a folder."""
        self.model.save(folder / "model.npz")
        for index, model in enumerate(self.without):
            model.save(folder / f"without-{index}.npz")
        facts = {
            "folds": self.folds,
            "whole": list(self.whole),
            "single": list(self.single),
            "without": len(self.without),
        }
        text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
        (folder / "aligner.json").write_text(text, encoding="utf-8")


def load_aligner(folder: Path) -> Aligner:
    """Read what ``Aligner.save`` wrote. Raises ValueError where it is not there or damaged."""
    try:
        facts = json.loads((folder / "aligner.json").read_text(encoding="utf-8"))
        return Aligner(
            model=load_network(folder / "model.npz"),
            without=tuple(
                load_network(folder / f"without-{index}.npz")
                for index in range(int(facts["without"]))
            ),
            folds={str(name): int(fold) for name, fold in facts["folds"].items()},
            whole=Sureness(*map(float, facts["whole"])),
            single=Sureness(*map(float, facts["single"])),
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{folder} holds no aligner: {error}") from error


def aligner_sha256(folder: Path) -> str:
    """Hash of all that ``load_aligner`` reads. Raises OSError where it is not there."""
    facts = (folder / "aligner.json").read_bytes()
    names = ["model.npz", *sorted(path.name for path in folder.glob("without-*.npz"))]
    hashes = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
    return hashlib.sha256("\n".join([facts.hex(), *hashes]).encode()).hexdigest()


def _said(scores: Scores, lattice: Lattice, places: NDArray[np.intp], first: int) -> list[Said]:
    """Times and fits of the syllables of a path."""
    import numpy as np

    fits = scores[np.arange(len(places)), lattice.states[places]]
    owner = lattice.owner[places]
    count = int(lattice.owner.max()) + 1
    spoken = owner >= 0
    frames = np.flatnonzero(spoken)
    order = owner[spoken]
    starts = frames[np.searchsorted(order, np.arange(count), "left")]
    ends = frames[np.searchsorted(order, np.arange(count), "right") - 1] + 1
    lengths = np.bincount(order, minlength=count)
    means = np.bincount(order, fits[spoken], minlength=count) / lengths
    return [
        Said((first + int(start)) / RATE_HZ, (first + int(end)) / RATE_HZ, float(fit))
        for start, end, fit in zip(starts, ends, means, strict=True)
    ]
