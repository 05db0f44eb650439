"""A clip comes in; what a browser plays of it goes out: an mp4 with sound, and a still."""

from __future__ import annotations

from pathlib import Path

from tthd_tools.clip import FPS, Clip
from tthd_tools.errors import MediaError
from tthd_tools.media import add_sound, sample_frames
from tthd_tools.stages.encode import EncodePart
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.workspace import write_bytes_atomically

STILL_PX = 720
YELLOW = (60, 210, 255)  # blue, green, red
QUALITY = 80


def write_proxy(clip: Clip, target: Path) -> None:
    """Write the clip as a browser plays it: its H.264 picture as encoded, its sound as AAC.

    The file appears whole or not at all. Raises MediaError, AccessError.
    """
    temporary = target.with_name(f"{target.name}.tmp")
    try:
        add_sound(clip.file(EncodePart, "video.mp4"), clip.file(EncodePart, "audio.wav"), temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_still(clip: Clip, target: Path) -> bool:
    """Write the whole source picture at the clip's middle, with the crop framed, as a JPEG.

    False where the source is gone or cannot be read: the clip can be judged without.
    """
    import cv2
    import numpy as np

    middle = clip.frame_count // 2
    start_s = clip.span.start_s + middle / FPS
    try:
        _, _, frame = next(sample_frames(clip.source, start_s, start_s + 1 / FPS, FPS))
    except (MediaError, StopIteration):
        return False
    scale = min(1.0, STILL_PX / max(frame.width, frame.height))
    picture = frame.rgb(round(frame.width * scale), round(frame.height * scale))
    picture = np.ascontiguousarray(picture[..., ::-1])
    x, y, side, angle_deg = clip.arrays(TracksPart, "track.npz")["crop"][middle]
    square = cv2.boxPoints(((x * scale, y * scale), (side * scale, side * scale), angle_deg))
    cv2.polylines(picture, [np.rint(square).astype(np.int32)], True, YELLOW, 2, cv2.LINE_AA)
    ok, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if ok:
        write_bytes_atomically(target, jpeg.tobytes())
    return bool(ok)
