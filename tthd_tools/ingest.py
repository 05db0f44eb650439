"""From a raw folder to registered items: files are found, hashed and probed, never decoded."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tthd_tools.clip import Item
from tthd_tools.errors import MediaError, UsageError
from tthd_tools.ledger import Child, Row
from tthd_tools.pipeline import digest
from tthd_tools.workspace import INGEST, Workspace

VIDEO_SUFFIXES = frozenset(
    [
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".webm",
        ".avi",
        ".mpg",
        ".mpeg",
        ".ts",
        ".mts",
        ".m2ts",
        ".flv",
        ".wmv",
        ".3gp",
        ".ogv",
        ".mxf",
    ]
)
SIDECAR_LIMIT_BYTES = 1 << 20
WORK_BYTES_PER_S = 600_000
RELEASE_BYTES_PER_S = 800_000
"""Measured on talkers at 512 × 512: what one second of clip takes."""


@dataclass
class IngestSummary:
    """What ``ingest`` has found, in files."""

    added: int = 0
    known: int = 0
    duplicates: int = 0
    failed: list[Row] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def files(self) -> int:
        """All video files that were found."""
        return self.added + self.known + self.duplicates + len(self.failed)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for machines."""
        return {
            "added": self.added,
            "known": self.known,
            "duplicates": self.duplicates,
            "failed": [
                {"source": row.detail, "code": row.code, "reason": row.reason, "why": row.message}
                for row in self.failed
            ],
            "seconds": round(self.seconds, 3),
        }


def estimate_bytes(seconds: float, folder: Path) -> dict[str, int]:
    """Space that a workspace and its shards will need for so much video, and what is free."""
    existing = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return {
        "work_bytes": round(seconds * WORK_BYTES_PER_S),
        "release_bytes": round(seconds * RELEASE_BYTES_PER_S),
        "free_bytes": shutil.disk_usage(existing).free,
    }


