"""The table: one row a clip, every measured value a column; derived from the ledger alone."""

from __future__ import annotations

import io
import types
import typing
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tthd_tools.clip import Part
from tthd_tools.stage import part_columns, stage_class, stage_names
from tthd_tools.survey import ItemState
from tthd_tools.walk import Leaf
from tthd_tools.workspace import Workspace, storage_errors, write_bytes_atomically

if TYPE_CHECKING:
    import polars as pl

FIXED = {
    "item_id": str,
    "clip_id": str,
    "source": str,
    "start_s": float,
    "end_s": float,
    "duration_s": float,
    "outcome": str,
    "reason": str,
    "speaker_id": str,
    "submission_id": str,
    "consent_id": str,
    "consent_scope": str,
    "language": str,
    "dialect": str,
    "text_norm": str,
    "text_status": str,
    "emotion": str,
    "emotion_intensity": int,
    "emotion_origin": str,
    "rights": str,
    "license": str,
    "tier": str,
}


def columns() -> dict[str, type]:
    """Names and types of all columns that an installed stage can fill, before the policy's own."""
    found: dict[str, type] = dict(FIXED)
    for name in stage_names():
        found |= _scalars(stage_class(name).provides)
    return found


def make_table(states: Iterable[ItemState]) -> pl.DataFrame:
    """Rows of level clip, and of items without any clip, sorted by item and clip."""
    import polars as pl

    known = columns()
    kinds: dict[type, Any] = {str: pl.String, float: pl.Float64, int: pl.Int64, bool: pl.Boolean}
    records = [record for state in states for record in _records(state)]
    schema = {name: kinds[kind] for name, kind in known.items()}
    return pl.DataFrame(records, schema=schema).sort("item_id", "clip_id", nulls_last=True)


def save_table(table: pl.DataFrame, workspace: Workspace) -> None:
    """Write the table atomically."""
    with storage_errors(workspace.table):
        workspace.table.parent.mkdir(exist_ok=True)
        content = io.BytesIO()  # polars would hide that the disk is full
        table.write_parquet(content)
        write_bytes_atomically(workspace.table, content.getvalue())


def _scalars(kind: type[Part]) -> dict[str, type]:
    found = {name: _scalar(annotation) for name, annotation in part_columns(kind).items()}
    return {name: type_ for name, type_ in found.items() if type_ is not None}


def _scalar(annotation: Any) -> type | None:
    """The column type of an annotation; None for what is no single value."""
    if annotation in (str, float, int, bool):
        return typing.cast(type, annotation)
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return type(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        kinds = [one for one in typing.get_args(annotation) if one is not type(None)]
        return _scalar(kinds[0]) if len(kinds) == 1 else None
    return None


def _records(state: ItemState) -> Iterable[dict[str, Any]]:
    if not state.clips:
        yield _record(state) | {"outcome": state.outcome, "reason": state.reason or None}
    for leaf in state.clips:
        yield _record(state, leaf)


def _record(state: ItemState, leaf: Leaf | None = None) -> dict[str, Any]:
    item = state.item
    record: dict[str, Any] = dict.fromkeys(columns())
    record |= {"item_id": state.item_id, "source": state.source}
    if item is not None:
        record |= {name: getattr(item, name) for name in FIXED if hasattr(item, name)}
        record |= {"duration_s": None, "consent_scope": " ".join(item.consent_scope) or None}
    if leaf is None:
        return record
    clip = leaf.clip
    for stage, part in clip.parts.items():
        names = {f"{stage}_{field}": value for field, value in part.model_dump().items()}
        record |= {name: value for name, value in names.items() if name in record}
    return record | {
        "clip_id": clip.id,
        "start_s": round(clip.span.start_s, 3),
        "end_s": round(clip.span.end_s, 3),
        "duration_s": round(clip.span.duration_s, 3),
        "outcome": leaf.state,
        "reason": leaf.reason or None,
    }
