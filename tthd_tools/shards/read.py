"""Shards come in, decoded samples go out, through a plain ``webdataset`` pipeline.

One line without this module does the same for the stock members::

    wds.WebDataset(sorted(glob("release/data/*/*.tar")), shardshuffle=False).decode()
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.errors import UsageError
from tthd_tools.shards.release import read_release

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def open_shards(
    release: Path | str | Iterable[Path | str],
    *,
    split: str | None = None,
    decode: bool = True,
    media: bool = False,
    shuffle_shards: int | bool = False,
) -> Any:
    """A ``webdataset.WebDataset`` over a release, a glob pattern, or a list of tar files.

    Decoded, a sample has ``json`` and ``align.json`` as dicts, ``txt`` as str, ``masks.npz`` and
    ``lmk.npz`` as dicts of arrays, ``mp4`` and ``wav`` as bytes; with ``media`` the picture is
    uint8 (T, H, W, 3) and the sound float32 (n,). Raises UsageError where there are no shards.
    """
    import webdataset

    paths = shard_paths(release, split)
    dataset = webdataset.WebDataset(paths, shardshuffle=shuffle_shards)
    return dataset.decode(*([decode_media] if media else [])) if decode else dataset


def shard_paths(release: Path | str | Iterable[Path | str], split: str | None = None) -> list[str]:
    """The tar files meant by a release folder, a pattern or a list, of one split or of all."""
    if not isinstance(release, Path | str):
        paths = [str(path) for path in release]
    elif Path(release).is_dir():
        folder = Path(release)
        listed = read_release(folder).shards
        paths = [str(folder / entry.path) for entry in listed if split in (None, entry.split)]
    else:
        paths = sorted(glob(str(release)))  # noqa: PTH207, a pattern may be absolute
    if not paths:
        wanted = f" of split {split}" if split else ""
        raise UsageError(f"{release} has no shards{wanted}; `tthd build-shards` makes them")
    return paths


def decode_media(name: str, data: bytes) -> Any:
    """webdataset's decoder for our ``mp4`` and ``wav``; None for anything else."""
    if name == ".mp4":
        return decode_picture(data)
    if name == ".wav":
        return decode_sound(data)
    return None


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """All frames of an mp4, (T, H, W, 3) RGB. Raises MediaError."""
    import numpy as np

    from tthd_tools.media import read_frames

    with as_file(data) as path:
        return np.stack([frame.rgb() for frame in read_frames(path)])


def decode_sound(data: bytes) -> NDArray[np.float32]:
    """Samples of a mono PCM16 wav in -1..1, (n,). Raises ValueError, wave.Error or EOFError."""
    import wave

    import numpy as np

    with wave.open(io.BytesIO(data)) as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2:
            raise ValueError("the sound is not mono PCM16")
        raw = file.readframes(file.getnframes())
    return np.frombuffer(raw, "<i2").astype(np.float32) / np.float32(32_768)


@contextmanager
def as_file(data: bytes) -> Iterator[Path]:
    """Bytes as a file with a name of our own, for a decoder that needs a path."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(data)
        file.flush()
        yield Path(file.name)
