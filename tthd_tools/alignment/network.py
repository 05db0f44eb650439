"""Sound whose frames' states are known comes in; a network that tells the states apart goes out."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.alignment.acoustics import BANDS, levelled
from tthd_tools.alignment.hmm import STATES, Inventory, class_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]

NEAR = 7  # frames on both sides that a frame is judged by
WIDTH = 256  # of both hidden layers
DROPPED = 0.4  # share of a hidden layer that each step does without
SMOOTHING = 0.05  # of the labels: some of them are wrong
NOISE = 0.1  # standard deviation that is added to the spectra
WARPS = (0.8, 1.25)  # between which a voice's spectrum is stretched anew each time it is heard
BATCH = 256
EPOCHS = 12
LEAST_STEPS, MOST_STEPS = 150, 6000
RATE = 2e-3  # of learning, at its highest
DECAY = 1e-3
RARE = 20.0  # frames that each state is met more often than it is

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Network(Inventory):
    """Two hidden layers over 0.15 s of log-mel rows (H. Bourlard and N. Morgan 1994).

    ``weights`` (390,256) (256,256) (256,N) and ``biases``, for the N states of silence and of the
    units; ``log_shares`` (N,): how much of what was heard each state is.
    """

    weights: tuple[Singles, ...]
    biases: tuple[Singles, ...]
    log_shares: Singles

    def scores(self, rows: NDArray[np.floating]) -> Singles:
        """Log-likelihood of each state over that of any sound, for log-mel rows (T,26): (T,S).

        That of a broad kind is that of its units together.
        """
        import numpy as np

        first, kinds = self.heard_from, np.array(self.kinds)
        shares = np.exp(self.log_shares.astype(np.float64))
        total = np.maximum(np.bincount(kinds, shares, self.state_count), 1e-30)
        out = np.empty((len(rows), self.state_count), np.float32)
        padded = _padded(levelled(rows))
        for start in range(0, len(rows), 1000):  # ten seconds at a time keep memory flat
            centres = np.arange(start, min(start + 1000, len(rows)))
            log_posteriors = _log_softmax(self._forward(_around(padded, centres + NEAR)))
            block = out[centres[0] : centres[-1] + 1]
            posteriors = np.exp(log_posteriors)
            for state in range(STATES, first):
                together = posteriors[:, kinds == state].sum(axis=1)
                block[:, state] = np.log(np.maximum(together, 1e-30) / total[state])
            log_ratios = log_posteriors - self.log_shares
            block[:, :STATES], block[:, first:] = log_ratios[:, :STATES], log_ratios[:, STATES:]
        return out

    @property
    def heard_from(self) -> int:
        """The first state of a unit that has been heard; kinds and silence come before."""
        return STATES * sum(name == class_name(name) for name in self.units)

    @property
    def kinds(self) -> list[int]:
        """For each output of the network the state of its broad kind."""
        names = [name for name in self.units[1:] if name != class_name(name)]
        states = [state for name in names for state in self.states_of(class_name(name))]
        return [*range(STATES), *states]

    def _forward(self, spectra: Singles) -> Singles:
        import numpy as np

        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            spectra = np.maximum(spectra @ weight + bias, 0)
        return spectra @ self.weights[-1] + self.biases[-1]

    def save(self, path: Path) -> None:
        """Write the network as ``.npz``; the same network gives the same bytes."""
        import numpy as np

        from tthd_tools.arrays import save_arrays

        layers = {f"weight_{k}": one for k, one in enumerate(self.weights)}
        layers |= {f"bias_{k}": one for k, one in enumerate(self.biases)}
        save_arrays(path, units=np.array(self.units), log_shares=self.log_shares, **layers)


def load_network(path: Path | io.BytesIO) -> Network:
    """Read what ``Network.save`` wrote. Raises ValueError where it is no such file."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays: dict[str, Any] = {name: archive[name] for name in archive.files}
        units = tuple(str(unit) for unit in arrays["units"])
        weights, biases = (
            tuple(arrays[f"{name}_{layer}"].astype(np.float32) for layer in range(3))
            for name in ("weight", "bias")
        )
        network = Network(units, weights, biases, arrays["log_shares"].astype(np.float32))
        widths = [BANDS * (2 * NEAR + 1), WIDTH, WIDTH, len(network.kinds)]
    except (OSError, KeyError, IndexError, ValueError, TypeError, EOFError) as error:
        raise ValueError(f"is no acoustic model: {error}") from error
    shapes = [one.shape for one in weights] + [one.shape for one in biases]
    expected = [*pairwise(widths), *((width,) for width in widths[1:])]
    if shapes != expected or network.log_shares.shape != (widths[-1],):
        raise ValueError("is no acoustic model: its arrays do not fit together")
    return network


