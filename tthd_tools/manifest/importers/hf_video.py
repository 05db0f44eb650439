"""A video folder as ``datasets`` makes it: ``metadata.csv`` or ``metadata.jsonl`` beside videos.

https://huggingface.co/docs/datasets/video_dataset: ``file_name`` is relative to the metadata file;
the other columns are free, and those with our names are taken, as in any table.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.read import find_files, read_csv, read_jsonl
from tthd_tools.manifest.lists.records import Listing, Options, Row
from tthd_tools.manifest.lists.table import rows_of
from tthd_tools.manifest.lists.videos import Videos

LICENSE: str | None = None
NAMES = ("metadata.csv", "metadata.jsonl")


def read(raw: Path, options: Options) -> Listing:
    """Every metadata file below ``raw``, or the one given."""
    files = find_files(raw, NAMES.__contains__) if options.list is None else [options.list]
    if not files:
        hint = ""
        if find_files(raw, "metadata.parquet".__eq__):
            hint = "; save metadata.parquet as one of them"
        raise UsageError(f"there is no {' or '.join(NAMES)} in {str(raw)!r}{hint}")
    return gather(Videos(raw), _rows(raw, files, options), options.mapping.state)


def _rows(raw: Path, files: list[Path], options: Options) -> Iterator[Row | str]:
    folders = [path.parent for path in files]
    for path in files:
        name = path.relative_to(raw).as_posix() if path.is_relative_to(raw) else path.name
        if path.name == NAMES[1] and folders.count(path.parent) > 1:
            yield f"{name} is not used: {NAMES[0]} lies beside it"
            continue
        if not path.parent.is_relative_to(raw):
            raise UsageError(f"{path} must lie in {str(raw)!r}, beside its videos")
        records = read_jsonl(path) if path.suffix == ".jsonl" else read_csv(path)
        place = partial(_below, path.parent.relative_to(raw))
        yield from rows_of(records, name, "hf-video", options.mapping, place)


def _below(folder: Path, name: str) -> str:
    """A path of the metadata file as one below the raw folder; an absolute one stays so."""
    return name if name.startswith("/") or folder == Path() else f"{folder.as_posix()}/{name}"
