"""A log takes events once, in a chain; whatever is changed in it afterwards is found."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.review.made import event, line, vote
from tthd_tools.errors import AccessError, UsageError
from tthd_tools.review import log as module
from tthd_tools.review.chain import Head, format_heads, sha256_hex
from tthd_tools.review.log import append_events, log_path, read_log, read_logs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of three votes."""
    path = log_path(tmp_path / "reviews", None, "tashi")
    append_events(path, [vote("tashi", 1), vote("tashi", 2, "reject", "blur")])
    append_events(path, [vote("tashi", 3)])
    return path


def findings(path: Path) -> list[str]:
    return [
        str(one).removeprefix(str(path)).removeprefix(":").strip()
        for one in read_log(path).findings
    ]


def test_events_are_sealed_in_a_chain_with_a_head(path: Path) -> None:
    lines = path.read_bytes().splitlines()
    log = read_log(path)
    assert [one.event_id for one in log.events] == ["tashi-000001", "tashi-000002", "tashi-000003"]
    assert [one.prev_event_sha256 for one in log.events] == [
        "",
        sha256_hex(lines[0]),
        sha256_hex(lines[1]),
    ]
    assert path.with_suffix(".head").read_text() == (
        f'{{"lines":3,"sha256":"{sha256_hex(lines[2])}"}}\n'
    )
    assert log.findings == ()
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "decisions.tashi.head",
        "decisions.tashi.jsonl",
    ]


def test_what_the_log_holds_is_not_added_again(path: Path) -> None:
    before = path.read_bytes()
    assert append_events(path, [vote("tashi", 3), vote("tashi", 1)]) == []
    assert path.read_bytes() == before
    (new,) = append_events(
        path, [vote("tashi", 4), vote("tashi", 4), vote("tashi", 2, "reject", "blur")]
    )
    assert new.prev_event_sha256 == sha256_hex(before.splitlines()[-1])
    assert path.read_bytes() == before + new.line() + b"\n"


def test_one_id_with_two_contents_is_refused_and_nothing_is_added(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(AccessError, match="knows the event tashi-000003 with other content"):
        append_events(path, [vote("tashi", 4), vote("tashi", 3, "reject")])
    with pytest.raises(AccessError, match="takes no event of dolma's: dolma-000000"):
        append_events(path, [vote("tashi", 4), event("dolma")])
    assert path.read_bytes() == before


def test_every_changed_byte_is_found(path: Path) -> None:
    for file in (path, path.with_suffix(".head")):
        good = file.read_bytes()
        for index, byte in enumerate(good):
            file.write_bytes(good[:index] + bytes([byte ^ (1 << index % 8)]) + good[index + 1 :])
            assert findings(path), f"byte {index} of {file.name}"
        file.write_bytes(good)
    assert findings(path) == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda one: one[:2], "2: 1 of the lines behind it are gone"),
        (lambda one: [], "3 of the lines behind it are gone"),
        (lambda one: one[1:], "2: 1 of the lines behind it are gone"),
        (lambda one: [one[1], one[0], one[2]], "1: it does not follow the line before it"),
        (lambda one: [*one, one[2]], "4: it was not written by tthd"),
        (lambda one: [one[0], one[0], *one[1:]], "4: it was not written by tthd"),
        (lambda one: [*one, line("tashi", 9) + b"\n"], "4: it was not written by tthd"),
        (lambda one: [*one[:2], one[2][:-9]], "2: 1 of the lines behind it are gone"),
        (lambda one: [*one, b"\n"], "4: it was not written by tthd"),
        (lambda one: [x[:-1] + b"\r\n" for x in one], "3: it was changed, or its head was"),
    ],
)
def test_lines_that_are_removed_moved_or_inserted_are_found(
    path: Path, damage: Callable[[list[bytes]], list[bytes]], sentence: str
) -> None:
    path.write_bytes(b"".join(damage(path.read_bytes().splitlines(True))))
    assert findings(path)[0].startswith(sentence)
    with pytest.raises(AccessError, match="nothing is added to a damaged log"):
        append_events(path, [vote("tashi", 9)])


def test_what_is_left_of_a_damaged_log_is_still_read(path: Path) -> None:
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(lines[0] + b"{}\n" + lines[2])
    assert [one.event_id for one in read_log(path).events] == ["tashi-000001", "tashi-000003"]
    assert findings(path)[0].startswith("2: event_id: field required")


