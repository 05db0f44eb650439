"""``items.csv`` or ``items.jsonl`` goes in, its rows come out one by one, with their lines."""

from __future__ import annotations

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tthd_tools.manifest.fields import check_names, field_problem
from tthd_tools.manifest.findings import Problem, Unreadable, shown
from tthd_tools.manifest.read_json import read_json
from tthd_tools.manifest.read_text import TextFile, windows_problem
from tthd_tools.manifest.rules_submission import ITEM_TEXTS, judge_free_text
from tthd_tools.manifest.schema import COLUMNS, ManifestItem

LIMIT_BYTES = 64 << 20
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula; an apostrophe before it takes that away."""
SEPARATORS = {",": "", ";": "semicolons between the columns", "\t": "tabs between the columns"}


@dataclass(frozen=True)
class RawRow:
    """One row as it was read: typed values without the empty ones, and what is wrong with it.

    ``whole`` is False where the row could not be read to its end.
    """

    line: int
    values: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True


class ItemsFile(ABC):
    """Iterates over RawRow, once. Raises Unreadable where the rest cannot be read.

    ``problems`` are those of the file as a whole, complete after the last row; ``absent`` are the
    required columns that it does not have, told there and not for each row; ``has_blank`` whether
    there was a row without any value, which is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._text = TextFile(path, LIMIT_BYTES)
        self.problems: list[Problem] = []
        self.absent: frozenset[str] = frozenset()
        self.has_blank = False

    def __iter__(self) -> Iterator[RawRow]:
        yield from self._rows()
        problem = windows_problem(self._text.windows)
        if problem is not None:
            self.problems.append(problem)

    @abstractmethod
    def _rows(self) -> Iterator[RawRow]: ...


def open_items(path: Path) -> ItemsFile:
    """The rows of a file by its name's end: ``.csv`` or ``.jsonl``."""
    return CsvItems(path) if path.suffix == ".csv" else JsonlItems(path)


class JsonlItems(ItemsFile):
    """One JSON object a line; a line that is none is told, and the next one is read."""

    def _rows(self) -> Iterator[RawRow]:
        for line, text in self._text:
            if not text.strip():
                continue
            try:
                data = read_json(text)
                if not isinstance(data, dict):
                    fix = "write one object {…} on each line"
                    problem = Problem("M063", "", "The line holds no object", shown(data), fix)
                    raise Unreadable(problem)
                check_names(data)
            except Unreadable as error:
                yield RawRow(line, {}, [error.problem], whole=False)
                continue
            values = {name: value for name, value in data.items() if value not in (None, "")}
            yield RawRow(line, values)


class CsvItems(ItemsFile):
    """A table with a first line of column names; commas, semicolons or tabs between them."""

    def _rows(self) -> Iterator[RawRow]:
        lines = iter(self._text)
        first, header = next(lines, (1, ""))
        if header.lower().startswith("sep="):  # a spreadsheet's own directive
            self._text.windows.append("a line `sep=`")
            first, header = next(lines, (2, ""))
        separator = max(SEPARATORS, key=header.count)
        if SEPARATORS[separator]:
            self._text.windows.append(SEPARATORS[separator])
        columns = self._columns(header, separator, first)
        texts = (f"{text}\n" for _, text in lines)
        reader = csv.reader(texts, delimiter=separator, strict=True)
        line = first + 1
        try:
            for cells in reader:
                if any(cells):
                    yield _row(line, columns, cells)
                else:
                    self.has_blank = True
                line = first + 1 + reader.line_num
        except csv.Error as error:
            raise _no_csv(error, line) from None

    def _columns(self, header: str, separator: str, line: int) -> list[str]:
        if "\r" in header:
            message, fix = "The lines end with CR alone", "save the sheet as CSV with LF"
            raise Unreadable(Problem("M063", "", message, "", fix, line))
        try:
            names = next(csv.reader([header], delimiter=separator, strict=True), [])
        except csv.Error as error:
            raise _no_csv(error, line) from None
        while names and not names[-1]:
            names.pop()
        if not names:
            fix = "write the column names into the first line"
            raise Unreadable(Problem("M063", "", "The file has no header", "", fix, line))
        try:
            check_names(names)
        except Unreadable as error:
            raise Unreadable(error.problem._replace(line=line)) from None
        for name in names:
            if names.count(name) > 1:
                message, fix = "The column stands there twice", "keep one of the two"
                raise Unreadable(Problem("M065", name, message, shown(name), fix, line))
        problems = [field_problem(name, COLUMNS) for name in names]
        self.absent = REQUIRED.difference(names)
        self.problems += [one._replace(line=line) for one in problems if one]
        self.problems += [
            Problem("M004", name, "The column is missing", "", f"add the column {name}", line)
            for name in COLUMNS
            if name in self.absent
        ]
        return ["" if problem else name for name, problem in zip(names, problems, strict=True)]


def _row(line: int, columns: list[str], cells: list[str]) -> RawRow:
    if (len(cells) != len(columns) and any(cells[len(columns) :])) or len(cells) < len(columns):
        message = f"The row has {len(cells)} cells and the header {len(columns)}"
        fix = "put quotes around a text that has separators or line breaks in it"
        return RawRow(line, {}, [Problem("M063", "", message, "", fix)], whole=False)
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, cell in zip(columns, cells, strict=False):
        if not cell or not name:
            continue
        if cell.startswith(FORMULA):
            message = "The cell begins as a spreadsheet's formula does"
            fix = f"remove the {shown(cell[0])}, or put an apostrophe before it"
            problems.append(Problem("M060", name, message, shown(cell), fix, fixable=True))
            if name in ITEM_TEXTS:
                problems += judge_free_text(name, cell)
            continue
        if cell[0] == "'" and cell[1:].startswith(FORMULA):
            cell = cell[1:]
        read = CELLS.get(name)
        values[name] = cell.replace("\r\n", "\n") if read is None else read(cell)
    return RawRow(line, values, problems)


def _truth(cell: str) -> Any:
    return {"true": True, "false": False}.get(cell.lower(), cell)


def _whole_number(cell: str) -> Any:
    return int(cell) if re.fullmatch(r"\d{1,15}", cell, re.ASCII) else cell


def _number(cell: str) -> Any:
    return float(cell) if re.fullmatch(r"\d{1,15}(\.\d{1,15})?", cell, re.ASCII) else cell


def _list(cell: str) -> Any:
    try:
        return read_json(cell) if cell.startswith("[") else cell
    except Unreadable:
        return cell


REQUIRED = frozenset(name for name, one in ManifestItem.model_fields.items() if one.is_required())
CELLS: Mapping[str, Callable[[str], Any]] = {
    "speaker_is_adult": _truth,
    "emotion_intensity": _whole_number,
    "width": _whole_number,
    "height": _whole_number,
    "fps": _number,
    "duration_s": _number,
    "emotion_segments": _list,
    "segments": _list,
}
"""How a cell becomes a value; one that does not stays text, and the model tells what it must be."""


def _no_csv(error: csv.Error, line: int) -> Unreadable:
    if "field larger" in str(error):
        fix = "close the quote, or split the text"
        return Unreadable(Problem("M064", "", "A cell is longer than 131072", "", fix, line))
    fix = "close the quotes, and write a quote inside a quoted text twice"
    return Unreadable(Problem("M063", "", f"This is no CSV: {error}", "", fix, line))
