"""The table: which columns there are, of which type, and what is in a row."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from tthd_tools.clip import Clip, Part, Span
from tthd_tools.ledger import Row
from tthd_tools.stages.sync import SyncPart
from tthd_tools.survey import ItemState
from tthd_tools.table import _scalar, columns, make_table, save_table
from tthd_tools.testing import FakePart, dummy_item
from tthd_tools.walk import Leaf
from tthd_tools.workspace import Workspace

FIRST = ["item_id", "clip_id", "source", "start_s", "end_s", "duration_s", "outcome", "reason"]


def state(item: bool, *leaves: Leaf, reason: str = "") -> ItemState:
    row = Row(
        "a-1", "a-1", "ingest", "f", "ok" if item else "failed", reason=reason, detail="a.mp4"
    )
    known = dummy_item("a.mp4", item_id="a-1", duration_s=9.0, dialect="amdo") if item else None
    return ItemState(row, known, leaves, (), 1)


def clip_leaf(part: Part | None = None) -> Leaf:
    item = dummy_item("a.mp4", item_id="a-1")
    clip = Clip("a-1_0000", "clip", item, Path("a.mp4"), Span(1.00004, 3.4999))
    return Leaf(clip if part is None else clip.with_part(part), "clip")


def test_documented_columns_come_first_and_measurements_by_stage() -> None:
    names = list(columns())
    assert names[:8] == FIRST
    for name in (
        "sync_offset_ms", "sync_backend", "quality_face_px", "tracks_face_ratio", "speech_ratio",
    ):  # fmt: skip
        assert name in names
    assert columns()["sync_offset_ms"] is float
    assert columns()["tracks_index"] is int
    assert columns()["scenes_start_kind"] is str


def test_lists_are_no_columns() -> None:
    assert "sync_curve" not in columns()


def test_a_clip_is_a_row_with_its_item_and_its_parts() -> None:
    part = SyncPart(offset_ms=80.0, peak=0.5, backend="envelope")
    row = make_table([state(True, clip_leaf(part))]).row(0, named=True)
    assert [row[name] for name in FIRST] == [
        "a-1", "a-1_0000", "a.mp4", 1.0, 3.5, 2.5, "clip", None,
    ]  # fmt: skip
    assert (row["dialect"], row["tier"], row["rights"]) == ("amdo", "internal", "unknown")
    assert (row["sync_offset_ms"], row["sync_peak"], row["sync_margin"]) == (80.0, 0.5, None)
    assert row["quality_face_px"] is None


def test_an_item_without_clips_is_a_row_with_its_reason() -> None:
    row = make_table([state(False, reason="empty")]).row(0, named=True)
    assert [row[name] for name in FIRST] == [
        "a-1", None, "a.mp4", None, None, None, "failed", "empty",
    ]  # fmt: skip


def test_an_empty_table_has_all_columns_with_their_types() -> None:
    table = make_table([])
    assert table.height == 0
    assert table.columns == list(columns())
    assert table.schema["duration_s"] == pl.Float64
    assert table.schema["sync_backend"] == pl.String


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [(float | None, float), (Literal["a", "b"], str), (list[float], None), (int | str, None)],
)
def test_what_is_one_value_becomes_a_column(annotation: object, kind: type | None) -> None:
    assert _scalar(annotation) is kind


def test_parts_of_stages_that_are_not_installed_do_no_harm() -> None:
    row = make_table([state(True, clip_leaf(FakePart(frames=3)))]).row(0, named=True)
    assert "fake_frames" not in row


def test_a_saved_table_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    workspace = Workspace.create(tmp_path / "work", tmp_path / "raw")
    save_table(make_table([]), workspace)
    save_table(make_table([state(False, reason="empty")]), workspace)
    assert pl.read_parquet(workspace.table)["reason"].to_list() == ["empty"]
    assert [path.name for path in workspace.table.parent.iterdir()] == ["clips.parquet"]
