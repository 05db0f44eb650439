"""Does the sound fit the lips: features of mouth and sound come in, a signed offset goes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from tthd_tools.clip import FPS, Clip, Part
from tthd_tools.stage import CorpusStage, Fit
from tthd_tools.stages.audio_features import AudioFeaturesPart
from tthd_tools.stages.tracks import TracksPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_FRAMES = 15  # lags are looked at from -15 to +15 frames
NEAR = 2  # lags this near to the peak belong to it
BASELINE_S = 1.0  # slower changes of mouth and sound are no articulation
FASTEST_HZ = 8.0  # nor are faster ones
BANDS = slice(8, 60)  # mel bands of about 300–3500 Hz
FAINTEST_LOG = -16.0  # natural logarithm of a band's power: about -70 dBFS, under any speech
STILL = 2e-3  # a mouth that moves less, in interocular distances, is measurement noise


class SyncPart(Part):
    """How sound and lips fit.

    ``offset_ms``: POSITIVE = SOUND LATE, parabola through the highest correlation and its
    neighbours; ``offset_frames``: the same at 25 Hz; ``peak``: the correlation there, -1..1;
    ``margin``: ``peak`` minus the highest value more than two frames away from it; ``curve``: the
    correlations at lags -15…+15 frames. ``backend`` and ``fit_id`` say what measured it; the empty
    fit has the id "". All numbers are None where nothing can be measured: a still mouth, digital
    silence, or a clip under ``min_s``: chance alone correlates so few syllables.
    """

    stage: ClassVar[str] = "sync"
    offset_ms: float | None = None
    offset_frames: float | None = None
    peak: float | None = None
    margin: float | None = None
    backend: Literal["envelope"] = "envelope"
    fit_id: str = ""
    curve: tuple[float, ...] | None = None


class Sync(CorpusStage):
    """Measures the offset; ``backend: envelope`` correlates lip opening with the speech envelope.

    It learns nothing (empty fit). A single clip may be some frames off, since loudness alone does
    not tell what the lips do.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (TracksPart, AudioFeaturesPart)
    provides: ClassVar[type[Part]] = SyncPart

    backend: Literal["envelope"] = "envelope"
    min_s: float = Field(3.0, ge=2 * MOST_FRAMES / FPS)

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        """Correlate the features of one clip."""
        mouth = clip.arrays(TracksPart)["mouth"]
        log_mel = clip.arrays(AudioFeaturesPart)["logmel"]
        valid = clip.arrays(TracksPart, "track.npz")["valid"]
        curve = correlate(lip_motion(mouth, valid), envelope(log_mel), round(self.min_s * FPS))
        if curve is None:
            return clip.with_part(SyncPart(backend=self.backend))
        frames, peak, margin = read_peak(curve)
        return clip.with_part(
            SyncPart(
                offset_ms=round(frames * 1000 / FPS),
                offset_frames=round(frames, 2),
                peak=round(peak, 3),
                margin=round(margin, 3),
                backend=self.backend,
                curve=tuple(round(float(value), 3) for value in curve),
            )
        )


def lip_motion(mouth: NDArray[np.float16], valid: NDArray[np.bool_]) -> Floats | None:
    """Inner-lip opening (T,) without its slow changes; None if the mouth does not move.

    ``mouth`` (T,4) as ``tracks`` leaves it; frames without a face are bridged by straight lines.
    """
    import numpy as np

    opening = mouth[:, 0].astype(np.float64)
    seen = np.flatnonzero(valid & np.isfinite(opening))
    if len(seen) < 2:
        return None
    opening = band_pass(np.interp(np.arange(len(opening)), seen, opening[seen]))
    return opening if opening.std() > STILL else None


def envelope(log_mel: NDArray[np.float16]) -> Floats | None:
    """Loudness of the speech band (T,) without its slow changes; None for silence throughout."""
    import numpy as np

    loudness = np.maximum(log_mel[:, BANDS].astype(np.float64), FAINTEST_LOG).mean(axis=1)
    return None if np.ptp(loudness) < 1 else band_pass(loudness)


def band_pass(curve: Floats) -> Floats:
    """Keep 1–8 Hz or so: minus its mean over a second, then smoothed by a Gaussian; zero phase."""
    import numpy as np
    from scipy.ndimage import gaussian_filter1d

    slow = gaussian_filter1d(curve, BASELINE_S * FPS / 3, mode="nearest")
    smooth = gaussian_filter1d(curve, FPS / FASTEST_HZ / 4, mode="nearest")
    return np.asarray(smooth - slow)


def correlate(lips: Floats | None, sound: Floats | None, least: int) -> Floats | None:
    """Pearson correlation of lips at t with sound at t + lag, lags -15…+15: (31,).

    None where one of them is None, or they share fewer than ``least`` frames.
    """
    import numpy as np

    if lips is None or sound is None or len(lips) < least:
        return None
    values = []
    for lag in range(-MOST_FRAMES, MOST_FRAMES + 1):
        first, last = max(0, -lag), len(lips) - max(0, lag)
        a, b = lips[first:last], sound[first + lag : last + lag]
        a, b = a - a.mean(), b - b.mean()
        scale = np.sqrt(np.square(a).sum() * np.square(b).sum())
        values.append(float(a @ b / scale) if scale > 0 else 0.0)
    return np.array(values)


def read_peak(curve: Floats) -> tuple[float, float, float]:
    """Offset in frames, height, and margin of the highest value of a curve (31,).

    The offset is the vertex of the parabola through the peak and its neighbours (J. O. Smith,
    Spectral Audio Signal Processing, "Quadratic interpolation of spectral peaks").
    """
    import numpy as np

    top = int(curve.argmax())
    away = np.abs(np.arange(len(curve)) - top) > NEAR
    offset = float(top - MOST_FRAMES)
    if 0 < top < len(curve) - 1:
        left, here, right = curve[top - 1 : top + 2]
        bend = left - 2 * here + right
        offset += float((left - right) / (2 * bend)) if bend < 0 else 0.0
    return offset, float(curve[top]), float(curve[top] - curve[away].max())