def test_changed_line_ends_are_called_so(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "2: its line ends were changed (CRLF); bring the file back as it was" in findings(path)


def test_a_log_without_its_head_and_a_head_without_its_log_are_found(path: Path) -> None:
    head = path.with_suffix(".head")
    kept = head.read_bytes()
    head.unlink()
    assert findings(path)[0].startswith("has no head")
    head.write_bytes(kept)
    path.unlink()
    (log,) = read_logs(path.parent.parent)
    assert [one.message for one in log.findings] == [
        "is gone, though its head is here; bring it back"
    ]


def test_nobodys_decision_counts_in_the_log_of_another(path: Path) -> None:
    other = path.with_name("decisions.dolma.jsonl")
    other.write_bytes(path.read_bytes())
    other.with_suffix(".head").write_bytes(path.with_suffix(".head").read_bytes())
    log = read_log(other)
    assert log.events == ()
    assert log.findings[0].message == "it is tashi's decision, not dolma's"


def test_one_id_twice_in_a_log_is_found(tmp_path: Path) -> None:
    path = tmp_path / "decisions.tashi.jsonl"
    first = event("tashi", 1).sealed("").line()
    second = vote("tashi", 1, "reject").sealed(sha256_hex(first)).line()
    path.write_bytes(first + b"\n" + second + b"\n")
    path.with_suffix(".head").write_text(format_heads([Head(2, sha256_hex(second))]))
    assert findings(path) == ["2: it has the id of another line, tashi-000001"]


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_killed_append_harms_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """Killed after ``kept`` bytes of it were written (-1: all), before the head says so."""
    before = path.read_bytes()

    def killed(file: int) -> None:
        os.ftruncate(file, len(before) + kept if kept >= 0 else os.fstat(file).st_size)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module.os, "fsync", lambda file: None if _is_head(file) else killed(file))
        with pytest.raises(KeyboardInterrupt):
            append_events(path, [vote("tashi", 4), vote("tashi", 5)])
    assert findings(path) == []
    assert len(read_log(path).events) == (5 if kept < 0 else 3)
    append_events(path, [vote("tashi", 4), vote("tashi", 5), vote("tashi", 6)])
    assert findings(path) == []
    assert len(read_log(path).events) == 6
    assert len(path.read_bytes().splitlines()) == 6


def _is_head(file: int) -> bool:
    return Path(f"/proc/self/fd/{file}").readlink().name.endswith(".head.tmp")


def test_several_at_once_lose_nothing(tmp_path: Path) -> None:
    path = log_path(tmp_path, "sub_20250101_abc", "tashi")

    def write(first: int) -> None:
        for minute in range(first, first + 10):
            append_events(path, [vote("tashi", minute)])

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 5, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert findings(path) == []
    assert sorted(one.event_id for one in read_log(path).events) == [
        f"tashi-{minute:06d}" for minute in range(20)
    ]


def test_links_and_strange_files_are_told_and_never_followed(path: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(b"secret")
    (path.parent / "decisions.eve.jsonl").symlink_to(outside)
    (path.parent / "decisions.tashi (1).jsonl").write_bytes(b"")
    (path.parent / "decisions.dir.jsonl").mkdir()
    os.mkfifo(path.parent / "decisions.pipe.jsonl")
    told = {
        log.path.name: [one.message for one in log.findings]
        for log in read_logs(tmp_path / "reviews")
    }
    assert told == {
        "decisions.dir.jsonl": ["is no plain file"],
        "decisions.eve.jsonl": ["is a link; put the file itself there"],
        "decisions.pipe.jsonl": ["is no plain file"],
        "decisions.tashi (1).jsonl": ["is not named decisions.HANDLE.jsonl; rename or remove it"],
        "decisions.tashi.jsonl": [],
    }
    with pytest.raises(AccessError, match="is a link"):
        append_events(path.parent / "decisions.eve.jsonl", [event("eve")])
    assert outside.read_bytes() == b"secret"
    (tmp_path / "reviews" / "linked").symlink_to(tmp_path)
    with pytest.raises(AccessError, match="lies in a folder that is a link"):
        append_events(tmp_path / "reviews" / "linked" / "decisions.tashi.jsonl", [event()])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["outside.jsonl", "reviews"]


def test_a_log_that_is_too_large_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LOG_BYTES", 100)
    assert findings(path) == ["is larger than 0 MB"]


@pytest.mark.parametrize("handle", ["", "Tashi", "../x", "a" * 40, "-a", "བཀྲ"])
def test_what_is_no_handle_names_no_file(tmp_path: Path, handle: str) -> None:
    with pytest.raises(UsageError, match="cannot be a reviewer's handle"):
        log_path(tmp_path, None, handle)


def test_what_is_no_submission_names_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be the id of a submission"):
        log_path(tmp_path, "../x", "tashi")
    assert log_path(tmp_path, None, "tashi") == tmp_path / "local" / "decisions.tashi.jsonl"


def test_a_folder_that_is_not_there_holds_no_logs(tmp_path: Path) -> None:
    assert read_logs(tmp_path / "reviews") == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "reviews").write_bytes(b"")
    with pytest.raises(AccessError, match="cannot be written"):
        append_events(log_path(tmp_path / "reviews", None, "tashi"), [event()])


@pytest.mark.parametrize(
    "name",
    [
        "decisions.tashi.jsonl",
        "local/Decisions.tashi.jsonl",
        "more/local/decisions.dolma.jsonl",
    ],
)
def test_a_log_that_nobody_would_read_is_told(path: Path, name: str) -> None:
    reviews = path.parents[1]
    (reviews / name).parent.mkdir(parents=True, exist_ok=True)
    (reviews / name).write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match=r"is not read: a log is .*SUBMISSION/decisions\.HANDLE"):
        read_logs(reviews)
    with pytest.raises(UsageError, match="is not read"):
        read_logs(reviews.parent)
