"""Lists of known datasets: the name of one comes in, what it says of the raw videos goes out."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.mapping import ListMapping, read_mapping
from tthd_tools.manifest.lists.records import Listing, Options
from tthd_tools.pipeline import suggest


class Importer(Protocol):
    """One dataset: the file of its name in this folder. ``LICENSE`` is SPDX, None if unknown."""

    LICENSE: str | None

    def read(self, raw: Path, options: Options) -> Listing:
        """What the dataset's naming and lists say of the videos below ``raw``.

        Raises UsageError where nothing there is the dataset's, or its list cannot be read.
        """


def names() -> list[str]:
    """Names of the datasets there are, from their files."""
    folder = Path(__file__).parent
    return sorted(
        path.stem.replace("_", "-") for path in folder.glob("*.py") if not path.stem.startswith("_")
    )


def find(name: str) -> Importer:
    """The importer of that name. Raises UsageError, with the nearest name, where there is none."""
    if name not in names():
        raise UsageError(f"no list of kind {name!r}{suggest(name, names())}")
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return cast(Importer, module)


def read_list(
    name: str, raw: Path, list_path: Path | None = None, mapping_path: Path | None = None
) -> Listing:
    """What the list of a dataset says of the videos below ``raw``. Raises UsageError."""
    importer = find(name)
    mapping = ListMapping() if mapping_path is None else read_mapping(mapping_path)
    return importer.read(raw, Options(list_path, mapping))


__all__ = ["Importer", "Listing", "Options", "find", "names", "read_list"]