def find_videos(raw: Path) -> Iterator[Path]:
    """Video files below ``raw``, sorted by path; hidden files and links are passed over.

    Raises UsageError if ``raw`` is no folder.
    """
    if not raw.is_dir():
        raise UsageError(f"{raw} is no folder; give the folder that holds the raw videos")
    for folder, names, files in os.walk(raw, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in VIDEO_SUFFIXES:
                continue
            if path.is_symlink():
                continue
            yield path


def ingest(
    workspace: Workspace, on_file: Callable[[Path], None] = lambda path: None
) -> IngestSummary:
    """Register every video of the workspace's raw folder that is new or has changed.

    The caller holds the workspace for writing. A moved file is the same item; identical bytes
    register once, under the first path in sorted order.
    """
    summary = IngestSummary()
    seen = _Seen(workspace)
    rows: list[Row] = []
    paths = sorted(find_videos(workspace.raw), key=lambda path: _relative(path, workspace.raw))
    for path in paths:
        on_file(path)
        row, known = _register(path, workspace.raw, seen)
        if not known:
            rows.append(row)
        if row.reason == "duplicate":
            summary.duplicates += 1
        elif row.outcome == "failed":
            summary.failed.append(row)
        else:
            summary.added += not known
            summary.known += known
            summary.seconds += row.span_s
    workspace.record(rows)
    return summary


class _Seen:
    """What is known of files: by path with size and time, and by content."""

    def __init__(self, workspace: Workspace) -> None:
        self.by_path: dict[str, Row] = {}
        self.item_of: dict[str, str] = {}
        self.this_run: dict[str, str] = {}
        self.newest: dict[str, Row] = {}
        for row in workspace.ledger:
            if row.stage == INGEST:
                self.by_path[row.detail] = row
                self.newest[row.id] = row
                if row.outcome == "ok" and row.children[0].part is not None:
                    self.item_of[str(row.children[0].part["sha256"])] = row.id


def _register(path: Path, raw: Path, seen: _Seen) -> tuple[Row, bool]:
    relative = _relative(path, raw)
    try:
        status = path.stat()
        stamp = digest([relative, status.st_size, status.st_mtime_ns, _sidecar_stamp(path)])
        before = seen.by_path.get(relative)
        if (
            before is not None
            and before.fingerprint == stamp
            and seen.newest[before.id] is before  # not moved away and back meanwhile
        ):
            if before.outcome == "ok" and before.children[0].part is not None:
                seen.this_run.setdefault(str(before.children[0].part["sha256"]), relative)
            return before, True
        return _register_new(path, relative, status, stamp, seen), False
    except OSError as error:
        message = f"{relative} cannot be read: {error.strerror}; mend its permissions"
        return _refused(
            relative, digest([relative, "unreadable"]), "unreadable", "S004", message
        ), (False)


def _register_new(
    path: Path, relative: str, status: os.stat_result, stamp: str, seen: _Seen
) -> Row:
    if not stat.S_ISREG(status.st_mode):
        message = f"{relative} is no regular file; put the video itself there"
        return _refused(relative, stamp, "undecodable", "S001", message)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    first = seen.this_run.setdefault(sha256, relative)
    if first != relative:
        message = f"{relative} holds the same bytes as {first}, which is registered"
        return _refused(relative, stamp, "duplicate", "S013", message, outcome="rejected")
    item_id = seen.item_of.get(sha256) or make_item_id(path.stem, sha256)
    try:
        from tthd_tools.media import probe

        facts = probe(path)
    except MediaError as error:
        return _refused(relative, stamp, error.reason, error.code, str(error), item_id=item_id)
    item = Item(
        item_id=item_id,
        path=relative,
        sha256=sha256,
        size_bytes=status.st_size,
        duration_s=facts.duration_s,
        speaker_id=f"spk_item_{item_id}",
        probe=facts.model_dump(mode="json"),
        **_sidecars(path),
    )
    seen.item_of[sha256] = item_id
    child = Child("", "item", 0.0, facts.duration_s, item.model_dump(mode="json"))
    return Row(
        id=item_id,
        item_id=item_id,
        stage=INGEST,
        fingerprint=stamp,
        outcome="ok",
        detail=relative,
        children=(child,),
        span_s=facts.duration_s,
    )


def _refused(
    relative: str,
    stamp: str,
    reason: str,
    code: str,
    message: str,
    *,
    outcome: Any = "failed",
    item_id: str | None = None,
) -> Row:
    name = item_id or make_item_id(Path(relative).stem, digest(relative))
    return Row(
        id=name,
        item_id=name,
        stage=INGEST,
        fingerprint=stamp,
        outcome=outcome,
        reason=reason,
        code=code,
        message=message,
        detail=relative,
    )


def make_item_id(stem: str, sha256: str) -> str:
    """``item_id`` of a file without a manifest row: a slug of its stem, and 8 hex of its sha256."""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    return f"{slug or 'item'}-{sha256[:8]}"


def _relative(path: Path, raw: Path) -> str:
    # Undecodable bytes in a file name are kept as escapes, so that the ledger stays valid UTF-8.
    name = path.relative_to(raw).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _sidecar_stamp(path: Path) -> list[Any]:
    found = []
    for suffix in (".txt", ".json"):
        beside = path.with_suffix(suffix)
        if beside.is_file() and not beside.is_symlink():
            status = beside.stat()
            found.append([suffix, status.st_size, status.st_mtime_ns])
    return found


def _sidecars(path: Path) -> dict[str, Any]:
    """``NAME.txt`` is the transcript, ``NAME.json`` the metadata; known names go into the item."""
    fields: dict[str, Any] = {}
    text = _read_beside(path.with_suffix(".txt"))
    if text is not None:
        fields["text"] = text.strip()
    metadata = _read_beside(path.with_suffix(".json"))
    if metadata is None:
        return fields
    try:
        data = json.loads(metadata)
    except ValueError:
        return fields | {"extra": {"unreadable": f"{path.stem}.json"}}
    if not isinstance(data, dict):
        return fields | {"extra": {"json": data}}
    for name in ("language", "dialect", "emotion", "text"):
        if isinstance(data.get(name), str):
            fields[name] = data.pop(name)
    speaker = data.pop("speaker", None) or data.pop("speaker_id", None)
    if isinstance(speaker, str) and speaker.strip():
        fields["speaker_id"] = _speaker_id(speaker)
    return fields | {"extra": data}


def _speaker_id(speaker: str) -> str:
    if re.fullmatch(r"spk_[a-z0-9_-]{1,60}", speaker):
        return speaker
    return f"spk_local_{digest(speaker)[:12]}"


def _read_beside(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > SIDECAR_LIMIT_BYTES:
        return None
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return None
