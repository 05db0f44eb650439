"""A draft manifest for videos that came without one: items go in, files for a person to fill in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tthd_tools.clip import Item
from tthd_tools.errors import UsageError
from tthd_tools.manifest.new import TABLE, Answers, submission_text, table_text
from tthd_tools.workspace import Workspace, storage_errors, write_atomically

HEAD = """\
# Draft manifest of videos that came without one. Nothing of it leaves tier `internal` until the
# rights are known: fill in what is true, and keep what is not known as it is.
"""
UNKNOWN = Answers(
    submission_id="sub_00000000_draft",
    handle="unknown",
    kind="individual",
    rights_basis="unknown",
    license="LicenseRef-unknown",
    tier="internal",
    rows={},
)


def write_draft(workspace: Workspace) -> Path | None:
    """Write ``draft/submission.yaml`` and ``draft/items.csv``; return their folder.

    None where the rights of every item are known. ``submission.yaml`` is written once and then a
    person's; ``items.csv`` keeps the rows and the columns that are there and gets one row more for
    each new item. Raises AccessError where it cannot be written, UsageError where a person has
    saved the table as something else.
    """
    found = [item for item, _ in workspace.items()]
    unsaid = [one for one in found if one.submission_id is None and one.rights == "unknown"]
    if not unsaid:
        return None
    folder = workspace.root / "draft"
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
        submission = folder / "submission.yaml"
        if not submission.exists():
            write_atomically(submission, submission_text(UNKNOWN, HEAD))
        table = folder / "items.csv"
        text = _text(table) if table.exists() else ",".join(TABLE) + "\n"
        columns, present = _look(table, text)
        fresh = [_row(item) for item in unsaid if item.item_id not in present]
        if fresh or not table.exists():
            write_atomically(table, _whole_lines(text) + table_text(columns, fresh))
    return folder


def _text(table: Path) -> str:
    try:
        return table.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{table} is not UTF-8; save it as CSV in UTF-8 again") from None


def _look(table: Path, text: str) -> tuple[list[str], set[str]]:
    """The columns in a person's order, and the items that have a row."""
    rows = csv.DictReader(io.StringIO(text))
    columns = list(rows.fieldnames or ())
    if "item_id" not in columns:
        raise UsageError(
            f"{table} has no column item_id in its first line; save it with commas between the "
            "columns, or remove it to have it written anew"
        )
    return columns, {row["item_id"] for row in rows}


def _row(item: Item) -> dict[str, str]:
    unnamed = f"spk_item_{item.item_id}"
    known = {
        "item_id": item.item_id,
        "path": item.path,
        "sha256": item.sha256,
        "speaker_id": "spk_unknown" if item.speaker_id == unnamed else item.speaker_id,
        "access_tier": "internal",
        "synthetic": "unknown",
        "language": item.language or "",
        "dialect": item.dialect or "",
        "text_raw": item.text,
        "text_status": "human" if item.text else "none",
        "emotion": item.emotion or "",
    }
    return {name: cell for name, cell in known.items() if cell}


def _whole_lines(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