def train_network(
    units: tuple[str, ...],
    sounds: Sequence[NDArray[np.floating]],
    states: Sequence[NDArray[np.intp]],
    progress: Progress = lambda done, all_: None,
) -> Network:
    """Learn which state each frame of log-mel rows (n,26) is in; ``states`` (n,) of each sound.

    Whenever a sound is heard again, its spectrum is stretched another way, so that voices which
    are not in the corpus are told apart as well (N. Jaitly and G. Hinton 2013). Deterministic.
    """
    import numpy as np

    first = STATES * sum(name == class_name(name) for name in units)
    labels = np.concatenate(states)
    labels = np.where(labels < STATES, labels, labels - first + STATES)
    outputs = STATES * len(units) - first + STATES
    shares = np.bincount(labels, minlength=outputs) + RARE
    work = _Descent([BANDS * (2 * NEAR + 1), WIDTH, WIDTH, outputs])
    steps = int(np.clip(EPOCHS * len(labels) // BATCH, LEAST_STEPS, MOST_STEPS))
    random = work.random
    order = np.zeros(0, np.intp)
    centres = np.concatenate([[0], np.cumsum([len(rows) + 2 * NEAR for rows in sounds])])
    places = np.concatenate(
        [start + NEAR + np.arange(len(rows)) for start, rows in zip(centres, sounds, strict=False)]
    )
    for step in range(steps):
        if len(order) < min(BATCH, len(labels)):
            order = random.permutation(len(labels))
            padded = np.concatenate(
                [_padded(levelled(rows, random.uniform(*WARPS))) for rows in sounds]
            )
            progress(step, steps)
        chosen, order = order[:BATCH], order[BATCH:]
        work.step(_around(padded, places[chosen]), labels[chosen], step / steps)
    log_shares = np.log(shares / shares.sum()).astype(np.float32)
    progress(steps, steps)
    return Network(units, tuple(work.weights), tuple(work.biases), log_shares)


class _Descent:
    """Stochastic descent with Adam and decoupled decay (I. Loshchilov and F. Hutter 2019)."""

    def __init__(self, widths: Sequence[int]) -> None:
        import numpy as np

        self.random = np.random.default_rng(0)
        self.weights = [
            (self.random.standard_normal((low, high)) * np.sqrt(2 / low)).astype(np.float32)
            for low, high in pairwise(widths)
        ]
        self.weights[-1] *= 0.1
        self.biases = [np.zeros(high, np.float32) for high in widths[1:]]
        self._means = [np.zeros_like(one) for one in [*self.weights, *self.biases]]
        self._squares = [np.zeros_like(one) for one in self._means]
        self._count = 0

    def step(self, spectra: Singles, labels: NDArray[np.intp], done: float) -> None:
        """Move towards the labels (B,) of spectra (B,390); ``done``: the share of all steps."""
        import numpy as np

        noise = self.random.standard_normal(spectra.shape, np.float32)
        heard, keeps = [spectra + np.float32(NOISE) * noise], []
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            signal = heard[-1] @ weight + bias
            kept = (self.random.random(signal.shape, np.float32) >= DROPPED) & (signal > 0)
            keeps.append(kept / np.float32(1 - DROPPED))
            heard.append(signal * keeps[-1])
        error = np.exp(_log_softmax(heard[-1] @ self.weights[-1] + self.biases[-1]))
        error -= np.float32(SMOOTHING / error.shape[1])
        error[np.arange(len(labels)), labels] -= np.float32(1 - SMOOTHING)
        error /= np.float32(len(labels))
        of_weights: list[Singles] = []
        of_biases: list[Singles] = []
        for layer in (2, 1, 0):
            of_weights.insert(0, heard[layer].T @ error)
            of_biases.insert(0, error.sum(axis=0))
            if layer:
                error = (error @ self.weights[layer].T) * keeps[layer - 1]
        self._move([*of_weights, *of_biases], done)

    def _move(self, slopes: Sequence[Singles], done: float) -> None:
        """Adam's step; the rate rises over the first tenth and falls to nothing (a cosine)."""
        import numpy as np

        self._count += 1
        rate = RATE * min(1.0, 10 * done + 0.02) * (0.5 + 0.5 * np.cos(np.pi * done))
        both = [*self.weights, *self.biases]
        for one, slope, mean, square in zip(both, slopes, self._means, self._squares, strict=True):
            mean += np.float32(0.1) * (slope - mean)
            square += np.float32(0.001) * (slope * slope - square)
            scale = np.sqrt(square / np.float32(1 - 0.999**self._count)) + np.float32(1e-8)
            one *= np.float32(1 - rate * DECAY)
            one -= np.float32(rate / (1 - 0.9**self._count)) * mean / scale


def _padded(spectra: Singles) -> Singles:
    import numpy as np

    return np.pad(spectra, ((NEAR, NEAR), (0, 0)), "edge" if len(spectra) else "constant")


def _around(padded: Singles, centres: NDArray[np.intp]) -> Singles:
    """The frames around each of some, side by side: (n,390)."""
    import numpy as np

    near = padded[centres[:, None] + np.arange(-NEAR, NEAR + 1)]
    return np.asarray(near.reshape(len(centres), -1))


def _log_softmax(signal: Singles) -> Singles:
    import numpy as np

    signal = signal - signal.max(axis=1, keepdims=True)
    return np.asarray(signal - np.log(np.exp(signal).sum(axis=1, keepdims=True)))
