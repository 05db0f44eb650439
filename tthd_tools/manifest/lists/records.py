"""What passes between a list's file and the items: rows come in, a listing goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tthd_tools.description import Description
from tthd_tools.manifest.lists.mapping import ListMapping


class Crop(NamedTuple):
    """A rectangle x0, y0, x1, y1 and the (width, height) of the picture that it is stated for.

    Without a size the rectangle is in 0..1. Where a list states one side only the other is None.
    """

    box: tuple[float, float, float, float]
    size: tuple[float | None, float | None] | None = None


class Row(NamedTuple):
    """One line of a list: the file that it names, and what it says of it or of a piece of it.

    ``path`` is relative to the raw folder; ``values`` are fields of ``Item`` by name, not checked
    yet; ``stated`` is what else the line says. Times are seconds of the file, None to its end.
    A ``flaw`` says why times or crop cannot be used: the file must not come in whole instead.
    """

    path: str
    origin: str
    values: Mapping[str, Any]
    stated: Mapping[str, Any] = {}
    start_s: float | None = None
    end_s: float | None = None
    crop: Crop | None = None
    flaw: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it speaks of the whole file and its whole picture."""
        return self[4:] == (None, None, None, "")


class Missing(NamedTuple):
    """A file that is listed and cannot come in: its path, where it is listed, one sentence."""

    path: str
    origin: str
    sentence: str


@dataclass
class Listing:
    """What a list gives: descriptions of files that are there, the others, and remarks."""

    descriptions: list[Description] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def describe(self, path: str) -> Description | None:
        """What is said of the file at that path below the raw folder, if anything is."""
        if self._by_path is None:
            self._by_path = {one.path: one for one in self.descriptions}
        return self._by_path.get(path)

    _by_path: dict[str, Description] | None = None


@dataclass(frozen=True)
class Options:
    """What a person says beside the dataset's name: its list's place, and a mapping file."""

    list: Path | None = None
    mapping: ListMapping = field(default_factory=ListMapping)
