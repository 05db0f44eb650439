"""Known answers are hidden in a queue, and tell the maintainer how each reviewer judges."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.review.made import vote
from tthd_tools.errors import UsageError
from tthd_tools.review.gold import Gold, GoldScore, mix_gold, read_gold, score_gold

GOLD = [
    Gold(clip_id="a_0000", verdict="reject", answers={"emotion": "sad", "clear": True}),
    Gold(clip_id="a_0001", verdict="accept"),
]


def test_each_reviewer_is_compared_with_the_known_answers() -> None:
    votes = [
        vote("tashi", 1, "reject", answers={"emotion": "sad", "clear": False}),
        vote("tashi", 2, clip_id="a_0001"),
        vote("dolma", 3, answers={"other": 1}),
        vote("dolma", 4, clip_id="a_0002"),
        vote("pema", 5, clip_id=None),
    ]
    assert score_gold(votes, GOLD) == {
        "dolma": GoldScore(asked=1, right=0, missed=["a_0000"]),
        "tashi": GoldScore(asked=4, right=3, missed=[]),
    }
    assert score_gold(votes, []) == {}


def test_a_file_of_answers_is_read(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '{"clip_id": "a_0000", "verdict": "reject", "answers": {"emotion": "sad", "clear": true}}\n'
        '\n{"clip_id": "a_0001", "verdict": "accept"}\n'
    )
    assert read_gold(path) == GOLD


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{}", r"gold.jsonl:1: clip_id: field required; write \{"),
        ('\n{"clip_id": "A.b", "verdict": "accept"}', "gold.jsonl:2: clip_id: string should match"),
        ("no", "gold.jsonl:1: the line: invalid json"),
    ],
)
def test_what_is_no_answer_is_named_by_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError, match=sentence):
        read_gold(path)
    with pytest.raises(UsageError, match="cannot hold gold clips"):
        read_gold(tmp_path / "absent.jsonl")


def test_gold_is_a_small_share_at_places_nobody_foresees() -> None:
    queue = [f"a_{n:04d}" for n in range(100)]
    gold = [f"g_{n:04d}" for n in range(9)]
    mixed = mix_gold(queue, gold, reviewer="tashi")
    assert [clip_id for clip_id in mixed if clip_id in queue] == queue
    assert sum(clip_id in gold for clip_id in mixed) == 4
    assert mixed == mix_gold(queue, gold, reviewer="tashi")
    assert mixed != mix_gold(queue, gold, reviewer="dolma")


def test_gold_that_is_in_the_queue_comes_once_and_never_more_than_there_is() -> None:
    mixed = mix_gold(["a", "b", "c", "g"], ["g", "h"], reviewer="tashi", share=0.5)
    assert sorted(mixed) == ["a", "b", "c", "g", "h"]
    assert mix_gold(["a"], [], reviewer="tashi") == ["a"]
    assert mix_gold([], ["g"], reviewer="tashi") == []
