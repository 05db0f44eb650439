"""What the ledger says of every item: a workspace and a plan go in, ends of branches come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tthd_tools.amend import Corrections, amended, read_corrections
from tthd_tools.clip import Clip, Item
from tthd_tools.corpus import corpus_failure, with_corpus_parts
from tthd_tools.ledger import Row
from tthd_tools.pipeline import Plan
from tthd_tools.walk import Leaf, State, Walk
from tthd_tools.workspace import Workspace

FURTHEST_FIRST = ("tiny_face", "short_track", "outside_box", "no_face", "no_audio")


@dataclass(frozen=True)
class ItemState:
    """One contributed file: its item, unless it could not be registered, and where it arrived."""

    row: Row
    item: Item | None
    leaves: Sequence[Leaf]
    cuts_s: Sequence[float]
    scenes: int

    @property
    def item_id(self) -> str:
        """Id of the item, also of one that could not be registered."""
        return self.row.id

    @property
    def source(self) -> str:
        """Path below the raw folder."""
        return self.item.path if self.item else self.row.detail

    @property
    def clips(self) -> list[Leaf]:
        """The ends that are clips, whole or failed on the way."""
        return [leaf for leaf in self.leaves if leaf.clip.level == "clip"]

    @property
    def outcome(self) -> str:
        """``clip``, ``rejected``, ``failed``, or ``pending`` where stages are left to do."""
        if self.item is None:
            return self.row.outcome
        states = [_state(leaf) for leaf in self.leaves]
        for state in ("pending", "clip", "failed"):
            if state in states:
                return state
        return "rejected"

    @property
    def reason(self) -> str:
        """Why there is no clip; empty where there is one."""
        if self.item is None:
            return self.row.reason
        if self.outcome in ("clip", "pending"):
            return ""
        reasons = [leaf.reason for leaf in self.leaves if leaf.state == self.outcome]
        return next((one for one in FURTHEST_FIRST if one in reasons), reasons[0])


def survey(workspace: Workspace, plan: Plan) -> Iterator[ItemState]:
    """Every file that ``ingest`` has seen; nothing is decoded or changed.

    Those that could not be registered come first; each kind is sorted by id.
    """
    for row in workspace.refused():
        yield ItemState(row, None, (), (), 0)
    walk = Walk(plan, workspace.ledger.get, workspace.folder)
    walked = [
        (item, row, list(walk.leaves(workspace.clip_of(item)))) for item, row in workspace.items()
    ]
    clips = [leaf.clip for _, _, found in walked for leaf in found if leaf.state == "clip"]
    corrections = read_corrections(workspace, clips) if plan.corpus else {}
    for item, row, found in walked:
        leaves = _with_corpus(found, workspace, plan, corrections)
        cuts, scenes = _scenes(workspace, plan, workspace.clip_of(item))
        yield ItemState(row, item, leaves, cuts, scenes)


def _state(leaf: Leaf) -> State:
    """A scene that came through all stages of a shortened plan is no clip yet."""
    return "pending" if leaf.state == "clip" and leaf.clip.level != "clip" else leaf.state


def _with_corpus(
    leaves: Sequence[Leaf], workspace: Workspace, plan: Plan, corrections: Corrections
) -> list[Leaf]:
    """Leaves with the parts of corpus stages, which saw the clips as reviewers corrected them."""
    sent = {leaf.clip.id: leaf.clip for leaf in leaves if leaf.state == "clip"}
    clips = [amended(clip, corrections) for clip in sent.values()]
    grown = {
        clip.id: replace(clip, item=sent[clip.id].item)
        for clip in with_corpus_parts(clips, workspace, plan)
    }
    return [
        _judged(leaf, grown[leaf.clip.id], workspace, plan) if leaf.state == "clip" else leaf
        for leaf in leaves
    ]


def _judged(leaf: Leaf, clip: Clip, workspace: Workspace, plan: Plan) -> Leaf:
    """Where a clip has arrived, a corpus stage's verdict on it included."""
    bad = corpus_failure(clip, workspace, plan)
    if bad is None:
        return replace(leaf, clip=clip)
    state: State = "rejected" if bad.outcome == "rejected" else "failed"
    ended = replace(clip, reason=bad.reason, numbers=bad.numbers)
    return Leaf(ended, state, bad.stage, bad.reason, bad.code, bad.message)


def _scenes(workspace: Workspace, plan: Plan, clip: Clip) -> tuple[list[float], int]:
    """Times of an item's hard cuts and the number of its scenes, as far as they are known."""
    for step in plan.steps:
        if step.name == "scenes":
            row = workspace.ledger.get((clip.id, step.name, step.fingerprint(clip)))
            children = row.children if row is not None else ()
            cuts = [
                child.start_s
                for child in children
                if child.part is not None and child.part["start_kind"] == "cut"
            ]
            return cuts, len(children)
    return [], 0
