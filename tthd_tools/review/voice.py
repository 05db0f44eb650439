"""What one log says of one clip: its events go in, in their order, what stands of them comes out.

The order within a log is that of its chain; a clock says nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tthd_tools.review.corrections import Correctable
from tthd_tools.review.events import Event

_STRICTEST_LAST = ("accept", "request_changes", "reject")


@dataclass
class Voice:
    """The decisions of one log about one clip; ``person`` is whose they are.

    ``votes`` holds the last vote on each content, in the order in which they were made;
    ``corrected`` the value of each field with the event that says it.
    """

    person: str
    votes: dict[str, Event] = field(default_factory=dict)
    corrected: dict[Correctable, tuple[Any, Event]] = field(default_factory=dict)
    ruling: Event | None = None

    def cast(self, vote: Event) -> None:
        """Note a vote; it replaces an earlier one on the same content."""
        self.votes.pop(vote.content_sha256, None)  # the last one comes last
        self.votes[vote.content_sha256] = vote

    def take_back(self, content: str, now: str) -> bool:
        """Take back the vote on that content; whether there was one.

        Where it is what the clip is ``now``, and there is no vote on that, those on what the clip
        was before are taken back.
        """
        if content in self.votes:
            del self.votes[content]
            return True
        taken_back = content == now and bool(self.votes)
        if taken_back:
            self.votes.clear()
        return taken_back

    def stale_vetoes(self, now: str) -> Iterator[Event]:
        """Vetoes of what the clip was before, after which there was no vote on what it is now.

        A vote on something else that it was before does not lift them.
        """
        contents = list(self.votes)
        answered = contents.index(now) + 1 if now in contents else 0
        return (self.votes[one] for one in contents[answered:] if self.votes[one].has_veto)


def strictness(vote: Event) -> tuple[bool, int, tuple[str, str]]:
    """What votes are compared by: of two of one person the stricter one counts."""
    return vote.has_veto, _STRICTEST_LAST.index(str(vote.verdict)), vote.order
