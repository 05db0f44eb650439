"""The logs of decisions that a workspace has seen: none of them may vanish or get shorter.

A log proves itself by its own head; that whole logs are gone, with a veto in them, only somebody
else can notice. ``reviews_seen.json`` in the workspace holds the head of each.
"""

from __future__ import annotations

import json
from pathlib import Path

from tthd_tools.errors import RefusedError
from tthd_tools.review.chain import Head, Log, head_of
from tthd_tools.review.log import read_logs
from tthd_tools.workspace import Workspace, canonical_json, storage_errors, write_atomically

FILE = "reviews_seen.json"


def check_seen(workspace: Workspace, reviews: Path) -> None:
    """Raises RefusedError where decisions that were seen before are not there any more."""
    logs = _by_name(reviews)
    for name, head in _read(workspace).items():
        log = logs.get(name)
        if log is None or head_of(log.lines[: head.lines]) != head:
            what = "is gone" if log is None else "does not hold them any more"
            count = "1 decision was" if head.lines == 1 else f"{head.lines} decisions were"
            raise RefusedError(
                f"{count} read in {name!r} before, and the log {what}: bring "
                f"it back into {str(reviews)!r}, or name its folder with --reviews DIR"
            )


def note_seen(workspace: Workspace) -> None:
    """Remember where the logs of the workspace end now; what was seen before stays seen."""
    seen = _read(workspace)
    for name, log in _by_name(workspace.reviews).items():
        before = seen.get(name, Head(0, ""))
        if not log.findings and head_of(log.lines[: before.lines]) == before:
            seen[name] = log.head
    heads = {name: head._asdict() for name, head in seen.items() if head.lines}
    path = workspace.root / FILE
    with storage_errors(path):
        if heads:
            write_atomically(path, canonical_json(heads) + "\n")


def _by_name(reviews: Path) -> dict[str, Log]:
    return {log.path.relative_to(reviews).as_posix(): log for log in read_logs(reviews)}


def _read(workspace: Workspace) -> dict[str, Head]:
    path = workspace.root / FILE
    with storage_errors(path):
        if not path.exists():
            return {}
        text = path.read_text(encoding="utf-8")
    try:
        return {str(name): Head(**head) for name, head in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise RefusedError(
            f"{path} is damaged, so nobody knows which decisions were there; bring it back from a "
            "copy, or remove it if all logs are whole"
        ) from error
