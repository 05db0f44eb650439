"""The state of every clip: all logs and the clips as they are now go in, reviews come out.

A pure function of the set of logs: within one its chain says what came first, and between two
nothing does, neither the order of files nor a clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from tthd_tools.clip import Clip
from tthd_tools.errors import RefusedError
from tthd_tools.review.chain import LogFinding
from tthd_tools.review.content import Subject, subject_of
from tthd_tools.review.corrections import Correctable
from tthd_tools.review.events import Event, person
from tthd_tools.review.log import read_logs
from tthd_tools.review.settings import ReviewSettings
from tthd_tools.review.sources import Sources
from tthd_tools.review.votes import Ballot, State
from tthd_tools.review.why import explain

NOT_HERE = "there is no such item now"
_WORST = ("rejected", "disputed", "changes_requested", "stale", "in_review", "unreviewed")


class Ignored(NamedTuple):
    """An event that does not count, and why."""

    event: Event
    why: str


@dataclass(frozen=True)
class ClipReview:
    """What people have decided about one clip.

    ``state`` takes the decisions about its whole item into account. ``vetoed``: no release may hold
    it, whatever the state. ``votes`` are those on the clip as it is now, ``reasons`` what they have
    against it, ``corrections`` what fields of it should be, by name, and ``why`` says how all this
    came about, in sentences. ``history`` are all events about it or its whole item, whatever both
    were called then, each log in its order; ``standing`` the ids of those about it that count, and
    ``reopened`` those of the reopenings that an acceptance of it, or of its item, has to name.
    """

    clip_id: str
    item_id: str
    state: State = "unreviewed"
    vetoed: bool = False
    votes: tuple[Event, ...] = ()
    reasons: tuple[str, ...] = ()
    corrections: Mapping[Correctable, Any] = field(default_factory=dict)
    why: tuple[str, ...] = ("nobody has reviewed it",)
    history: tuple[Event, ...] = ()
    standing: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reviews:
    """The reviews of all clips, by clip id; damage of the logs.

    ``events`` are those of all logs, each in its order; ``ignored`` those that do not count, and
    why; ``counting`` the votes that do, also those on whole items.
    """

    clips: Mapping[str, ClipReview]
    ignored: tuple[Ignored, ...] = ()
    events: tuple[Event, ...] = ()
    counting: tuple[Event, ...] = ()
    findings: tuple[LogFinding, ...] = ()

    @property
    def homeless_vetoes(self) -> list[Event]:
        """Vetoes of what is not here, or not any more under its name."""
        return [one.event for one in self.ignored if one.event.has_veto and one.why == NOT_HERE]

    def check_whole(self) -> None:
        """Raises RefusedError where a log is damaged: a veto may be among what is lost."""
        if self.findings:
            raise RefusedError(
                f"{self.findings[0]}; nothing is released by a damaged log, since a veto may be "
                "lost with it: bring it back from a copy that is whole"
            )


def review_clips(
    folder: Path, clips: Iterable[Clip], settings: ReviewSettings, sources: Sources | None = None
) -> Reviews:
    """What the logs below a folder say of those clips, whose items are as they were sent.

    ``sources``: what is known of the bytes behind former ids, with which decisions go.
    """
    logs = read_logs(folder)
    subjects = [subject_of(clip) for clip in clips]
    reviews = fold([log.events for log in logs], subjects, settings, sources)
    return replace(reviews, findings=tuple(found for log in logs for found in log.findings))


def fold(
    logs: Iterable[Sequence[Event]],
    subjects: Iterable[Subject],
    settings: ReviewSettings | None = None,
    sources: Sources | None = None,
) -> Reviews:
    """The reviews of all subjects; each log is one person's, in the order of its chain."""
    settings = settings or ReviewSettings()
    plain = [[event.unsealed() for event in log] for log in logs]
    plain.sort(key=lambda log: [(one.actor, *one.order) for one in log])
    of_source: dict[str, list[Subject]] = {}
    subjects = list(subjects)
    for subject in subjects:
        of_source.setdefault(subject.source_sha256, []).append(subject)
    sources = (sources or Sources()).with_subjects(subjects)
    about: dict[str, list[tuple[int, Event]]] = {}
    ignored: list[Ignored] = []
    for number, log in enumerate(plain):
        for event in log:
            meant = [sha256 for sha256 in sources.of(event) if sha256 in of_source]
            for sha256 in meant:
                about.setdefault(sha256, []).append((number, event))
            if not meant:
                ignored.append(Ignored(event, NOT_HERE))
    clips: dict[str, ClipReview] = {}
    counting: list[Event] = []
    for sha256, here in sorted(of_source.items()):
        item = _ItemFold(here, settings, sources.contributors.get(sha256, frozenset()))
        item.take(about.get(sha256, ()))
        clips |= {review.clip_id: review for review in item.reviews()}
        ignored += item.ignored
        counting += item.counting
    ignored.sort(key=lambda one: (one.event.order, one.event.actor, one.why))
    events = tuple(event for log in plain for event in log)
    return Reviews(dict(sorted(clips.items())), tuple(ignored), events, tuple(counting))


