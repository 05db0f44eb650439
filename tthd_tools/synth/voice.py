"""A person and a planned speech come in; the sound of it goes out (source-filter synthesis)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.person import Person
from tthd_tools.synth.speech import CONTROL_HZ, Curve, Emotion, Speech

SYNTHESIS_HZ = 16_000
BANDWIDTHS_HZ = (80.0, 100.0, 150.0, 250.0)
PITCH_FACTOR: dict[Emotion, float] = {
    "neutral": 1.0,
    "happy": 1.2,
    "sad": 0.88,
    "angry": 1.12,
    "surprised": 1.35,
}
LOUDNESS: dict[Emotion, float] = {
    "neutral": 1.0,
    "happy": 1.15,
    "sad": 0.7,
    "angry": 1.4,
    "surprised": 1.1,
}
BLOCK = SYNTHESIS_HZ // CONTROL_HZ  # samples per control value


def synthesise(
    person: Person, speech: Speech, emotion: Emotion, seed: int
) -> npt.NDArray[np.float32]:
    """Glottal pulses through four formants, plus coloured noise: float32 (n,) at ``SYNTHESIS_HZ``.

    A cascade of two-pole resonators with unit gain at 0 Hz, as in Klatt, "Software for a
    cascade/parallel formant synthesizer", JASA 67 (1980), equations 1 to 3.
    """
    rng = np.random.default_rng([seed, 31])
    n_blocks = len(speech.opening) - 1
    voiced = _glottis(person, speech, emotion, n_blocks, rng)
    breath = rng.standard_normal(n_blocks * BLOCK)
    tract = _filter_blocks(voiced, _formant_sections(person, speech, n_blocks))
    tract *= _sample(_level(speech), n_blocks)
    hiss = _filter_blocks(breath, _noise_sections(speech, n_blocks))
    hiss *= _sample(speech.noise * speech.effort, n_blocks)
    sound = LOUDNESS[emotion] * 0.09 * (tract + 2.0 * hiss)
    for at_s in speech.clicks_s:
        _add_click(sound, at_s)
    return np.clip(sound, -0.98, 0.98).astype(np.float32)


def _sample(curve: Curve, n_blocks: int) -> Curve:
    """A control curve at the rate of the sound."""
    at = np.arange(n_blocks * BLOCK) / BLOCK
    return np.interp(at, np.arange(len(curve)), curve)


def _level(speech: Speech) -> Curve:
    """Loudness of the voice; a low first formant loses level in the cascade and gets it back."""
    return np.asarray(speech.voice * speech.effort * (500.0 / speech.formants_hz[0]) ** 0.6)


def _glottis(
    person: Person, speech: Speech, emotion: Emotion, n_blocks: int, rng: np.random.Generator
) -> Curve:
    """Pulses at the pitch of the moment, tilted by a low pass; of unit power."""
    from scipy import signal

    seconds = np.arange(n_blocks + 1) / CONTROL_HZ
    contour = np.ones(n_blocks + 1)
    starts = {said.phrase: said.start_s for said in reversed(speech.said)}
    for start_s in starts.values():  # the pitch falls through a phrase and is set up anew
        contour = np.where(seconds >= start_s, 1.12 - 0.1 * (seconds - start_s), contour)
    for said in speech.said:  # each syllable has its tone
        tone = rng.uniform(-0.08, 0.12)
        inside = (seconds >= said.start_s) & (seconds < said.end_s)
        phase = (seconds - said.start_s) / max(said.end_s - said.start_s, 1e-6)
        contour = contour + inside * tone * np.sin(np.pi * phase)
    drift = 0.01 * np.sin(2 * np.pi * 5.1 * seconds) + 0.008 * rng.standard_normal(n_blocks + 1)
    pitch = person.pitch_hz * PITCH_FACTOR[emotion] * np.clip(contour + drift, 0.7, 1.6)
    phase_turns = np.cumsum(_sample(pitch, n_blocks)) / SYNTHESIS_HZ
    pulses = np.diff(np.floor(phase_turns), prepend=0.0)
    pulses = pulses + 0.02 * rng.standard_normal(len(pulses))  # breathiness
    tilt = signal.lfilter([1.0, -1.0], [1.0, -1.86, 0.865], pulses)
    return np.asarray(tilt * np.sqrt(SYNTHESIS_HZ / person.pitch_hz) / 6.0)


def _add_click(sound: Curve, at_s: float) -> None:
    """A burst whose first sample is the loudest: 2.4 kHz dying away within 10 ms."""
    first = round(at_s * SYNTHESIS_HZ)
    since_s = np.arange(min(SYNTHESIS_HZ // 100, len(sound) - first)) / SYNTHESIS_HZ
    burst = np.cos(2 * np.pi * 2400 * since_s) * np.exp(-since_s / 0.002)
    sound[first : first + len(burst)] += 0.8 * burst


def _resonators(centre_hz: Curve, bandwidth_hz: Curve | float) -> Curve:
    """Second-order sections (n, 6) of two-pole resonators with unit gain at 0 Hz."""
    radius = np.exp(-np.pi * np.asarray(bandwidth_hz) / SYNTHESIS_HZ)
    c = -(radius**2) * np.ones_like(centre_hz)
    b = 2 * radius * np.cos(2 * np.pi * np.minimum(centre_hz, 7600.0) / SYNTHESIS_HZ)
    a = 1 - b - c
    zero, one = np.zeros_like(a), np.ones_like(a)
    return np.stack([a, zero, zero, one, -b, -c], axis=-1)


def _formant_sections(person: Person, speech: Speech, n_blocks: int) -> Curve:
    """(n_blocks, 4, 6): three formants that move and one that stays."""
    centres = np.vstack([speech.formants_hz[:, :n_blocks], np.full((1, n_blocks), 3500.0)])
    sections = [
        _resonators(centre * person.formant_scale, width)
        for centre, width in zip(centres, BANDWIDTHS_HZ, strict=True)
    ]
    return np.stack(sections, axis=1)


def _noise_sections(speech: Speech, n_blocks: int) -> Curve:
    """(n_blocks, 1, 6): one broad band around the noise's frequency, of about unit power."""
    centre = speech.noise_hz[:n_blocks]
    sections = _resonators(centre, 0.25 * centre)
    sections[:, 0] = 1.0 - np.exp(-np.pi * 0.25 * centre / SYNTHESIS_HZ)
    return sections[:, None, :]


def _filter_blocks(source: Curve, sections: Curve) -> Curve:
    """Run a time-varying cascade, one set of sections a block, keeping the filter's state."""
    from scipy import signal

    out = np.empty_like(source)
    state = np.zeros((sections.shape[1], 2))
    for k, section in enumerate(sections):
        block = slice(k * BLOCK, (k + 1) * BLOCK)
        out[block], state = signal.sosfilt(section, source[block], zi=state)
    return out
