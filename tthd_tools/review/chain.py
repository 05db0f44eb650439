"""The chain of a log: its bytes and what its head says go in, events and findings come out.

Each line names the sha256 of the line before it, and the head says how many lines there are and the
sha256 of the last: any byte that is changed, any line that is removed, moved or inserted, is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tthd_tools.review.events import Event, parse_event
from tthd_tools.workspace import canonical_json


class LogFinding(NamedTuple):
    """What is wrong with a log, and where; line 0 is the file as a whole."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:" if self.line else self.file
        return f"{where} {self.message}"


class Head(NamedTuple):
    """How long a log is, and the sha256 of its last line; "" for an empty one."""

    lines: int
    sha256: str


@dataclass(frozen=True)
class Log:
    """One reviewer's events in their order, and what is wrong with the file.

    ``lines`` are the lines that count, as they stand; of a damaged log ``events`` are what can be
    read.
    """

    path: Path
    lines: tuple[bytes, ...] = ()
    events: tuple[Event, ...] = ()
    findings: tuple[LogFinding, ...] = ()

    @property
    def head(self) -> Head:
        """Where it ends."""
        return head_of(self.lines)


def sha256_hex(line: bytes) -> str:
    """What the next line names: the hash of a line without its line break."""
    return hashlib.sha256(line).hexdigest()


def seal(events: Iterable[Event], before: str) -> list[Event]:
    """The same events, each naming the one before it; ``before`` is the hash of the last line."""
    sealed: list[Event] = []
    for event in events:
        sealed.append(event.sealed(before))
        before = sha256_hex(sealed[-1].line())
    return sealed


def check_log(path: Path, handle: str, content: bytes, heads: Sequence[Head]) -> Log:
    """The log of that content, which is the reviewer's of that handle."""
    lines = content.split(b"\n")
    tail = lines.pop()
    if not content and not heads:  # it is new
        heads = [Head(0, "")]
    lines, against = _held(lines, tail, heads)
    findings = [LogFinding(str(path), *one) for one in against]
    events: list[Event] = []
    seen: set[str] = set()
    before = ""
    for number, line in enumerate(lines, 1):
        try:
            event = parse_event(line)
            objection = _objection(event, handle, before, seen)
            seen.add(event.event_id)
            if event.actor == handle:  # nobody's vote counts by another's hand
                events.append(event)
        except ValueError as error:
            objection = str(error)
        if line.endswith(b"\r"):
            objection = "its line ends were changed (CRLF); bring the file back as it was"
        if objection:
            findings.append(LogFinding(str(path), number, objection))
        before = sha256_hex(line)
    return Log(path, tuple(lines), tuple(events), tuple(findings))


def format_heads(heads: Iterable[Head]) -> str:
    """The text of a head file."""
    return "".join(canonical_json(head._asdict()) + "\n" for head in heads)


def parse_heads(text: str) -> list[Head]:
    """One head, or two during an append; none where the text is no such thing."""
    try:
        heads = [Head(**json.loads(line)) for line in text.splitlines()]
    except (ValueError, TypeError, RecursionError):
        return []
    return heads if text == format_heads(heads) and len(heads) <= 2 else []


def _objection(event: Event, handle: str, before: str, seen: set[str]) -> str | None:
    if event.prev_event_sha256 is None:
        return "it is not sealed; give the file to `tthd review merge` instead"
    if event.prev_event_sha256 != before:
        return "it does not follow the line before it: one of both was changed, moved or removed"
    if event.event_id in seen:
        return f"it has the id of another line, {event.event_id}"
    return None if event.actor == handle else f"it is {event.actor}'s decision, not {handle}'s"


def _held(
    lines: list[bytes], tail: bytes, heads: Sequence[Head]
) -> tuple[list[bytes], list[tuple[int, str]]]:
    """The lines that count, and what the heads say against them.

    Two heads stand there while an append is under way, or was killed: the log ends at the second,
    or whatever is behind the first has been told to nobody.
    """
    if not heads:
        return lines, [(0, "has no head, so that nobody knows where it should end; bring it back")]
    old, now = heads[0], head_of(lines)
    if now in heads and not tail:
        return lines, []
    if len(heads) == 2 and len(lines) >= old.lines and head_of(lines[: old.lines]) == old:
        return lines[: old.lines], []
    if now.lines < old.lines:
        return lines, [(now.lines, f"{old.lines - now.lines} of the lines behind it are gone")]
    if now.lines > old.lines or tail:
        return lines, [(old.lines + 1, "it was not written by tthd, or only a part of it is there")]
    return lines, [(now.lines, "it was changed, or its head was")]


def head_of(lines: Sequence[bytes]) -> Head:
    """Where so many lines end."""
    return Head(len(lines), sha256_hex(lines[-1]) if lines else "")
