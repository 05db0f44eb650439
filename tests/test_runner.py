"""A run costs what it must: killed, crashed, hung and broken clips are one row each."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.acts import (
    Count,
    Luma,
    Pieces,
    Seen,
    Trouble,
    go,
    is_alive,
    make_workspace,
    start_drive,
    story,
    tree,
    wait_until,
    workers_of,
)
from tthd_tools.errors import AccessError
from tthd_tools.ledger import Ledger
from tthd_tools.runner import Limits
from tthd_tools.workspace import Workspace

linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks into /proc")
CHAIN = (Pieces(count=3), Luma(), Count(), Trouble(seconds=0.2))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace on which nothing went wrong."""
    workspace = make_workspace(tmp_path_factory.mktemp("finished"))
    seen = go(workspace, *CHAIN, workers=2)
    assert seen.stages == {"count": 9, "luma": 9, "pieces": 3, "trouble": 9}
    assert sorted(seen.begun) == sorted(seen.done)
    return workspace


def beside(finished: Workspace, folder: Path) -> Workspace:
    """A fresh workspace on the same raw folder."""
    from tthd_tools.ingest import ingest

    workspace = Workspace.create(folder / "work", finished.raw)
    with workspace.writing():
        ingest(workspace)
    return workspace


def test_number_of_workers_changes_no_byte(finished: Workspace, tmp_path: Path) -> None:
    workspace = beside(finished, tmp_path)
    go(workspace, *CHAIN, workers=1)
    assert tree(workspace.clips) == tree(finished.clips)
    assert story(workspace) == story(finished)


def test_nothing_is_done_twice(finished: Workspace) -> None:
    assert go(finished, *CHAIN).rows == []


@linux
def test_driver_killed_at_random_moments_and_resumed(finished: Workspace, tmp_path: Path) -> None:
    workspace = beside(finished, tmp_path)
    raw = tree(finished.raw)
    moments = random.Random(5)
    for _ in range(3):
        driver = start_drive(workspace)
        wait_until(lambda driver=driver: workers_of(driver.pid) and any(workspace.tmp.iterdir()))
        orphans = workers_of(driver.pid)
        time.sleep(moments.uniform(0.0, 0.6))
        driver.kill()
        driver.wait()
        wait_until(lambda orphans=orphans: not any(is_alive(pid) for pid in orphans))
        done = {row.key for row in Workspace(workspace.root).ledger}
        assert done <= set(story(finished))
    driver = start_drive(workspace)
    assert driver.wait(60) == 0
    assert tree(workspace.clips) == tree(finished.clips)
    assert story(workspace) == story(finished)
    assert list(workspace.tmp.iterdir()) == []
    assert tree(finished.raw) == raw


@linux
def test_worker_killed_costs_one_clip_at_most_and_retry_mends_it(
    finished: Workspace, tmp_path: Path
) -> None:
    workspace = beside(finished, tmp_path)
    driver = start_drive(workspace)
    wait_until(lambda: workers_of(driver.pid) and any(workspace.tmp.iterdir()))
    os.kill(workers_of(driver.pid)[0], signal.SIGKILL)
    assert driver.wait(60) == 0
    rows = list(Workspace(workspace.root).ledger)
    failed = [row for row in rows if row.outcome == "failed"]
    assert [row.code for row in failed] in ([], ["S008"])
    assert all("SIGKILL" in row.message for row in failed)
    assert start_drive(workspace, retry=True).wait(60) == 0
    assert tree(workspace.clips) == tree(finished.clips)
    assert story(workspace) == story(finished)


@pytest.mark.parametrize(
    ("how", "code", "reason", "words"),
    [
        ("segfault", "S008", "crashed", "the process died in trouble on"),
        ("exit", "S008", "crashed", "exit code 7"),
        ("quit", "S008", "crashed", "exit code 5"),
        ("hang", "S015", "timeout", "took too long"),
        ("bug", "X001", "internal_error", "ZeroDivisionError: division by zero"),
    ],
)
def test_trouble_costs_one_clip(
    how: str, code: str, reason: str, words: str, tmp_path: Path
) -> None:
    workspace = make_workspace(tmp_path, films=1)
    calm, log = tmp_path / "calm", tmp_path / "log"
    trouble = Trouble(at="0001", how=how, calm=str(calm), log=str(log))
    stages = (Pieces(count=3), Luma(), trouble)
    limits = Limits(base_s=1.5 if how == "hang" else 60, per_second=0)
    go(workspace, *stages, limits=limits)
    rows = [row for row in Workspace(workspace.root).ledger if row.stage == "trouble"]
    assert sorted(row.outcome for row in rows) == ["failed", "ok", "ok"]
    (failed,) = [row for row in rows if row.outcome == "failed"]
    assert failed.id.endswith("_0001")
    assert (failed.code, failed.reason) == (code, reason)
    assert words in failed.message
    assert "\n" not in failed.message
    assert ("Traceback" in failed.detail) == (code == "X001")
    assert list(workspace.tmp.iterdir()) == []
    assert sorted(one[-4:] for one in log.read_text().split()) == ["0000", "0001", "0002"]

    assert go(workspace, *stages).rows == []
    log.unlink()
    if how == "segfault":  # it fails again, once
        go(workspace, *stages, retry=True)
        assert [one[-4:] for one in log.read_text().split()] == ["0001"]
    calm.touch()
    again = go(workspace, *stages, retry=True)
    assert [(row.stage, row.outcome) for row in again.rows] == [("trouble", "ok")]


