"""A corpus stage that asks for them sees the clips of a scene beside each one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from tests.acts import Seen, make_workspace, plan_of
from tthd_tools.build import finish_corpus, measure
from tthd_tools.clip import Clip, Part, Span
from tthd_tools.stage import ClipStage, CorpusStage, Fit
from tthd_tools.survey import survey
from tthd_tools.workspace import Workspace

SPANS = ((0.0, 0.4), (0.2, 0.6), (0.6, 0.9))  # the first two share time


class TrackPart(Part):
    stage: ClassVar[str] = "track"
    loud: float


class Track(ClipStage):
    """Three tracks of an item; the first is as loud as the option says."""

    provides: ClassVar[type[Part]] = TrackPart
    level: ClassVar[str] = "item"
    loud: float = 5.0

    @property
    def name(self) -> str:
        return "track"

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        for k, span in enumerate(SPANS):
            (folder / f"{k}").mkdir()
            part = TrackPart(loud=self.loud if k == 0 else float(k))
            yield clip.child(f"{k}", "clip", Span(*span), part)


class LoudestPart(Part):
    stage: ClassVar[str] = "loudest"
    others: int
    ahead: float


class Loudest(CorpusStage):
    """How much louder a clip is than those beside it."""

    requires: ClassVar[tuple[type[Part], ...]] = (TrackPart,)
    provides: ClassVar[type[Part]] = LoudestPart
    beside: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return "loudest"

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        others = [one.part(TrackPart).loud for one in clip.beside]
        own = clip.part(TrackPart).loud
        return clip.with_part(LoudestPart(others=len(others), ahead=own - max(others, default=0.0)))


def judged(workspace: Workspace, loud: float) -> list[LoudestPart]:
    states = survey(Workspace(workspace.root), plan_of(Track(loud=loud), Loudest()))
    return [leaf.clip.part(LoudestPart) for state in states for leaf in state.leaves]


def test_a_clip_is_judged_beside_those_of_its_scene_and_film(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=2)
    with workspace.writing():
        measure(workspace, plan_of(Track(), Loudest()), workers=1)
    parts = judged(workspace, 5.0)
    assert [(part.others, part.ahead) for part in parts] == 2 * [(1, 4.0), (1, -4.0), (0, 2.0)]


def test_a_clip_is_judged_anew_when_one_beside_it_changes(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, films=1)
    plan = plan_of(Track(), Loudest())
    with workspace.writing():
        measure(workspace, plan, workers=1)
        again = Seen()
        finish_corpus(workspace, plan, again)
        assert again.rows == []
        measure(workspace, plan_of(Track(loud=0.5), Loudest()), workers=1)
    assert [part.ahead for part in judged(workspace, 0.5)] == [-0.5, 0.5, 2.0]
    assert [part.ahead for part in judged(workspace, 5.0)] == [4.0, -4.0, 2.0]  # still known
    states = survey(workspace, plan)
    assert [leaf.clip.beside for state in states for leaf in state.leaves] == [(), (), ()]
