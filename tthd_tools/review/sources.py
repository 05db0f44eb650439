"""A ledger goes in; which bytes an item id, or a decision, stands for comes out.

Decisions are bound to bytes. An id says which bytes it meant only together with all that it was
ever given to, so every row of an item counts that the ledger has recorded, not the newest alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from tthd_tools.clip import Item
from tthd_tools.ledger import Row
from tthd_tools.pipeline import digest
from tthd_tools.review.content import Subject, item_content_sha256, piece_content_sha256
from tthd_tools.review.events import Event
from tthd_tools.workspace import INGEST, Workspace

TRACKS = "tracks"


@dataclass(frozen=True)
class Sources:
    """What is known of the bytes behind ids.

    ``of_id`` maps an item id to the sha256 of all bytes that ever had it, ``of_content`` a
    content_sha256 to those that it was made of, as far as an id alone does not say it.
    ``contributors`` are the handles under which bytes were ever sent, ``submissions`` the
    submission of each id, the newest.
    """

    of_id: Mapping[str, frozenset[str]] = field(default_factory=dict)
    of_content: Mapping[str, str] = field(default_factory=dict)
    contributors: Mapping[str, frozenset[str]] = field(default_factory=dict)
    submissions: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, event: Event) -> frozenset[str]:
        """The sha256 of the bytes that a decision is about.

        More than one where nobody knows which of them was meant, none where nothing is known.
        """
        if event.source_sha256 is not None:
            return frozenset([event.source_sha256])
        by_id = self.of_id.get(event.item_id, frozenset())
        sha256 = self.of_content.get(event.content_sha256)
        if sha256 is not None and (sha256 in by_id or not by_id):
            return frozenset([sha256])
        return by_id

    def with_subjects(self, subjects: Iterable[Subject]) -> Sources:
        """The same, and what is there now."""
        of_id, of_content = dict(self.of_id), dict(self.of_content)
        contributors = dict(self.contributors)
        for one in subjects:
            sha256 = one.source_sha256
            of_id[one.item_id] = of_id.get(one.item_id, frozenset()) | {sha256}
            of_content[one.content_sha256] = of_content[one.item_content_sha256] = sha256
            if one.contributor is not None:
                contributors[sha256] = contributors.get(sha256, frozenset()) | {one.contributor}
        return replace(self, of_id=of_id, of_content=of_content, contributors=contributors)


def read_sources(workspace: Workspace) -> Sources:
    """All that the ledger of a workspace has ever recorded of items."""
    of_id: dict[str, frozenset[str]] = {}
    contributors: dict[str, frozenset[str]] = {}
    submissions: dict[str, str | None] = {}
    rows: dict[str, list[Row]] = {}
    for row in workspace.ledger:
        if row.stage != INGEST or row.outcome != "ok":
            continue
        said = _said(row)
        sha256 = str(said["sha256"])
        rows.setdefault(row.id, []).append(row)
        of_id[row.id] = of_id.get(row.id, frozenset()) | {sha256}
        submissions[row.id] = said.get("submission_id")
        handle = said.get("contributor")
        if handle is not None:
            contributors[sha256] = contributors.get(sha256, frozenset()) | {str(handle)}
    of_content = {
        content: sha256
        for item_id, known in of_id.items()
        if len(known) > 1
        for content, sha256 in _contents(rows[item_id], workspace.ledger.of_item(item_id))
    }
    return Sources(of_id, of_content, contributors, submissions)


def _contents(registered: Sequence[Row], all_rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Every content that an id has had, with its bytes: of the item, and of each clip of it.

    A track knows its bytes by its fingerprint, so a pair that never was has a hash of nobody.
    """
    tracks = [row for row in all_rows if row.stage == TRACKS]
    for row in registered:
        try:
            item = Item.model_validate(_said(row))
        except ValidationError:  # of an older version of this program
            continue
        yield item_content_sha256(item), item.sha256
        for track in tracks:
            for child in track.children:
                fingerprint = digest([track.fingerprint, child.key])
                span = (child.start_s, child.end_s)
                yield piece_content_sha256(item, span, fingerprint), item.sha256


def _said(row: Row) -> Mapping[str, Any]:
    return row.children[0].part or {}
