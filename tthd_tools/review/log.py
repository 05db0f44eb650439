"""The log of one reviewer: decisions are appended to it, sealed into a chain, and read back.

A log is ``<submission>/decisions.<handle>.jsonl`` with ``decisions.<handle>.head`` beside it. Who
rewrites both is found only by comparing with a copy elsewhere, such as the history of a checkout.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tthd_tools.errors import AccessError, UsageError
from tthd_tools.review.chain import (
    Head,
    Log,
    LogFinding,
    check_log,
    format_heads,
    parse_heads,
    seal,
)
from tthd_tools.review.events import HANDLE, Event
from tthd_tools.workspace import storage_errors

LOCAL = "local"
"""Folder of the decisions about items that no submission has sent."""
MAX_LOG_BYTES = 256 << 20
MAX_HEAD_BYTES = 1000
DEEPEST = 4
_LIKE_A_LOG = re.compile(r"decisions\..*\.jsonl?", re.IGNORECASE)
_LOG_NAME = re.compile(rf"decisions\.({HANDLE})\.jsonl")


def log_path(reviews: Path, submission_id: str | None, handle: str) -> Path:
    """Where the decisions of a reviewer about the items of a submission lie."""
    if not re.fullmatch(HANDLE, handle):
        raise UsageError(
            f"{handle!r} cannot be a reviewer's handle: use at most 39 lower case letters a-z, "
            "digits, _ and -, and begin with a letter or digit"
        )
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", submission_id or LOCAL):
        raise UsageError(f"{submission_id!r} cannot be the id of a submission: see its manifest")
    return reviews / (submission_id or LOCAL) / f"decisions.{handle}.jsonl"


def read_logs(reviews: Path) -> list[Log]:
    """All logs below a folder, sorted by path; none where there is no folder.

    Raises UsageError for a file that somebody would take for a log and that is not read.
    """
    if not reviews.is_dir():
        return []
    with storage_errors(reviews):
        _refuse_unread(reviews)
        found = [path for path in reviews.glob("*/decisions.*") if path.suffix != ".tmp"]
    named = {path.with_suffix(".jsonl") if path.suffix == ".head" else path for path in found}
    return [read_log(path) for path in sorted(named)]


def _refuse_unread(reviews: Path) -> None:
    """Raise UsageError for a log in another place, or under almost its name: it may hold a veto."""
    depth = len(reviews.parts)
    for folder, inside, files in os.walk(reviews):
        at = len(Path(folder).parts) - depth
        inside[:] = sorted(inside) if at < DEEPEST else []
        for name in sorted(files):
            if not _LIKE_A_LOG.fullmatch(name) or (at == 1 and name.startswith("decisions.")):
                continue
            raise UsageError(
                f"{Path(folder) / name} is not read: a log is {reviews}/SUBMISSION/"
                "decisions.HANDLE.jsonl; put it there, or name the right folder with --reviews DIR"
            )


def read_logs_of(reviews: Path, handle: str) -> list[Log]:
    """All logs of one reviewer, sorted by path."""
    with storage_errors(reviews):
        return [read_log(path) for path in sorted(reviews.glob(f"*/decisions.{handle}.jsonl"))]


def read_log(path: Path) -> Log:
    """Read and check one log; what is wrong becomes findings, never an exception but AccessError.

    Waits for whoever appends to it.
    """
    if not path.exists() and not path.is_symlink():
        found = LogFinding(str(path), 0, "is gone, though its head is here; bring it back")
        return Log(path, findings=(found,))
    try:
        with _opened(path, os.O_RDONLY) as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return _checked(path, _content(file))
    except ValueError as error:
        return Log(path, findings=(LogFinding(str(path), 0, str(error)),))


def append_events(path: Path, events: Iterable[Event]) -> list[Event]:
    """Seal events and append those that the log does not hold yet; returns them, sealed.

    They follow each other as they are given. Waits for another process that appends; what has been
    appended is on the disk. Raises AccessError where the log is damaged, and for an event that is
    not its reviewer's, or whose id it knows with other content; nothing is appended then.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.parent.is_symlink():
            raise ValueError("lies in a folder that is a link; make it a folder of its own")
        with storage_errors(path), _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            log = _checked(path, _content(file))
            if log.findings:
                raise AccessError(
                    f"{log.findings[0]}; nothing is added to a damaged log: bring it back from a "
                    "copy that is whole"
                )
            new = seal(_new(log, events), log.head.sha256)
            if new:
                _append(file, log, new)
            return new
    except ValueError as error:
        raise AccessError(f"{path} {error}") from error


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """A descriptor of a plain file, never through a link. Raises ValueError, AccessError."""
    if path.is_symlink():
        raise ValueError("is a link; put the file itself there")
    with storage_errors(path):
        file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise ValueError("is no plain file")
            yield file
        finally:
            os.close(file)


def _content(file: int) -> bytes:
    size = os.fstat(file).st_size
    if size > MAX_LOG_BYTES:
        raise ValueError(f"is larger than {MAX_LOG_BYTES >> 20} MB")
    return os.pread(file, size, 0)


def _checked(path: Path, content: bytes) -> Log:
    """The log of that content; the caller holds its lock."""
    named = _LOG_NAME.fullmatch(path.name)
    if named is None:
        raise ValueError("is not named decisions.HANDLE.jsonl; rename or remove it")
    return check_log(path, named[1], content, _read_heads(path.with_suffix(".head")))


def _read_heads(path: Path) -> list[Head]:
    try:
        with _opened(path, os.O_RDONLY) as file:
            return parse_heads(os.read(file, MAX_HEAD_BYTES).decode())
    except (ValueError, AccessError):  # absent or unreadable: the log is found to have none
        return []


def _new(log: Log, events: Iterable[Event]) -> list[Event]:
    """Those events that the log does not hold, in their order."""
    known = {event.event_id: event.unsealed() for event in log.events}
    new: list[Event] = []
    for event in events:
        plain = event.unsealed()
        if log.path.name != f"decisions.{event.actor}.jsonl":
            raise ValueError(f"takes no event of {event.actor}'s: {event.event_id}")
        if known.setdefault(event.event_id, plain) != plain:
            raise ValueError(f"knows the event {event.event_id} with other content")
        if known[event.event_id] is plain:
            new.append(plain)
    return new


def _append(file: int, log: Log, events: list[Event]) -> None:
    """Write behind the log; the head says both ends first, so a kill in between is harmless."""
    lines = [event.line() for event in events]
    head = log.path.with_suffix(".head")
    # What a killed append has left behind the lines that count was told to nobody.
    os.ftruncate(file, sum(len(line) + 1 for line in log.lines))
    new = Log(log.path, (*log.lines, *lines)).head
    _write_synced(head, format_heads([log.head, new]))
    content = b"".join(line + b"\n" for line in lines)
    while content:
        content = content[os.write(file, content) :]
    os.fsync(file)
    _write_synced(head, format_heads([new]))


def _write_synced(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
