"""One stage follows another over one decode: the same rows and files as each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.acts import Count, Seen, go, make_workspace, plan_of, roots, story, tree
from tests.unrolled import Faces, Reels
from tthd_tools import execute
from tthd_tools.clip import Clip, Span
from tthd_tools.media import paced, read_frames
from tthd_tools.reel import Reel
from tthd_tools.runner import Limits
from tthd_tools.stage import ClipStage
from tthd_tools.testing import dummy_item
from tthd_tools.walk import Walk
from tthd_tools.workspace import Workspace

ITEM = Clip("film", "item", dummy_item(), Path("film.mp4"), Span(0.0, 2.0))


def frames_at(times_s: list[float]) -> list[Any]:
    return [SimpleNamespace(t_s=t_s) for t_s in times_s]


def shown(reel: Reel) -> list[tuple[int, float]]:
    return [(one.k, one.frame.t_s) for one in reel.frames()]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(5, 90), min_size=1, max_size=40), st.integers(1, 90))
def test_frames_are_those_of_the_clip_that_comes_of_them(steps: list[int], last: int) -> None:
    times_s = [sum(steps[:k]) / 1000 for k in range(len(steps))]
    span = Span(0.0, times_s[-1] + last / 1000)
    child = replace(ITEM, id="000", level="scene", span=span)
    first, *others = frames_at(times_s)
    following = iter([*others, child, *frames_at([span.end_s])])
    reel = Reel(ITEM, first, following)
    count = round(span.duration_s * 25)
    expected = [
        (k, frame.t_s)
        for frame, numbers in paced(frames_at(times_s), 0.0, lambda: span.end_s)
        for k in numbers
    ]
    assert reel.clip is None
    assert shown(reel) == expected
    assert [k for k, _ in expected] == list(range(count))
    assert reel.wound() is child
    assert len(list(following)) == 1


def test_what_is_left_passes_before_the_clip_is_told() -> None:
    child = replace(ITEM, id="000", level="scene", span=Span(0.0, 0.12))
    first, *others = frames_at([0.0, 0.04, 0.08])
    reel = Reel(ITEM, first, iter([*others, child]))
    next(reel.frames())
    assert reel.wound() is child


def test_frames_without_a_clip_are_a_fault() -> None:
    with pytest.raises(RuntimeError, match="ended without a clip"):
        Reel(ITEM, frames_at([0.0])[0], iter(())).wound()


@pytest.fixture
def together(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "together", films=2)


@pytest.fixture
def apart(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "apart", films=2)


def run_apart(workspace: Workspace, *stages: ClipStage) -> None:
    """Each stage decodes by itself: what the first one has done is known to the second run."""
    for count in range(1, len(stages) + 1):
        go(workspace, *stages[:count])


def measured(workspace: Workspace) -> dict[Any, Any]:
    return {key: what for key, what in story(workspace).items() if key[1] != "ingest"}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Grows with each decode."""
    from tests import unrolled
    from tthd_tools.media import decode

    calls: list[Path] = []

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Path, *more: float) -> Iterator[Any]:
            calls.append(path)
            return iter(original(path, *more))

        return call

    monkeypatch.setattr(unrolled, "read_frames", counted(read_frames))
    monkeypatch.setattr(decode, "timed_frames", counted(decode.timed_frames))
    return calls


def in_process(workspace: Workspace, *stages: ClipStage, ahead: bool = True) -> Seen:
    """All items, in this process, nothing known before."""
    seen, executor = Seen(), execute.Executor(workspace)

    def executed(clip: Clip, steps: Any) -> Any:
        rows = executor(clip, steps)
        seen.rows += rows
        return rows

    plan = plan_of(*stages)
    for clip in roots(workspace):
        walk = Walk(plan, lambda _: None, workspace.folder, executed, ahead=ahead)
        seen.done += [leaf.clip.id for leaf in walk.leaves(clip)]
    return seen


@pytest.mark.parametrize("length", [5, 8, 24])
def test_rows_and_files_are_those_of_two_decodes(
    length: int, together: Workspace, apart: Workspace
) -> None:
    stages = (Reels(length=length), Faces(), Count())
    go(together, *stages)
    run_apart(apart, *stages)
    assert tree(together.clips) == tree(apart.clips)
    assert measured(together) == measured(apart)
    assert list(together.tmp.iterdir()) == []
    assert go(together, *stages).rows == []


def test_one_decode_serves_both(together: Workspace, reads: list[Path]) -> None:
    both = in_process(together, Reels(), Faces())
    assert len(reads) == 2 * 2  # each of two films: a reader, and what it reads with
    one_by_one = in_process(together, Reels(), Faces(), ahead=False)
    assert len(reads) == 2 * 2 + 2 * (2 + 2)
    assert both.done == one_by_one.done
    assert len(both.done) == 2 * 5


def test_option_of_the_follower_redoes_the_follower_alone(together: Workspace) -> None:
    go(together, Reels(), Faces())
    again = go(together, Reels(), Faces(gain=2.0))
    assert again.stages == {"faces": 4}


def test_source_that_breaks_off_leaves_one_row_and_no_file(together: Workspace) -> None:
    seen = go(together, Reels(breaks_at=20), Faces())
    assert [(row.stage, row.code) for row in seen.rows] == [("pieces", "S002")] * 2
    assert tree(together.clips) == {}
    assert list(together.tmp.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "code", "reason"),
    [
        ("bug", "X001", "internal_error"),
        ("stage_error", "S010", "too_dark"),
        ("reject", "", "no_face"),
        ("segfault", "S008", "crashed"),
        ("hang", "S015", "timeout"),
    ],
)
def test_trouble_in_the_follower_costs_one_scene(
    how: str, code: str, reason: str, tmp_path: Path
) -> None:
    workspace = make_workspace(tmp_path, films=1)
    log = tmp_path / "log"
    stages = (Reels(), Faces(at_s=0.64, how=how, log=str(log)))
    limits = Limits(base_s=1.0 if how == "hang" else 60, per_second=0)
    go(workspace, *stages, limits=limits)
    rows = [row for row in Workspace(workspace.root).ledger if row.stage != "ingest"]
    assert sorted((row.stage, row.outcome == "ok") for row in rows) == [
        ("faces", False),
        ("faces", True),
        ("pieces", True),
    ]
    (ended,) = [row for row in rows if row.outcome != "ok"]
    assert (ended.id[-5:], ended.code, ended.reason) == ("_s002", code, reason)
    lost = ["alone 0.00", "alone 0.64"] if how in ("segfault", "hang") else []
    assert log.read_text().split("\n")[:-1] == ["following 0.00", "following 0.64", *lost]
    assert list(workspace.tmp.iterdir()) == []


def test_engine_that_cannot_be_loaded_fails_each_scene(together: Workspace) -> None:
    seen = go(together, Reels(), Faces(extra_engine=False))
    assert [row.outcome for row in seen.rows if row.stage == "pieces"] == ["ok", "ok"]
    broken = [row for row in seen.rows if row.stage == "faces"]
    assert [row.code for row in broken] == ["X001"] * 4


def test_full_disk_stops_the_run(together: Workspace) -> None:
    from tthd_tools.errors import AccessError

    stages = (Reels(), Faces(at_s=0.64, how="full"))
    with pytest.raises(AccessError, match=r"the disk of .*work is full"):
        go(together, *stages)
    assert [(key[1], what[1]) for key, what in measured(together).items()] == [
        ("pieces", "disk_full")
    ]
    assert tree(together.tmp) == {}
