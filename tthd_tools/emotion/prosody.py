"""Sound of speech comes in; how it is spoken goes out as numbers: pitch, energy, rate, tilt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.clip import AUDIO_RATE_HZ
from tthd_tools.sound import power_db, windows

Floats = NDArray[np.float64]
HOP = AUDIO_RATE_HZ // 100
WINDOW = 768  # 48 ms hold three periods of 65 Hz
PITCH_HZ = (65.0, 450.0)
VOICED = 0.6  # autocorrelation of a voice over that of its window
QUIET_DB = 30.0  # so far under the loud moments it is no vowel any more
OCTAVE_COST = 0.03  # of the autocorrelation: half the pitch fits as well as the pitch itself
PAUSE = 30  # of 10 ms: a longer gap ends a phrase
DIP_DB = 2.0  # between two syllables (N. de Jong, T. Wempe 2009, Behavior Research Methods 41)
TILT_HZ = (200.0, 4000.0)


class Prosody(NamedTuple):
    """How a clip is spoken; all None where no voice is heard.

    ``pitch_hz`` median; ``pitch_range_st`` semitones from the 10th to the 90th percentile;
    ``pitch_slope_st_s`` mean over phrases; ``level_db`` of the voiced moments in dBFS and their
    ``level_range_db`` from the 10th to the 90th percentile; ``rate_hz`` syllable nuclei per second
    of phrases; ``tilt_db_octave`` of the voiced spectrum: strained voices fall less.
    """

    pitch_hz: float | None = None
    pitch_range_st: float | None = None
    pitch_slope_st_s: float | None = None
    level_db: float | None = None
    level_range_db: float | None = None
    rate_hz: float | None = None
    tilt_db_octave: float | None = None


class Voice(NamedTuple):
    """Every 10 ms: pitch in Hz, 0 where unvoiced, and level in dBFS, both (n,)."""

    pitch_hz: Floats
    level_db: Floats


def measure_prosody(sound: NDArray[np.float32]) -> Prosody:
    """Measure 16 kHz sound (n,)."""
    voice = track_pitch(sound)
    voiced = voice.pitch_hz > 0
    if voiced.sum() < 10:
        return Prosody()
    semitones = 12 * np.log2(voice.pitch_hz[voiced] / 100)
    low, high = np.percentile(semitones, (10, 90))
    faint, loud = np.percentile(voice.level_db[voiced], (10, 90))
    power = 10 ** (voice.level_db[voiced] / 10)
    phrases = _phrases(voiced)
    return Prosody(
        pitch_hz=round(float(np.median(voice.pitch_hz[voiced])), 1),
        pitch_range_st=round(float(high - low), 2),
        pitch_slope_st_s=_slope(voice, phrases),
        level_db=round(float(10 * np.log10(power.mean())), 1),
        level_range_db=round(float(loud - faint), 1),
        rate_hz=_rate(voice, phrases),
        tilt_db_octave=_tilt(sound, voiced),
    )


def track_pitch(sound: NDArray[np.float32]) -> Voice:
    """Pitch by the autocorrelation divided by that of the window.

    P. Boersma 1993, Proc. Inst. Phonetic Sciences Amsterdam 17, equation 9; without its path
    search: a median over 50 ms takes single errors away.
    """
    from scipy.signal import medfilt

    shape = np.hanning(WINDOW + 1)[:-1]
    short, long = (round(AUDIO_RATE_HZ / hz) for hz in reversed(PITCH_HZ))
    of_window = _autocorrelation(shape[None])[0, : long + 2]
    lags = np.arange(long + 2)
    cost = OCTAVE_COST * np.log2(np.maximum(lags, 1) / short)
    pitches, levels = [np.zeros(0)], [np.zeros(0)]
    views = windows(sound, WINDOW, HOP, len(sound) // HOP)
    for first in range(0, len(views), 500):  # five seconds at a time keep memory flat
        pieces = views[first : first + 500] * shape
        product = _autocorrelation(pieces)[:, : long + 2]
        levels.append(power_db(product[:, 0] / of_window[0]))
        share = product / np.maximum(product[:, :1], 1e-12) * of_window[0] / of_window
        best = (share - cost)[:, short : long + 1].argmax(axis=1) + short
        rows = np.arange(len(best))
        before, peak, after = (share[rows, best + step] for step in (-1, 0, 1))
        bend = before - 2 * peak + after
        shift = np.where(bend < 0, 0.5 * (before - after) / np.minimum(bend, -1e-9), 0.0)
        is_voiced = (peak > VOICED) & (peak >= before) & (peak >= after)
        pitches.append(np.where(is_voiced, AUDIO_RATE_HZ / (best + np.clip(shift, -1, 1)), 0.0))
    pitch, level = np.concatenate(pitches), np.concatenate(levels)
    if not len(pitch):
        return Voice(pitch, level)
    pitch = np.where(level > np.percentile(level, 95) - QUIET_DB, pitch, 0.0)
    return Voice(np.asarray(medfilt(pitch, 5)), level)


def _autocorrelation(pieces: Floats) -> Floats:
    """Autocorrelation of each row (n, w) at lags from 0 on."""
    spectrum = np.fft.rfft(pieces, 2 * pieces.shape[1])
    return np.asarray(np.fft.irfft(np.square(np.abs(spectrum))))


def _phrases(voiced: NDArray[np.bool_]) -> list[slice]:
    """From the first to the last voiced moment between pauses."""
    where = np.flatnonzero(voiced)
    parts = np.split(where, np.flatnonzero(np.diff(where) > PAUSE) + 1)
    return [slice(int(part[0]), int(part[-1]) + 1) for part in parts]


def _slope(voice: Voice, phrases: list[slice]) -> float | None:
    """Semitones per second: straight lines through phrases of at least 0.3 s, by their length."""
    slopes, lengths = [], []
    for phrase in phrases:
        pitch = voice.pitch_hz[phrase]
        at = np.flatnonzero(pitch > 0)
        if len(at) >= PAUSE:
            slopes.append(np.polyfit(at / 100, 12 * np.log2(pitch[at] / 100), 1)[0])
            lengths.append(len(at))
    return round(float(np.average(slopes, weights=lengths)), 2) if slopes else None


def _rate(voice: Voice, phrases: list[slice]) -> float | None:
    """Peaks of the level that are voiced and rise 2 dB over the dips beside them, per second."""
    from scipy.signal import find_peaks

    peaks, seconds = 0, 0.0
    smooth = np.convolve(np.pad(voice.level_db, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    for phrase in phrases:
        edge = np.full(1, -200.0)
        level = np.concatenate([edge, smooth[phrase], edge])
        found, _ = find_peaks(level, prominence=DIP_DB)
        peaks += int((voice.pitch_hz[phrase][found - 1] > 0).sum())
        seconds += (phrase.stop - phrase.start) / 100
    return round(peaks / seconds, 2) if seconds >= 0.3 else None


def _tilt(sound: NDArray[np.float32], voiced: NDArray[np.bool_]) -> float:
    """Slope of the mean voiced spectrum over the logarithm of frequency."""
    shape = np.hanning(WINDOW + 1)[:-1]
    views = windows(sound, WINDOW, HOP, len(voiced))[voiced]
    power = np.zeros(WINDOW // 2 + 1)
    for first in range(0, len(views), 500):
        power += np.square(np.abs(np.fft.rfft(views[first : first + 500] * shape))).sum(axis=0)
    frequency = np.fft.rfftfreq(WINDOW, 1 / AUDIO_RATE_HZ)
    inside = (frequency >= TILT_HZ[0]) & (frequency <= TILT_HZ[1])
    level = 10 * np.log10(np.maximum(power[inside], 1e-12))
    octaves = np.log2(frequency[inside])
    # each octave counts once, however many bins it holds
    slope = np.polyfit(octaves, level, 1, w=np.sqrt(1 / frequency[inside]))[0]
    return round(float(slope), 2)
