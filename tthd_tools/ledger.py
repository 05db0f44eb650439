"""The append-only record of what happened: rows go in, Parquet segments lie on disk."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tthd_tools.errors import AccessError

if TYPE_CHECKING:
    import polars as pl

Outcome = Literal["ok", "rejected", "failed"]
Key = tuple[str, str, str]
"""(id, stage, fingerprint)."""

COMPACT_ABOVE = 256


class Child(NamedTuple):
    """One clip that a stage yielded: ``key`` is empty for the clip itself.

    ``part`` is the part as plain data, ``reason`` is set where the branch has ended.
    """

    key: str
    level: str
    start_s: float
    end_s: float
    part: Mapping[str, Any] | None
    reason: str | None = None
    numbers: Mapping[str, float] = {}


@dataclass(frozen=True)
class Row:
    """What one stage did with one clip. ``message`` is for people, ``detail`` a traceback."""

    id: str
    item_id: str
    stage: str
    fingerprint: str
    outcome: Outcome
    reason: str = ""
    code: str = ""
    message: str = ""
    detail: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    children: Sequence[Child] = ()
    has_files: bool = False
    span_s: float = 0.0
    seconds: float = 0.0
    at: float = 0.0

    @property
    def key(self) -> Key:
        """What the row is found by."""
        return self.id, self.stage, self.fingerprint


class Ledger:
    """The rows of one workspace, found by (id, stage, fingerprint); a later row wins."""

    def __init__(self, folder: Path, *, read: bool = True) -> None:
        self.folder = folder
        self._rows: dict[Key, Row] = {}
        self._by_item: dict[str, dict[Key, Row]] = {}
        for row in self._read() if read else ():
            self._remember(row)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: Key) -> Row | None:
        """The newest row with that key."""
        return self._rows.get(key)

    def of_item(self, item_id: str) -> list[Row]:
        """All rows of one item."""
        return list(self._by_item.get(item_id, {}).values())

    def append(self, rows: Iterable[Row]) -> None:
        """Write rows as one segment, atomically. Raises OSError where the disk does not take it."""
        stamped = [row if row.at else _stamp(row) for row in rows]
        if not stamped:
            return
        self._write(stamped, self._next_number())
        for row in stamped:
            self._remember(row)

    def compact(self) -> None:
        """Join many small segments into one; a kill in between leaves harmless duplicates."""
        segments = self._segments()
        if len(segments) <= COMPACT_ABOVE:
            return
        self._write(list(self._rows.values()), self._next_number())
        for segment in segments:
            segment.unlink()

    def _remember(self, row: Row) -> None:
        # The newest row comes last in iteration too.
        self._rows.pop(row.key, None)
        self._rows[row.key] = row
        self._by_item.setdefault(row.item_id, {})[row.key] = row

    def _segments(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet")) if self.folder.is_dir() else []

    def _next_number(self) -> int:
        segments = self._segments()
        return int(segments[-1].stem) + 1 if segments else 1

    def _write(self, rows: Sequence[Row], number: int) -> None:
        target = self.folder / f"{number:08d}.parquet"
        temporary = target.with_suffix(".tmp")
        segment = io.BytesIO()  # polars would hide that the disk is full
        _frame(rows).write_parquet(segment)
        try:
            with temporary.open("wb") as file:
                file.write(segment.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise

    def _read(self) -> list[Row]:
        listed: list[Path] | None = None
        while (segments := self._segments()) != listed:
            listed = segments
            with suppress(FileNotFoundError):  # a writer has just joined the segments: look again
                return [row for segment in segments for row in _rows_of(segment)]
        raise AccessError(f"{self.folder} holds a broken link; remove it, or bring its file back")


def _rows_of(segment: Path) -> list[Row]:
    import polars as pl

    try:
        return [_parse(record) for record in pl.read_parquet(segment).iter_rows(named=True)]
    except pl.exceptions.PolarsError as error:
        raise AccessError(
            f"{segment} is damaged; bring it back from a backup, or remove it and run "
            "`tthd ingest` and `tthd measure` again: what it told is done again"
        ) from error


def _stamp(row: Row) -> Row:
    return Row(**{**_shallow(row), "at": round(time.time(), 3)})


def _shallow(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _frame(rows: Sequence[Row]) -> pl.DataFrame:
    import polars as pl

    records = [
        {
            **{name: _storable(value) for name, value in asdict(row).items()},
            "numbers": json.dumps(dict(row.numbers), sort_keys=True),
            "children": json.dumps([child._asdict() for child in row.children], sort_keys=True),
        }
        for row in rows
    ]
    return pl.DataFrame(records, infer_schema_length=None)


def _storable(value: Any) -> Any:
    """Text as valid UTF-8: a traceback may quote a file name that is not."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def _parse(record: dict[str, Any]) -> Row:
    children = tuple(Child(**child) for child in json.loads(record["children"]))
    return Row(**{**record, "numbers": json.loads(record["numbers"]), "children": children})