def test_reject_ends_a_clip_and_is_never_tried_again(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    stages = (Pieces(), Luma(), Trouble(at="0001", how="reject"))
    seen = go(workspace, *stages)
    (row,) = [row for row in seen.rows if row.outcome == "rejected"]
    assert (row.reason, row.numbers, row.code) == ("no_face", {"frames": 12, "share": 0.5}, "")
    assert go(workspace, *stages, retry=True).rows == []


def test_engine_that_cannot_be_loaded_fails_each_clip_with_its_traceback(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    seen = go(workspace, Pieces(), Luma(), Trouble(how="setup"))
    rows = [row for row in seen.rows if row.stage == "trouble"]
    assert [row.code for row in rows] == ["X001", "X001"]
    assert "no module named engine" in rows[0].message
    assert "Traceback" in rows[0].detail


def test_trouble_in_one_file_leaves_the_others(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=3)
    (tmp_path / "raw" / "film1.mp4").unlink()
    with (tmp_path / "raw" / "film2.mp4").open("ab") as file:
        file.write(b"more")
    seen = go(workspace, Pieces(), Luma(), workers=2)
    by_item = {row.item_id[:5]: row for row in seen.rows if row.outcome == "failed"}
    assert {name: row.code for name, row in by_item.items()} == {"film1": "S004", "film2": "S011"}
    assert "was registered but cannot be found" in by_item["film1"].message
    assert "has changed since it was registered" in by_item["film2"].message
    assert seen.stages["luma"] == 2


def test_a_file_that_was_away_is_measured_when_it_is_back(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    film = tmp_path / "raw" / "film0.mp4"
    film.rename(tmp_path / "away.mp4")
    seen = go(workspace, Pieces(), Luma())
    assert [row.reason for row in seen.rows] == ["unreadable"]
    (tmp_path / "away.mp4").rename(film)
    seen = go(workspace, Pieces(), Luma())
    assert {row.outcome for row in seen.rows} == {"ok"}
    assert seen.stages["luma"] == 2


def test_full_disk_stops_the_run_and_is_always_tried_again(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    calm = tmp_path / "calm"
    stages = (Pieces(), Luma(), Trouble(at="0001", how="full", calm=str(calm)))
    with pytest.raises(AccessError, match=r"the disk of .*work is full; free some space"):
        go(workspace, *stages)
    (row,) = [row for row in Workspace(workspace.root).ledger if row.outcome == "failed"]
    assert (row.reason, row.code) == ("disk_full", "S012")
    assert list(workspace.tmp.iterdir()) == []
    calm.touch()
    again = go(workspace, *stages)
    assert [(row.stage, row.outcome) for row in again.rows] == [("trouble", "ok")]


def test_ledger_that_finds_the_disk_full_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tthd_tools import runner

    workspace = make_workspace(tmp_path, films=1)
    stages = (Pieces(), Luma(), Trouble(seconds=0.5))
    append, calls = Ledger.append, []

    def full_for_a_while(ledger: Ledger, rows: Any) -> None:
        if rows and len(calls) < 2:  # also without the reserve
            calls.append(rows)
            raise OSError(28, "No space left on device")
        append(ledger, rows)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "FLUSH_EVERY_S", 0.0)
        patch.setattr(Ledger, "append", full_for_a_while)
        with pytest.raises(AccessError, match="is full; free some space"):
            go(workspace, *stages)
    rows = list(Workspace(workspace.root).ledger)
    assert "pieces" in {row.stage for row in rows}  # what was done is not lost
    assert {row.reason for row in rows if row.outcome == "failed"} <= {"disk_full"}
    go(workspace, *stages)
    assert {row.outcome for row in Workspace(workspace.root).ledger} == {"ok"}


def test_folder_that_may_not_be_written_stops_the_run(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    with pytest.raises(AccessError, match="permission denied"):
        go(workspace, Pieces(), Luma(), Trouble(at="0000", how="denied"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A disk of 3 MB, and how to make it larger."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(size: str, *more: str) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", ",".join([*more, f"size={size}"]), "tmpfs", disk]
        return subprocess.run(command, capture_output=True).returncode == 0

    if sys.platform != "linux" or os.geteuid() != 0 or not mount("3m"):
        pytest.skip("only root can mount a small disk")
    yield disk, lambda: mount("30m", "remount")
    subprocess.run(["umount", "-l", disk], check=True)


def test_small_disk_fills_up_and_the_same_run_goes_on_when_it_has_grown(
    small_disk: Any, tmp_path: Path
) -> None:
    disk, grow = small_disk
    stages = (Pieces(count=4), Luma(), Trouble(size_bytes=400_000))
    reference = make_workspace(tmp_path, films=2)
    go(reference, *stages)

    workspace = Workspace.create(disk / "work", reference.raw)
    from tthd_tools.ingest import ingest

    with workspace.writing():
        ingest(workspace)
    with pytest.raises(AccessError, match="is full; free some space"):
        go(workspace, *stages, workers=2)
    rows = list(Workspace(workspace.root).ledger)
    assert {row.reason for row in rows if row.outcome == "failed"} == {"disk_full"}
    assert 0 < len([row for row in rows if row.stage == "trouble" and row.outcome == "ok"]) < 8
    assert list(workspace.tmp.iterdir()) == []
    expected = tree(reference.clips)
    assert tree(workspace.clips).items() < expected.items()
    with pytest.raises(AccessError, match="is full; free some space"):  # nothing was freed
        go(workspace, *stages)
    assert grow()
    go(workspace, *stages)
    assert tree(workspace.clips) == expected
    assert story(workspace) == story(reference)


def test_removed_folder_is_made_again_and_nothing_else(tmp_path: Path) -> None:
    import shutil

    workspace = make_workspace(tmp_path, films=1)
    stages = (Pieces(), Luma(), Count(), Trouble())
    go(workspace, *stages)
    before = tree(workspace.clips)
    (folder,) = workspace.clips.glob("film0*_0001/luma.*")
    shutil.rmtree(folder)
    assert go(workspace, *stages).stages == {"luma": 1}
    assert tree(workspace.clips) == before


def test_changed_option_redoes_that_stage_and_what_depends_on_it(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=2)
    go(workspace, Pieces(), Luma(), Count(), Trouble())
    assert go(workspace, Pieces(), Luma(), Count(step=2), Trouble()).stages == {"count": 4}
    changed = go(workspace, Pieces(), Luma(gain=2), Count(), Trouble())
    assert changed.stages == {"luma": 4, "trouble": 4}
    assert go(workspace, Pieces(), Luma(), Count(), Trouble()).rows == []
    assert go(workspace, Pieces(), Count(), Luma(), Trouble()).rows == []


def test_plan_until_a_stage_is_completed_later(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    assert go(workspace, Pieces()).stages == {"pieces": 1}
    assert go(workspace, Pieces(), Luma(), Count()).stages == {"count": 2, "luma": 2}


class Unloadable(Count):
    """A stage that no worker can import."""

    def __reduce__(self) -> Any:
        return os._exit, (3,)


def test_workers_that_cannot_start_are_told_in_one_sentence(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    with pytest.raises(AccessError, match=r"end before they begin film0.mp4 \(exit code 3\)"):
        go(workspace, Pieces(), Unloadable())


def test_interrupted_run_keeps_its_rows_and_leaves_no_worker(tmp_path: Path) -> None:
    import multiprocessing

    from tests.acts import plan_of, roots
    from tthd_tools.runner import run

    class Impatient(Seen):
        def row(self, row: Any) -> None:
            super().row(row)
            if row.stage == "luma":
                raise KeyboardInterrupt

    workspace = make_workspace(tmp_path, films=2)
    seen = Impatient()
    with workspace.writing(), pytest.raises(KeyboardInterrupt):
        run(plan_of(Pieces(), Luma()), roots(workspace), workspace, workers=2, observer=seen)
    assert multiprocessing.active_children() == []
    known = {row.key for row in Workspace(workspace.root).ledger}
    assert {row.key for row in seen.rows} <= known
