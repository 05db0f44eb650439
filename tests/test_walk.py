"""An item walks through the stages: known rows are taken, missing ones asked for, ids in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.acts import Count, Luma, LumaPart, Pieces, PiecesPart, Trouble, plan_of
from tthd_tools.clip import Clip, Span
from tthd_tools.ledger import Child, Key, Row
from tthd_tools.pipeline import Step
from tthd_tools.testing import dummy_item
from tthd_tools.walk import Leaf, Walk

ROOT = Clip("film", "item", dummy_item(item_id="film"), Path("film.mp4"), Span(0.0, 4.0))
PARTS = {"pieces": {"index": 0}, "luma": {"mean": 9.0}, "count": {"frames": 25}}
PARTS |= {"trouble": {"size_bytes": 1}}


class Ledger:
    """Does as it is told, and remembers."""

    def __init__(self, folder: Path, **outcomes: str) -> None:
        self.folder = folder
        self.outcomes = outcomes
        self.rows: dict[Key, Row] = {}
        self.asked: list[tuple[str, list[str]]] = []

    def execute(self, clip: Clip, steps: Sequence[Step]) -> list[Row]:
        self.asked.append((clip.id, [step.name for step in steps]))
        made = [self.row(clip, step) for step in steps]
        self.rows |= {row.key: row for row in made}
        return made

    def row(self, clip: Clip, step: Step) -> Row:
        children: tuple[Child, ...] = (Child("", clip.level, *clip.span, PARTS[step.name]),)
        if step.name == "pieces":
            children = (
                Child("000", "clip", 0.0, 1.0, PARTS["pieces"]),
                Child("001", "track", 1.0, 1.5, None, "tiny_face", {"face_px": 20.0}),
                Child("002", "clip", 2.0, 4.0, PARTS["pieces"]),
            )
        outcome = self.outcomes.get(f"{clip.id}.{step.name}", "ok")
        return Row(
            id=clip.id,
            item_id=clip.item.item_id,
            stage=step.name,
            fingerprint=step.fingerprint(clip),
            outcome=outcome,  # type: ignore[arg-type]
            reason="" if outcome == "ok" else "because",
            code="S010" if outcome == "failed" else "",
            message="a sentence" if outcome == "failed" else "",
            children=children if outcome == "ok" else (),
            has_files=step.name == "luma",
        )

    def place(self, clip_id: str, stage: str, fingerprint: str) -> Path:
        return self.folder / clip_id / stage

    def leaves(self, *stages: object, execute: bool = True) -> list[Leaf]:
        run = self.execute if execute else None
        return list(Walk(plan_of(*stages), self.rows.get, self.place, run).leaves(ROOT))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    for clip in ("film_0000", "film_0001"):
        (tmp_path / clip / "luma").mkdir(parents=True)
    return Ledger(tmp_path)


def states(leaves: list[Leaf]) -> list[tuple[str, str, str]]:
    return [(leaf.clip.id, leaf.state, leaf.reason) for leaf in leaves]


ALL = [("film_0000", "clip", ""), ("film_t001", "rejected", "tiny_face"), ("film_0001", "clip", "")]


def test_branches_are_walked_in_order_and_numbered(ledger: Ledger) -> None:
    leaves = ledger.leaves(Pieces(), Luma(), Count())
    assert states(leaves) == ALL
    assert ledger.asked == [
        ("film", ["pieces"]),
        ("film_0000", ["luma", "count"]),
        ("film_0001", ["luma", "count"]),
    ]
    last = leaves[2].clip
    assert (last.level, tuple(last.span)) == ("clip", (2.0, 4.0))
    assert last.part(PiecesPart).index == 0
    assert last.part(LumaPart).mean == 9.0
    assert last.folders["pieces"] == ledger.folder / "film" / "pieces" / "002"
    assert leaves[1].clip.numbers == {"face_px": 20.0}
    assert leaves[0].clip.fingerprints["pieces"] != last.fingerprints["pieces"]


def test_known_rows_are_taken_and_give_the_same_leaves(ledger: Ledger) -> None:
    first = ledger.leaves(Pieces(), Luma(), Count())
    ledger.asked.clear()
    assert ledger.leaves(Pieces(), Luma(), Count()) == first
    assert ledger.leaves(Pieces(), Luma(), Count(), execute=False) == first
    assert ledger.asked == []


def test_without_work_a_branch_is_pending(ledger: Ledger) -> None:
    (leaf,) = ledger.leaves(Pieces(), Luma(), execute=False)
    assert (leaf.state, leaf.stage, leaf.clip.id) == ("pending", "pieces", "film")
    ledger.leaves(Pieces())
    leaves = ledger.leaves(Pieces(), Luma(), execute=False)
    assert [(leaf.state, leaf.stage) for leaf in leaves] == [
        ("pending", "luma"),
        ("rejected", "pieces"),
        ("pending", "luma"),
    ]


def test_one_missing_of_a_shared_decode_is_done_alone(ledger: Ledger) -> None:
    ledger.leaves(Pieces(), Luma(), Count())
    ledger.asked.clear()
    ledger.leaves(Pieces(), Luma(), Count(step=2))
    assert ledger.asked == [("film_0000", ["count"]), ("film_0001", ["count"])]


def test_missing_folder_asks_for_its_stage_again(ledger: Ledger) -> None:
    ledger.leaves(Pieces(), Luma(), Count())
    ledger.asked.clear()
    (ledger.folder / "film_0001" / "luma").rmdir()
    ledger.leaves(Pieces(), Luma(), Count())
    assert ledger.asked == [("film_0001", ["luma"])]


@pytest.mark.parametrize(("outcome", "code"), [("failed", "S010"), ("rejected", "")])
def test_end_of_a_branch_leaves_the_others(outcome: str, code: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, **{"film_0000.count": outcome})
    leaves = ledger.leaves(Pieces(), Luma(), Count(), Trouble())
    assert states(leaves) == [("film_0000", outcome, "because"), *ALL[1:]]
    assert (leaves[0].stage, leaves[0].code) == ("count", code)
    assert leaves[0].clip.has(PiecesPart)
    assert ("film_0000", ["trouble"]) not in ledger.asked
    assert ("film_0001", ["trouble"]) in ledger.asked


def test_nothing_is_done_beside_a_stage_that_ended_the_clip(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, **{"film_0000.count": "rejected"})
    ledger.leaves(Pieces(), Count())
    ledger.asked.clear()
    (leaf, *_) = ledger.leaves(Pieces(), Luma(), Count())
    assert leaf.state == "rejected"
    assert ledger.asked == [("film_0001", ["luma"])]


def test_ids_of_scenes_and_ends_carry_their_key(tmp_path: Path) -> None:
    class Scenes(Ledger):
        def row(self, clip: Clip, step: Step) -> Row:
            row = super().row(clip, step)
            if clip.level == "item":
                scenes = [Child(f"{k:03d}", "scene", k, k + 1.0, PARTS["pieces"]) for k in (0, 1)]
                return Row(**{**vars(row), "children": tuple(scenes)})
            if step.name == "luma":
                pieces = [Child(k, "clip", 0.0, 1.0, PARTS["luma"]) for k in ("000", "001")]
                return Row(**{**vars(row), "children": tuple(pieces), "has_files": False})
            return row

    leaves = Scenes(tmp_path).leaves(Pieces(), Luma(), Trouble(), Count())
    assert [leaf.clip.id for leaf in leaves] == [f"film_000{n}" for n in range(4)]
    leaves = Scenes(tmp_path).leaves(Pieces())
    assert [leaf.clip.id for leaf in leaves] == ["film_s000", "film_s001"]
