"""Names that bytes have or had go in, with what is against names; which bytes are out comes out.

A name is followed to the bytes by every row that ``ingest`` ever registered, and by the rows of the
manifests as they are now, also those that are refused.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from tthd_tools.clip import Span
from tthd_tools.lists import Lists
from tthd_tools.manifest.beside import NamedRow
from tthd_tools.manifest.safe_path import is_linked, path_problem, raw_path
from tthd_tools.manifest.withdrawals import FORMS, Withdrawal
from tthd_tools.rights import STATUSES
from tthd_tools.rights_seen import Seen, SeenBytes, SeenGiven
from tthd_tools.workspace import INGEST, Workspace


class Trace(NamedTuple):
    """What bytes were once said to be."""

    sha256: str
    item_id: str | None
    speaker_id: str | None
    consent_id: str | None


@dataclass(frozen=True)
class Ever:
    """Everything that a workspace has ever registered: its items, and the spans of its clips."""

    traces: frozenset[Trace]
    spans: dict[str, set[Span]] = field(default_factory=dict)
    items: dict[str, set[str]] = field(default_factory=dict)
    """Hashes by item_id."""
    cut: frozenset[str] = frozenset()
    """Items of which there are clips."""
    files: dict[tuple[str, int, int], str] = field(default_factory=dict)
    """Hash of a file by path, size and time."""


def read_ever(workspace: Workspace) -> Ever:
    """Follow the whole ledger."""
    traces: set[Trace] = set()
    spans: dict[str, set[Span]] = defaultdict(set)
    items: dict[str, set[str]] = defaultdict(set)
    cut: set[str] = set()
    files: dict[tuple[str, int, int], str] = {}
    for row in workspace.ledger:
        if row.stage == INGEST:
            if row.outcome == "ok":
                part: Any = row.children[0].part
                traces.add(Trace(*(part.get(name) for name in Trace._fields)))
                items[row.id].add(part["sha256"])
                files[part["path"], part["size_bytes"], part.get("mtime_ns", 0)] = part["sha256"]
            continue
        for child in row.children:
            if child.level == "clip" and not child.key and row.id != row.item_id:
                spans[row.id].add(Span(child.start_s, child.end_s))
                cut.add(row.item_id)
    return Ever(frozenset(traces), spans, items, frozenset(cut), files)


@dataclass(frozen=True)
class Resolver:
    """Finds the bytes that names stand for; ``seen`` holds all names and consents that count."""

    workspace: Workspace
    seen: Seen
    lists: Lists
    ever: Ever

    def bytes_out(self) -> Iterator[SeenBytes]:
        """All bytes that anything is against."""
        for trace in self.ever.traces:
            yield from self._against(trace, [trace.sha256])
        for row in self.lists.rows:
            named = Trace(row.sha256 or "", row.item_id, row.speaker_id, row.consent_id)
            if next(self._against(named, [""]), None) is not None:
                hashes = {row.sha256, self._sha256_at_its_path(row)} - {None}
                yield from self._against(named, sorted(map(str, hashes)))
        for sha256, consents in self.seen.given.items():
            for consent_id in sorted(consents):
                yield from self._against(Trace(sha256, None, None, consent_id), [sha256])
        for name, one in self.seen.names.items():
            if one.kind == "sha256":
                yield SeenBytes(sha256=name, status="withdrawn", because=name)
            else:
                yield from self._clip(name)

    def given(self) -> Iterator[SeenGiven]:
        """The consents that bytes have or had, by any row that says what its hash is.

        What a row that is not registered has there may be no consent at all, such as ``none``.
        """
        has_form = FORMS["consent_id"].fullmatch
        rows = [row for row in self.lists.rows if has_form(row.consent_id or "")]
        named = {(one.sha256, one.consent_id) for one in self.ever.traces}
        for sha256, consent_id in named | {(one.sha256, one.consent_id) for one in rows}:
            if sha256 is not None and consent_id is not None:
                yield SeenGiven(sha256=sha256, consent_id=consent_id)

    def unknown(self) -> Iterator[Withdrawal]:
        """Entries of the lists that name nothing that was ever here."""
        known = {name for trace in self.ever.traces for name in trace}
        for row in self.lists.rows:
            known |= {row.item_id, row.speaker_id, row.consent_id, row.sha256}
        known |= {
            one.because
            for sha256, found in self.seen.bytes.items()
            for one in found
            if one.because != sha256
        }
        known |= self.ever.spans.keys()
        for entry in self.lists.withdrawals:
            if entry.name not in known and not (
                entry.kind == "key" and _item_of(entry.name) in known
            ):
                yield entry

    def _against(self, trace: Trace, hashes: Iterable[str]) -> Iterator[SeenBytes]:
        """What the names of a trace bring upon bytes that are said to be it."""
        names, consents = self.seen.names, self.seen.consents
        withdrawn = next((name for name in trace if name in names), None)
        consent = consents.get(trace.consent_id or "")
        for sha256 in hashes:
            if withdrawn is not None:
                yield SeenBytes(sha256=sha256, status="withdrawn", because=withdrawn)
            if consent is not None and consent.status != "granted":
                yield SeenBytes(
                    sha256=sha256,
                    status=consent.status,
                    because=consent.consent_id,
                    until_consent_of=None if consent.status == "withdrawn" else consent.speaker_id,
                )
            status = self._speakers.get(trace.speaker_id or "")
            if trace.consent_id is None and status is not None:
                speaker = str(trace.speaker_id)
                until = None if status == "withdrawn" else speaker
                yield SeenBytes(
                    sha256=sha256, status=status, because=speaker, until_consent_of=until
                )

    @cached_property
    def _speakers(self) -> dict[str, Any]:
        """Speakers whose consents have all ended, and how."""
        found: dict[str, set[str]] = defaultdict(set)
        for consent in self.seen.consents.values():
            found[consent.speaker_id].add(consent.status)
        return {
            name: max(one, key=STATUSES.index)
            for name, one in found.items()
            if "granted" not in one
        }

    def _clip(self, name: str) -> Iterator[SeenBytes]:
        """The spans that a clip of that name ever had.

        Where its item has clips, and none was ever called so, nobody knows which piece is meant.
        """
        item_id = _item_of(name)
        spans: list[Span | None] = sorted(self.ever.spans.get(name, ()))  # type: ignore[assignment]
        if not spans and item_id in self.ever.cut and self.seen.names[name].kind == "key":
            spans = [None]
        for sha256 in self.ever.items.get(item_id, ()):
            for span in spans:
                yield SeenBytes(sha256=sha256, status="withdrawn", because=name, span=span)

    def _sha256_at_its_path(self, row: NamedRow) -> str | None:
        """The hash of the file that a row names, if there is one."""
        raw = self.workspace.raw
        if row.path is None or path_problem("path", row.path) is not None:
            return None
        relative = raw_path(raw, row.submission, row.path)
        if is_linked(raw, relative) or not (raw / relative).is_file():
            return None
        try:
            status = (raw / relative).stat()
            known = self.ever.files.get((relative, status.st_size, status.st_mtime_ns))
            if known is not None:
                return known
            with (raw / relative).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:  # told by ingest
            return None


def _item_of(key: str) -> str:
    return key.rpartition("_")[0]
