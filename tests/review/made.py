"""Events and subjects for tests: a few words in, valid records out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tthd_tools.review.content import Subject
from tthd_tools.review.events import Event, parse_event
from tthd_tools.review.fold import Reviews, fold
from tthd_tools.review.settings import ReviewSettings
from tthd_tools.review.sources import Sources

NOW, BEFORE, ITEM = "a" * 64, "b" * 64, "c" * 64
"""Content of a clip as it is now and as it was; of its item."""
BYTES = "5" * 64
"""Hash of the source of item ``a``."""


def line(actor: str = "tashi", minute: int = 0, **fields: Any) -> bytes:
    """One vote to accept clip ``a_0000``, as a reviewer's page writes it; ``fields`` replace."""
    clip_id = fields.get("clip_id", "a_0000")
    data: dict[str, Any] = {
        "event_id": f"{actor}-{minute:06d}",
        "at": f"2025-11-{1 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:00.000Z",
        "actor": actor,
        "role": "reviewer",
        "item_id": "a",
        "clip_id": clip_id,
        "content_sha256": ITEM if clip_id is None else NOW,
        "guideline_version": "1",
        "event": "vote",
        "verdict": "accept" if fields.get("event", "vote") == "vote" else None,
    }
    return json.dumps(data | fields).encode()


def event(actor: str = "tashi", minute: int = 0, **fields: Any) -> Event:
    """The same as an event."""
    return parse_event(line(actor, minute, **fields))


def vote(actor: str, minute: int, verdict: str = "accept", *reasons: str, **fields: Any) -> Event:
    """A vote with its reasons."""
    return event(actor, minute, verdict=verdict, reasons=reasons, **fields)


def correct(actor: str, minute: int, field: str, new: Any, **fields: Any) -> Event:
    """A correction of one field."""
    changed = {field: {"old": None, "new": new}}
    return event(actor, minute, event="correct", fields_changed=changed, **fields)


def rule(actor: str, minute: int, verdict: str, **fields: Any) -> Event:
    """An adjudication."""
    return event(actor, minute, event="adjudicate", role="adjudicator", verdict=verdict, **fields)


def reopen(actor: str, minute: int, *settled: Event, **fields: Any) -> Event:
    """A clip is to be reviewed anew, and those decisions do not count any more."""
    given = {"comment": "look again", "settles": ids(*settled)} | fields
    return event(actor, minute, event="reopen", role="maintainer", **given)


def ids(*events: Event) -> list[str]:
    """What an adjudication or a reopening calls them."""
    return [one.event_id for one in events]


def logs_of_all(events: Iterable[Event]) -> list[list[Event]]:
    """One log for each reviewer, in the order in which the events stand."""
    found: dict[str, list[Event]] = {}
    for one in events:
        found.setdefault(one.actor, []).append(one)
    return list(found.values())


def folded(
    events: Iterable[Event],
    subjects: Iterable[Subject],
    settings: ReviewSettings | None = None,
    sources: Sources | None = None,
) -> Reviews:
    """The fold of events that stand in one log for each reviewer, in this order."""
    return fold(logs_of_all(events), subjects, settings, sources)


def subject(clip_id: str = "a_0000", content: str = NOW, **fields: Any) -> Subject:
    """A clip of item ``a``, 4 s long."""
    given: dict[str, Any] = {
        "item_content_sha256": ITEM,
        "source_sha256": BYTES,
        "duration_s": 4.0,
        "sent": {"text": "ཀ", "dialect": "amdo", "emotion": None, "emotion_intensity": None},
    }
    return Subject(clip_id, "a", content, **(given | fields))


def lines_of(events: Sequence[Event]) -> bytes:
    """A downloaded file of unsealed events."""
    return b"".join(one.unsealed().line() + b"\n" for one in events)
