"""How good picture and sound are: a clip comes in, it goes out with numbers and no verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from tthd_tools.clip import AUDIO_RATE_HZ, FPS, Clip, ClipFrame, Part
from tthd_tools.stage import ClipStage, Watch
from tthd_tools.stages.tracks import TracksPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Luma = NDArray[np.uint8]

FACE_PX = 128
OUTER_EYES = (33, 263)
SD_PX = 512
SILENCE_DB = -50.0
MOST_SNR_DB = 60.0
CLIPPED = 0.99


class QualityPart(Part):
    """Numbers about a clip; None where something could not be measured.

    Face: ``face_px`` median width in source pixels; ``face_ratio`` share of frames with a face;
    ``longest_gap_s`` without one; ``other_faces`` mean number; ``sharpness`` variance of the
    Laplacian of the face shrunk to 128 px over the variance of its luma, median, so that it does
    not depend on size or contrast; ``brightness`` mean luma of the face, 0..1; ``dark_share`` and
    ``bright_share`` of its pixels within 2 % of black and white.
    Pose: means, and 95th percentiles of the absolute values, in degrees.
    Motion: ``head_motion`` of the point between the eyes in interocular distances per second;
    ``camera_motion_px`` of the background in source pixels per frame; ``crop_jitter_px`` of the
    crop's centre likewise; ``judder_per_s`` repeated or skipped frames.
    Sound at 16 kHz: ``loudness_lufs`` integrated (ITU-R BS.1770); ``clipping`` share of samples at
    0.99 of full scale or more; ``snr_db`` level of the loudest fifth of 20 ms pieces against the
    faintest tenth, at most 60; ``silence_ratio`` share of them under -50 dBFS.
    ``upscale``: 512 over the crop's side; above 1 the picture of profile sd512 was enlarged.
    """

    stage: ClassVar[str] = "quality"
    face_px: float
    face_ratio: float
    longest_gap_s: float
    other_faces: float
    sharpness: float | None
    brightness: float | None
    dark_share: float | None
    bright_share: float | None
    yaw_mean: float | None
    yaw_p95: float | None
    pitch_mean: float | None
    pitch_p95: float | None
    roll_mean: float | None
    roll_p95: float | None
    head_motion: float | None
    camera_motion_px: float | None
    crop_jitter_px: float
    judder_per_s: float
    loudness_lufs: float | None
    clipping: float
    snr_db: float | None
    silence_ratio: float
    upscale: float


class Quality(ClipStage):
    """Measures on small luma pictures; the face is looked at in every ``every``-th frame."""

    requires: ClassVar[tuple[type[Part], ...]] = (TracksPart,)
    provides: ClassVar[type[Part]] = QualityPart

    every: int = Field(5, ge=1)

    def watch(self, clip: Clip, folder: Path) -> Watch:
        """Look at the face and at the background, then add what tracks and sound tell."""
        from tthd_tools.background import Background

        track = clip.arrays(TracksPart, "track.npz")
        pose = clip.arrays(TracksPart)["pose"]
        background = Background()
        faces: list[tuple[float, ...]] = []
        while (frame := (yield)) is not None:
            box = track["box"][frame.k] if track["valid"][frame.k] else None
            background.look(frame, box, repeated=bool(track["repeated"][frame.k]))
            if box is not None and frame.k % self.every == 0:
                faces.append(measure_face(face_luma(frame, box)))
        return clip.with_part(
            QualityPart(
                **_of_track(clip, track),
                **_of_faces(faces),
                **_of_pose(pose[track["valid"]]),
                camera_motion_px=_rounded(background.motion_px(), 3),
                **measure_sound(clip.audio()),
            )
        )


def face_luma(frame: ClipFrame, box: NDArray[np.float32]) -> Luma:
    """Luma of a face box (x0, y0, x1, y1 in source pixels) as a square, (128, 128)."""
    from tthd_tools.media import Crop

    x0, y0, x1, y1 = (float(value) for value in box)
    square = Crop((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0, 2.0))
    return frame.frame.crop_luma(square, FACE_PX)


def measure_face(luma: Luma) -> tuple[float, float, float, float]:
    """Sharpness, brightness, dark and bright share of limited-range luma (16–235)."""
    import cv2
    import numpy as np

    edges = cv2.Laplacian(luma, cv2.CV_32F)
    sharpness = float(edges.var()) / max(float(luma.var()), 1.0)
    level = (luma.astype(np.float32) - 16) / 219
    dark, bright = (level <= 0.02).mean(), (level >= 0.98).mean()
    return sharpness, float(level.mean()), float(dark), float(bright)


def measure_sound(sound: NDArray[np.float32]) -> dict[str, Any]:
    """Loudness, clipping, speech-to-noise and silence of 16 kHz sound (n,)."""
    import numpy as np

    from tthd_tools.sound import loudness_lufs, short_levels_db

    levels = np.sort(short_levels_db(sound, AUDIO_RATE_HZ))
    if not len(levels):
        return {"loudness_lufs": None, "clipping": 0.0, "snr_db": None, "silence_ratio": 1.0}
    power = 10 ** (levels / 10)
    noise, loud = power[: max(len(power) // 10, 1)].mean(), power[len(power) * 4 // 5 :].mean()
    ratio = max(float(loud / noise) - 1, 1e-3)  # the loud pieces hold the noise too
    return {
        "loudness_lufs": _rounded(loudness_lufs(sound, AUDIO_RATE_HZ), 1),
        "clipping": round(float((np.abs(sound) >= CLIPPED).mean()), 6),
        "snr_db": round(min(10 * float(np.log10(ratio)), MOST_SNR_DB), 1) if sound.any() else None,
        "silence_ratio": round(float((levels < SILENCE_DB).mean()), 3),
    }


def head_speed(clip: Clip, track: dict[str, NDArray[Any]]) -> float | None:
    """Mean speed of the point between the eyes, in interocular distances per second."""
    import numpy as np

    left, right = (track["mesh"][:, index].astype(np.float64) for index in OUTER_EYES)
    side = track["crop"][:, 2:3]
    # mesh units are those of the crop; its turn changes no distance within a frame
    angle = np.radians(track["crop"][:, 3])
    middle = (left + right)[:, :2] / 2 * side / TracksPart.scale
    turned = np.stack(
        [
            middle[:, 0] * np.cos(angle) - middle[:, 1] * np.sin(angle),
            middle[:, 0] * np.sin(angle) + middle[:, 1] * np.cos(angle),
        ],
        axis=1,
    )
    where = turned + track["crop"][:, :2]
    between = np.linalg.norm((right - left)[:, :2], axis=1) * side[:, 0] / TracksPart.scale
    steps = np.linalg.norm(np.diff(where, axis=0), axis=1)
    usable = track["valid"][1:] & track["valid"][:-1]
    usable &= ~(track["repeated"] | track["skipped"])[1:]
    if not usable.any():
        return None
    return float(steps[usable].mean() / np.median(between[track["valid"]]) * FPS)


def _of_track(clip: Clip, track: dict[str, NDArray[Any]]) -> dict[str, Any]:
    import numpy as np

    found = clip.part(TracksPart)
    seen = np.concatenate([[-1], np.flatnonzero(track["valid"]), [len(track["valid"])]])
    moved = np.linalg.norm(np.diff(track["crop"][:, :2], axis=0), axis=1)
    uneven = track["repeated"] | track["skipped"]
    return {
        "face_px": round(found.face_px, 1),
        "face_ratio": round(found.face_ratio, 4),
        "longest_gap_s": round((int(np.diff(seen).max()) - 1) / FPS, 2),
        "other_faces": round(found.other_faces, 3),
        "head_motion": _rounded(head_speed(clip, track), 3),
        "crop_jitter_px": round(float(moved.mean()) if len(moved) else 0.0, 3),
        "judder_per_s": round(float(uneven.mean()) * FPS, 3),
        "upscale": round(SD_PX / found.side_px, 3),
    }


def _of_faces(faces: list[tuple[float, ...]]) -> dict[str, float | None]:
    import numpy as np

    names = ("sharpness", "brightness", "dark_share", "bright_share")
    if not faces:
        return dict.fromkeys(names, None)
    values = np.array(faces)
    found = [np.median(values[:, 0]), *values[:, 1:].mean(axis=0)]
    return {name: round(float(value), 4) for name, value in zip(names, found, strict=True)}


def _of_pose(pose: NDArray[np.float16]) -> dict[str, float | None]:
    import numpy as np

    angles = pose.astype(np.float64)
    angles = angles[np.isfinite(angles).all(axis=1)]
    found: dict[str, float | None] = {}
    for column, name in enumerate(("yaw", "pitch", "roll")):
        values = angles[:, column]
        some = len(values) > 0
        found[f"{name}_mean"] = round(float(values.mean()), 1) if some else None
        found[f"{name}_p95"] = round(float(np.percentile(np.abs(values), 95)), 1) if some else None
    return found


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
