"""Where somebody speaks: a clip comes in, it goes out with its share of speech and its pauses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tthd_tools.clip import AUDIO_RATE_HZ, FPS, Clip, Part
from tthd_tools.stage import ClipStage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

HOP = AUDIO_RATE_HZ // 100  # decisions are made every 10 ms
WINDOW = 1024  # 64 ms hold four periods of the lowest voice
BAND_HZ = (200.0, 3500.0)  # voices reach it, hum and rumble do not
PITCH_HZ = (70.0, 400.0)
QUIETEST_DB = -60.0  # nothing below is speech, however quiet the rest
BRIDGE = 30  # of 10 ms: unvoiced consonants and closures inside a phrase
SHORTEST = 10  # of 10 ms: a syllable
MARGIN = 10  # of 10 ms: consonants before the first and after the last vowel


class SpeechPart(Part):
    """Speech in a clip.

    ``ratio``: share of the time with speech, 0..1; ``seconds`` of speech; ``pauses``: gaps of at
    least ``min_pause_s`` between two stretches of speech, and the ``longest_pause_s`` of them (0
    without any); ``backend``: the engine that heard it. ``features.npz`` holds ``speech`` float16
    (T,) at 25 Hz: the share of the frame's 40 ms with speech.
    """

    stage: ClassVar[str] = "speech"
    ratio: float
    seconds: float
    pauses: int
    longest_pause_s: float
    backend: Literal["energy"]


class Speech(ClipStage):
    """Hears speech; ``backend: energy`` takes periodic sound above the noise floor for a voice.

    Sound is voiced where the normalised autocorrelation has a peak of ``voicing`` in 70–400 Hz and
    its level is ``above_noise_db`` over the clip's tenth percentile. Stretches of it are joined
    over 300 ms and widened by 100 ms. Music with a clear pitch is taken for speech.
    """

    requires: ClassVar[tuple[type[Part], ...]] = ()
    provides: ClassVar[type[Part]] = SpeechPart

    backend: Literal["energy"] = "energy"
    voicing: float = Field(0.6, ge=0, le=1)
    above_noise_db: float = Field(6.0, ge=0)
    min_pause_s: float = Field(0.3, ge=0)

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Write ``features.npz``. Raises MediaError where the clip has no sound."""
        import numpy as np

        from tthd_tools.arrays import save_arrays

        spoken = find_speech(clip.audio(), self.voicing, self.above_noise_db)
        per_frame = round(100 / FPS)
        shares = np.zeros(clip.frame_count * per_frame)
        shares[: len(spoken)] = spoken[: len(shares)]
        shares = shares.reshape(clip.frame_count, per_frame).mean(axis=1)
        save_arrays(folder / "features.npz", speech=shares.astype(np.float16))
        gaps = [end - start for start, end in stretches(~spoken) if start > 0 and end < len(spoken)]
        pauses = [gap / 100 for gap in gaps if gap >= 100 * self.min_pause_s]
        part = SpeechPart(
            ratio=round(float(spoken.mean()) if len(spoken) else 0.0, 3),
            seconds=round(int(spoken.sum()) / 100, 2),
            pauses=len(pauses),
            longest_pause_s=max(pauses, default=0.0),
            backend=self.backend,
        )
        yield clip.with_part(part)


def find_speech(sound: NDArray[np.float32], voicing: float, above_noise_db: float) -> Bools:
    """Where 16 kHz sound is speech, in steps of 10 ms: (n // 160,) bool."""
    import numpy as np

    level_db, periodicity = voice_cues(sound)
    spoken = np.zeros(len(level_db), np.bool_)
    if not len(level_db):
        return spoken
    threshold = max(float(np.percentile(level_db, 10)) + above_noise_db, QUIETEST_DB)
    voiced = (level_db > threshold) & (periodicity > voicing)
    for start, end in stretches(voiced):
        spoken[start:end] = end - start >= 3  # a shorter one is chance
    joined = spoken.copy()
    for start, end in stretches(~spoken):
        joined[start:end] = start > 0 and end < len(spoken) and end - start <= BRIDGE
    spoken[:] = False
    for start, end in stretches(joined):
        if end - start >= SHORTEST:
            spoken[max(start - MARGIN, 0) : end + MARGIN] = True
    return spoken


def voice_cues(sound: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Level in dBFS and periodicity (0..1) of 200–3500 Hz, each (n // 160,), 10 ms apart.

    Periodicity is the highest autocorrelation at lags of 70–400 Hz, divided by that of the window
    (P. Boersma 1993, Proc. Inst. Phonetic Sciences Amsterdam 17, eq. 9).
    """
    import numpy as np

    from tthd_tools.sound import power_db, windows

    shape = np.hanning(WINDOW + 1)[:-1]
    short, long = (int(AUDIO_RATE_HZ / hz) for hz in reversed(PITCH_HZ))
    of_window = np.fft.irfft(np.square(np.abs(np.fft.rfft(shape, 2 * WINDOW))))[: long + 1]
    frequency = np.fft.rfftfreq(2 * WINDOW, 1 / AUDIO_RATE_HZ)
    heard = (frequency >= BAND_HZ[0]) & (frequency <= BAND_HZ[1])
    levels, peaks = [np.zeros(0)], [np.zeros(0)]
    views = windows(sound, WINDOW, HOP, len(sound) // HOP)
    for block in range(0, len(views), 500):  # five seconds at a time keep memory flat
        spectrum = np.fft.rfft(views[block : block + 500] * shape, 2 * WINDOW)
        product = np.fft.irfft(np.square(np.abs(spectrum)) * heard)[:, : long + 1]
        energy = np.maximum(product[:, :1], 1e-12)
        levels.append(power_db(product[:, 0] / of_window[0]))
        peaks.append((product / energy * of_window[0] / of_window)[:, short:].max(axis=1))
    return np.concatenate(levels), np.concatenate(peaks)


def stretches(flags: Bools) -> list[tuple[int, int]]:
    """Start and end (exclusive) of each run of True."""
    import numpy as np

    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
