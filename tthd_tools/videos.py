"""Video files below the raw folder: which they are, what they are called, what they will need."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tthd_tools.errors import AccessError, UsageError

# fmt: off
VIDEO_SUFFIXES = frozenset([
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts",
    ".flv", ".wmv", ".3gp", ".ogv", ".mxf",
])
# fmt: on
WORK_BYTES_PER_S = 300_000
RELEASE_BYTES_PER_S = 280_000
"""Measured on talkers at 512 × 512: what one second of clip takes."""


def estimate_bytes(seconds: float, folder: Path) -> dict[str, int]:
    """Space that a workspace and its shards will need for so much video, and what is free."""
    existing = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    return {
        "work_bytes": round(seconds * WORK_BYTES_PER_S),
        "release_bytes": round(seconds * RELEASE_BYTES_PER_S),
        "free_bytes": shutil.disk_usage(existing).free,
    }


def find_videos(raw: Path) -> Iterator[Path]:
    """Video files below ``raw``; hidden files and links are passed over.

    A folder that may not be listed comes out too, so that it is told and not just missing.
    Raises UsageError if ``raw`` is no folder, AccessError if it may not be listed.
    """
    if not raw.is_dir():
        what = "is a file, not a folder" if raw.exists() else "does not exist"
        raise UsageError(f"{str(raw)!r} {what}; give the folder that holds the raw videos")
    closed: list[Path] = []
    for folder, names, files in os.walk(raw, onerror=lambda error: closed.append(_place(error))):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in VIDEO_SUFFIXES:
                continue
            if not path.is_symlink():
                yield path
    if raw in closed:
        raise AccessError(f"{str(raw)!r} may not be listed; mend its permissions")
    yield from closed


def require_videos(raw: Path) -> None:
    """Raises UsageError if ``raw`` is no folder or there is no video in it."""
    if next(find_videos(raw), None) is None:
        kinds = ", ".join(sorted(VIDEO_SUFFIXES))
        raise UsageError(f"there is no video in {str(raw)!r}; a video's name ends in {kinds}")


def _place(error: OSError) -> Path:
    return Path(error.filename)


def make_item_id(stem: str, sha256: str) -> str:
    """``item_id`` of a file without a manifest row: a slug of its stem, and 8 hex of its sha256."""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    return f"{slug or 'item'}-{sha256[:8]}"


def is_utf8(path: Path) -> bool:
    """Whether the name of a file can be written down."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def shown_path(path: Path, raw: Path) -> str:
    """The path below ``raw``; bytes that are no UTF-8 as escapes, so that it can be written."""
    name = path.relative_to(raw).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
