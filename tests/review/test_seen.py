"""Decisions that were seen once may not vanish."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.review.made import event
from tthd_tools.errors import RefusedError
from tthd_tools.review.log import append_events, log_path
from tthd_tools.review.seen import FILE, check_seen, note_seen
from tthd_tools.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw").mkdir()
    return Workspace.create(tmp_path / "work", tmp_path / "raw")


def decide(workspace: Workspace, actor: str, *minutes: int) -> Path:
    path = log_path(workspace.reviews, "sub_20260101_lab", actor)
    append_events(path, [event(actor, minute) for minute in minutes])
    return path


def test_nothing_seen_asks_for_nothing(workspace: Workspace) -> None:
    check_seen(workspace, workspace.reviews)
    note_seen(workspace)
    assert not (workspace.root / FILE).exists()


def test_logs_may_grow_and_move(workspace: Workspace, tmp_path: Path) -> None:
    decide(workspace, "tashi", 0, 1)
    note_seen(workspace)
    decide(workspace, "tashi", 2)
    decide(workspace, "dolma", 0)
    check_seen(workspace, workspace.reviews)
    moved = Path(shutil.move(workspace.reviews, tmp_path / "elsewhere"))
    with pytest.raises(RefusedError, match=r"decisions\.tashi\.jsonl' before, and the log is gone"):
        check_seen(workspace, workspace.reviews)
    check_seen(workspace, moved)
    workspace.remember(reviews=moved)
    note_seen(Workspace(workspace.root))
    check_seen(workspace, moved)


def test_a_log_that_was_made_anew_is_not_the_one_that_was_seen(workspace: Workspace) -> None:
    path = decide(workspace, "tashi", 0, 1)
    note_seen(workspace)
    path.unlink()
    path.with_suffix(".head").unlink()
    decide(workspace, "tashi", 0, 5)  # a whole chain of its own
    with pytest.raises(RefusedError, match=r"2 decisions were read in .* does not hold them any"):
        check_seen(workspace, workspace.reviews)
    note_seen(workspace)  # what was seen stays seen
    with pytest.raises(RefusedError, match="bring it back into"):
        check_seen(workspace, workspace.reviews)


def test_a_damaged_note_is_told(workspace: Workspace) -> None:
    (workspace.root / FILE).write_text('{"a": 1}')
    with pytest.raises(RefusedError, match="is damaged, so nobody knows"):
        check_seen(workspace, workspace.reviews)
