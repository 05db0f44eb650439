"""A workspace is written by one process, tidied after a kill, and never guessed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acts import make_workspace
from tthd_tools.errors import AccessError, LockedError, UsageError
from tthd_tools.ledger import Ledger, Row
from tthd_tools.workspace import (
    RESERVE_BYTES,
    Workspace,
    canonical_json,
    storage_errors,
    write_atomically,
)

ROW = Row("a", "a", "s", "f", "ok")


def no_space(*args: Any, **options: Any) -> Any:
    raise OSError(28, "No space left on device")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw").mkdir()
    return Workspace.create(tmp_path / "work", tmp_path / "raw")


def test_workspace_remembers_its_raw_folder(workspace: Workspace, tmp_path: Path) -> None:
    assert Workspace(tmp_path / "work").raw == tmp_path / "raw"
    assert json.loads((tmp_path / "work" / "workspace.json").read_text())["raw"] == "../raw"
    assert Workspace.create(tmp_path / "work", tmp_path / "raw").raw == tmp_path / "raw"
    with pytest.raises(UsageError, match=r"belongs to the raw folder .*raw, not .*other"):
        Workspace.create(tmp_path / "work", tmp_path / "other")


def test_moved_together_it_still_finds_its_raw_folder(workspace: Workspace, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    (tmp_path / "work").rename(moved / "work")
    (tmp_path / "raw").rename(moved / "raw")
    assert Workspace(moved / "work").raw == moved / "raw"


def test_foreign_folder_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no workspace; make one with `tthd ingest RAW --work"):
        Workspace(tmp_path)
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match="is not empty and no workspace"):
        Workspace.create(tmp_path, tmp_path / "raw")


def test_creation_that_was_killed_is_finished(tmp_path: Path) -> None:
    for name in ("ledger", "clips"):
        (tmp_path / "work" / name).mkdir(parents=True)
    (tmp_path / "work" / "workspace.json.tmp").write_text("{")
    workspace = Workspace.create(tmp_path / "work", tmp_path / "raw")
    assert workspace.raw == tmp_path / "raw"
    assert workspace.tmp.is_dir()


def test_workspace_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AccessError, match=r"file.* cannot be written: Not a directory"):
        Workspace.create(tmp_path / "file" / "work", tmp_path / "raw")


HOLD = """
import sys, time
from pathlib import Path
from tthd_tools.workspace import Workspace
sys.argv = ["/usr/bin/tthd", "measure", "--work", "w\\udcff"]
with Workspace(Path({root!r})).writing():
    print("held", flush=True)
    time.sleep(600)
"""


def test_second_writer_is_refused_until_the_first_is_killed(workspace: Workspace) -> None:
    code = HOLD.format(root=str(workspace.root))
    first = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(LockedError) as refused, workspace.writing():
            pass
        expected = f"is being written by process {first.pid} (tthd measure --work w\\udcff); wait"
        assert expected in str(refused.value)
        assert refused.value.exit_code == 4
        assert list(Workspace(workspace.root).ledger) == []  # reading needs no lock
    finally:
        first.kill()
        first.wait()
        first.stdout.close()
    with workspace.writing():
        workspace.record([ROW])
    with workspace.writing():
        assert len(workspace.ledger) == 1


def test_writer_sees_what_others_wrote_before_it(workspace: Workspace) -> None:
    other = Workspace(workspace.root)
    with other.writing():
        other.record([ROW])
    assert len(workspace.ledger) == 0
    with workspace.writing():
        assert len(workspace.ledger) == 1


def test_what_a_killed_process_left_is_removed(workspace: Workspace) -> None:
    half = workspace.tmp / "123.clip.encode"
    half.mkdir()
    (half / "video.mp4").write_bytes(b"half")
    (workspace.tmp / "stray").touch()
    (workspace.root / "ledger" / "00000001.tmp").write_bytes(b"half")
    with workspace.writing():
        assert list(workspace.tmp.iterdir()) == []
        assert list((workspace.root / "ledger").iterdir()) == []


def test_last_rows_go_where_space_was_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Ledger.append
    reserve = workspace.root / "reserve"

    def full_while_reserved(ledger: Ledger, rows: Any) -> None:
        if reserve.exists():
            no_space()
        append(ledger, rows)

    monkeypatch.setattr(Ledger, "append", full_while_reserved)
    with workspace.writing():
        assert reserve.stat().st_size == RESERVE_BYTES
        workspace.record([ROW])
    assert not reserve.exists()
    assert len(Workspace(workspace.root).ledger) == 1


def test_full_disk_is_one_sentence(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "append", no_space)
    with workspace.writing(), pytest.raises(AccessError, match=r"the disk of .*work is full; free"):
        workspace.record([ROW])


def test_full_disk_can_be_opened_to_free_space(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_bytes", no_space)
    monkeypatch.setattr(Ledger, "compact", no_space)
    with workspace.writing():
        assert not (workspace.root / "reserve").exists()


def test_ledger_that_may_not_be_written_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*args: Any) -> None:
        raise OSError(30, "Read-only file system", "work/ledger/1.tmp")

    monkeypatch.setattr(Ledger, "append", read_only)
    with (
        workspace.writing(),
        pytest.raises(AccessError, match=r"work/ledger/1\.tmp cannot be written: Read-only"),
    ):
        workspace.record([ROW])


def test_items_and_refused_files_are_sorted_and_newest(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "bad.mp4").write_bytes(b"no video")
    workspace = make_workspace(tmp_path, films=2)
    assert [item.path for item, _ in workspace.items()] == ["film0.mp4", "film1.mp4"]
    assert [row.detail for row in workspace.refused()] == ["bad.mp4"]
    item, row = workspace.items()[0]
    clip = workspace.clip_of(item)
    assert (clip.id, clip.level, clip.source) == (row.id, "item", tmp_path / "raw" / "film0.mp4")
    assert tuple(clip.span) == (0.0, 0.96)


def test_text_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, "old")
    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(AccessError, match="is full"), storage_errors(path):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_same_data_give_the_same_text() -> None:
    assert canonical_json({"b": [1.5, None], "a": "བོད"}) == '{"a":"བོད","b":[1.5,null]}'


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"raw": 5}'])
def test_a_damaged_marker_is_told_in_one_sentence(tmp_path, text):
    (tmp_path / "workspace.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is damaged"):
        Workspace(tmp_path)


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path, monkeypatch):
    def refuse(self: Path, *args: object, **options: object) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(AccessError, match="Permission denied"):
        Workspace(tmp_path)
