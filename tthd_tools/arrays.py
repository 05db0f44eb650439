"""Named arrays in, an ``.npz`` file out and back: the same arrays always give the same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that zip can hold
DEFLATE_LEVEL = 6


def save_arrays(path: Path | BinaryIO, **arrays: ArrayLike) -> None:
    """Write arrays to a file as ``numpy.load`` reads them, sorted by name and without dates."""
    import numpy as np

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=DEFLATE_LEVEL) as archive:
        for name in sorted(arrays):
            member = zipfile.ZipInfo(f"{name}.npy", date_time=DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # the default depends on the operating system
            content = io.BytesIO()
            array = np.asarray(arrays[name], order="C")
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(member, content.getvalue())


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of an ``.npz`` file; pickled objects are refused with ValueError."""
    import numpy as np

    # np.load leaves a file open that it opens itself and then finds damaged
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
