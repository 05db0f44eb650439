"""The index: where each sample lies, and what was measured."""

from __future__ import annotations

import json
import tarfile
from io import BytesIO
from pathlib import Path

import polars as pl

from tthd_tools.shards.index import index_bytes, read_index


def test_a_sample_can_be_read_by_offset_and_size_alone(whole_release: Path) -> None:
    for row in read_index(whole_release / "index" / "clips.parquet").iter_rows(named=True):
        with (whole_release / row["shard"]).open("rb") as file:
            file.seek(row["offset"])
            piece = file.read(row["size"])
        with tarfile.open(fileobj=BytesIO(piece)) as tar:
            names = tar.getnames()
            record = tar.extractfile(f"{row['key']}.json")
            assert record is not None
            assert json.loads(record.read())["key"] == row["key"]
        assert len(names) == 7


def test_columns_are_main_facts_and_measurements(whole_release: Path) -> None:
    frame = read_index(whole_release / "index" / "clips.parquet")
    assert frame["key"].to_list() == [f"item-{n}_0000" for n in range(4)]
    row = frame.row(0, named=True)
    expected = {
        "shard": "data/all/tthd-all-44.tar",
        "offset": 0,
        "frames": 30,
        "duration_s": 1.2,
        "start_s": 1.0,
        "end_s": 2.2,
        "item_id": "item-0",
        "speaker_id": "spk_a",
        "split": "all",
        "language": "bo",
        "dialect": None,
        "tier": "internal",
        "rights": "unknown",
        "review_state": "unreviewed",
        "text": "བཀྲ་ཤིས",
        "source_sha256": "ab" * 32,
        "encode_size_px": 64,
        "masks_mouth_in_box": None,
        "tracks_crop": "static",
    }
    assert {name: row[name] for name in expected} == expected


def test_whole_numbers_and_fractions_of_one_measurement_share_a_column() -> None:
    rows = [{"key": "b", "q": 1}, {"key": "a", "q": None}, {"key": "c", "q": 0.5}]
    frame = pl.read_parquet(BytesIO(index_bytes(rows)))
    assert frame["key"].to_list() == ["a", "b", "c"]
    assert frame["q"].to_list() == [None, 1.0, 0.5]


def test_an_empty_index_has_its_columns() -> None:
    frame = pl.read_parquet(BytesIO(index_bytes([])))
    assert frame.height == 0
    assert frame.schema["offset"] == pl.Int64
