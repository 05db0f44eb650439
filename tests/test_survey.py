"""What became of every file is read from the ledger alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.acts import Luma, Pieces, Trouble, film, go, make_workspace, plan_of
from tthd_tools.clip import Clip, Span
from tthd_tools.ledger import Child, Row
from tthd_tools.stages.scenes import Scenes
from tthd_tools.survey import ItemState, survey
from tthd_tools.testing import dummy_item
from tthd_tools.walk import Leaf, State
from tthd_tools.workspace import Workspace


def leaf(state: State, reason: str = "", level: Any = "clip") -> Leaf:
    clip = Clip("a_0000", level, dummy_item(), Path("a.mp4"), Span(0, 1))
    return Leaf(clip, state, reason=reason)


def item_state(*leaves: Leaf) -> ItemState:
    return ItemState(Row("a", "a", "ingest", "f", "ok"), dummy_item(), leaves, (), 1)


@pytest.mark.parametrize(
    ("leaves", "outcome", "reason"),
    [
        ([leaf("clip")], "clip", ""),
        ([leaf("rejected", "no_face"), leaf("clip")], "clip", ""),
        ([leaf("failed", "crashed"), leaf("clip")], "clip", ""),
        ([leaf("clip"), leaf("pending")], "pending", ""),
        ([leaf("clip", level="scene"), leaf("rejected", "no_face")], "pending", ""),
        ([leaf("failed", "crashed"), leaf("rejected", "no_face")], "failed", "crashed"),
        ([leaf("rejected", "no_face"), leaf("rejected", "tiny_face")], "rejected", "tiny_face"),
        ([leaf("rejected", "no_face"), leaf("rejected", "short_track")], "rejected", "short_track"),
        ([leaf("rejected", "no_audio")], "rejected", "no_audio"),
        ([leaf("rejected", "odd"), leaf("rejected", "other")], "rejected", "odd"),
    ],
)
def test_outcome_of_an_item_is_that_of_its_furthest_branch(
    leaves: list[Leaf], outcome: str, reason: str
) -> None:
    state = item_state(*leaves)
    assert (state.outcome, state.reason) == (outcome, reason)
    assert state.item_id == "a"
    assert state.source == "dummy.mp4"


def test_clips_are_whole_or_failed_on_the_way() -> None:
    leaves = [leaf("clip"), leaf("failed", "crashed"), leaf("rejected", "tiny_face", "track")]
    assert item_state(*leaves).clips == leaves[:2]


def test_file_that_could_not_be_registered_has_its_reason(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "bad.mp4").write_bytes(b"no film at all")
    workspace = make_workspace(tmp_path, films=1)
    bad, good = survey(workspace, plan_of(Pieces()))
    assert (bad.source, bad.outcome, bad.reason) == ("bad.mp4", "failed", "undecodable")
    assert (bad.item, list(bad.clips)) == (None, [])
    assert (good.source, good.outcome) == ("film0.mp4", "pending")


def test_survey_follows_the_run_and_numbers_are_the_same_every_time(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=2)
    stages = (Pieces(count=2, ended=1), Luma(), Trouble(at="0001", how="stage_error"))
    go(workspace, *stages, workers=2)
    states = list(survey(Workspace(workspace.root), plan_of(*stages)))
    assert states == list(survey(Workspace(workspace.root), plan_of(*stages)))
    assert [state.source for state in states] == ["film0.mp4", "film1.mp4"]
    for state in states:
        assert [
            (one.clip.id.removeprefix(state.item_id), one.state, one.reason) for one in state.leaves
        ] == [
            ("_t000", "rejected", "short_track"),
            ("_0000", "clip", ""),
            ("_0001", "failed", "too_dark"),
        ]
        assert state.leaves[0].clip.numbers == {"face_px": 7.5}
        assert state.leaves[2].message == "the light went out"
        assert state.outcome == "clip"


def test_cuts_and_scenes_are_known_as_soon_as_they_are_measured(tmp_path: Path) -> None:
    film(tmp_path / "raw" / "a.mp4", 60)
    workspace = make_workspace(tmp_path, films=0)
    plan = plan_of(Scenes())
    (state,) = survey(workspace, plan)
    assert (state.cuts_s, state.scenes) == ([], 0)
    ((item, _),) = workspace.items()
    root = workspace.clip_of(item)
    kinds = ["end", "cut", "fade"]
    parts = [
        {"index": k, "start_kind": kind, "end_kind": "end", "black": False, "luma": 60.0}
        for k, kind in enumerate(kinds)
    ]
    scenes = [Child(f"{k:03d}", "scene", k / 4, k / 4 + 0.25, one) for k, one in enumerate(parts)]
    fingerprint = plan.steps[0].fingerprint(root)
    row = Row(root.id, root.id, "scenes", fingerprint, "ok", children=tuple(scenes))
    with workspace.writing():
        workspace.record([row])
    (state,) = survey(workspace, plan)
    assert (state.cuts_s, state.scenes, state.outcome) == ([0.25], 3, "pending")
    assert [one.clip.id for one in state.leaves] == [f"{root.id}_s00{k}" for k in range(3)]
