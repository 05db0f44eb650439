"""A stage's end, whatever it is, becomes one row; files appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acts import Count, CountPart, Luma, LumaPart, Pieces, Trouble, make_workspace, roots
from tthd_tools.clip import Clip, Span
from tthd_tools.execute import DiskFullError, Executor
from tthd_tools.ledger import Row
from tthd_tools.pipeline import Step
from tthd_tools.stage import Watch
from tthd_tools.walk import Walk
from tthd_tools.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return make_workspace(tmp_path_factory.mktemp("execute"), films=1)


@pytest.fixture(scope="module")
def clip(workspace: Workspace) -> Clip:
    """The second half of the film."""
    (root,) = roots(workspace)
    (row,) = execute(workspace, root, Pieces())
    step = Step(Pieces(), {})
    from tests.acts import plan_of

    walk = Walk(plan_of(step.stage), {row.key: row}.get, workspace.folder)
    return list(walk.leaves(root))[1].clip


def execute(workspace: Workspace, clip: Clip, *stages: Any) -> list[Row]:
    return Executor(workspace)(clip, [Step(stage, {}) for stage in stages])


@pytest.mark.parametrize(
    ("how", "code", "reason", "words"),
    [
        ("memory", "S009", "out_of_memory", "film0.mp4: out of memory in trouble; try fewer"),
        ("bug", "X001", "internal_error", "ZeroDivisionError: division by zero"),
        ("surrogate", "X001", "internal_error", "Input/output error"),
        ("stage_error", "S010", "too_dark", "the light went out"),
        ("media_error", "S002", "undecodable", "damaged at 0.4 s"),
        ("setup", "X001", "internal_error", "trouble broke on film0-"),
    ],
)
def test_failure_is_a_row_with_code_and_sentence(
    how: str, code: str, reason: str, words: str, workspace: Workspace, clip: Clip
) -> None:
    (row,) = execute(workspace, clip, Trouble(at="0001", how=how))
    assert (row.outcome, row.code, row.reason) == ("failed", code, reason)
    assert words in row.message
    assert ("Traceback" in row.detail) == (code == "X001")
    assert list(workspace.tmp.iterdir()) == []
    assert not workspace.folder(clip.id, "trouble", row.fingerprint).exists()


def test_reject_keeps_its_numbers_as_plain_ones(workspace: Workspace, clip: Clip) -> None:
    (row,) = execute(workspace, clip, Trouble(at="0001", how="reject"))
    assert (row.outcome, row.reason) == ("rejected", "no_face")
    assert row.numbers == {"frames": 12.0, "share": 0.5}  # a NaN is no number


@pytest.mark.parametrize("how", ["full", "denied"])
def test_disk_that_takes_nothing_ends_the_run(how: str, workspace: Workspace, clip: Clip) -> None:
    with pytest.raises(DiskFullError, match=r"disk of .*work is full|could not be written"):
        execute(workspace, clip, Trouble(at="0001", how=how))
    assert list(workspace.tmp.iterdir()) == []


@pytest.mark.parametrize("name", ["mkdir", "rename"])
def test_full_disk_is_told_where_folders_are_made(
    name: str, workspace: Workspace, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, name, full)
    with pytest.raises(DiskFullError, match=r"the disk of .*work is full"):
        execute(workspace, clip, Luma())


def test_stages_of_one_decode_have_a_row_each(workspace: Workspace, clip: Clip) -> None:
    luma, count = execute(workspace, clip, Luma(), Count())
    assert luma.children[0].part == {"mean": 63.333}  # RGB 55 in limited range
    assert count.children[0].part == {"frames": 12}
    assert (luma.has_files, count.has_files) == (True, False)
    assert list(luma.numbers) == ["decode_s"]
    folder = workspace.folder(clip.id, "luma", luma.fingerprint)
    assert [path.name for path in folder.iterdir()] == ["luma.txt"]


class Broken(Count):
    """Breaks at the third frame."""

    def watch(self, clip: Clip, folder: Path) -> Watch:
        yield
        yield
        yield
        raise ValueError("third frame")


def test_one_that_breaks_leaves_the_other_undisturbed(workspace: Workspace, clip: Clip) -> None:
    luma, broken = execute(workspace, clip, Luma(), Broken())
    assert luma.outcome == "ok"
    assert (broken.outcome, broken.code) == ("failed", "X001")


def test_source_that_cannot_be_decoded_fails_all_stages_of_the_decode(
    workspace: Workspace, clip: Clip, tmp_path: Path
) -> None:
    from dataclasses import replace

    junk = tmp_path / "junk.mp4"
    junk.write_bytes(b"x" * clip.item.size_bytes)
    os.utime(junk, ns=(0, clip.item.mtime_ns))
    rows = execute(workspace, replace(clip, source=junk), Luma(), Count())
    assert [(row.stage, row.outcome, row.reason) for row in rows] == [
        ("luma", "failed", "undecodable"),
        ("count", "failed", "undecodable"),
    ]


class Careless(Count):
    """Does what no stage may."""

    what: str

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        part = CountPart(frames=1)
        if self.what == "yields two clips with one key":
            yield clip.child("000", "clip", Span(0, 0.2), part)
            yield clip.child("000", "clip", Span(0.2, 0.4), part)
        elif self.what == "yields a clip without its CountPart":
            yield clip.with_part(LumaPart(mean=1))


@pytest.mark.parametrize(
    "what",
    ["yields nothing", "yields two clips with one key", "yields a clip without its CountPart"],
)
def test_clip_that_would_get_lost_is_a_fault_of_the_stage(
    what: str, workspace: Workspace, clip: Clip
) -> None:
    (row,) = execute(workspace, clip, Careless(what=what))
    assert (row.outcome, row.code) == ("failed", "X001")
    assert f"count {what}" in row.message


def test_folder_of_an_earlier_attempt_is_replaced(workspace: Workspace, clip: Clip) -> None:
    (row,) = execute(workspace, clip, Luma())
    folder = workspace.folder(clip.id, "luma", row.fingerprint)
    (folder / "luma.txt").write_text("half")
    (folder / "stray").touch()
    left = workspace.tmp / f"{os.getpid()}.{clip.id}.luma"
    left.mkdir()
    (left / "stray").touch()
    execute(workspace, clip, Luma())
    assert [path.name for path in folder.iterdir()] == ["luma.txt"]
    assert len((folder / "luma.txt").read_text().splitlines()) == 12


def test_corpus_stage_is_no_clip_stage(workspace: Workspace, clip: Clip) -> None:
    from tests.acts import Rank

    (row,) = execute(workspace, clip, Rank())
    assert "rank is no clip stage" in row.message


def test_other_bytes_of_the_same_length_are_noticed_and_a_touched_file_is_not(
    tmp_path: Path,
) -> None:
    workspace = make_workspace(tmp_path, films=1)
    (root,) = roots(workspace)
    status = root.source.stat()
    os.utime(root.source, ns=(0, status.st_mtime_ns + 10**9))
    assert [row.outcome for row in execute(workspace, root, Pieces())] == ["ok"]
    content = bytearray(root.source.read_bytes())
    content[-1] ^= 1
    root.source.write_bytes(content)
    os.utime(root.source, ns=(0, status.st_mtime_ns + 2 * 10**9))
    (row,) = execute(workspace, root, Pieces())
    assert (row.outcome, row.code, row.reason) == ("failed", "S011", "changed")
