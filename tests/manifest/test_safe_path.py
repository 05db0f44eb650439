"""Where a described file lies, and which paths are not taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthd_tools.manifest.safe_path import is_linked, path_problem, plain_path, raw_path


@pytest.mark.parametrize(
    "path",
    [
        "a.mp4",
        "media/a b.mp4",
        "./=odd.mp4",
        "a/b/c/d.mkv",
        "a..b.mp4",
        "icon.mp4",
        "com.mp4",
        "a~.mp4",
    ],
)
def test_paths_below_the_folder_are_taken(path: str) -> None:
    assert path_problem("path", path) is None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/a.mp4", "The path is absolute"),
        ("D:a.mp4", "The path is absolute"),
        ("a/../b.mp4", "The path leaves the submission's folder"),
        ("a\\b.mp4", "The path has a backslash"),
        ("བོད.mp4", "The path has other characters than ASCII"),
        ("a//b.mp4", "The path has an empty step"),
        ("a/ /b.mp4", "The path has an empty step"),
        ("a/.git/b.mp4", "The path has a hidden step, which begins with a dot"),
        ("CON", "The path has a step that means a device on Windows"),
        ("a/nul.tar.gz", "The path has a step that means a device on Windows"),
        ("Com1 .x/b.mp4", "The path has a step that means a device on Windows"),
        ("", "The path has an empty step"),
        ("a.mp4 ", "The path has a step that begins or ends with a space, or ends with a dot"),
        ("a/ b.mp4", "The path has a step that begins or ends with a space, or ends with a dot"),
        ("a./b.mp4", "The path has a step that begins or ends with a space, or ends with a dot"),
    ],
)
def test_others_are_told_why_not(path: str, message: str) -> None:
    problem = path_problem("path", path)
    assert problem is not None
    assert (problem.code, problem.field, problem.message) == ("M008", "path", message)


def test_the_submissions_own_folder_goes_first(tmp_path: Path) -> None:
    assert plain_path("./a.mp4") == "a.mp4"
    assert raw_path(tmp_path, "sub_a", "./a.mp4") == "a.mp4"
    (tmp_path / "sub_a").mkdir()
    assert raw_path(tmp_path, "sub_a", "./a.mp4") == "sub_a/a.mp4"


def test_a_link_on_the_way_is_seen(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.mp4").touch()
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    assert not is_linked(tmp_path, "real/a.mp4")
    assert is_linked(tmp_path, "folder/a.mp4")
    assert not is_linked(tmp_path, "absent/a.mp4")
