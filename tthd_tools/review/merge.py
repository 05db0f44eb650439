"""Downloaded decisions go in; what is new in them is sealed into the logs, the rest is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tthd_tools.errors import AccessError
from tthd_tools.review.chain import LogFinding, sha256_hex
from tthd_tools.review.events import HANDLE, Event, parse_event
from tthd_tools.review.log import MAX_LOG_BYTES, append_events, log_path, read_log
from tthd_tools.workspace import storage_errors

CLOCK_TOLERANCE = timedelta(days=1)
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


def merge_file(
    path: Path, reviews: Path, submissions: Mapping[str, str | None], now: datetime | None = None
) -> Merged:
    """Append what is new in a file ``decisions.<handle>.jsonl`` to the logs below ``reviews``.

    ``submissions`` maps the ids of all items to their submissions. The file may hold events that
    the logs hold already. A bad line is refused and the others are taken; a file that was sealed
    and then changed is refused as a whole. Raises AccessError where a file cannot be read or
    written.
    """
    merged = Merged(str(path))
    latest = ((now or datetime.now(UTC)) + CLOCK_TOLERANCE).strftime("%Y-%m-%dT%H:%M:%S.999Z")
    logs: dict[Path, list[tuple[int, Event]]] = {}
    try:
        for number, event in _events(path, merged):
            if event.item_id not in submissions:
                merged.refuse(number, f"there is no item {event.item_id} in this workspace")
            elif event.at > latest:
                merged.refuse(number, f"it was made at {event.at}, which is still to come")
            else:
                log = log_path(reviews, submissions[event.item_id], event.actor)
                logs.setdefault(log, []).append((number, event))
    except ValueError as error:
        merged.refuse(0, str(error))
        return merged
    for log, events in sorted(logs.items()):
        _append(log, events, merged)
    return merged


def _append(log: Path, events: list[tuple[int, Event]], merged: Merged) -> None:
    known = {event.event_id: event.unsealed() for event in read_log(log).events}
    taken: list[Event] = []
    for number, event in events:
        if known.setdefault(event.event_id, event.unsealed()) != event.unsealed():
            merged.refuse(number, f"its id {event.event_id} is that of another event")
        else:
            taken.append(event)
    try:
        added = len(append_events(log, taken))
        merged.added += added
        merged.known += len(taken) - added
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
