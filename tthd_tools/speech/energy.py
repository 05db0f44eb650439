"""Sound goes in, speech comes out, by its own cues alone: the embedded detector without weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tthd_tools.speech.records import Flags, Sound, Voices
from tthd_tools.speech.regions import stretches, tidy

Floats = NDArray[np.float32]
RATE_HZ = 16_000
STEP = RATE_HZ // 100
WINDOW = 1024  # 64 ms hold almost four periods of the lowest voice
PITCH_HZ = (60.0, 400.0)
VOICE_HZ = (100.0, 3500.0)  # where a voice is periodic
PARTIALS_HZ = (400.0, 2500.0)  # where single partials of a tone stand apart
BANDS, BANDS_HZ = 24, (100.0, 6000.0)
QUIETEST_DB = -64.0  # no band has a lower floor, so digital silence has one
EXCESS = 0.5  # mean over the bands of ln(1 + power / floor); noise alone stays under 0.45
STEADY, HELD = 0.33, 18  # a change under this for so many steps: a hum, a tone that is held
TUNE, TUNE_SPAN = 0.65, 301  # partials that repeat like this, in the mean over 3 s: music
LEAST_VOICE = 12  # steps of voice in a stretch of speech: a syllable
CONSONANTS = 15  # steps beside a voice in which other sound belongs to it
BRIDGE = 20  # a gap up to this is a closure, or two
BEFORE, AFTER = 4, 3  # steps that a window hides: a closure before, a dying vowel after


@dataclass(frozen=True)
class Cues:
    """What speech is told by, (n,) each; see ``hear_cues``."""

    excess: Floats
    periodicity: Floats
    change: Floats
    repetition: Floats


class EnergyDetector:
    """Takes periodic sound above the noise floor for a voice, unless it stays the same.

    ``threshold`` 0..1: the periodicity of a voice. What lies within 150 ms of voice and above the
    floor are its consonants; gaps of up to 200 ms are closures. Sound whose spectrum stays for
    180 ms is a hum, and where partials go on unbent for most of three seconds there is music.
    """

    def __init__(self, threshold: float = 0.5) -> None:
        self._threshold = threshold

    def listen(self, sound: Sound) -> Voices:
        """Hear mono sound at 16 kHz."""
        return Voices(find_speech(hear_cues(sound), self._threshold))


def find_speech(cues: Cues, voicing: float) -> Flags:
    """Where there is speech, (n,); ``voicing`` 0..1 is the least periodicity of a voice."""
    steady = np.zeros(len(cues.excess), np.bool_)
    for start, end in stretches(cues.change < STEADY):
        if end - start >= HELD:
            steady[max(start - 5, 0) : end + 5] = True
    sounding = (cues.excess > EXCESS) & ~steady
    voiced = tidy(sounding & (cues.periodicity > voicing), 0, 3)  # a shorter one is chance
    voiced &= ~_tune(cues.repetition, voiced)
    near = tidy(voiced, 0, 1, CONSONANTS)
    joined = tidy(voiced | (sounding & near), BRIDGE, 1)
    spoken = np.zeros(len(joined), np.bool_)
    for start, end in stretches(joined):
        if np.count_nonzero(voiced[start:end]) >= LEAST_VOICE:
            spoken[max(start - BEFORE, 0) : end + AFTER] = True
    return spoken


def _tune(repetition: Floats, voiced: Flags) -> Flags:
    """Where the voiced steps of the three seconds around repeat like music."""
    from scipy.ndimage import uniform_filter1d

    voices = uniform_filter1d(voiced.astype(np.float64), TUNE_SPAN, mode="constant")
    heard = np.where(voiced, repetition, 0).astype(np.float64)
    repeated = uniform_filter1d(heard, TUNE_SPAN, mode="constant")
    return np.asarray(repeated > TUNE * np.maximum(voices, 1e-6))


def hear_cues(sound: Sound) -> Cues:
    """The cues of mono sound at 16 kHz every 10 ms, each from 64 ms around the step's middle.

    ``excess``: mean over 24 mel bands of ln(1 + power / floor), the floor being three times the
    tenth percentile of a band. ``periodicity``: the highest autocorrelation at the lags of a voice,
    divided by that of the window (P. Boersma 1993, Proc. Inst. Phonetic Sciences Amsterdam 17,
    eq. 9), of the spectrum over its floor. ``change``: how far the bands of 50 ms before and after
    differ, over the excess. ``repetition``: the correlation of the spectra 40 ms before and after,
    without their envelopes: partials that stay where they are.
    """
    power = _spectra(sound)
    if not len(power):
        nothing = np.zeros(0, np.float32)
        return Cues(nothing, nothing, nothing, nothing)
    bank, centres_hz = _mel_bank()
    bands = power @ bank.T  # (n, 24)
    floor = _floor(bands)
    over = np.log1p(bands / floor)
    excess = over.mean(axis=1)
    ground = np.exp(np.interp(_frequencies(), centres_hz, np.log(floor / bank.sum(axis=1))))
    change = np.full(len(power), np.inf, np.float32)
    moved = np.sqrt(np.square(over[10:] - over[:-10]).mean(axis=1))
    change[5:-5] = moved / np.maximum(excess[5:-5], 0.3)
    return Cues(
        excess,
        _periodicity(power / ground.astype(np.float32)),
        change,
        _repetition(power),
    )


def _spectra(sound: Sound) -> Floats:
    """Power of the window around each step's middle, (n, 1025); mean square sums to the sound's."""
    from scipy.fft import rfft

    count = len(sound) // STEP
    shape = _window()
    before, after = WINDOW // 2 - STEP // 2, WINDOW
    padded = np.pad(np.asarray(sound, np.float32), (before, after))
    views = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: count * STEP : STEP]
    power = np.empty((count, WINDOW + 1), np.float32)
    for block in range(0, count, 500):  # five seconds at a time keep memory flat
        spectrum = rfft(views[block : block + 500] * shape, 2 * WINDOW)
        power[block : block + 500] = np.square(np.abs(spectrum))
    return power / np.float32(np.square(shape).sum() * WINDOW)


def _floor(bands: Floats) -> Floats:
    """Three times the tenth percentile of each band, smoothed over 50 ms: (24,)."""
    from scipy.ndimage import uniform_filter1d

    quiet = np.percentile(uniform_filter1d(bands, 5, axis=0), 10, axis=0)
    return np.asarray(np.maximum(3 * quiet, 10 ** (QUIETEST_DB / 10) / BANDS), np.float32)


def _periodicity(power: Floats) -> Floats:
    """The highest autocorrelation at lags of 60–400 Hz, 0..1 and a little over: (n,)."""
    from scipy.fft import irfft

    hz = _frequencies()
    heard = ((hz >= VOICE_HZ[0]) & (hz <= VOICE_HZ[1])).astype(np.float32)
    short, long = (int(RATE_HZ / pitch) for pitch in reversed(PITCH_HZ))
    of_window = np.fft.irfft(np.square(np.abs(np.fft.rfft(_window(), 2 * WINDOW))))[: long + 1]
    found = np.empty(len(power), np.float32)
    for block in range(0, len(power), 500):
        product = irfft(power[block : block + 500] * heard)[:, : long + 1]
        shares = product[:, short:] / np.maximum(product[:, :1], 1e-12)
        found[block : block + 500] = (shares * (of_window[0] / of_window[short:])).max(axis=1)
    return found


def _repetition(power: Floats) -> Floats:
    """Correlation of the fine structure of the spectra four steps before and after, (n,)."""
    from scipy.ndimage import uniform_filter1d

    hz = _frequencies()
    fine = np.sqrt(np.sqrt(power[:, (hz >= PARTIALS_HZ[0]) & (hz <= PARTIALS_HZ[1])]))
    fine -= uniform_filter1d(fine, round(300 / hz[1]), axis=1)
    fine /= np.linalg.norm(fine, axis=1, keepdims=True) + 1e-9
    found = np.zeros(len(power), np.float32)
    found[4:-4] = (fine[8:] * fine[:-8]).sum(axis=1)
    return found


def _frequencies() -> NDArray[np.float64]:
    return np.asarray(np.fft.rfftfreq(2 * WINDOW, 1 / RATE_HZ), np.float64)


def _window() -> Floats:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=1)
def _mel_bank() -> tuple[Floats, NDArray[np.float64]]:
    """Triangles (24, 1025) evenly spaced in mel, and their centres in Hz (24,)."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in BANDS_HZ)
    edges_hz = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    sides = zip(edges_hz, edges_hz[1:], edges_hz[2:], strict=False)
    bank = [np.interp(_frequencies(), side, (0, 1, 0)) for side in sides]
    return np.array(bank, np.float32), edges_hz[1:-1]
