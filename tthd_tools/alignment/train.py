"""Sound with transcripts comes in, no times in it; models of its sounds go out (a flat start)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from tthd_tools.alignment.acoustics import FEATURES, WARPS, features
from tthd_tools.alignment.hmm import LEAST_VARIANCE, STATES, Hmm, class_name, unit_names
from tthd_tools.alignment.lattice import best_paths, make_lattice
from tthd_tools.alignment.network import Network, train_network
from tthd_tools.alignment.units import SILENCE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CLASS_PASSES, UNIT_PASSES, WARP_PASSES = 10, 6, 3
WARP_ROUNDS = 2
NETWORK_SHARE = 3  # times as long as all passes before it, and these
ACOUSTIC_SCALE = 0.3
"""Neighbouring frames and slopes tell the same thing again, so their likelihoods weigh less."""
PRIOR_FRAMES = 10.0  # that what is known already weighs as much as
QUIET = 5.0  # in spreads of the loudness: what is that far under the loudest is silence at first

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Utterance:
    """Sound and what is said in it: log-mel ``rows`` (n,26) at 100 Hz, units of each syllable.

    ``name`` tells it from the others of its speaker.
    """

    speaker: str
    rows: NDArray[np.floating]
    syllables: tuple[tuple[str, ...], ...]
    name: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether so many sounds can be said in so little time."""
        states = STATES * sum(map(len, self.syllables))
        return 0 < states <= len(self.rows) and all(self.syllables)


def train(utterances: Sequence[Utterance], progress: Progress = lambda done, all_: None) -> Network:
    """A network for all units in the transcripts, from nothing but them; deterministic.

    First a Gaussian for each state: of the broad kinds, spread evenly over what is loud and moved
    to their best places again and again (Viterbi training); of the units, which start from the
    kinds; then each speaker's spectrum is stretched to fit the others (vocal tract length, L. Lee
    and R. Rose 1996, ICASSP). Where they find their states is what the network learns. Raises
    ValueError where no utterance is possible.
    """
    utterances = [one for one in utterances if one.is_possible]
    if not utterances:
        raise ValueError("there is no sound with a transcript that fits into it")
    passes = CLASS_PASSES + UNIT_PASSES + WARP_ROUNDS * WARP_PASSES
    done = iter(range(1, passes + 1))
    work = _Training(utterances, unit_names([one.syllables for one in utterances]))
    model = work.flat_start()

    def repeat(model: Hmm, times: int, *, as_classes: bool = False) -> Hmm:
        for _ in range(times):
            model = work.improved(model, as_classes=as_classes)
            progress(next(done), NETWORK_SHARE * passes)
        return model

    model = repeat(model, CLASS_PASSES, as_classes=True)
    model = work.units_from_classes(model)
    model = repeat(model, UNIT_PASSES)
    for _ in range(WARP_ROUNDS):
        work.stretch(model)
        model = repeat(model, WARP_PASSES)

    def told(step: int, steps: int) -> None:
        gone = passes * (1 + (NETWORK_SHARE - 1) * step / steps)
        progress(round(gone), NETWORK_SHARE * passes)

    return train_network(model.units, [one.rows for one in utterances], work.states(model), told)


def best_warp(model: Hmm, rows: NDArray[np.floating]) -> float:
    """The stretch of the spectrum under which a sound is most likely, whatever is said in it."""
    import numpy as np

    def likelihood(warp: float) -> float:
        scores = model.scores(features(rows, warp))
        highest = scores.max(axis=1, keepdims=True)
        return float((highest[:, 0] + np.log(np.exp(scores - highest).sum(axis=1))).mean())

    return max(WARPS, key=likelihood)


