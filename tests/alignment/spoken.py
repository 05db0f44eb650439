"""Made-up speech of which everything is known: each unit has a spectrum of its own."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from tthd_tools.alignment.acoustics import BANDS
from tthd_tools.alignment.train import Utterance
from tthd_tools.alignment.units import sound_class

SYLLABLES = (
    ("m", "a"), ("s", "i"), ("t", "o"), ("l", "e"), ("k", "u"), ("n", "i", "k$"),
    ("sh", "a", "ng$"), ("p", "ö"),
)  # fmt: skip
SILENT = -6.0


def spectrum(unit: str) -> NDArray[np.float64]:
    """The log-mel row of a unit: loud for vowels, faint for stops, a shape that is its own."""
    level = {"vowel": 3.0, "nasal": 1.0, "glide": 1.5, "hiss": 0.0}.get(sound_class(unit), -1.0)
    shape = np.random.default_rng(zlib.crc32(unit.encode())).normal(0, 1.5, BANDS)
    smooth = np.convolve(shape, np.ones(5) / 2.2, mode="same")
    return np.asarray(level + smooth)


def speak(
    syllables: list[tuple[str, ...]], seed: int, speaker: str = "one"
) -> tuple[Utterance, list[tuple[float, float]]]:
    """An utterance with pauses here and there, and start and end of each syllable in seconds."""
    random = np.random.default_rng(seed)
    rows = [np.full((int(random.integers(15, 40)), BANDS), SILENT)]
    times = []
    for units in syllables:
        if random.random() < 0.3:
            rows.append(np.full((int(random.integers(8, 30)), BANDS), SILENT))
        start = sum(map(len, rows))
        for unit in units:
            length = int(random.integers(9, 16) if sound_class(unit) == "vowel" else 6)
            rows.append(np.tile(spectrum(unit), (length, 1)))
        times.append((start / 100, sum(map(len, rows)) / 100))
    rows.append(np.full((20, BANDS), SILENT))
    sound = np.concatenate(rows)
    noisy = sound + random.normal(0, 0.5, sound.shape)
    return Utterance(speaker, noisy.astype(np.float16), tuple(syllables)), times


def drawn(seed: int, count: int = 8) -> list[tuple[str, ...]]:
    """Some syllables in a random order."""
    random = np.random.default_rng(seed)
    return [SYLLABLES[index] for index in random.integers(len(SYLLABLES), size=count)]
