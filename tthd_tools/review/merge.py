"""Downloaded decisions go in; what is new in them is sealed into the logs, the rest is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tthd_tools.errors import AccessError
from tthd_tools.review.chain import LogFinding, sha256_hex
from tthd_tools.review.events import HANDLE, Event, parse_event
from tthd_tools.review.intake import Intake
from tthd_tools.review.log import MAX_LOG_BYTES, append_events
from tthd_tools.review.sources import Sources
from tthd_tools.workspace import storage_errors

_DOWNLOAD = re.compile(rf"decisions\.({HANDLE})( ?\(\d+\))?\.jsonl")
"""A browser that has saved the file before numbers it."""


@dataclass
class Merged:
    """What became of one file: events that are new, that were known, and that were refused."""

    file: str
    added: int = 0
    known: int = 0
    refused: list[LogFinding] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> None:
        """Say why a line, or the file as a whole (0), is not taken."""
        self.refused.append(LogFinding(self.file, line, why))


def merge_file(path: Path, reviews: Path, sources: Sources, now: datetime | None = None) -> Merged:
    """Append what is new in a file ``decisions.<handle>.jsonl`` to the logs below ``reviews``.

    They get into a log in the order of the file, which may hold events that the logs hold already.
    A bad line is refused and the others are taken; a file that was sealed and then changed is
    refused as a whole. Raises AccessError where a file cannot be read or written.
    """
    merged = Merged(str(path))
    try:
        events = list(_events(path, merged))
    except ValueError as error:
        merged.refuse(0, str(error))
        return merged
    logs: dict[Path, list[Event]] = {}
    if events:
        intake = Intake(reviews, events[0][1].actor, sources, now)
        for number, event in events:
            why = intake.objection(event)
            if why is not None:
                merged.refuse(number, why)
            else:
                logs.setdefault(intake.log_of(event), []).append(event)
    for log, taken in sorted(logs.items()):
        _append(log, taken, merged)
    return merged


def _append(log: Path, events: list[Event], merged: Merged) -> None:
    try:
        added = len(append_events(log, events))
        merged.added += added
        merged.known += len(events) - added
    except AccessError as error:
        merged.refuse(0, f"cannot be taken: {error}")


def _events(path: Path, merged: Merged) -> Iterator[tuple[int, Event]]:
    """Numbered events of a file; raises ValueError for one that is not used at all."""
    named = _DOWNLOAD.fullmatch(path.name)
    if named is None:
        raise ValueError("is not named decisions.HANDLE.jsonl; give it back the name it came with")
    with storage_errors(path):
        if not path.is_file() or path.stat().st_size > MAX_LOG_BYTES:
            raise ValueError(f"is no file, or larger than {MAX_LOG_BYTES >> 20} MB")
        lines = path.read_bytes().split(b"\n")
    events: list[tuple[int, Event]] = []
    before = ""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = parse_event(line.strip())
        except ValueError as error:
            merged.refuse(number, str(error))
            continue
        finally:
            previous, before = before, sha256_hex(line)
        if event.prev_event_sha256 not in (None, previous):
            raise ValueError(f"was changed after it was sealed: line {number} does not follow")
        if event.actor != named[1]:
            merged.refuse(number, f"it is {event.actor}'s decision, not {named[1]}'s")
        else:
            events.append((number, event))
    yield from events
