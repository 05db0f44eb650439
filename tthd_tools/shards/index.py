"""The index of a release: samples and where they lie come in, one Parquet row each goes out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.shards.sample import Sample
from tthd_tools.shards.tar import TarDamage, scan, split_name

if TYPE_CHECKING:
    import polars as pl

Range = tuple[int, int]
"""Offset of a sample's first header in its tar, and the bytes to its end."""
TEXTS = (
    *("item_id", "speaker_id", "speaker_group", "split", "language", "dialect", "emotion"),
    *("emotion_origin", "text_status", "submission_id", "consent_id"),
    *("tier", "rights", "license", "review_state"),
)


def sample_ranges(shard: Path) -> dict[str, Range]:
    """Where each sample of a shard lies, from the tar itself. Raises TarDamage."""
    ranges: dict[str, Range] = {}
    last = ""
    with shard.open("rb") as file:
        for member in scan(file):
            key, _ = split_name(member.name)
            if key in ranges and key != last:
                raise TarDamage(f"{key} comes a second time", member.offset)
            start, _ = ranges.get(key, (member.offset, 0))
            ranges[key] = start, member.end - start
            last = key
    return ranges


def index_row(sample: Sample, shard: str, where: Range) -> dict[str, Any]:
    """One row: place, length, and the scalar measurements as ``<stage>_<field>``."""
    record = sample.record
    row: dict[str, Any] = {
        "key": sample.key,
        "shard": shard,
        "offset": where[0],
        "size": where[1],
        "frames": sample.frames,
        "duration_s": sample.seconds,
        "start_s": record.get("start_s"),
        "end_s": record.get("end_s"),
        **{name: record.get(name) for name in TEXTS},
        "text": sample.text,
        "source_sha256": record.get("source", {}).get("sha256"),
    }
    for stage, part in sorted(record.get("parts", {}).items()):
        for name, value in part.items():
            if value is None or isinstance(value, bool | int | float | str):
                row[f"{stage}_{name}"] = value
    return row


def index_bytes(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The rows, sorted by key, as a Parquet file."""
    import polars as pl

    frame = pl.DataFrame(
        sorted(rows, key=lambda row: str(row["key"])),
        schema_overrides=_types(pl),
        infer_schema_length=None,
        strict=False,
    )
    file = io.BytesIO()
    (frame if frame.width else pl.DataFrame(schema=_types(pl))).write_parquet(file)
    return file.getvalue()


def _types(pl: Any) -> dict[str, Any]:
    """Types of the columns that every index has, rows or none."""
    return {
        "key": pl.String,
        "shard": pl.String,
        "offset": pl.Int64,
        "size": pl.Int64,
        "frames": pl.Int64,
        "duration_s": pl.Float64,
        "start_s": pl.Float64,
        "end_s": pl.Float64,
        **dict.fromkeys([*TEXTS, "text", "source_sha256"], pl.String),
    }


def read_index(path: Path) -> pl.DataFrame:
    """The index of a release. Raises polars' or the system's error where it cannot be read."""
    import polars as pl

    return pl.read_parquet(path)
