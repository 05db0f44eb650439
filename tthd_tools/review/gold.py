"""Clips whose answers are known: they are mixed into a queue, and votes are compared with them.

The file of answers is the maintainer's: reviewers see these clips as any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, ValidationError

from tthd_tools.errors import UsageError
from tthd_tools.review.corrections import Record
from tthd_tools.review.events import Answer, Event, Question, Verdict
from tthd_tools.workspace import storage_errors

SHARE = 0.04
"""One clip in 25 of a queue has a known answer."""
MAX_BYTES = 16 << 20


class Gold(Record):
    """The known answers of one clip."""

    clip_id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")
    verdict: Verdict
    answers: dict[Question, Answer] = Field({}, max_length=50)


@dataclass
class GoldScore:
    """How many questions of gold clips a reviewer has answered, and how many as known.

    ``missed``: clips whose verdict was not the known one.
    """

    asked: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)


def read_gold(path: Path) -> list[Gold]:
    """The known answers in a file of JSON lines. Raises UsageError naming the line that is none."""
    with storage_errors(path):
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} cannot hold gold clips: it is no file, or larger than 16 MB")
        lines = path.read_bytes().splitlines()
    found: list[Gold] = []
    for number, line in enumerate(lines, 1):
        try:
            found += [Gold.model_validate_json(line)] if line.strip() else []
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "the line"
            example = json.dumps({"clip_id": "a_0000", "verdict": "reject"})
            raise UsageError(
                f"{path}:{number}: {where}: {first['msg'].lower()}; write {example}"
            ) from error
    return found


def score_gold(votes: Iterable[Event], gold: Iterable[Gold]) -> dict[str, GoldScore]:
    """Reviewer → score; for the maintainer alone."""
    known = {one.clip_id: one for one in gold}
    scores: dict[str, GoldScore] = {}
    for vote in votes:
        answer = known.get(vote.clip_id or "")
        if answer is None:
            continue
        score = scores.setdefault(vote.actor, GoldScore())
        questions = [name for name in answer.answers if name in vote.answers]
        score.asked += 1 + len(questions)
        score.right += sum(vote.answers[name] == answer.answers[name] for name in questions)
        score.right += vote.verdict == answer.verdict
        if vote.verdict != answer.verdict:
            score.missed.append(answer.clip_id)
    return dict(sorted(scores.items()))


def mix_gold(
    queue: Sequence[str], gold: Sequence[str], *, reviewer: str, share: float = SHARE
) -> list[str]:
    """A queue of clip ids with gold clips at places that a reviewer cannot foresee.

    The same for the same arguments; at most ``share`` of the queue is gold, and none comes twice.
    """
    plain = [clip_id for clip_id in queue if clip_id not in set(gold)]
    wanted = min(len(gold), round(len(plain) * share / (1 - share)))
    chosen = sorted(gold, key=lambda clip_id: _draw(reviewer, clip_id))[:wanted]
    for clip_id in chosen:
        place = int(_draw(reviewer, "place", clip_id), 16) % (len(plain) + 1)
        plain.insert(place, clip_id)
    return plain


def _draw(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
