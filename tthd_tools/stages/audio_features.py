"""Log-mel spectrum and loudness: a clip comes in, it goes out with one feature vector per frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tthd_tools.clip import AUDIO_RATE_HZ, FPS, Clip, Part
from tthd_tools.stage import ClipStage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BANDS = 80
WINDOW = 1024  # 64 ms: Hann windows of that length, 40 ms apart, leave no sample out
HOP = round(AUDIO_RATE_HZ / FPS)
POWER_FLOOR = 1e-10


class AudioFeaturesPart(Part):
    """Features of the sound in ``features.npz``, one row per frame at 25 Hz.

    ``logmel`` float16 (T,80): natural logarithm of the power in 80 mel bands, floor 1e-10;
    ``loudness`` float16 (T,): level of the 40 ms around the frame's time in dBFS, floor -100.
    Row k is centred on the time of frame k. ``level_db``: level of the whole clip in dBFS, None
    for digital silence.
    """

    stage: ClassVar[str] = "audio_features"
    frames: int
    level_db: float | None


class AudioFeatures(ClipStage):
    """Measures the 16 kHz sound of a clip; no options, so that all corpora share one shape."""

    requires: ClassVar[tuple[type[Part], ...]] = ()
    provides: ClassVar[type[Part]] = AudioFeaturesPart

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Write ``features.npz``. Raises MediaError where the clip has no sound."""
        import numpy as np

        from tthd_tools.arrays import save_arrays
        from tthd_tools.sound import power_db, windows

        sound, count = clip.audio(), clip.frame_count
        loudness = power_db(np.square(windows(sound, HOP, HOP, count)).mean(axis=1))
        save_arrays(
            folder / "features.npz",
            logmel=log_mel(sound, count).astype(np.float16),
            loudness=loudness.astype(np.float16),
        )
        level = float(power_db(np.square(sound, dtype=np.float64).mean())) if sound.any() else None
        part = AudioFeaturesPart(frames=count, level_db=None if level is None else round(level, 2))
        yield clip.with_part(part)


def log_mel(sound: NDArray[np.float32], count: int) -> Floats:
    """Log-mel spectrum (count, 80) of 16 kHz sound, row k centred on sample 640·k.

    Power spectrum of a Hann window of 1024 samples over the window's energy, so that white noise
    of power p gives p in each bin; mel bands as in ``mel_bands``; natural logarithm.
    """
    import numpy as np

    from tthd_tools.sound import windows

    shape = np.hanning(WINDOW + 1)[:-1]
    spectrum = np.fft.rfft(windows(sound, WINDOW, HOP, count) * shape)  # (count, 513)
    power = np.square(np.abs(spectrum)) / np.square(shape).sum()
    return np.asarray(np.log(np.maximum(power @ mel_bands().T, POWER_FLOOR)))


def mel_bands() -> Floats:
    """Triangles (80, 513) over 0–8000 Hz whose weights sum to 1, on Slaney's mel scale.

    Linear to 1 kHz (3 mel per 200 Hz), logarithmic above (27 mel per factor 6.4): M. Slaney,
    Auditory Toolbox, Interval Technical Report 1998-010.
    """
    import numpy as np

    frequency = np.fft.rfftfreq(WINDOW, 1 / AUDIO_RATE_HZ)
    top = 15 + 27 * np.log(AUDIO_RATE_HZ / 2 / 1000) / np.log(6.4)
    mel = np.linspace(0, top, BANDS + 2)
    edges = np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))
    low, centre, high = (edges[k : k + BANDS, None] for k in range(3))
    rising = (frequency - low) / (centre - low)
    falling = (high - frequency) / (high - centre)
    weights = np.clip(np.minimum(rising, falling), 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
