"""Masks and landmarks of one sample: an ``.npz`` comes in, sentences about what is wrong go out."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tthd_tools.shards.sample import BLENDSHAPES, LANDMARKS
from tthd_tools.stages.masks import BOXES, NAMES, SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

Shapes = Mapping[str, tuple[str, tuple[int, ...]]]
MAX_ARRAYS_BYTES = 256 << 20


def check_masks(data: bytes, frames: int) -> Iterator[str]:
    """What is wrong with ``masks.npz``: four masks a frame, two boxes, motion = face - mouth."""
    import numpy as np

    packed = ("uint8", (frames, SIDE * SIDE // 8))
    shapes: Shapes = {**dict.fromkeys(NAMES, packed), **dict.fromkeys(BOXES, ("float32", (4,)))}
    try:
        arrays = read_arrays(data)
    except ValueError as error:
        yield f"its masks.npz cannot be read: {error}"
        return
    wrong = list(_shapes("masks.npz", arrays, shapes))
    yield from wrong
    if not wrong and not np.array_equal(arrays["motion"], arrays["face"] & ~arrays["mouth"]):
        yield "its mask motion is not face without mouth"


def check_landmarks(data: bytes, frames: int) -> Iterator[str]:
    """What is wrong with ``lmk.npz``: shapes, and points of valid frames that are no numbers."""
    import numpy as np

    shapes: Shapes = {
        "points": ("float16", (frames, 468, 3)),
        "valid": ("bool", (frames,)),
        "pose": ("float16", (frames, 3)),
        "blendshapes": ("float16", (frames, BLENDSHAPES)),
    }
    try:
        arrays = read_arrays(data)
    except ValueError as error:
        yield f"its {LANDMARKS} cannot be read: {error}"
        return
    wrong = list(_shapes(LANDMARKS, arrays, shapes))
    yield from wrong
    if not wrong and not np.isfinite(arrays["points"][arrays["valid"]]).all():
        yield f"its {LANDMARKS} has points that are no numbers in valid frames"


def _shapes(where: str, arrays: Mapping[str, NDArray[Any]], shapes: Shapes) -> Iterator[str]:
    for name, (dtype, shape) in shapes.items():
        array = arrays.get(name)
        if array is None:
            yield f"its {where} has no {name}"
        elif array.dtype != dtype or array.shape != shape:
            yield f"its {where} has {name} as {array.dtype} {array.shape}, not {dtype} {shape}"


def read_arrays(data: bytes) -> dict[str, NDArray[Any]]:
    """Arrays of an ``.npz`` that nobody vouches for. Raises ValueError.

    An array's claimed size is compared with its bytes before any memory is taken for it.
    """
    arrays: dict[str, NDArray[Any]] = {}
    room = MAX_ARRAYS_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                room -= info.file_size
                if room < 0 or not info.filename.endswith(".npy"):
                    raise ValueError(f"{info.filename!r} is too large or no array")
                arrays[info.filename.removesuffix(".npy")] = _array(archive.read(info))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return arrays


def _array(content: bytes) -> NDArray[Any]:
    import numpy as np

    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("an array has an unknown format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    body = content[file.tell() :]
    if fortran or dtype.hasobject or math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError(f"an array claims {dtype} {shape} and has {len(body)} bytes")
    return np.frombuffer(body, dtype).reshape(shape)
