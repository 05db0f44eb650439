"""The ballot of one clip or item: what each log says of it is taken, a state comes out.

Nothing here depends on which log is taken first, nor on whose clock is right: who adjudicates or
reopens names the decisions that they knew of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tthd_tools.review.consensus import CONFLICT, agreed, fitted
from tthd_tools.review.corrections import Correctable, FieldsChanged
from tthd_tools.review.events import Event, person
from tthd_tools.review.settings import ReviewSettings
from tthd_tools.review.voice import Voice, strictness

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
    how long the clip is. ``twins`` are ids that more than one event has: they name none of them.
    ``reopened`` end acceptances, ``lifting`` those of them that lift what they name; ``narrowing``
    are trims by people whose votes do not count.
    """

    content: str
    settings: ReviewSettings
    sent: Mapping[str, Any] = field(default_factory=dict)
    duration_s: float = 0.0
    twins: frozenset[str] = frozenset()
    voices: dict[int, Voice] = field(default_factory=dict)
    voters: set[str] = field(default_factory=set)
    reopened: list[Event] = field(default_factory=list)
    lifting: list[Event] = field(default_factory=list)
    narrowing: dict[int, Voice] = field(default_factory=dict)

    def take(self, event: Event, log: int = 0) -> str | None:
        """Count an event that comes after all before of its log; why it does not count, if so."""
        voice = self.voices.setdefault(log, Voice(person(event.actor)))
        match event.event:
            case "vote" if event.verdict != "skip":
                voice.cast(event)
                self.voters.add(voice.person)
            case "withdraw_vote":
                taken_back = voice.take_back(event.content_sha256, self.content)
                return None if taken_back else "there was no vote to withdraw"
            case "correct":
                return self._correct(event, voice)
            case "adjudicate" if event.content_sha256 != self.content:
                return "it is about what it was before"
            case "adjudicate":
                voice.ruling = event
            case "reopen":
                self.unsettle(event)
                self.lifting.append(event)
                return None if event.settles else "it names no decision, so that it lifts none"
        return None

    def unsettle(self, event: Event) -> None:
        """End the acceptances that do not name a reopening."""
        self.reopened.append(event)

    def narrow(self, event: Event, log: int) -> str | None:
        """Take the trim in a correction by somebody whose vote does not count."""
        trim = FieldsChanged(trim_s=event.fields_changed.trim_s)
        voice = self.narrowing.setdefault(log, Voice(person(event.actor)))
        return self._correct(event.model_copy(update={"fields_changed": trim}), voice)

    def unheard(self) -> Iterator[tuple[Event, str]]:
        """Adjudications that decide nothing, and why."""
        for ruling in self._rulings(of_voters=True):
            yield ruling, f"{ruling.actor} has voted on it"
        for ruling in self._rulings():
            if ruling.verdict == "accept" and ruling != self.ruling:
                yield ruling, self._why_unheard()

    @property
    def current(self) -> list[Event]:
        """The votes on what it is now, one of each person: their strictest, in whichever log."""
        found: dict[str, list[Event]] = {}
        for voice in self.voices.values():
            vote = voice.votes.get(self.content)
            if vote is not None and self._stands(vote):
                found.setdefault(voice.person, []).append(vote)
        return _shown(max(votes, key=strictness) for votes in found.values())

    @property
    def stale(self) -> list[Event]:
        """The last vote of those who have voted only on what it was before."""
        voted = {voice.person for voice in self.voices.values() if self.content in voice.votes}
        found: dict[str, list[Event]] = {}
        for voice in self.voices.values():
            votes = [vote for vote in voice.votes.values() if self._stands(vote)]
            if votes and voice.person not in voted:
                found.setdefault(voice.person, []).append(votes[-1])
        return _shown(max(votes, key=strictness) for votes in found.values())

    @property
    def unanswering(self) -> list[Event]:
        """Acceptances of what it is now that do not name a reopening."""
        votes = [
            one.votes[self.content] for one in self.voices.values() if self.content in one.votes
        ]
        named = (vote for vote in votes if vote.event_id not in self.lifted)
        return _shown(vote for vote in named if not self._stands(vote))

    @property
    def vetoes(self) -> list[Event]:
        """Votes that reject it by themselves."""
        return [vote for vote in self.current if vote.has_veto]

    @property
    def stale_vetoes(self) -> list[Event]:
        """Vetoes of what it was before that their author has not lifted."""
        found = [veto for one in self.voices.values() for veto in one.stale_vetoes(self.content)]
        return _shown(veto for veto in found if veto.event_id not in self.lifted)

    @property
    def unsettled_vetoes(self) -> list[Event]:
        """Vetoes of a clip that is gone, lifted or not, but of what was accepted after them."""
        found = [veto for one in self.voices.values() for veto in one.stale_vetoes(self.content)]
        return _shown(
            veto
            for veto in found
            if veto.event_id not in self.lifted
            or replace(self, content=veto.content_sha256).state != "accepted"
        )

    @property
    def lifted(self) -> frozenset[str]:
        """Ids of the decisions that a reopening names."""
        return frozenset(one for event in self.lifting for one in event.settles) - self.twins

    @property
    def veto_was_reopened(self) -> bool:
        """Whether a reopening names a veto that its author has not taken back."""
        votes = [vote for voice in self.voices.values() for vote in voice.votes.values()]
        return any(vote.has_veto and vote.event_id in self.lifted for vote in votes)

    @property
    def is_vetoed(self) -> bool:
        """Whether a veto stands; one that was reopened stands until there is an acceptance."""
        held = self.veto_was_reopened and self.state != "accepted"
        return bool(self.vetoes or self.stale_vetoes) or held

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
    def ruling(self) -> Event | None:
        """The adjudication that decides: any that rejects, else one that knew all that is against
        the clip and ends the dispute about it."""
        rulings = self._rulings()
        rejecting = [one for one in rulings if one.verdict == "reject"]
        against = {one.event_id for one in self._against()}
        if rejecting or not against or self._counted() != "disputed":
            return rejecting[-1] if rejecting else None
        knowing = [one for one in rulings if against <= set(one.settles) - self.twins]
        return knowing[-1] if knowing else None

    @property
    def standing(self) -> list[Event]:
        """The decisions that count, or hold it: what an adjudication or a reopening settles."""
        corrections = [event for own in self._correcting() for _, event in own.corrected.values()]
        decisions = [*self.current, *self.stale_vetoes, *corrections, *self._rulings()]
        found = [*decisions, *self.reopened]
        return _shown({one.event_id: one for one in found}.values())

    @property
    def corrections(self) -> dict[Correctable, Any]:
        """What fields should be: what most of those say who correct it, or the adjudicator."""
        settled = {name: value for name, value in self._wanted().items() if value is not CONFLICT}
        ruled = self.ruling.fields_changed.new() if self.ruling is not None else {}
        return {
            name: fitted(name, value, self.duration_s) for name, value in (settled | ruled).items()
        }

    @property
    def conflicts(self) -> list[Correctable]:
        """Fields of which as many say one thing as another."""
        return [name for name, value in self._wanted().items() if value is CONFLICT]

    def authors(self, name: Correctable) -> list[str]:
        """Who corrects a field."""
        voices = [*self.voices.values(), *self.narrowing.values()]
        found = [one.corrected[name][1] for one in voices if name in one.corrected]
        return list(dict.fromkeys(event.actor for event in _shown(found)))

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

    def _stands(self, event: Event) -> bool:
        """Whether no reopening has ended it: it ends what it names, and every acceptance that does
        not name it, since no date says which came first."""
        if event.event_id in self.lifted:
            return False
        asked = {one.event_id for one in self.reopened}
        return event.verdict != "accept" or asked <= set(event.settles) - self.twins

    def _rulings(self, *, of_voters: bool = False) -> list[Event]:
        """Adjudications that count: those that reject, and of those who have not voted on it.

        ``of_voters``: the others.
        """
        found = [
            voice.ruling
            for voice in self.voices.values()
            if voice.ruling is not None
            and (voice.ruling.verdict == "accept" and voice.person in self.voters) == of_voters
        ]
        return _shown(one for one in found if self._stands(one))

    def _why_unheard(self) -> str:
        if self.ruling is not None:
            return f"{self.ruling.actor} decides as adjudicator"
        if self._counted() != "disputed":
            return "nothing is disputed"
        return "it does not name all decisions against it"

    def _against(self) -> list[Event]:
        """What speaks against accepting it as it is: votes, and corrections that do not agree."""
        conflicts = self.conflicts
        corrections = [
            event
            for own in self._correcting()
            for name, (_, event) in own.corrected.items()
            if name in conflicts
        ]
        return [*(one for one in self.current if one.verdict != "accept"), *corrections]

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

    def _correct(self, event: Event, voice: Voice) -> str | None:
        if event.content_sha256 != self.content:
            return "it corrects what the clip was before"
        against: list[str] = []
        for name, value in event.fields_changed.new().items():
            if name in _JUDGED_BY_EAR and not self.settings.knows(
                event.actor, self.sent.get("dialect")
            ):
                against.append(f"{event.actor} does not know the dialect, so {name} stays")
            elif name == "trim_s" and value[0] >= self.duration_s:
                against.append("it trims the whole clip away")
            else:
                voice.corrected[name] = (value, event)
        return "; ".join(against) or None

    def _counting(self) -> list[Voice]:
        """Voices whose corrections count: those of who votes, and does not reject it."""
        voters = {person(vote.actor) for vote in self.current if vote.verdict != "reject"}
        return [voice for voice in self.voices.values() if voice.person in voters]

    def _wanted(self) -> dict[Correctable, Any]:
        """A correction counts with its author's vote: who votes has looked at the whole clip."""
        return agreed(self._correcting(), self.sent, self.duration_s)

    def _correcting(self) -> list[Voice]:
        return [*self._counting(), *self.narrowing.values()]


def _shown(events: Iterable[Event]) -> list[Event]:
    """Events as they are told: by their dates, whichever log was read first."""
    return sorted(events, key=lambda one: (one.order, one.actor))
