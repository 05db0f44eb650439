"""Where a review stands: counts for people and for machines, hidden answers only when asked for."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.review import made
from tests.review.made import BEFORE, correct, event, subject, vote
from tthd_tools.review.chain import LogFinding
from tthd_tools.review.fold import Reviews
from tthd_tools.review.gold import Gold
from tthd_tools.review.summary import summary, summary_lines

EVENTS = [
    vote("tashi", 1, answers={"emotion": "sad"}, seconds_spent=12.5),
    vote("dolma", 2, answers={"emotion": "calm"}),
    correct("dolma", 3, "text", "ཁ"),
    vote("tashi", 4, "reject", "minor", clip_id="a_0001", seconds_spent=2.0),
    event("tashi", 5, event="withdraw_vote", clip_id="a_0002"),
]
CLIPS = [subject(f"a_{n:04d}") for n in range(3)]


def folded() -> Reviews:
    found = made.folded(EVENTS, CLIPS)
    return replace(found, findings=(LogFinding("x.jsonl", 3, "is bad"),))


def test_a_summary_is_plain_data() -> None:
    data = summary(folded())
    assert json.loads(json.dumps(data)) == data
    assert data["states"] == {
        "unreviewed": 1,
        "in_review": 0,
        "accepted": 1,
        "rejected": 1,
        "changes_requested": 0,
        "disputed": 0,
        "stale": 0,
    }
    assert data["vetoed"] == 1
    assert data["reviewers"]["tashi"] == {
        "accept": 1,
        "reject": 1,
        "request_changes": 0,
        "skip": 0,
        "correct": 0,
        "uncounted": 0,
        "comment": 0,
        "withdraw_vote": 0,
        "seconds": 14.5,
    }
    assert data["agreement"][0] == {
        "question": "verdict",
        "level": "nominal",
        "units": 1,
        "raters": 2,
        "raw": 1.0,
        "kappa": None,
        "alpha": None,
    }
    assert data["gold"] == {}
    assert data["findings"] == [{"file": "x.jsonl", "line": 3, "message": "is bad"}]
    assert data["ignored"] == [
        {
            "event_id": "tashi-000005",
            "actor": "tashi",
            "event": "withdraw_vote",
            "subject": "a_0002",
            "why": "there was no vote to withdraw",
        }
    ]
    assert data["clips"][0] == {
        "clip_id": "a_0000",
        "item_id": "a",
        "state": "accepted",
        "vetoed": False,
        "votes": {"tashi": "accept", "dolma": "accept"},
        "reasons": [],
        "answers": {"emotion": {"calm": 1, "sad": 1}},
        "corrections": {"text": "ཁ"},
        "why": [
            "tashi accepts it on 2025-11-01",
            "dolma accepts it on 2025-11-01",
            "its text is corrected by dolma",
        ],
    }


def test_known_answers_are_shown_only_to_who_has_them() -> None:
    data = summary(folded(), [Gold(clip_id="a_0000", verdict="reject")])
    assert data["gold"] == {
        "dolma": {"asked": 1, "right": 0, "missed": ["a_0000"]},
        "tashi": {"asked": 1, "right": 0, "missed": ["a_0000"]},
    }
    assert "tashi: 0 of 1 known answers" in summary_lines(data)


def test_a_summary_is_a_few_lines() -> None:
    assert list(summary_lines(summary(folded()))) == [
        "clips: 1 unreviewed, 1 accepted, 1 rejected; 1 vetoed",
        "dolma: 1 accepted, 0 rejected, 0 to change, 0 skipped, 1 corrected",
        "tashi: 1 accepted, 1 rejected, 0 to change, 0 skipped, 0 corrected",
        "agreement on verdict (1 clip): equal 1.00",
        "agreement on emotion (1 clip): equal 0.00, κ 0.00, α 0.00",
        "does not count: withdraw_vote of tashi on a_0002: there was no vote to withdraw",
        "x.jsonl:3: is bad",
    ]
    assert list(summary_lines(summary(made.folded([], [])))) == ["clips: none"]


def test_only_votes_that_count_are_counted() -> None:
    events = [
        vote("tashi", 1, "reject", "blur"),
        vote("tashi", 2),
        vote("lab-a", 3),
        vote("dolma", 4, content_sha256=BEFORE),
        vote("dolma", 5, clip_id=None),
    ]
    own = [subject(contributor="Lab-A")]
    lines = list(summary_lines(summary(made.folded(events, own))))
    told = "replaced, taken back, stale, or named below"
    assert lines[1:] == [
        "dolma: 1 accepted, 0 rejected, 0 to change, 0 skipped, 0 corrected; "
        f"1 vote does not count: {told}",
        "lab-a: 0 accepted, 0 rejected, 0 to change, 0 skipped, 0 corrected; "
        f"1 vote does not count: {told}",
        "tashi: 1 accepted, 0 rejected, 0 to change, 0 skipped, 0 corrected; "
        f"1 vote does not count: {told}",
        "does not count: vote of lab-a on a_0000: nobody decides about what they have sent "
        "themselves",
    ]