class _ItemFold:
    """The ballots of the clips of one source, and of the item as a whole."""

    def __init__(
        self, subjects: Sequence[Subject], settings: ReviewSettings, contributors: Iterable[str]
    ) -> None:
        self._subjects = sorted(subjects, key=lambda one: one.clip_id)
        self._settings = settings
        self._contributors = {person(handle) for handle in contributors}
        self._events: list[Event] = []
        self.ignored: list[Ignored] = []
        self._pieces = {one.piece for one in subjects}
        self._piece_of = {one.content_sha256: one.piece for one in subjects}
        self._ballots: dict[str | None, Ballot] = {}

    def take(self, events: Sequence[tuple[int, Event]]) -> None:
        """Count all events about this source, each with the number of its log."""
        self._events = [event for _, event in events]
        ids = Counter(one.event_id for one in {one.line(): one for one in self._events}.values())
        twins = frozenset(event_id for event_id, count in ids.items() if count > 1)
        whole = self._subjects[0].item_content_sha256
        self._ballots = {None: Ballot(whole, self._settings, twins=twins)}
        for one in self._subjects:
            self._ballots[one.piece] = Ballot(
                one.content_sha256, self._settings, one.sent, one.duration_s, twins
            )
        for number, event in events:
            piece = self._piece(event)
            if piece not in self._ballots:  # it is cut otherwise now; a veto must not be lost
                self._ballots[piece] = Ballot("", self._settings, twins=twins)
            why = self._counted(event, self._ballots[piece], number)
            if why is None and piece is not None and piece not in self._pieces:
                why = "there is no such clip now"
            if why:
                self.ignored.append(Ignored(event, why))
        for ballot in self._ballots.values():
            self.ignored += [Ignored(*one) for one in ballot.unheard()]

    @property
    def counting(self) -> list[Event]:
        """The votes that count."""
        return [vote for ballot in self._ballots.values() for vote in ballot.current]

    def reviews(self) -> Iterator[ClipReview]:
        """What all this says of each clip."""
        whole = self._ballots[None]
        held = self._held(whole)
        for one in self._subjects:
            history = [event for event in self._events if self._piece(event) in (one.piece, None)]
            review = _review(one, self._ballots[one.piece], whole, held, self._settings)
            yield replace(review, history=tuple(history))

    def _piece(self, event: Event) -> str | None:
        """Which clip an event is about: the one with that content, else the one of that number."""
        ballot = self._ballots.get(event.piece)
        if event.piece is None or (ballot and ballot.content == event.content_sha256):
            return event.piece
        return self._piece_of.get(event.content_sha256, event.piece)

    def _held(self, whole: Ballot) -> list[Event]:
        """Vetoes of clips that have changed since: nobody knows which piece they mean now.

        Those that a reopening of the whole item names are none, once the item is accepted.
        """
        lifted = whole.lifted if whole.state == "accepted" else frozenset()
        found = [
            veto
            for piece, ballot in self._ballots.items()
            for veto in (ballot.stale_vetoes if piece in self._pieces else ballot.unsettled_vetoes)
            if piece is not None and veto.event_id not in lifted
        ]
        return sorted(found, key=lambda veto: (veto.order, veto.actor))

    def _counted(self, event: Event, ballot: Ballot, log: int) -> str | None:
        """Let a ballot take an event as far as its author may say so; why it does not count."""
        why = self._discounted(event)
        if why is None:
            return ballot.take(event, log)
        if event.event == "reopen":
            ballot.unsettle(event)
            return f"{why}; it lifts nothing, and ends acceptances that do not name it"
        if not event.speaks_against:
            return why
        return ballot.narrow(event, log) if event.trims else ballot.take(event, log)

    def _discounted(self, event: Event) -> str | None:
        """Why an event cannot bring a clip in, because of who sends it. Anybody may speak against.

        Who was an adjudicator, or had sent nothing, when they spoke against it has spoken.
        """
        if event.event in ("adjudicate", "reopen") and not self._settings.may_rule(event.actor):
            return f"{event.actor} is no adjudicator; [review] of tthd.toml names them"
        is_own = event.role == "contributor" or person(event.actor) in self._contributors
        if is_own and event.event not in ("comment", "withdraw_vote"):
            return "nobody decides about what they have sent themselves"
        return None


def _review(
    subject: Subject, ballot: Ballot, whole: Ballot, held: Sequence[Event], settings: ReviewSettings
) -> ClipReview:
    state = _joined(ballot.state, whole.state, settings)
    if held and state in ("accepted", "in_review", "unreviewed"):
        state = "stale"
    against = [*ballot.current, *whole.current, *held]
    return ClipReview(
        clip_id=subject.clip_id,
        item_id=subject.item_id,
        state=state,
        vetoed=ballot.is_vetoed or whole.is_vetoed or bool(held),
        votes=tuple(ballot.current),
        reasons=tuple(dict.fromkeys(reason for vote in against for reason in vote.reasons)),
        corrections=ballot.corrections,
        why=tuple(explain(ballot, whole, held)) or ("nobody has reviewed it",),
        standing=tuple(one.event_id for one in ballot.standing),
        reopened=tuple(one.event_id for one in (*ballot.reopened, *whole.reopened)),
    )


def _joined(clip: State, item: State, settings: ReviewSettings) -> State:
    """The worse of both; an item that nobody has voted on counts only where it has to be."""
    if item == "unreviewed":
        return "in_review" if settings.rights_vote and clip == "accepted" else clip
    return next((state for state in _WORST if state in (clip, item)), "accepted")
