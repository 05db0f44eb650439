"""Emissions and a transcript come in; each syllable with its time and how well it fits goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.alignment.ctc import STAR, CtcPath, align
from tthd_tools.alignment.tokens import Spelling, Unit, Vocabulary, spell

Floats = NDArray[np.float64]

PRIOR_WEIGHT = 0.75
"""See ``align_text``; 0.5 to 1 give the same median error, 0 cuts syllables short."""
RAREST = 1e-3
"""No token counts as rarer: it would take every frame."""
PAUSE_S = 0.3
"""Two units further apart than this do not touch: the rest between them is silence."""
BLOCK = 4096


@dataclass(frozen=True)
class Emissions:
    """Log-probabilities (T, V) of a vocabulary; frame k begins at ``start_s`` + k · ``stride_s``.

    ``star`` (T,): of the best token that is no blank, also of those that have no column here.
    ``prior`` (V,): mean probability of each token over the whole sound, measured where it is None.
    """

    log_probs: NDArray[np.floating]
    vocabulary: Vocabulary
    stride_s: float
    start_s: float = 0.0
    star: NDArray[np.floating] | None = None
    prior: Floats | None = None

    def __len__(self) -> int:
        return len(self.log_probs)

    def between(self, start_s: float, end_s: float) -> Emissions:
        """The frames that begin in a stretch of time; the prior stays that of the whole."""
        first, last = (
            max(int(np.ceil(round((at_s - self.start_s) / self.stride_s, 6))), 0)
            for at_s in (start_s, end_s)
        )
        return replace(
            self,
            log_probs=self.log_probs[first:last],
            star=None if self.star is None else self.star[first:last],
            start_s=self.start_s + first * self.stride_s,
            prior=mean_probability(self.log_probs) if self.prior is None else self.prior,
        )


class Spoken(NamedTuple):
    """A unit of the transcript, when it is said, and how well it fits.

    ``margin``: mean over its frames of log p(path) - log p(best token), both weighed by the prior
    and blanks counted: 0 where the model would have written the same; None for a unit that cannot
    be spelled.
    """

    unit: Unit
    start_s: float
    end_s: float
    margin: float | None


class Forced(NamedTuple):
    """All units in their order, and the mean ``margin`` over their frames (None without any)."""

    spoken: tuple[Spoken, ...]
    spelling: Spelling
    margin: float | None


def align_text(
    emissions: Emissions,
    text: str,
    language: str,
    native: bool | None = None,
    prior_weight: float = PRIOR_WEIGHT,
) -> Forced:
    """When each syllable of a normalised text is said.

    The peaks of a CTC model are short and stand anywhere in their sound. Dividing by each token's
    mean probability to the power ``prior_weight`` lets tokens reach over their sound where the
    model was trained so that they can (R. Huang et al. 2024, ICASSP, "Less peaky and more accurate
    CTC forced alignment by label priors", there in training); a boundary is put half way between
    the last frame of a syllable and the first of the next. Raises TooShort, and ValueError as
    ``align`` does.
    """
    spelling = spell(text, language, emissions.vocabulary, native)
    if not spelling.units:
        return Forced((), spelling, None)
    weighed, star = _weighed(emissions, prior_weight)
    path = align(weighed, spelling.tokens, emissions.vocabulary.blank, star)
    starts, ends = _bounds(spelling, path, emissions.stride_s)
    below = _below_best(weighed, star, spelling, path, emissions.vocabulary.blank)
    below = np.concatenate([[0.0], np.cumsum(below)])
    first, last = starts.astype(int), ends.astype(int)
    missed = below[last] - below[first]
    spoken = tuple(
        Spoken(
            unit,
            emissions.start_s + float(start) * emissions.stride_s,
            emissions.start_s + float(end) * emissions.stride_s,
            None if unit.is_star else float(lost / frames),
        )
        for unit, start, end, lost, frames in zip(
            spelling.units, starts, ends, missed, last - first, strict=True
        )
    )
    heard = np.array([not unit.is_star for unit in spelling.units])
    mean = missed[heard].sum() / (last - first)[heard].sum() if heard.any() else None
    return Forced(spoken, spelling, None if mean is None else float(mean))


def mean_probability(log_probs: NDArray[np.floating]) -> Floats:
    """Mean over the frames of each token's probability, (V,)."""
    total = np.zeros(log_probs.shape[1])
    for first in range(0, len(log_probs), BLOCK):
        total += np.exp(log_probs[first : first + BLOCK].astype(np.float64)).sum(axis=0)
    return total / max(len(log_probs), 1)


def _weighed(emissions: Emissions, weight: float) -> tuple[NDArray[np.float32], Floats | None]:
    """Log-probabilities less the weighed prior, and what a star gets at each frame."""
    prior = emissions.prior
    if prior is None:
        prior = mean_probability(emissions.log_probs)
    less = weight * np.log(np.maximum(prior, RAREST))
    weighed = np.subtract(emissions.log_probs, less.astype(np.float32), dtype=np.float32)
    if emissions.star is None:
        return weighed, None
    return weighed, np.maximum(weighed.max(axis=1), emissions.star.astype(np.float64))


def _bounds(spelling: Spelling, path: CtcPath, stride_s: float) -> tuple[Floats, Floats]:
    """Start and end of each unit in frames; they meet half way where no pause is between them."""
    first = path.start[[unit.first for unit in spelling.units]]
    last = path.end[[unit.last - 1 for unit in spelling.units]]
    gap = first[1:] - last[:-1]
    half = np.where(gap * stride_s <= PAUSE_S, gap / 2, 0.0)
    return first - np.concatenate([[0.0], half]), last + np.concatenate([half, [0.0]])


def _below_best(
    weighed: NDArray[np.float32],
    star: Floats | None,
    spelling: Spelling,
    path: CtcPath,
    blank: int,
) -> Floats:
    """How far the path lies under the best token of each frame, (T,), 0 or less; 0 in a star."""
    column = np.full(len(weighed), blank)
    for token, start, end in zip(spelling.tokens, path.start, path.end, strict=True):
        column[start:end] = token
    best = weighed.max(axis=1).astype(np.float64)
    if star is not None:
        best = np.maximum(best, star)
    said = np.take_along_axis(weighed, np.maximum(column, 0)[:, None], axis=1)[:, 0]
    return np.where(column == STAR, 0.0, said - best)
