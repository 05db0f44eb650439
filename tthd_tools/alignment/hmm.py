"""Hidden Markov models of speech sounds: features come in, how well each state fits goes out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.alignment.units import SILENCE, sound_class

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STATES = 3  # of each unit, left to right; silence has them too
LEAST_VARIANCE = 0.05  # of the variance of all sound


def class_name(unit: str) -> str:
    """The name under which the model of a unit's broad kind stands among the units."""
    return unit if unit == SILENCE or unit.startswith("<") else f"<{sound_class(unit)}>"


@dataclass(frozen=True)
class Hmm:
    """Three states for each unit, each a mixture of Gaussians with diagonal covariance.

    ``units`` begin with silence and the broad kinds, which stand for units that nobody has heard.
    ``means`` and ``variances`` (S,M,39), ``log_weights`` (S,M): unit u has the states 3u … 3u + 2.
    """

    units: tuple[str, ...]
    means: Floats
    variances: Floats
    log_weights: Floats

    @cached_property
    def _index(self) -> dict[str, int]:
        return {unit: index for index, unit in enumerate(self.units)}

    def states_of(self, unit: str) -> range:
        """The states of a unit, or of its broad kind where it is unknown."""
        index = self._index.get(unit, self._index.get(class_name(unit), 0))
        return range(STATES * index, STATES * index + STATES)

    @property
    def state_count(self) -> int:
        """S, the number of states."""
        return STATES * len(self.units)

    def components(self, features: NDArray[np.floating]) -> Floats:
        """Log-likelihood of each Gaussian of each state, its weight included: (T,S,M)."""
        import numpy as np

        states, mixtures, width = self.means.shape
        precision = 1 / self.variances.reshape(-1, width)
        scaled = self.means.reshape(-1, width) * precision
        constant = (
            self.log_weights.reshape(-1)
            - 0.5 * np.log(2 * np.pi * self.variances).sum(axis=2).reshape(-1)
            - 0.5 * (scaled * self.means.reshape(-1, width)).sum(axis=1)
        )
        frames = features.astype(np.float64)
        found = constant + frames @ scaled.T - 0.5 * (np.square(frames) @ precision.T)
        return np.asarray(found.reshape(len(frames), states, mixtures))

    def scores(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Log-likelihood of each state at each frame: (T,S) float32."""
        import numpy as np

        out = np.empty((len(features), self.state_count), np.float32)
        for first in range(0, len(features), 1000):  # ten seconds at a time keep memory flat
            block = self.components(features[first : first + 1000])
            highest = block.max(axis=2)
            total = np.exp(block - highest[..., None]).sum(axis=2)
            out[first : first + 1000] = highest + np.log(total)
        return out

    def shares(self, features: NDArray[np.floating], states: NDArray[np.intp]) -> Floats:
        """How much each Gaussian of its state takes of each frame: (T,M), rows sum to 1."""
        import numpy as np

        shares = np.ones((len(features), self.means.shape[1]))
        for first in range(0, len(features) if shares.shape[1] > 1 else 0, 1000):
            block = slice(first, first + 1000)
            rows = np.arange(len(states[block]))
            chosen = self.components(features[block])[rows, states[block]]
            shares[block] = np.exp(chosen - chosen.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def save(self, path: Path) -> None:
        """Write the model as ``.npz``; the same model gives the same bytes."""
        import numpy as np

        from tthd_tools.arrays import save_arrays

        save_arrays(
            path,
            units=np.array(self.units),
            means=self.means.astype(np.float32),
            variances=self.variances.astype(np.float32),
            log_weights=self.log_weights.astype(np.float32),
        )


def load_hmm(path: Path | io.BytesIO) -> Hmm:
    """Read what ``Hmm.save`` wrote. Raises ValueError where it is no such file."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays: dict[str, Any] = {name: archive[name] for name in archive.files}
        means, variances, weights = (
            arrays[name].astype(np.float64) for name in ("means", "variances", "log_weights")
        )
        units = tuple(str(unit) for unit in arrays["units"])
    except (OSError, KeyError, ValueError, TypeError, EOFError) as error:
        raise ValueError(f"is no acoustic model: {error}") from error
    sizes = (STATES * len(units), means.shape[1] if means.ndim == 3 else -1)
    if means.shape != variances.shape or means.shape[:2] != sizes or weights.shape != sizes:
        raise ValueError("is no acoustic model: its arrays do not fit together")
    return Hmm(units, means, variances, weights)


def unit_names(utterances: Sequence[Sequence[Sequence[str]]]) -> tuple[str, ...]:
    """Silence, the broad kinds, and all units of these transcripts, each group sorted."""
    units = {unit for syllables in utterances for syllable in syllables for unit in syllable}
    return (SILENCE, *sorted({class_name(unit) for unit in units}), *sorted(units))
