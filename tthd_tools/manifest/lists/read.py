"""Files of lists come in, of any size and content; their records go out one by one, with lines."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from tthd_tools.errors import UsageError
from tthd_tools.strict_json import parse_json, strict_decoder

LARGEST_BYTES = 128 << 20  # of what is read at once
LARGEST_STREAM_BYTES = 8 << 30
LARGEST_ITEM = 4 << 20
MOST_COLUMNS = 200
CHUNK = 1 << 16
SPACE = re.compile(r"\s*")
SPACE_OR_COMMA = re.compile(r"[\s,]*")


class Record(NamedTuple):
    """One record of a list, and its line; ``flaw`` says why it cannot be used."""

    line: int
    values: dict[str, Any]
    flaw: str = ""


def read_text(path: Path, largest: int = LARGEST_BYTES) -> str:
    """The text of a UTF-8 file. Raises UsageError where it is none, or is too large."""
    with _opened(path, largest) as file:
        return file.read()


def _lines(path: Path) -> Iterator[str]:
    """Lines with their ends. Raises UsageError where a line is absurdly long."""
    with _opened(path, LARGEST_STREAM_BYTES) as file:
        while line := file.readline(LARGEST_ITEM):
            if len(line) == LARGEST_ITEM:
                raise UsageError(f"{path} has a line of {LARGEST_ITEM >> 20} MB; is it that list?")
            yield line


@contextmanager
def _opened(path: Path, largest: int) -> Iterator[TextIO]:
    """A file of text; what is wrong with it becomes one sentence, also while it is read."""
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "does not exist"
            raise UsageError(f"the list {str(path)!r} {what}; give the dataset's own file")
        if path.stat().st_size > largest:
            raise UsageError(f"{path} is larger than {largest >> 10} KB: it cannot be that list")
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        why = (error.strerror or "").lower()
        raise UsageError(f"{path} cannot be read ({why}); mend its permissions") from error


def find_files(raw: Path, wanted: Callable[[str], object]) -> list[Path]:
    """Files below ``raw`` whose name is wanted, sorted; hidden ones and links are passed over."""
    found = []
    for folder, names, files in os.walk(raw):
        names[:] = [name for name in names if not name.startswith(".")]
        paths = (Path(folder, name) for name in files if wanted(name) and not name.startswith("."))
        found += [path for path in paths if not path.is_symlink()]
    return sorted(found)


def read_csv(path: Path) -> Iterator[Record]:
    """Rows of a CSV file with a header, whichever of comma, semicolon and tab divides it.

    Raises UsageError where it is no such table.
    """
    lines = _lines(path)
    head = next(lines, "")
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(chain([head], lines), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(rows, [])]
        _check_header(path, header)
        line = rows.line_num + 1
        for cells in rows:
            flaw = ""
            if len(cells) > len(header):
                flaw = f"has {len(cells)} cells, the header {len(header)}"
            if cells:
                filled = [*cells, *[""] * (len(header) - len(cells))]
                yield Record(line, dict(zip(header, filled, strict=False)), flaw)
            line = rows.line_num + 1
        if rows.line_num < 2:
            raise UsageError(f"{path} has no rows below its header; is it the right table?")
    except csv.Error as error:
        raise UsageError(f"{path}:{line}: {error}; save it as CSV again") from error


def _check_header(path: Path, header: list[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1}) if len(header) < 999 else []
    if twice:
        raise UsageError(f"{path}:1: two columns are called {twice[0][:60]!r}; rename one")
    if not header or len(header) > MOST_COLUMNS:
        raise UsageError(f"{path}:1: {len(header)} columns; it must have 1 to {MOST_COLUMNS}")


def read_jsonl(path: Path) -> Iterator[Record]:
    """Lines of JSON, one object each. Raises UsageError where the file is no text."""
    for line, text in enumerate(_lines(path), start=1):
        if not text.strip():
            continue
        try:
            value = parse_json(text)
        except ValueError as error:
            yield Record(line, {}, str(error))
            continue
        is_object = isinstance(value, dict)
        yield Record(line, value if is_object else {}, "" if is_object else "is no object {…}")


def read_json_object(path: Path) -> tuple[dict[str, Any], str]:
    """A JSON file that holds one object, and its text. Raises UsageError where it does not."""
    text = read_text(path)
    try:
        value = parse_json(text)
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{path} must hold one object {{…}}, not {type(value).__name__}")
    return value, text


def read_json_list(path: Path) -> Iterator[Record]:
    """Objects of a JSON file that holds one list, read piece by piece, however many they are.

    Raises UsageError where the file is no such list; an item that is no object has a flaw.
    """
    try:
        with _opened(path, LARGEST_STREAM_BYTES) as file:
            yield from _JsonList(path, lambda: file.read(CHUNK)).items()
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: {error or 'it is nested too deep'}") from None


class _JsonList:
    """The items of one JSON list, of which at most one item and a chunk are kept."""

    def __init__(self, path: Path, more: Callable[[], str]) -> None:
        self._path = path
        self._more = more
        self._text = more()
        self._at = 0
        self._line = 1

    def items(self) -> Iterator[Record]:
        """Raises UsageError where the text is no list."""
        decoder = strict_decoder()
        self._skip(SPACE)
        if self._text[self._at : self._at + 1] != "[":
            raise UsageError(f"{self._path}:{self._line} is no list […]")
        self._move(self._at + 1)
        while True:
            self._skip(SPACE_OR_COMMA)
            if self._text[self._at : self._at + 1] == "]":
                return
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                self._grow(error)
                continue
            is_object = isinstance(value, dict)
            yield Record(
                self._line, value if is_object else {}, "" if is_object else "is no object {…}"
            )
            self._move(end)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        self._move(match.end() if match else self._at)

    def _move(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _grow(self, error: json.JSONDecodeError) -> None:
        chunk = self._more()
        if not chunk or len(self._text) - self._at > LARGEST_ITEM:
            raise UsageError(f"{self._path}:{self._line} is no JSON list ({error.msg.lower()})")
        self._text = self._text[self._at :] + chunk
        self._at = 0
