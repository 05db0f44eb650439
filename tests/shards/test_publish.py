"""A folder that appears all at once, whatever happens on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shards.tiny import names
from tthd_tools.errors import LockedError
from tthd_tools.shards import publish
from tthd_tools.shards.publish import link_or_copy, staging


@pytest.fixture(params=["exchange", "two renames"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that can exchange two names, and one that cannot."""
    if request.param == "two renames":
        monkeypatch.setattr(publish, "_exchange", lambda one, other: False)


@pytest.mark.usefixtures("system")
def test_the_new_folder_takes_the_place_of_the_old(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "release"
    for content in ("old", "new"):
        with staging(out) as folder:
            (folder / content).write_text(content)
    assert names(out) == ["new"]
    assert names(out.parent) == ["release"]


@pytest.mark.usefixtures("system")
def test_an_error_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "release"
    with staging(out) as folder:
        (folder / "old").touch()
    with pytest.raises(FileNotFoundError), staging(out) as folder:
        (folder / "half" / "way").touch()
    assert names(out) == ["old"]
    assert names(tmp_path) == ["release"]


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    out, stale = tmp_path / "release", tmp_path / ".release.partial"
    (stale / "data").mkdir(parents=True)
    (stale / "half.tar").touch()
    with staging(out) as folder:
        (folder / "whole").touch()
    assert names(out) == ["whole"]
    assert names(tmp_path) == ["release"]


def test_a_kill_between_two_renames_is_undone(tmp_path: Path) -> None:
    """Without an exchange in the kernel there is one moment with no folder at all."""
    (tmp_path / ".release.previous").mkdir()
    (tmp_path / ".release.previous" / "old").touch()
    with pytest.raises(RuntimeError), staging(tmp_path / "release"):
        raise RuntimeError
    assert names(tmp_path / "release") == ["old"]


def test_two_processes_do_not_write_the_same_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tthd_tools.shards.publish import staging\n"
        "with staging(Path(sys.argv[1])): print('locked', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "release")]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with (
            pytest.raises(LockedError, match="another process is writing"),
            staging(tmp_path / "release"),
        ):
            pass
        other.communicate("")
    assert names(tmp_path) == []


def test_files_are_copied_where_they_cannot_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a").write_text("content")
    link_or_copy(tmp_path / "a", tmp_path / "sub" / "b")
    assert (tmp_path / "sub" / "b").read_text() == "content"
