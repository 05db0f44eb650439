"""What a browser needs to draw a clip: its sound, mesh and masks go in, short texts come out.

Arrays go as ``{"dtype", "shape", "data"}``, ``data`` being base64 of a zlib stream. Mesh and masks
hold the difference of each frame to the one before it, since a face hardly moves in 40 ms.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

from tthd_tools.clip import AUDIO_RATE_HZ, Clip
from tthd_tools.stages.audio_features import AudioFeaturesPart
from tthd_tools.stages.encode import EncodePart
from tthd_tools.stages.masks import MasksPart
from tthd_tools.stages.speech import SpeechPart
from tthd_tools.stages.tracks import TracksPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PEAKS_HZ = 400
MESH_PX = 4096
"""Mesh points are sent in this many units per side of the crop."""
DARKEST, BRIGHTEST = -16.0, -2.0
"""Natural logarithms of a mel band's power that are drawn black and white."""
MASKS = ("face", "mouth", "person")  # motion is face without mouth
Packed = dict[str, Any]


def drawings(clip: Clip) -> dict[str, Packed | None]:
    """Everything that is drawn over or under the picture; None where it was not measured.

    ``peaks`` int8 (2, n): lowest and highest sample of each 2.5 ms; ``spectrum`` uint8 (T, 80);
    ``speech`` uint8 (T,): share of each frame with speech; ``mesh`` int16 (T, 468, 2), see MESH_PX,
    with ``valid`` uint8 (T,); ``masks`` uint8 (3, T, 2048) by MASKS, packed as ``masks.npz`` is.
    """
    found: dict[str, Packed | None] = dict.fromkeys(
        ("peaks", "spectrum", "speech", "mesh", "valid", "masks")
    )
    if clip.has(EncodePart):
        found["peaks"] = pack(peaks(_sound(clip)))
    if clip.has(AudioFeaturesPart):
        found["spectrum"] = pack(shades(clip.arrays(AudioFeaturesPart)["logmel"]))
    if clip.has(SpeechPart):
        found["speech"] = pack(_bytes(clip.arrays(SpeechPart)["speech"]))
    if clip.has(TracksPart):
        found["mesh"] = pack(steps(mesh(clip)))
        found["valid"] = pack(_bytes(clip.arrays(TracksPart, "track.npz")["valid"]))
    if clip.has(MasksPart):
        found["masks"] = pack(masks(clip))
    return found


def peaks(sound: Floats, rate_hz: int = AUDIO_RATE_HZ) -> NDArray[np.int8]:
    """Lowest and highest sample of each 2.5 ms of mono sound (n,): int8 (2, n · 400 / rate)."""
    import numpy as np

    step = rate_hz // PEAKS_HZ
    pieces = sound[: len(sound) // step * step].reshape(-1, step)
    ends = np.stack([pieces.min(axis=1, initial=0), pieces.max(axis=1, initial=0)])
    scaled: NDArray[np.int8] = np.clip(np.rint(ends * 127), -127, 127).astype(np.int8)
    return scaled


def shades(log_mel: NDArray[np.float16]) -> NDArray[np.uint8]:
    """Log-mel power (T, 80) as grey values (T, 80)."""
    import numpy as np

    scaled = (log_mel.astype(np.float32) - DARKEST) / (BRIGHTEST - DARKEST)
    return np.asarray(np.rint(np.clip(scaled, 0, 1) * 255), np.uint8)


def mesh(clip: Clip) -> NDArray[np.int16]:
    """Mesh points of each frame in 1/4096 of the crop's side, int16 (T, 468, 2)."""
    import numpy as np

    points = TracksPart.points(clip, MESH_PX)[..., :2]
    return np.clip(np.rint(points), -32768, 32767).astype(np.int16)


def masks(clip: Clip) -> NDArray[np.uint8]:
    """Bits that change from frame to frame in face, mouth and person, uint8 (3, T, 2048)."""
    import numpy as np

    arrays = clip.arrays(MasksPart, "masks.npz")
    bits = np.stack([arrays[name] for name in MASKS])
    changed = bits.copy()
    changed[:, 1:] ^= bits[:, :-1]
    return changed


def steps(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """The first row as it is, then the differences of each row to the one before it."""
    import numpy as np

    return np.diff(values, axis=0, prepend=np.zeros_like(values[:1]))


def pack(array: NDArray[Any]) -> Packed:
    """An array as little-endian bytes, deflated, in base64."""
    data = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "data": base64.b64encode(zlib.compress(data, 6)).decode("ascii"),
    }


def _sound(clip: Clip) -> Floats:
    from tthd_tools.media import read_audio

    seconds = clip.part(EncodePart).samples / AUDIO_RATE_HZ
    return read_audio(clip.file(EncodePart, "audio.wav"), 0.0, seconds)


def _bytes(shares: NDArray[Any]) -> NDArray[np.uint8]:
    import numpy as np

    return np.rint(np.nan_to_num(shares.astype(np.float32)) * 255).astype(np.uint8)
