"""A path that a contributor wrote goes in, why it is not taken or where its file lies comes out."""

from __future__ import annotations

import re
from pathlib import Path

from tthd_tools.manifest.findings import Problem, shown

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$) *(\..*)?", re.IGNORECASE)
"""Names that mean a device on Windows, whatever stands after a dot."""


def path_problem(field: str, path: str) -> Problem | None:
    """M008 where a path does not mean a file below its folder on every system."""
    why = _objection(path)
    if why is None:
        return None
    fix = "write a path below the submission's folder, such as media/a.mp4"
    return Problem("M008", field, f"The path {why}", shown(path), fix)


def plain_path(path: str) -> str:
    """The same path without ``./`` before it, which keeps spreadsheets from seeing a formula."""
    return path.removeprefix("./")


def raw_path(raw: Path, submission_id: str, path: str) -> str:
    """Where a described file is to lie, relative to ``raw``: in the submission's folder, if there
    is one there."""
    own = raw / submission_id
    relative = plain_path(path)
    return f"{submission_id}/{relative}" if own.is_dir() else relative


def is_linked(raw: Path, relative: str) -> bool:
    """Whether a step of the path below ``raw`` is a link."""
    place = raw
    for step in relative.split("/"):
        place = place / step
        if place.is_symlink():
            return True
    return False


def _objection(path: str) -> str | None:
    if not path.isascii() or not path.isprintable():
        return "has other characters than ASCII"
    if "\\" in path:
        return "has a backslash"
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or path.startswith("~"):
        return "is absolute"
    steps = plain_path(path).split("/")
    if ".." in steps:
        return "leaves the submission's folder"
    if any(step.strip(". ") == "" for step in steps):
        return "has an empty step"
    if any(step.strip() != step or step.endswith(".") for step in steps):
        return "has a step that begins or ends with a space, or ends with a dot"
    if any(step.startswith(".") for step in steps):
        return "has a hidden step, which begins with a dot"
    if any(RESERVED.fullmatch(step) for step in steps):
        return "has a step that means a device on Windows"
    return None
