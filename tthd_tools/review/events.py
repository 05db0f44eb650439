"""One decision of a reviewer: a line of JSON comes in, a frozen Event goes out, and back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, ValidationError, model_validator

from tthd_tools.review.corrections import Clean, FieldsChanged, Name, Record
from tthd_tools.strict_json import parse_json
from tthd_tools.workspace import canonical_json

Role = Literal["reviewer", "adjudicator", "maintainer", "contributor"]
Kind = Literal["vote", "withdraw_vote", "correct", "comment", "adjudicate", "reopen"]
Verdict = Literal["accept", "reject", "request_changes", "skip"]
Veto = Literal["no_consent", "minor", "third_party", "synthetic", "harmful", "wrong_person"]
Reason = Literal[
    Veto,
    "lip_sync", "occlusion", "pose_out_of_range", "low_resolution", "blur", "noise_or_music",
    "overlapping_speech", "transcript_wrong", "transcript_partial", "wrong_dialect",
    "wrong_emotion", "cut_mid_word", "watermark_or_subtitle", "duplicate", "other",
]  # fmt: skip

VETOES: tuple[Veto, ...] = get_args(Veto)
"""Reasons that reject with one vote."""
REASONS: tuple[Reason, ...] = get_args(Reason)
"""All reasons, the vetoes first."""
HANDLE = r"[a-z0-9][a-z0-9_-]{0,38}"
MAX_LINE_BYTES = 1 << 20
MOST_SETTLED = 1000
_NUMBERED = r"^[a-z0-9][a-z0-9_-]{0,79}$"
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


def _is_time(value: str) -> str:
    try:
        datetime.strptime(value, _TIME)
    except ValueError as error:
        raise ValueError(f"{value!r} is no time like 2025-11-21T15:32:10.123Z") from error
    return value


Words = Annotated[str, Field(max_length=2000), Clean]
Question = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
EventId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{7,63}$")]
Answer = Annotated[str, Field(max_length=200), Clean] | bool | Annotated[int, Field(ge=0, le=100)]


class Event(Record):
    """One decision about a clip, or about a whole item where ``clip_id`` is None.

    ``at`` is UTC with milliseconds (``2025-11-21T15:32:10.123Z``), ``actor`` the reviewer's handle,
    ``content_sha256`` what it was decided about, ``source_sha256`` the bytes that it was made of.
    ``reasons`` go with ``reject`` and ``request_changes``; ``answers`` with a vote;
    ``fields_changed`` with ``correct`` and ``adjudicate``; ``time_s``, seconds from the clip's
    first frame, says what a comment is about.
    ``settles`` holds the ids of the decisions that an adjudication or a reopening knew of, and of
    the reopenings that a vote knew of: no clock says which came first.
    ``prev_event_sha256`` seals it into its log; an event that no log holds yet has none.
    """

    event_id: EventId
    at: Annotated[str, Field(min_length=24, max_length=24), AfterValidator(_is_time)]
    actor: str = Field(pattern=rf"^{HANDLE}$")
    role: Role
    item_id: str = Field(pattern=_NUMBERED)
    clip_id: Annotated[str, Field(pattern=_NUMBERED)] | None
    content_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    guideline_version: Name
    event: Kind
    verdict: Verdict | None = None
    reasons: tuple[Reason, ...] = Field((), max_length=len(REASONS))
    fields_changed: FieldsChanged = FieldsChanged()
    source_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    settles: tuple[EventId, ...] = Field((), max_length=MOST_SETTLED)
    answers: dict[Question, Answer] = Field({}, max_length=50)
    comment: Words = ""
    time_s: Annotated[float, Field(ge=0)] | None = None
    seconds_spent: float = Field(0.0, ge=0)
    ui_version: Name = ""
    prev_event_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Event:
        for is_wrong, sentence in self._contradictions():
            if is_wrong:
                raise ValueError(sentence)
        return self

    def _contradictions(self) -> list[tuple[bool, str]]:
        kind, verdict, changed = self.event, self.verdict, self.fields_changed.new()
        is_vote, is_ruling = kind == "vote", kind == "adjudicate"
        has_veto = not set(VETOES).isdisjoint(self.reasons)
        privileged = self.role in ("adjudicator", "maintainer")
        return [
            (is_vote and verdict is None, "a vote needs a verdict"),
            (is_ruling and verdict not in ("accept", "reject"), "it must accept or reject"),
            (not (is_vote or is_ruling) and verdict is not None, f"{kind} has no verdict"),
            (
                bool(self.reasons) and verdict not in ("reject", "request_changes"),
                "reasons go with reject and request_changes",
            ),
            (has_veto and verdict != "reject", "a veto needs the verdict reject"),
            (
                (is_ruling or kind == "reopen") and not privileged,
                f"{kind} is for adjudicators and maintainers",
            ),
            (kind in ("comment", "reopen") and not self.comment.strip(), "it needs a comment"),
            (kind == "correct" and not changed, "correct needs fields_changed"),
            (
                bool(changed) and kind not in ("correct", "adjudicate"),
                f"{kind} has no fields_changed",
            ),
            (bool(changed) and self.clip_id is None, "a correction needs its clip_id"),
            (
                self.clip_id is not None
                and re.fullmatch(re.escape(self.item_id) + r"_\d{4,}", self.clip_id) is None,
                f"{self.clip_id} is no clip of {self.item_id}",
            ),
            (bool(self.answers) and not is_vote, f"{kind} has no answers"),
            (
                bool(self.settles) and kind not in ("vote", "adjudicate", "reopen"),
                f"{kind} settles nothing",
            ),
        ]

    @property
    def order(self) -> tuple[str, str]:
        """What events are shown by; it decides nothing, since clocks may be wrong."""
        return self.at, self.event_id

    @property
    def piece(self) -> str | None:
        """Which clip of its item it is about, such as ``_0000``; None for the whole item."""
        return None if self.clip_id is None else self.clip_id.removeprefix(self.item_id)

    @property
    def speaks_against(self) -> bool:
        """Whether it can keep a clip out, or a part of it: then it counts, whoever says it."""
        return self.verdict in ("reject", "request_changes") or self.trims

    @property
    def trims(self) -> bool:
        """Whether it is a correction that cuts something away."""
        return self.event == "correct" and self.fields_changed.trim_s is not None

    @property
    def has_veto(self) -> bool:
        """Whether it rejects by itself."""
        return not set(VETOES).isdisjoint(self.reasons)

    def unsealed(self) -> Event:
        """The same decision outside its log."""
        return self.model_copy(update={"prev_event_sha256": None})

    def sealed(self, prev_event_sha256: str) -> Event:
        """The same decision behind the line with that hash; "" for the first of a log."""
        return self.model_copy(update={"prev_event_sha256": prev_event_sha256})

    def line(self) -> bytes:
        """Canonical JSON, UTF-8, without a line break."""
        data = self.model_dump(mode="json")
        data["fields_changed"] = self.fields_changed.plain()
        if self.prev_event_sha256 is None:
            del data["prev_event_sha256"]
        if not self.settles:
            del data["settles"]
        if self.source_sha256 is None:
            del data["source_sha256"]
        return canonical_json(data).encode()


def person(handle: str) -> str:
    """Who that is: handles that differ only in case and punctuation are one person."""
    return re.sub(r"[^a-z0-9]", "", handle.casefold())


def parse_event(line: bytes) -> Event:
    """The event of one line. Raises ValueError with what is wrong, in one sentence."""
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"it is longer than {MAX_LINE_BYTES} bytes")
    try:
        parse_json(line.decode())
        return Event.model_validate_json(line)
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no UTF-8 at byte {error.start}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        said = said[:1].lower() + said[1:]
        raise ValueError(f"{where}: {said}" if where else said) from error
