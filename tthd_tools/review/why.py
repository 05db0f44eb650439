"""Why a clip is in its state: its ballots go in, sentences for people come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tthd_tools.review.events import Event
from tthd_tools.review.votes import Ballot

_SAYS = {"accept": "accepts it", "reject": "rejects it", "request_changes": "wants changes"}


def explain(clip: Ballot, item: Ballot, held: Sequence[Event] = ()) -> list[str]:
    """How a clip came to its state, in the order in which one would tell it; maybe nothing."""
    return [
        *_told(clip),
        *(f"the whole item: {sentence}" for sentence in _told(item)),
        *(
            f"{veto.actor} has vetoed {veto.clip_id} ({_list(veto.reasons)}), and the item has "
            "changed since"
            for veto in held
        ),
    ]


def _told(ballot: Ballot) -> Iterator[str]:
    for one in sorted(ballot.reopened, key=lambda event: event.order):
        yield f"{one.actor} has reopened it: {one.comment}"
    for vote in ballot.current:
        yield f"{_cast(vote)}{'; this is a veto' if vote.has_veto else ''}"
    for vote in ballot.unanswering:
        yield f"{_cast(vote)}, but does not name the reopening"
    for vote in ballot.stale:
        yield f"{_cast(vote)}, but it has changed since"
    if ballot.ruling is not None:
        yield f"{_cast(ballot.ruling)} as adjudicator"
    elif not ballot.vetoes:
        yield from _open_questions(ballot)
    if ballot.veto_was_reopened and ballot.is_vetoed:
        yield "a veto was reopened, and it has not been accepted since"
    for name in ballot.corrections:
        authors = ballot.authors(name)
        by_ruling = ballot.ruling is not None and name in ballot.ruling.fields_changed.new()
        ruler = [ballot.ruling.actor] if ballot.ruling is not None and by_ruling else []
        yield f"its {name} is corrected by {_list(ruler or authors)}"


def _open_questions(ballot: Ballot) -> Iterator[str]:
    votes, needed = len(ballot.current), ballot.settings.min_votes
    if 0 < votes < needed:
        yield f"it has {votes} of the {needed} votes that it needs"
    elif ballot.state == "in_review" and ballot.lacks_ear and not ballot.is_split:
        yield f"nobody who accepts it knows the dialect {ballot.sent.get('dialect')}"
    elif ballot.state == "in_review" and votes:
        yield "the votes are split; one more decides"
    elif ballot.state == "disputed" and ballot.is_split:
        yield "the votes are split; an adjudicator decides"
    for name in ballot.conflicts:
        yield f"reviewers correct its {name} differently"


def _cast(vote: Event) -> str:
    reasons = f": {_list(vote.reasons)}" if vote.reasons else ""
    said = f" ({vote.comment})" if vote.comment else ""
    return f"{vote.actor} {_SAYS[str(vote.verdict)]} on {vote.at[:10]}{reasons}{said}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
