"""A trained aligner: sound and its syllables come in; times, and how sure it is, go out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.alignment.acoustics import RATE_HZ, features
from tthd_tools.alignment.hmm import Hmm, load_hmm
from tthd_tools.alignment.lattice import Lattice, best_path, best_paths, make_lattice
from tthd_tools.alignment.train import best_warp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Scores = NDArray[np.float32]

Units = tuple[str, ...]
COHORT = 8  # wrong transcripts that the given one is compared with
LEAST_SPREAD = 0.02  # of their fits: eight may agree by chance
FAR = 8.0  # deviations: beyond, all are alike


class Said(NamedTuple):
    """A syllable's time in seconds, and its ``fit``: how likely its sounds are there.

    ``fit`` is the mean over its frames of its states' log-likelihood less that of the best states,
    0 or less.
    """

    start_s: float
    end_s: float
    fit: float


class Against(NamedTuple):
    """How far a transcript and each of its syllables fit better than wrong ones, in deviations."""

    whole: float
    syllables: tuple[float, ...]


class Sureness(NamedTuple):
    """The logistic curve from deviations to the probability that the text is right."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, deviations: float) -> float:
        """That probability, 0..1."""
        from math import exp

        return 1 / (1 + exp(-(self.slope * deviations + self.offset)))


@dataclass(frozen=True)
class Sound:
    """One sound as a model hears it: ``scores`` (T,S) of its states at 100 Hz."""

    model: Hmm
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

    def against(
        self, fits: Sequence[float], pool: Sequence[Units], first: int = 0, last: int | None = None
    ) -> Against | None:
        """Compare fits with those of random transcripts of as many syllables out of ``pool``.

        None where the sound is too short for any of them.
        """
        import numpy as np

        random = np.random.default_rng(len(fits))
        piece = self.scores[first:last]
        drawn = [
            [pool[index] for index in random.integers(len(pool), size=len(fits))]
            for _ in range(COHORT)
        ]
        lattices = [make_lattice(self.model, text) for text in drawn]
        lattices = [one for one in lattices if one.least_frames <= len(piece)]
        if not lattices:
            return None
        paths = best_paths([piece] * len(lattices), lattices)
        wrong = [
            [one.fit for one in _said(piece, lattice, path.places, 0)]
            for lattice, path in zip(lattices, paths, strict=True)
        ]
        wholes, singles = (
            [float(np.mean(fit)) for fit in wrong],
            [one for fit in wrong for one in fit],
        )
        whole = (np.mean(fits) - np.mean(wholes)) / (np.std(wholes) + LEAST_SPREAD)
        each = (np.array(fits) - np.mean(singles)) / (np.std(singles) + LEAST_SPREAD)
        return Against(
            float(np.clip(whole, -FAR, FAR)), tuple(float(one) for one in np.clip(each, -FAR, FAR))
        )


def hear(model: Hmm, rows: NDArray[np.floating]) -> Sound:
    """A sound of log-mel rows (T,26), its spectrum stretched as the model likes it best."""
    return Sound(model, model.scores(features(rows, best_warp(model, rows))))


@dataclass(frozen=True)
class Aligner:
    """What a corpus has taught: a model of all of it, and one for each fold without its speakers.

    ``pool``: syllables as the transcripts have them, for wrong transcripts; ``whole``, ``single``:
    what deviations mean for a transcript and for one syllable; ``folds`` tells which model has not
    heard a speaker; one that nobody has heard is judged by the model of all.
    """

    model: Hmm
    without: tuple[Hmm, ...]
    folds: dict[str, int]
    pool: tuple[Units, ...]
    whole: Sureness
    single: Sureness

    def judge(self, speaker: str) -> Hmm:
        """The model that has not heard this speaker."""
        fold = self.folds.get(speaker)
        return self.model if fold is None or not self.without else self.without[fold]

    def save(self, folder: Path) -> None:
        """Write ``model.npz``, ``without-N.npz`` and ``aligner.json`` into a folder."""
        self.model.save(folder / "model.npz")
        for index, model in enumerate(self.without):
            model.save(folder / f"without-{index}.npz")
        facts = {
            "folds": self.folds,
            "pool": [" ".join(units) for units in self.pool],
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
            model=load_hmm(folder / "model.npz"),
            without=tuple(
                load_hmm(folder / f"without-{index}.npz") for index in range(int(facts["without"]))
            ),
            folds={str(name): int(fold) for name, fold in facts["folds"].items()},
            pool=tuple(tuple(str(units).split()) for units in facts["pool"]),
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

    fits = scores[np.arange(len(places)), lattice.states[places]] - scores.max(axis=1)
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
