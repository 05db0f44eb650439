"""Hidden Markov models of speech sounds: features come in, how well each state fits goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

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
class Inventory:
    """The units that a model knows; unit u has the states 3u … 3u + 2.

    ``units`` begin with silence and the broad kinds, which stand for units that nobody has heard.
    """

    units: tuple[str, ...]

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


@dataclass(frozen=True)
class Hmm(Inventory):
    """A Gaussian with diagonal covariance for each state: ``means`` and ``variances`` (S,39)."""

    means: Floats
    variances: Floats

    def scores(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Log-likelihood of each state at each frame: (T,S)."""
        import numpy as np

        precision = 1 / self.variances
        scaled = self.means * precision
        constant = -0.5 * (np.log(2 * np.pi * self.variances) + scaled * self.means).sum(axis=1)
        frames = features.astype(np.float64)
        found = constant + frames @ scaled.T - 0.5 * (np.square(frames) @ precision.T)
        return np.asarray(found, np.float32)


def unit_names(utterances: Sequence[Sequence[Sequence[str]]]) -> tuple[str, ...]:
    """Silence, the broad kinds, and all units of these transcripts, each group sorted."""
    units = {unit for syllables in utterances for syllable in syllables for unit in syllable}
    return (SILENCE, *sorted({class_name(unit) for unit in units}), *sorted(units))
