"""Any table of videos, CSV or JSON lines, with a mapping file where its columns are not ours."""

from __future__ import annotations

from pathlib import Path

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.read import read_csv, read_jsonl
from tthd_tools.manifest.lists.records import Listing, Options
from tthd_tools.manifest.lists.table import rows_of
from tthd_tools.manifest.lists.videos import Videos

LICENSE: str | None = None


def read(raw: Path, options: Options) -> Listing:
    """Paths are relative to ``raw``. Raises UsageError without a list or a column of paths."""
    path = options.list
    if path is None:
        raise UsageError("which table? give it with --list FILE (CSV with a header, or JSON lines)")
    records = read_jsonl(path) if path.suffix.lower() in (".jsonl", ".ndjson") else read_csv(path)
    rows = rows_of(records, path.name, "csv", options.mapping)
    return gather(Videos(raw), rows, options.mapping.state)
