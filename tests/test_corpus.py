"""Corpus stages see all clips; a fit is made once, kept, and named by every score."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.acts import (
    CountPart,
    Luma,
    Pieces,
    Rank,
    RankPart,
    Seen,
    make_workspace,
    plan_of,
    tree,
)
from tthd_tools.build import finish_corpus, look, measure
from tthd_tools.clip import Clip
from tthd_tools.corpus import run_corpus
from tthd_tools.errors import AccessError
from tthd_tools.pipeline import Step
from tthd_tools.stage import CorpusStage, Fit
from tthd_tools.survey import survey
from tthd_tools.workspace import Workspace

CHAIN = (Pieces(), Luma())


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two films in four clips, before any corpus stage."""
    workspace = make_workspace(tmp_path_factory.mktemp("corpus"), films=2)
    with workspace.writing():
        measure(workspace, plan_of(*CHAIN), workers=1)
    return workspace


@pytest.fixture
def workspace(measured: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(measured.root, tmp_path / "work")
    (tmp_path / "raw").symlink_to(measured.raw)
    return Workspace(tmp_path / "work")


def finish(workspace: Workspace, *corpus: CorpusStage, **options: Any) -> Seen:
    seen = Seen()
    with workspace.writing():
        finish_corpus(workspace, plan_of(*CHAIN, *corpus), seen, **options)
    return seen


def clips(workspace: Workspace, *corpus: CorpusStage) -> list[Clip]:
    states = survey(Workspace(workspace.root), plan_of(*CHAIN, *corpus))
    return [leaf.clip for state in states for leaf in state.leaves]


def test_every_clip_is_judged_by_the_fit_that_its_score_names(workspace: Workspace) -> None:
    seen = finish(workspace, Rank())
    assert [row.id[-4:] for row in seen.rows] == ["0000", "0001", "0000", "0001"]
    parts = [clip.part(RankPart) for clip in clips(workspace, Rank())]
    assert [part.share for part in parts] == [0.559, 0.832, 0.73, 1.0]
    (fit_id,) = {part.fit_id for part in parts}
    folder = workspace.fits / "rank" / fit_id
    assert sorted(path.name for path in folder.iterdir()) == ["fit.json", "values.txt"]
    marker = json.loads((workspace.fits / "rank" / "current.json").read_text())
    assert (marker["fit_id"], marker["clips"]) == (fit_id, 4)
    assert finish(workspace, Rank()).rows == []


def test_same_clips_give_the_same_fit(workspace: Workspace, measured: Workspace) -> None:
    finish(workspace, Rank())
    first = tree(workspace.fits)
    shutil.rmtree(workspace.root)
    shutil.copytree(measured.root, workspace.root)
    finish(workspace, Rank())
    assert tree(workspace.fits) == first


def test_fit_is_kept_when_the_corpus_grows_until_it_is_made_anew(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    plan = plan_of(*CHAIN, Rank())
    with workspace.writing():
        measure(workspace, plan, workers=1)
    before = tree(workspace.fits)
    first = clips(workspace, Rank())[0].part(RankPart)
    make_workspace(tmp_path, films=2)
    seen = Seen()
    with workspace.writing():
        measure(workspace, plan, workers=1, observer=seen)
    assert seen.stages == {"luma": 2, "pieces": 1, "rank": 2}
    assert tree(workspace.fits) == before
    parts = [clip.part(RankPart) for clip in clips(workspace, Rank())]
    assert parts[3].share > 1  # brighter than any clip that the fit has seen
    assert {part.fit_id for part in parts} == {first.fit_id}

    assert finish(workspace, Rank(), refit="rank").stages == {"rank": 4}
    parts = [clip.part(RankPart) for clip in clips(workspace, Rank())]
    assert parts[3].share == 1.0
    assert len({part.fit_id for part in parts} | {first.fit_id}) == 2
    assert finish(workspace, Rank()).rows == []
    assert list(workspace.tmp.iterdir()) == []


def test_other_options_need_a_fit_of_their_own(workspace: Workspace) -> None:
    finish(workspace, Rank())
    assert finish(workspace, Rank(scale=0.5)).stages == {"rank": 4}
    assert [clip.part(RankPart).share for clip in clips(workspace, Rank(scale=0.5))][3] == 0.5
    assert len(list((workspace.fits / "rank").glob("*/fit.json"))) == 2


def test_lost_fit_is_made_again(workspace: Workspace) -> None:
    finish(workspace, Rank())
    before = tree(workspace.fits)
    (folder,) = [path for path in (workspace.fits / "rank").iterdir() if path.is_dir()]
    shutil.rmtree(folder)
    finish(workspace, Rank())
    assert tree(workspace.fits) == before


@pytest.mark.parametrize(
    ("how", "code", "outcome", "reason"),
    [
        ("bug", "X001", "failed", "internal_error"),
        ("stage_error", "S010", "failed", "too_dark"),
        ("reject", "", "rejected", "no_face"),
    ],
)
def test_clip_that_fails_is_told_and_the_others_go_on(
    how: str, code: str, outcome: str, reason: str, workspace: Workspace, tmp_path: Path
) -> None:
    calm = tmp_path / "calm"
    rank = Rank(at="0001", how=how, calm=str(calm))
    seen = finish(workspace, rank)
    assert [row.outcome for row in seen.rows] == ["ok", outcome, "ok", outcome]
    state = look(Workspace(workspace.root), plan_of(*CHAIN, rank))
    leaves = [leaf for item in state.items for leaf in item.leaves]
    assert [(leaf.state, leaf.reason, leaf.code) for leaf in leaves[:2]] == [
        ("clip", "", ""),
        (outcome, reason, code),
    ]
    assert leaves[1].stage == "rank"
    assert len(state.failed) == (2 if outcome == "failed" else 0)
    assert finish(workspace, rank).rows == []
    calm.touch()
    again = finish(workspace, rank, retry=True)
    assert [row.outcome for row in again.rows] == (["ok", "ok"] if outcome == "failed" else [])


def test_stage_that_forgets_its_part_fails_its_clips(workspace: Workspace) -> None:
    class Forgetful(Rank):
        def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
            return clip

    seen = finish(workspace, Forgetful())
    assert [row.code for row in seen.rows] == ["X001"] * 4
    assert "has no RankPart" in seen.rows[0].message


def test_full_disk_ends_the_run(workspace: Workspace) -> None:
    with pytest.raises(AccessError, match=r"the disk of .*work is full"):
        finish(workspace, Rank(at="0000", how="full"))


class Loudest(CorpusStage):
    """Learns nothing; needs what ``rank`` makes, and its engine."""

    requires = (RankPart,)
    provides = CountPart

    @property
    def name(self) -> str:
        return "count"

    def setup(self) -> None:
        LOADED.append(self.name)

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        return clip.with_part(CountPart(frames=1))


LOADED: list[str] = []


def test_one_corpus_stage_builds_on_another(workspace: Workspace) -> None:
    rank = Rank(at="0001", how="stage_error")
    LOADED.clear()
    seen = finish(workspace, rank, Loudest())
    assert seen.stages == {"count": 2, "rank": 4}  # what failed goes no further
    assert LOADED == ["count"]
    assert finish(workspace, rank, Loudest()).rows == []
    assert LOADED == ["count"]
    assert not (workspace.fits / "count").exists()  # the empty fit has no file


def test_clip_without_what_a_stage_needs_is_passed_over(workspace: Workspace) -> None:
    plan = plan_of(*CHAIN, Loudest())
    seen = Seen()
    with workspace.writing():
        run_corpus(plan, clips(workspace), workspace, seen.row)
    assert seen.rows == []


def test_clip_stage_is_no_corpus_stage(workspace: Workspace) -> None:
    from tthd_tools.pipeline import Plan

    plan = plan_of(*CHAIN)
    wrong = Plan(plan.pipeline, plan.steps, (Step(Luma(), {}),))
    with workspace.writing(), pytest.raises(TypeError, match="luma is no corpus stage"):
        run_corpus(wrong, clips(workspace), workspace)


def test_empty_corpus_has_nothing_to_learn_from(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=0)
    assert finish(workspace, Rank(), refit="rank").rows == []
    assert len(list((workspace.fits / "rank").glob("*/fit.json"))) == 1