class _Training:
    """The utterances with their features; each pass aligns all of them and counts anew."""

    def __init__(self, utterances: Sequence[Utterance], units: tuple[str, ...]) -> None:
        import numpy as np

        self._utterances = utterances
        self._units = units
        self._features = [features(one.rows).astype(np.float32) for one in utterances]
        everything = np.concatenate(self._features).astype(np.float64)
        self._mean, self._variance = everything.mean(axis=0), everything.var(axis=0)
        self._prior = np.tile(self._mean, (STATES * len(units), 1))
        self._kinds = np.array([_states(units, class_name(unit)) for unit in units]).reshape(-1)

    def flat_start(self) -> Hmm:
        """Kinds of sounds, with the syllables spread evenly over what is loud."""
        import numpy as np

        sums = _Sums(STATES * len(self._units))
        model = self._model(sums)  # for the numbers of its states alone
        states, counted = [], []
        for utterance, frames in zip(self._utterances, self._features, strict=True):
            loudness = frames[:, 0]
            quiet = loudness < np.percentile(loudness, 95) - QUIET
            spoken = frames[~quiet]
            units = [class_name(unit) for unit in chain.from_iterable(utterance.syllables)]
            said = np.array([state for unit in units for state in model.states_of(unit)])
            place = np.arange(len(spoken)) * len(said) // max(len(spoken), 1)
            still = frames[quiet]
            silent = np.array(model.states_of(SILENCE))
            states += [said[place], silent[np.arange(len(still)) % STATES]]
            counted += [spoken, still]
        sums.add(np.concatenate(states), np.concatenate(counted))
        return self._model(sums)

    def improved(self, model: Hmm, *, as_classes: bool = False) -> Hmm:
        """One pass of Viterbi training; ``as_classes``: of the broad kinds alone."""
        import numpy as np

        sums = _Sums(model.state_count)
        frames = np.concatenate(self._features)
        states = np.concatenate(self.states(model, as_classes=as_classes))
        sums.add(states, frames)
        if not as_classes:  # they stand for units that no transcript has
            kinds = self._kinds[states]
            sums.add(kinds[kinds != states], frames[kinds != states])
        return self._model(sums)

    def states(self, model: Hmm, *, as_classes: bool = False) -> list[NDArray[np.intp]]:
        """The state of each frame of each utterance, on the best path through its transcript."""
        import numpy as np

        texts = [one.syllables for one in self._utterances]
        if as_classes:
            texts = [tuple(tuple(map(class_name, units)) for units in text) for text in texts]
        lattices = [make_lattice(model, text) for text in texts]
        scale = np.float32(ACOUSTIC_SCALE)
        paths = best_paths([scale * model.scores(one) for one in self._features], lattices)
        return [lattice.states[path.places] for lattice, path in zip(lattices, paths, strict=True)]

    def units_from_classes(self, model: Hmm) -> Hmm:
        """Each unit as its kind sounds; from here on that is what it is drawn to."""
        self._prior = model.means[self._kinds]
        return Hmm(model.units, model.means[self._kinds], model.variances[self._kinds])

    def stretch(self, model: Hmm) -> None:
        """Look for each speaker's factor, and make the features anew; the mean factor is 1."""
        import numpy as np

        found: dict[str, list[float]] = {}
        for one in self._utterances:
            found.setdefault(one.speaker, []).append(best_warp(model, one.rows))
        warps: Mapping[str, float] = {name: float(np.median(one)) for name, one in found.items()}
        middle = float(np.mean([warps[one.speaker] for one in self._utterances]))
        self._features = [
            features(one.rows, warps[one.speaker] / middle).astype(np.float32)
            for one in self._utterances
        ]

    def _model(self, sums: _Sums) -> Hmm:
        """Means and variances of what was counted, drawn to the prior where there was little."""
        import numpy as np

        count = sums.count[:, None]
        means = (sums.first + PRIOR_FRAMES * self._prior) / (count + PRIOR_FRAMES)
        spread = sums.second - 2 * means * sums.first + count * np.square(means)
        variances = (spread + PRIOR_FRAMES * self._variance) / (count + PRIOR_FRAMES)
        return Hmm(self._units, means, np.maximum(variances, LEAST_VARIANCE * self._variance))


class _Sums:
    """How often each state was met, and the sums of the features and of their squares."""

    def __init__(self, states: int) -> None:
        import numpy as np

        self.count = np.zeros(states)
        self.first = np.zeros((states, FEATURES))
        self.second = np.zeros((states, FEATURES))

    def add(self, states: NDArray[np.intp], frames: NDArray[np.float32]) -> None:
        """Count frames (T,39) at their states (T,)."""
        import numpy as np

        order = np.argsort(states, kind="stable")
        met, first = np.unique(states[order], return_index=True)
        for state, rows in zip(met, np.split(order, first[1:]), strict=True):
            found = frames[rows].astype(np.float64)
            self.count[state] += len(rows)
            self.first[state] += found.sum(axis=0)
            self.second[state] += np.square(found).sum(axis=0)


def _states(units: tuple[str, ...], unit: str) -> range:
    first = STATES * units.index(unit)
    return range(first, first + STATES)
