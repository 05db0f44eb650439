"""The shots of a script and the voices of its actors come in; one sound track goes out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.script import Script, Shot
from tthd_tools.synth.voice import SYNTHESIS_HZ

Samples = npt.NDArray[np.float32]
FADE = SYNTHESIS_HZ // 250  # 4 ms, so that a cut does not click


def mix_sound(script: Script, shots: list[Shot], voices: list[list[Samples]], seed: int) -> Samples:
    """Float32 (n,) at ``script.audio_rate_hz``; ``voices[take]`` holds each actor's sound."""
    from scipy import signal

    sound = np.zeros(round(script.seconds * SYNTHESIS_HZ), dtype=np.float32)
    for shot in shots:
        first, last = (round(t_s * SYNTHESIS_HZ) for t_s in (shot.start_s, shot.end_s))
        begin = round((shot.start_s - shot.skew_s) * SYNTHESIS_HZ)
        for voice in voices[shot.take]:
            part = voice[begin : begin + last - first].copy()
            if shot.kind != "start":
                part[:FADE] *= np.linspace(0, 1, FADE, dtype=np.float32)[: len(part)]
            part = part[: len(sound) - first]
            sound[first : first + len(part)] += part
    sound = shift_sound(sound, script.offset_ms)
    if script.noise_db is not None:
        sound = sound + _noise(sound, script.noise_db, seed)
    out = signal.resample_poly(sound, script.audio_rate_hz, SYNTHESIS_HZ)
    return np.asarray(np.clip(out, -1.0, 1.0), np.float32)


def shift_sound(sound: Samples, offset_ms: float) -> Samples:
    """The same length, that much later; what leaves at one end is silence at the other."""
    shift = round(abs(offset_ms) * SYNTHESIS_HZ / 1000)
    silence = np.zeros(min(shift, len(sound)), dtype=np.float32)
    if offset_ms >= 0:
        return np.concatenate([silence, sound])[: len(sound)]
    return np.concatenate([sound[len(silence) :], silence])


def _noise(sound: Samples, noise_db: float, seed: int) -> Samples:
    """Low-passed noise, ``noise_db`` under the mean power of the sound."""
    from scipy import signal

    noise = np.random.default_rng([seed, 71]).standard_normal(len(sound))
    noise = signal.lfilter([0.3], [1.0, -0.7], noise)
    level = np.sqrt(np.mean(sound.astype(float) ** 2)) * 10 ** (-noise_db / 20)
    return np.asarray(noise * level / np.sqrt(np.mean(noise**2)), np.float32)
