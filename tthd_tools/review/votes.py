"""The ballot of one clip or item: its events are taken in order of time, a state comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tthd_tools.review.corrections import Correctable
from tthd_tools.review.events import Event
from tthd_tools.review.settings import ReviewSettings

State = Literal[
    "unreviewed", "in_review", "accepted", "rejected", "changes_requested", "disputed", "stale"
]
_DECIDED: Mapping[str, State] = {
    "accept": "accepted",
    "reject": "rejected",
    "request_changes": "changes_requested",
}
_JUDGED_BY_EAR = ("text", "dialect")
"""Fields that only who knows the dialect can correct."""


@dataclass
class Ballot:
    """What counts of the events of one clip, or of one item as a whole.

    ``content`` is the hash of what it is now, ``sent`` and ``duration_s`` what its item says and
    how long the clip is. ``votes`` holds, for each voter, the last vote on each content.
    """

    content: str
    settings: ReviewSettings
    sent: Mapping[str, Any] = field(default_factory=dict)
    duration_s: float = 0.0
    votes: dict[str, dict[str, Event]] = field(default_factory=dict)
    voters: set[str] = field(default_factory=set)
    corrected: dict[str, dict[Correctable, Any]] = field(default_factory=dict)
    ruling: Event | None = None
    reopened: Event | None = None
    veto_was_reopened: bool = False

    def take(self, event: Event) -> str | None:
        """Count an event that comes after all before. Returns why it does not count, if so."""
        if event.event == "vote" and event.verdict != "skip":
            votes = self.votes.setdefault(event.actor, {})
            votes.pop(event.content_sha256, None)  # the last one comes last
            votes[event.content_sha256] = event
            self.voters.add(event.actor)
        if event.event == "withdraw_vote":
            taken_back = self.votes.pop(event.actor, None)
            return None if taken_back else "there was no vote to withdraw"
        if event.event == "correct":
            return self._correct(event)
        if event.event == "adjudicate":
            return self._rule(event)
        if event.event == "reopen":
            self.veto_was_reopened |= bool(self.vetoes or self.stale_vetoes)
            self.votes.clear()
            self.ruling, self.reopened = None, event
        return None

    @property
    def current(self) -> list[Event]:
        """The votes on what it is now, by voter."""
        return [votes[self.content] for votes in self.votes.values() if self.content in votes]

    @property
    def stale(self) -> list[Event]:
        """The last vote of those who have voted only on what it was before."""
        return [
            list(votes.values())[-1] for votes in self.votes.values() if self.content not in votes
        ]

    @property
    def vetoes(self) -> list[Event]:
        """Votes that reject it by themselves."""
        return [vote for vote in self.current if vote.has_veto]

    @property
    def stale_vetoes(self) -> list[Event]:
        """Vetoes of what it was before whose author has said nothing since."""
        last = [list(votes.values())[-1] for votes in self.votes.values()]
        return [vote for vote in last if vote.has_veto and vote.content_sha256 != self.content]

    @property
    def is_vetoed(self) -> bool:
        """Whether a veto stands; one that was reopened stands until there is an acceptance."""
        lifted = not self.veto_was_reopened or self.state == "accepted"
        return bool(self.vetoes or self.stale_vetoes) or not lifted

    @property
    def state(self) -> State:
        """What has been decided."""
        if self.vetoes:
            return "rejected"
        if self.ruling is not None:
            return _DECIDED[str(self.ruling.verdict)]
        if self.current:
            return self._counted()
        if self.stale:
            return "stale"
        return "in_review" if self.reopened else "unreviewed"

    @property
    def corrections(self) -> dict[Correctable, Any]:
        """What fields should be: what most of those say who correct it, or the adjudicator."""
        agreed = {name: value for name, value in self._wanted().items() if value is not _CONFLICT}
        ruled = self.ruling.fields_changed.new() if self.ruling is not None else {}
        return {name: self._as_span(name, value) for name, value in (agreed | ruled).items()}

    @property
    def conflicts(self) -> list[Correctable]:
        """Fields of which as many say one thing as another, and nobody has decided."""
        wanted = self._wanted() if self.ruling is None else {}
        return [name for name, value in wanted.items() if value is _CONFLICT]

    @property
    def lacks_ear(self) -> bool:
        """Whether all who accept it cannot judge its dialect."""
        dialect = self.sent.get("dialect")
        accepting = [vote.actor for vote in self.current if vote.verdict == "accept"]
        return bool(accepting) and not any(self.settings.knows(one, dialect) for one in accepting)

    @property
    def is_split(self) -> bool:
        """Whether no verdict has more than half of the votes."""
        counts = Counter(vote.verdict for vote in self.current)
        return 2 * max(counts.values(), default=0) <= counts.total()

    def _counted(self) -> State:
        """More than half of the votes decide; where none has it, one more vote, then a dispute."""
        votes = len(self.current)
        if votes < self.settings.min_votes:
            return "in_review"
        if self.is_split:
            return "disputed" if votes > self.settings.min_votes else "in_review"
        verdict = Counter(str(vote.verdict) for vote in self.current).most_common(1)[0][0]
        if verdict != "accept":
            return _DECIDED[verdict]
        if self.lacks_ear:
            return "in_review"
        return "disputed" if self.conflicts else "accepted"

    def _correct(self, event: Event) -> str | None:
        if event.content_sha256 != self.content:
            return "it corrects what the clip was before"
        against: list[str] = []
        own = self.corrected.setdefault(event.actor, {})
        for name, value in event.fields_changed.new().items():
            if name in _JUDGED_BY_EAR and not self.settings.knows(
                event.actor, self.sent.get("dialect")
            ):
                against.append(f"{event.actor} does not know the dialect, so {name} stays")
            elif name == "trim_s" and value[0] >= self.duration_s:
                against.append("it trims the whole clip away")
            else:
                own[name] = value
        return "; ".join(against) or None

    def _rule(self, event: Event) -> str | None:
        if event.content_sha256 != self.content:
            return "it is about what it was before"
        if event.actor in self.voters:
            return f"{event.actor} has voted on it"
        if self.ruling is not None or self.state != "disputed":
            return "nothing was disputed then"
        self.ruling = event
        return None

    def _wanted(self) -> dict[Correctable, Any]:
        """What is wanted of each field that somebody corrects; ``_CONFLICT`` where it is open.

        A correction counts with the vote of its author, who has looked at the whole clip then.
        """
        wanted: dict[Correctable, list[Any]] = {}
        voters = {vote.actor for vote in self.current if vote.verdict != "reject"}
        for own in (own for actor, own in self.corrected.items() if actor in voters):
            for name, value in own.items():
                if not self._is_as_sent(name, value):
                    wanted.setdefault(name, []).append(value)
        return {
            name: _narrowest(values) if name == "trim_s" else _most_wanted(values)
            for name, values in wanted.items()
        }

    def _is_as_sent(self, name: Correctable, value: Any) -> bool:
        if name == "trim_s":
            return bool(value[0] <= 0 and value[1] >= self.duration_s)
        return bool(value == self.sent.get(name))

    def _as_span(self, name: Correctable, value: Any) -> Any:
        return (value[0], min(value[1], self.duration_s)) if name == "trim_s" else value


_CONFLICT = object()


def _most_wanted(values: Sequence[Any]) -> Any:
    counts = Counter(values).most_common(2)
    is_tie = len(counts) == 2 and counts[0][1] == counts[1][1]
    return _CONFLICT if is_tie else counts[0][0]


def _narrowest(trims: Sequence[tuple[float, float]]) -> Any:
    """Nothing stays that anybody wants away."""
    start_s, end_s = max(trim[0] for trim in trims), min(trim[1] for trim in trims)
    return (start_s, end_s) if start_s < end_s else _CONFLICT
