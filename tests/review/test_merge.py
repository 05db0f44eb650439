"""Downloaded decisions come into the logs once; what is bad is refused by its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.review.made import event, line, lines_of, vote
from tthd_tools.errors import AccessError
from tthd_tools.review.log import append_events, log_path, read_log, read_logs
from tthd_tools.review.merge import Merged, merge_file
from tthd_tools.review.sources import Sources

ITEMS = Sources(
    of_id={"a": frozenset(["a" * 64]), "b": frozenset(["b" * 64])},
    submissions={"a": None, "b": "sub_20250101_abc"},
)
TODAY = datetime(2025, 11, 20, 12, tzinfo=UTC)
OF_B: dict[str, Any] = {"item_id": "b", "clip_id": "b_0000"}


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    return tmp_path / "reviews"


def download(folder: Path, content: bytes, name: str = "decisions.tashi.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def merge(path: Path, reviews: Path) -> Merged:
    return merge_file(path, reviews, ITEMS, TODAY)


def refused(merged: Merged) -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in merged.refused]


def test_new_decisions_are_sealed_into_the_log_of_their_submission(
    tmp_path: Path, reviews: Path
) -> None:
    votes = [vote("tashi", 2), vote("tashi", 1), vote("tashi", 3, **OF_B)]
    merged = merge(download(tmp_path, lines_of(votes)), reviews)
    assert (merged.added, merged.known, merged.refused) == (3, 0, [])
    here, there = read_logs(reviews)
    assert [here.path.parent.name, there.path.parent.name] == ["local", "sub_20250101_abc"]
    assert [one.event_id for one in here.events] == ["tashi-000002", "tashi-000001"]
    assert [one.event_id for one in there.events] == ["tashi-000003"]
    assert here.findings + there.findings == ()


def test_the_same_and_overlapping_files_add_nothing_twice(tmp_path: Path, reviews: Path) -> None:
    first, second = [vote("tashi", n) for n in (1, 2)], [vote("tashi", n) for n in (2, 3)]
    merge(download(tmp_path, lines_of(first)), reviews)
    again = merge(download(tmp_path, lines_of(first), "decisions.tashi (1).jsonl"), reviews)
    assert (again.added, again.known) == (0, 2)
    more = merge(download(tmp_path, lines_of(second), "decisions.tashi(2).jsonl"), reviews)
    assert (more.added, more.known) == (1, 1)
    twice = merge(download(tmp_path, lines_of([*first, *second])), reviews)
    assert (twice.added, twice.known) == (0, 4)
    (log,) = read_logs(reviews)
    assert len(log.events) == 3


def test_bad_lines_are_refused_and_the_others_taken(tmp_path: Path, reviews: Path) -> None:
    content = b"\n".join(
        [
            line("tashi", 1),
            b"{broken",
            line("dolma", 2),
            line("tashi", 3, item_id="c", clip_id="c_0000"),
            line("tashi", 4, at="2025-11-22T00:00:00.000Z"),
            line("tashi", 1, verdict="reject"),
            b"",
            line("tashi", 5) + b"\r",
        ]
    )
    merged = merge(download(tmp_path, content), reviews)
    assert (merged.added, merged.known) == (2, 0)
    assert refused(merged) == [
        (2, "no JSON at character 2 (expecting property name enclosed in double quotes)"),
        (3, "it is dolma's decision, not tashi's"),
        (4, "there is no item c in this workspace"),
        (5, "it was made at 2025-11-22T00:00:00.000Z, which is still to come"),
        (6, "its id tashi-000001 is that of another event"),
    ]


def test_an_id_of_another_log_is_refused_with_other_content(tmp_path: Path, reviews: Path) -> None:
    veto = vote("tashi", 1, "reject", "minor")
    merge(download(tmp_path, lines_of([veto])), reviews)
    twin = vote("tashi", 0, event_id=veto.event_id, **OF_B)
    merged = merge(download(tmp_path, lines_of([twin])), reviews)
    assert refused(merged) == [(1, "its id tashi-000001 is that of another event")]
    (log,) = read_logs(reviews)
    assert [one.has_veto for one in log.events] == [True]


def test_what_one_browser_rejects_no_older_decision_of_another_undoes(
    tmp_path: Path, reviews: Path
) -> None:
    veto = vote("tashi", 5, "reject", "minor")
    merge(download(tmp_path, lines_of([veto])), reviews)
    undone = event("tashi", 3, event="withdraw_vote")
    older = [vote("tashi", 1), undone, vote("tashi", 2, "reject", "blur"), vote("tashi", 4, "skip")]
    merged = merge(download(tmp_path, lines_of(older)), reviews)
    assert [number for number, _ in refused(merged)] == [1, 2, 3]
    assert "it is older than tashi's rejection of 2025-11-01T00:05" in refused(merged)[0][1]
    newer = [vote("tashi", 6)]
    assert merge(download(tmp_path, lines_of(newer)), reviews).refused == []


def test_the_order_of_one_browser_counts_also_where_its_clock_jumps(
    tmp_path: Path, reviews: Path
) -> None:
    events = [vote("tashi", 5, "reject", "minor"), event("tashi", 1, event="withdraw_vote")]
    merged = merge(download(tmp_path, lines_of(events)), reviews)
    assert (merged.added, merged.refused) == (2, [])


def test_all_about_the_same_bytes_stands_in_one_log(tmp_path: Path, reviews: Path) -> None:
    merge(download(tmp_path, lines_of([vote("tashi", 1, "reject", "minor")])), reviews)
    later = replace(
        ITEMS,
        of_id={**ITEMS.of_id, "lab_a": ITEMS.of_id["a"]},
        submissions={**ITEMS.submissions, "lab_a": "sub_20250101_abc"},
    )
    renamed = [vote("tashi", 2, item_id="lab_a", clip_id="lab_a_0000"), vote("tashi", 3, **OF_B)]
    old = vote("tashi", 4, clip_id="a_0001")
    path = download(tmp_path, lines_of([*renamed, old]))
    assert merge_file(path, reviews, later, TODAY).added == 3
    here, there = read_logs(reviews)
    assert [one.event_id[-1] for one in here.events] == ["1", "2", "4"]
    assert [one.event_id[-1] for one in there.events] == ["3"]


def test_a_sealed_log_of_another_place_is_taken_unless_it_was_changed(
    tmp_path: Path, reviews: Path
) -> None:
    elsewhere = log_path(tmp_path / "elsewhere", None, "tashi")
    append_events(elsewhere, [vote("tashi", n) for n in (1, 2, 3)])
    whole = elsewhere.read_bytes()
    changed = whole.replace(b"accept", b"reject", 1)
    merged = merge(download(tmp_path, changed), reviews)
    assert refused(merged) == [(0, "was changed after it was sealed: line 2 does not follow")]
    assert read_logs(reviews) == []
    merge(download(tmp_path, lines_of([vote("tashi", 2)])), reviews)
    merged = merge(download(tmp_path, whole + line("tashi", 4) + b"\n"), reviews)
    assert (merged.added, merged.known, merged.refused) == (3, 1, [])
    (log,) = read_logs(reviews)
    assert len(log.events) == 4
    assert log.findings == ()


@pytest.mark.parametrize(
    "name",
    ["decisions.jsonl", "decisions.Tashi.jsonl", "votes.tashi.jsonl", "decisions.tashi.json"],
)
def test_a_file_by_another_name_is_refused(tmp_path: Path, reviews: Path, name: str) -> None:
    merged = merge(download(tmp_path, line(), name), reviews)
    assert refused(merged)[0][1].startswith("is not named decisions.HANDLE.jsonl")
    assert not reviews.exists()


def test_what_is_no_file_is_refused(tmp_path: Path, reviews: Path) -> None:
    (tmp_path / "decisions.tashi.jsonl").mkdir()
    assert refused(merge(tmp_path / "decisions.tashi.jsonl", reviews)) == [
        (0, "is no file, or larger than 256 MB")
    ]
    assert refused(merge(tmp_path / "decisions.dolma.jsonl", reviews)) == [
        (0, "is no file, or larger than 256 MB")
    ]


def test_a_damaged_log_takes_nothing_and_the_other_does(tmp_path: Path, reviews: Path) -> None:
    path = log_path(reviews, None, "tashi")
    append_events(path, [vote("tashi", 1)])
    path.write_bytes(b"")
    merged = merge(
        download(tmp_path, lines_of([vote("tashi", 2), vote("tashi", 3, **OF_B)])), reviews
    )
    assert merged.added == 1
    ((_, why),) = refused(merged)
    assert why.startswith(f"cannot be taken: {path} 1 of the lines behind it are gone")
    assert len(read_log(log_path(reviews, "sub_20250101_abc", "tashi")).events) == 1


def test_an_empty_file_is_nothing(tmp_path: Path, reviews: Path) -> None:
    assert merge(download(tmp_path, b""), reviews) == Merged(
        str(tmp_path / "decisions.tashi.jsonl")
    )


def test_a_folder_that_is_a_file_is_told(tmp_path: Path, reviews: Path) -> None:
    reviews.write_bytes(b"")
    merged = merge(download(tmp_path, lines_of([event()])), reviews)
    assert "cannot be written" in refused(merged)[0][1]
    with pytest.raises(AccessError):
        append_events(log_path(reviews, None, "tashi"), [event()])
