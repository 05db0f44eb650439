"""A rate and a length come in; ready scripts for measuring time and motion go out."""

from __future__ import annotations

import numpy as np

from tthd_tools.synth.person import invent_person
from tthd_tools.synth.script import Actor, Script, Take
from tthd_tools.synth.speech import CONTROL_HZ


def clap_script(
    seconds: float = 60.0,
    fps: float = 25.0,
    times_s: tuple[float, ...] = (),
    size: tuple[int, int] = (256, 256),
    every_s: float = 2.5,
    seed: int = 0,
) -> Script:
    """A still face whose mouth springs open with a click, about every ``every_s``.

    The times do not fall into step with any frame rate; ``Truth.events`` of kind ``clap`` holds
    them. ``times_s`` gives explicit frame times instead of ``fps``.
    """
    rng = np.random.default_rng([seed, 101])
    steps_s = rng.uniform(0.8, 1.2, int(seconds / every_s)) * every_s
    claps_s = np.round((np.cumsum(steps_s) - 0.4 * every_s) * CONTROL_HZ) / CONTROL_HZ
    actor = Actor(
        invent_person(seed),
        size=0.24,
        liveliness=0.0,
        claps_s=tuple(float(t_s) for t_s in claps_s if t_s < seconds - 0.5),
    )
    take = Take((actor,), seconds, background=seed, seed=seed)
    return Script((take,), size=size, fps=fps, times_s=times_s, audio_rate_hz=16_000)


def sweep_script(
    seconds: float = 8.0,
    fps: float = 25.0,
    times_s: tuple[float, ...] = (),
    size: tuple[int, int] = (512, 512),
    speed_px_s: float = 20.0,
    seed: int = 0,
) -> Script:
    """A silent head that crosses the middle of the picture at a constant speed."""
    face = 0.18
    start = 0.5 - speed_px_s * seconds / 2 / size[0]
    actor = Actor(
        invent_person(seed),
        x=start,
        size=face,
        speaks=False,
        liveliness=0.0,
        drift=(speed_px_s / (face * size[1]), 0.0),
    )
    take = Take((actor,), seconds, background=seed, seed=seed)
    return Script((take,), size=size, fps=fps, times_s=times_s)


def variable_times_s(seconds: float, seed: int = 0) -> tuple[float, ...]:
    """Frame times of a phone or a browser: steps of 20 to 55 ms that wander, sometimes a long one.

    Whole milliseconds, as such recorders write them.
    """
    rng = np.random.default_rng([seed, 111])
    clock_s, times_s = 0.0, []
    step_s = 0.033
    while clock_s < seconds - 0.02:
        times_s.append(round(clock_s, 3))
        step_s = float(np.clip(step_s + rng.normal(0.0, 0.004), 0.02, 0.055))
        clock_s = round(clock_s + step_s, 3) + (0.07 if rng.uniform() < 0.01 else 0.0)
    return tuple(times_s)
