"""Slow face cues and a person's resting face come in; how likely each emotion is goes out.

A Gaussian model without any weights: an emotion moves the cues from where the person's face rests,
weakly, plainly or strongly. How people's resting faces differ is known, so a person of whom little
has been seen gets wide odds, and one of whom much has been seen narrow ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NAMES = ("neutral", "happy", "sad", "angry", "surprised", "fearful", "disgusted")
"""The labels that faces are given, in the order of all odds here. Contempt, calm and what else our
label set has are not told from a face."""
PRIOR = np.array([0.52, 0.12, 0.10, 0.08, 0.08, 0.06, 0.04])
"""Before looking: people who speak to a camera are mostly neutral, and seldom afraid."""

# Units and order of ``actions.CUES``. These are of 15 people, each measured with two landmarkers:
# where faces rest, how far people differ in that, and how far one person who speaks wanders from
# it within a clip (both standard deviations, the latter from the median deviation).
REST = np.array([0.229, 0.162, 0.308, -0.081, 0.556, 0.322, -0.035])
BETWEEN = np.array([0.040, 0.028, 0.017, 0.018, 0.042, 0.024, 0.010])
WITHIN = np.array([0.0098, 0.0068, 0.0040, 0.0075, 0.019, 0.0036, 0.0029])
# What an emotion of intensity 2 moves: the action units of EMFACS (happy 6+12, sad 1+4+15, angry
# 4+7+23, surprised 1+2+5), in sizes that landmarkers show on drawn faces. Of fear and disgust the
# cues tell too little: they keep their prior.
MOVES = {
    "happy": (0.010, 0.006, 0.000, 0.036, 0.070, -0.012, 0.005),
    "sad": (0.014, 0.006, 0.002, -0.026, -0.026, 0.010, -0.004),
    "angry": (-0.036, -0.014, -0.003, -0.020, -0.020, 0.006, 0.001),
    "surprised": (0.043, 0.034, 0.013, 0.000, -0.009, -0.003, -0.005),
}
STRENGTHS = np.array([0.6, 1.0, 1.6])  # of intensity 1, 2, 3
TEMPER = 0.65
STRAY = 12.0  # a squared distance that nothing explains; beyond it the odds stay as they are


class Rest(NamedTuple):
    """Where a person's face rests: ``mean`` and ``variance`` (7,) of the cues."""

    mean: Floats
    variance: Floats


class FaceOdds(NamedTuple):
    """``odds`` (T, 7) in the order of ``NAMES``, each row summing to 1; ``intensity`` (T,) 0..3."""

    odds: Floats
    intensity: Floats


def unknown_rest() -> Rest:
    """The resting face of somebody nobody has seen."""
    return Rest(REST.copy(), np.square(BETWEEN))


def face_odds(cues: Floats, rest: Rest) -> FaceOdds:
    """How likely each emotion is for cues (T, 7) of a person with this resting face."""
    distance = _distances(cues, rest)  # (T, 5, 3)
    nearest = distance.min(axis=(1, 2), keepdims=True)
    # what lies far from everything is no evidence for the least far
    doubt = TEMPER * np.minimum(1.0, STRAY / np.maximum(nearest, 1e-9))
    fit = np.exp(-0.5 * doubt * (distance - nearest))
    told = fit.mean(axis=2) * PRIOR[:5]
    odds = np.empty((len(cues), len(NAMES)))
    odds[:, 5:] = PRIOR[5:]
    odds[:, :5] = told / told.sum(axis=1, keepdims=True) * PRIOR[:5].sum()
    strength = (fit * np.arange(1, 4)).sum(axis=2) / fit.sum(axis=2)
    felt = odds[:, :5].argmax(axis=1)
    intensity = np.where(felt == 0, 0.0, strength[np.arange(len(cues)), felt])
    return FaceOdds(odds, intensity)


def resting_face(cues: Floats, weights: Floats, rounds: int = 12) -> Rest:
    """Where a person's face rests, from cues (N, 7) of moments that count ``weights`` (N,) each.

    Expectation maximisation: every moment is explained by an emotion, what that emotion moves is
    taken away, and what is left is averaged with what is known of people at large. So neither a
    person who is always neutral nor one who acts all emotions in turn is taken for another.
    """
    known, found = unknown_rest(), unknown_rest()
    moves = _moves()  # (5, 3, 7)
    noise = np.square(WITHIN)
    for _ in range(rounds if len(cues) else 0):
        distance = _distances(cues, found)
        fit = np.exp(-0.5 * TEMPER * (distance - distance.min(axis=(1, 2), keepdims=True)))
        share = fit * PRIOR[:5, None]
        share = share / share.sum(axis=(1, 2), keepdims=True)
        left = cues - np.einsum("nes,esc->nc", share, moves)
        precision = 1 / known.variance + weights.sum() / noise
        mean = (known.mean / known.variance + weights @ left / noise) / precision
        found = Rest(mean, 1 / precision)
    return found


def _moves() -> Floats:
    """What each emotion that the face tells moves at each strength: (5, 3, 7); neutral nothing."""
    moves = np.array([np.zeros(len(REST)), *(MOVES[name] for name in NAMES[1:5])])
    return np.asarray(moves[:, None] * STRENGTHS[:, None])


def _distances(cues: Floats, rest: Rest) -> Floats:
    """Squared distances (T, 5, 3) from what each emotion would show, in standard deviations."""
    spread = np.square(WITHIN) + rest.variance
    away = cues[:, None, None] - rest.mean - _moves()
    return np.asarray((np.square(away) / spread).sum(axis=-1))
