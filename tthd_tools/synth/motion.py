"""A seed, an emotion and a speech come in; all parameters of a head over time go out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.speech import CONTROL_HZ, Curve, Emotion, Speech

# Per emotion: brows raised, brows drawn together, corners of the mouth up, lids raised.
EXPRESSIONS: dict[Emotion, tuple[float, float, float, float]] = {
    "neutral": (0.0, 0.0, 0.0, 0.0),
    "happy": (0.25, -0.1, 0.8, -0.15),
    "sad": (0.15, -0.6, -0.7, -0.2),
    "angry": (-0.3, 1.0, -0.4, 0.1),
    "surprised": (1.0, -0.2, 0.0, 0.5),
}


class Pose(NamedTuple):
    """Everything about a head at one moment. Lengths are in half widths of the face.

    ``x`` and ``y`` move the head right and down; ``yaw`` turns the nose to the right of the
    picture, ``pitch`` downwards, ``roll`` clockwise (radians). ``opening`` is the gap of the inner
    lips over the distance of the eyes, ``width`` is 1 at rest, ``blink`` 1 with closed eyes.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    blink: float = 0.0
    brow_raise: float = 0.0
    brow_frown: float = 0.0
    smile: float = 0.0
    lids: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    opening: float = 0.0
    width: float = 1.0


class Performance:
    """Curves of all ``Pose`` fields over performance time: float (fields, n) at ``CONTROL_HZ``."""

    def __init__(self, curves: Curve) -> None:
        self.curves = curves

    def at(self, t_s: float) -> Pose:
        """The pose at a time; before the first and after the last sample the nearest one."""
        position = min(max(t_s * CONTROL_HZ, 0.0), self.curves.shape[1] - 1.000001)
        k = int(position)
        rest = position - k
        return Pose(*((1 - rest) * self.curves[:, k] + rest * self.curves[:, k + 1]).tolist())


def perform(
    speech: Speech,
    emotion: Emotion,
    seed: int,
    liveliness: float = 1.0,
    turn_deg: float = 0.0,
    drift: tuple[float, float] = (0.0, 0.0),
) -> Performance:
    """Move a head to a speech.

    ``liveliness`` scales the motion of head and gaze (0 holds them still, without a blink),
    ``turn_deg`` is the mean yaw, ``drift`` a constant speed in half widths of the face per second.
    """
    rng = np.random.default_rng([seed, 41])
    n = len(speech.opening)
    seconds = np.arange(n) / CONTROL_HZ
    raised, frown, smile, lids = EXPRESSIONS[emotion]
    accents = _accents(speech, seconds, rng)
    gaze = liveliness * _saccades(n, rng)
    wander = {name: liveliness * _wander(seconds, rng) for name in ("x", "y", "scale", "turn")}
    tilt = liveliness * _wander(seconds, rng)
    nod = liveliness * (0.055 * _wander(seconds, rng) + 0.05 * accents)
    curves = {
        "x": 0.10 * wander["x"] + 0.06 * wander["turn"] + drift[0] * seconds,
        "y": 0.05 * wander["y"] + 0.3 * nod + drift[1] * seconds,
        "scale": 1.0 + 0.02 * wander["scale"],
        "yaw": np.deg2rad(turn_deg) + 0.13 * wander["turn"],
        "pitch": nod,
        "roll": 0.05 * tilt + 0.02 * wander["x"],
        "blink": _blinks(seconds, rng) * (liveliness > 0),
        "brow_raise": raised + 0.25 * accents,
        "brow_frown": np.full(n, frown),
        "smile": np.full(n, smile),
        "lids": np.full(n, lids),
        "gaze_x": gaze[0] - 0.5 * 0.13 * wander["turn"],
        "gaze_y": gaze[1],
        "opening": speech.opening,
        "width": speech.width * (1 + 0.15 * max(smile, 0.0)),
    }
    return Performance(np.array([curves[name] for name in Pose._fields]))


def _wander(seconds: Curve, rng: np.random.Generator) -> Curve:
    """A slow smooth curve of about unit size: a few sines with random phases."""
    total = np.zeros_like(seconds)
    for lowest_hz, highest_hz, size in ((0.08, 0.2, 0.8), (0.25, 0.5, 0.45), (0.7, 1.2, 0.15)):
        frequency = rng.uniform(lowest_hz, highest_hz)
        total += size * np.sin(2 * np.pi * (frequency * seconds + rng.uniform()))
    return total


def _accents(speech: Speech, seconds: Curve, rng: np.random.Generator) -> Curve:
    """Short bumps on some syllables: heads and brows beat time while speaking."""
    total = np.zeros_like(seconds)
    for said in speech.said:
        if rng.uniform() < 0.25:
            total += np.exp(-0.5 * ((seconds - said.start_s - 0.12) / 0.11) ** 2)
    return total


def _blinks(seconds: Curve, rng: np.random.Generator) -> Curve:
    """Closed lids for a moment every few seconds: down in 80 ms, up in 140 ms."""
    closed = np.zeros_like(seconds)
    at_s = rng.uniform(0.8, 3.0)
    while at_s < seconds[-1]:
        since = seconds - at_s
        shape = np.minimum((since + 0.1) / 0.08, (0.17 - since) / 0.14)
        closed = np.maximum(closed, np.clip(shape, 0.0, 1.0))
        at_s += rng.uniform(1.8, 5.0)
    return closed * closed * (3 - 2 * closed)


def _saccades(n: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Gaze that jumps and rests: (2, n), small."""
    gaze = np.zeros((2, n))
    at = 0
    while at < n:
        until = at + int(rng.uniform(0.5, 2.0) * CONTROL_HZ)
        gaze[:, at:until] = rng.normal(0.0, (0.025, 0.012))[:, None]
        at = until
    return gaze
