"""One reviewer's decisions go in; whether each may get into a log, and into which, comes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tthd_tools.review.events import Event
from tthd_tools.review.log import log_path, read_logs_of
from tthd_tools.review.sources import Sources
from tthd_tools.review.voice import strictness

CLOCK_TOLERANCE = timedelta(days=1)
"""How far another clock may be ahead of ours: a wrong time zone, no more."""


class Intake:
    """Looks at the events of one sender, one after the other, in the order in which they were made.

    ``now`` is what our own clock says.
    """

    def __init__(
        self, reviews: Path, handle: str, sources: Sources, now: datetime | None = None
    ) -> None:
        self._reviews, self._sources = reviews, sources
        latest = (now or datetime.now(UTC)) + CLOCK_TOLERANCE
        self._latest = latest.strftime("%Y-%m-%dT%H:%M:%S.999Z")
        self._known: dict[str, Event] = {}
        self._standing: dict[tuple[frozenset[str], str | None], Event] = {}
        self._log_of: dict[str, Path] = {}  # of an event_id, or of the sha256 of bytes
        self._sent: set[str] = set()
        for log in read_logs_of(reviews, handle):
            for event in log.events:
                self._note(event.unsealed())
                for name in (event.event_id, *sources.of(event)):
                    self._log_of.setdefault(name, log.path)

    def objection(self, event: Event) -> str | None:
        """Why an event is not taken; None where it is, or is known."""
        plain = event.unsealed()
        if event.item_id not in self._sources.submissions:
            return f"there is no item {event.item_id} in this workspace"
        if event.source_sha256 not in (None, *self._sources.of_id.get(event.item_id, ())):
            return f"it is about bytes that {event.item_id} has never stood for here"
        if event.at > self._latest:
            return f"it was made at {event.at}, which is still to come"
        if self._known.get(event.event_id, plain) != plain:
            return f"its id {event.event_id} is that of another event"
        stricter = self._stricter(event)
        if stricter is not None:
            return (
                f"it is older than {stricter.actor}'s rejection of {stricter.at}, which came here "
                "before; decide again if that no longer holds"
            )
        self._sent.add(event.event_id)
        if event.event_id not in self._known:
            self._note(plain)
        return None

    def log_of(self, event: Event) -> Path:
        """The log that an event belongs into.

        One that holds decisions about the same bytes goes first, so that all of them stand in one
        chain, whatever submission the bytes came in since.
        """
        for name in (event.event_id, *sorted(self._sources.of(event))):
            if name in self._log_of:
                return self._log_of[name]
        return log_path(self._reviews, self._sources.submissions[event.item_id], event.actor)

    def _note(self, event: Event) -> None:
        self._known[event.event_id] = event
        if _decides(event):
            self._standing[self._about(event)] = event

    def _stricter(self, event: Event) -> Event | None:
        """A later rejection, of which the sender did not know, that the event would undo.

        It comes from another browser, and this one's decisions are merged late.
        """
        last = self._standing.get(self._about(event))
        if event.event_id in self._known or not _decides(event) or last is None:
            return None
        if last.verdict != "reject" or last.at <= event.at or last.event_id in self._sent:
            return None
        is_as_strict = event.event == "vote" and strictness(event)[:2] >= strictness(last)[:2]
        return None if is_as_strict else last

    def _about(self, event: Event) -> tuple[frozenset[str], str | None]:
        return self._sources.of(event), event.piece


def _decides(event: Event) -> bool:
    return event.event == "withdraw_vote" or (event.event == "vote" and event.verdict != "skip")
