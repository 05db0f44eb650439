"""A draft manifest for videos that came without one: items go in, files for a person to fill in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tthd_tools.workspace import Workspace, storage_errors, write_atomically

SUBMISSION = """\
# Draft manifest of videos that came without one. Nothing of it leaves tier `internal` until the
# rights are known: fill in what is true, and keep what is not known as it is.
schema: tthd-manifest/1.0
submission_id: sub_00000000_draft     # sub_YYYYMMDD_a-name-of-yours
contributor:
  handle: unknown                     # your handle or your lab's; no e-mail, no phone
  kind: individual                    # individual, lab, archive or broadcaster
rights_basis: unknown                 # speaker_consent, rights_holder_permission, open_licence, …
license: LicenseRef-unknown           # an SPDX expression, such as CC-BY-4.0
access_tier_max: internal             # internal, gated, registered or open
source_kind: files
items: items.csv
"""
COLUMNS = (
    "item_id",
    "path",
    "sha256",
    "speaker_id",
    "speaker_is_adult",
    "other_people_visible",
    "synthetic",
    "access_tier",
    "language",
    "dialect",
    "dialect_source",
    "text_raw",
    "text_status",
    "emotion",
    "emotion_origin",
)


def write_draft(workspace: Workspace) -> Path:
    """Write ``draft/submission.yaml`` and ``draft/items.csv``; return their folder.

    ``submission.yaml`` is written once and then a person's; ``items.csv`` keeps the rows that are
    there and gets one more for each new item. Raises AccessError where it cannot be written.
    """
    folder = workspace.root / "draft"
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
        submission = folder / "submission.yaml"
        if not submission.exists():
            write_atomically(submission, SUBMISSION)
        table = folder / "items.csv"
        text = table.read_text(encoding="utf-8-sig") if table.exists() else _line(COLUMNS)
        present = {row[0] for row in csv.reader(io.StringIO(text)) if row}
        fresh = "".join(
            _line(_row(item.item_id, item.path, item.sha256, item.language, item.text))
            for item, _ in workspace.items()
            if item.item_id not in present
        )
        if fresh or not table.exists():
            write_atomically(table, text + fresh)
    return folder


def _row(item_id: str, path: str, sha256: str, language: str | None, text: str) -> list[str]:
    known = {
        "item_id": item_id,
        "path": path,
        "sha256": sha256,
        "speaker_id": "spk_unknown",
        "access_tier": "internal",
        "other_people_visible": "",
        "synthetic": "unknown",
        "language": language or "",
        "text_raw": text,
        "text_status": "human" if text else "none",
    }
    return [_harmless(known.get(name, "")) for name in COLUMNS]


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def _line(cells: list[str] | tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
