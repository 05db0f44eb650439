"""What a workspace has seen against anybody or anything: names, consents and bytes, for good.

``rights_seen.jsonl`` in the workspace gets a line for each thing that is new, and loses none. A
name can be given to something else, a row can be written anew and a list can come from an older
copy; so what a name stood for is kept as the hash of the bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from tthd_tools.clip import Span
from tthd_tools.errors import RefusedError
from tthd_tools.manifest.consent import Consent, stricter
from tthd_tools.manifest.schema import Model
from tthd_tools.workspace import Workspace, storage_errors, write_atomically

FILE = "rights_seen.jsonl"


class SeenName(Model):
    """A name that somebody has withdrawn, such as an ``item_id``, and where it was listed."""

    what: Literal["name"] = "name"
    kind: str
    name: str
    place: str


class SeenConsent(Model):
    """A consent as it was listed; of several lines about one, what all of them grant counts."""

    what: Literal["consent"] = "consent"
    consent: Consent


class SeenBytes(Model):
    """Bytes that are out, all of them or a span in seconds, and the name because of which.

    A consent that has expired can be given again: with ``until_consent_of`` the bytes are out as
    long as they are not that speaker's, or name no granted consent of that speaker.
    """

    what: Literal["bytes"] = "bytes"
    sha256: str
    status: Literal["withdrawn", "expired"]
    because: str
    span: tuple[float, float] | None = None
    until_consent_of: str | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether another consent can bring them back: after one that has expired."""
        return self.status == "expired" and self.until_consent_of is not None


class SeenGiven(Model):
    """A consent that bytes were once said to have: they live by consent for good."""

    what: Literal["given"] = "given"
    sha256: str
    consent_id: str


Line = SeenName | SeenConsent | SeenBytes | SeenGiven
_LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="what")])


@dataclass(frozen=True)
class Seen:
    """All lines: names by name, the strictest of each consent by id, bytes by sha256.

    ``given`` are the consents that bytes ever had.
    """

    names: Mapping[str, SeenName] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    bytes: Mapping[str, tuple[SeenBytes, ...]] = field(default_factory=dict)
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def against(self, sha256: str, span: Span) -> Iterator[SeenBytes]:
        """What was seen against a piece of those bytes."""
        for one in self.bytes.get(sha256, ()):
            if one.span is None or (one.span[0] < span.end_s and span.start_s < one.span[1]):
                yield one

    def withdrawn(self, sha256: str) -> SeenBytes | None:
        """Why all of those bytes are out for good; None where they are not."""
        found = (one for one in self.bytes.get(sha256, ()) if one.span is None)
        return next((one for one in found if not one.is_temporary), None)

    def and_(self, lines: Iterable[Line]) -> Seen:
        """The same with more lines."""
        names, consents, known = dict(self.names), dict(self.consents), dict(self.bytes)
        given = dict(self.given)
        for line in lines:
            if isinstance(line, SeenName):
                names.setdefault(line.name, line)
            elif isinstance(line, SeenConsent):
                one = line.consent
                consents[one.consent_id] = stricter(consents.get(one.consent_id, one), one)
            elif isinstance(line, SeenGiven):
                given[line.sha256] = given.get(line.sha256, frozenset()) | {line.consent_id}
            elif line not in known.get(line.sha256, ()):
                known[line.sha256] = (*known.get(line.sha256, ()), line)
        return Seen(names, consents, known, given)


def read_seen(workspace: Workspace) -> Seen:
    """What was seen so far. Raises RefusedError where the file is damaged."""
    path = workspace.root / FILE
    with storage_errors(path):
        if not path.exists():
            return Seen()
        text = path.read_text(encoding="utf-8", errors="replace")
    try:
        if not text.strip():
            raise ValueError("it is never empty")
        return Seen().and_(_LINE.validate_json(line) for line in _lines(text))
    except ValueError as error:
        raise RefusedError(
            f"{path} is damaged, so nobody knows who has withdrawn; bring it back from a copy"
        ) from error


def note(workspace: Workspace, lines: Iterable[Line]) -> None:
    """Add lines that are new; raises AccessError where they cannot be written."""
    path = workspace.root / FILE
    new = [line.model_dump_json(exclude_none=True) for line in lines]
    if not new:
        return
    with _alone(workspace), storage_errors(path):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        there = set(_lines(text))
        added = [line for line in dict.fromkeys(new) if line not in there]
        write_atomically(path, text + "".join(f"{line}\n" for line in added))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """Keep other commands from adding at the same time; those that only look do it too."""
    import fcntl

    with storage_errors(workspace.root):
        handle = os.open(workspace.root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
