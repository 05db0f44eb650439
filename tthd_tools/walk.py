"""One item through the clip stages: what the ledger knows is taken from it, the rest is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tthd_tools.clip import Clip, Level, Span
from tthd_tools.ledger import Child, Key, Row
from tthd_tools.pipeline import Plan, Step, digest
from tthd_tools.stage import ClipStage

Lookup = Callable[[Key], Row | None]
Execute = Callable[[Clip, Sequence[Step]], Sequence[Row]]
FolderOf = Callable[[str, str, str], Path]

State = Literal["clip", "rejected", "failed", "pending"]


@dataclass(frozen=True)
class Leaf:
    """Where a branch of an item has arrived: a whole clip, or an end with its reason."""

    clip: Clip
    state: State
    stage: str = ""
    reason: str = ""
    code: str = ""
    message: str = ""


class Walk:
    """Walks items through a plan.

    ``lookup`` finds what was done before, ``execute`` does what is missing and returns its rows
    (without it a branch ends as ``pending``), ``folder_of`` says where a stage's files lie.
    ``ahead``: a stage that unrolls its clip may be asked for together with the one that follows
    it; the rows of both are then returned, the children's after the clip's own.
    """

    def __init__(
        self,
        plan: Plan,
        lookup: Lookup,
        folder_of: FolderOf,
        execute: Execute | None = None,
        *,
        ahead: bool = True,
    ) -> None:
        self._groups = plan.groups()
        self._lookup = lookup
        self._folder_of = folder_of
        self._execute = execute
        self._ahead = ahead
        self._early: dict[Key, Row] = {}
        self._clips = 0

    def leaves(self, root: Clip) -> Iterator[Leaf]:
        """Every end of an item's branches, in order of scene, then track."""
        self._clips = 0
        yield from self._visit(root, 0)

    def _visit(self, clip: Clip, position: int) -> Iterator[Leaf]:
        if position == len(self._groups):
            yield Leaf(clip, "clip")
            return
        group = self._groups[position]
        rows = self._rows(clip, group, self._followers(position) if self._ahead else ())
        if rows is None:
            yield Leaf(clip, "pending", group[0].name)
            return
        bad = next((row for row in rows if row.outcome != "ok"), None)
        if bad is not None:
            ended = replace(clip, reason=bad.reason, numbers=bad.numbers)
            state: State = "rejected" if bad.outcome == "rejected" else "failed"
            yield Leaf(ended, state, bad.stage, bad.reason, bad.code, bad.message)
            return
        if len(group) == 1:
            for child in rows[0].children:
                yield from self._descend(clip, group[0], rows[0], child, position)
            return
        for step, row in zip(group, rows, strict=True):
            clip = self._grown(clip, step, row, row.children[0])
        yield from self._visit(clip, position + 1)

    def _followers(self, position: int) -> Sequence[Step]:
        """The stage that can look at the frames of a group's children while they are found."""
        group, *after = self._groups[position : position + 2]
        if len(group) == 1 and is_able(group[0], "unrolls"):
            return next((next_ for next_ in after if is_able(next_[0], "follows")), ())
        return ()

    def _rows(
        self, clip: Clip, group: Sequence[Step], followers: Sequence[Step]
    ) -> list[Row] | None:
        """The rows of all stages of a group, executed where missing; None if that is not wanted."""
        found: dict[str, Row] = {}
        for step in group:
            fingerprint = step.fingerprint(clip)
            key = (clip.id, step.name, fingerprint)
            row = self._lookup(key) or self._early.pop(key, None)
            if row is None or (
                row.has_files and not self._folder_of(clip.id, step.name, fingerprint).is_dir()
            ):
                continue
            found[step.name] = row
        missing = [step for step in group if step.name not in found]
        # A clip that has ended in one stage of the group needs no more work in the others.
        if missing and all(row.outcome == "ok" for row in found.values()):
            if self._execute is None:
                return None
            rows = self._execute(clip, [*missing, *followers])
            found |= {row.stage: row for row in rows if row.id == clip.id}
            self._early |= {row.key: row for row in rows if row.id != clip.id}
        return [found[step.name] for step in group if step.name in found]

    def _descend(
        self, clip: Clip, step: Step, row: Row, child: Child, position: int
    ) -> Iterator[Leaf]:
        grown = self._grown(clip, step, row, child)
        if child.reason is not None:
            yield Leaf(grown, "rejected", step.name, child.reason)
        else:
            yield from self._visit(grown, position + 1)

    def _grown(self, clip: Clip, step: Step, row: Row, child: Child) -> Clip:
        folder = self._folder_of(clip.id, step.name, row.fingerprint)
        return replace(grown(clip, step, row, child, folder), id=self._id(clip, child))

    def _id(self, clip: Clip, child: Child) -> str:
        if not child.key or child.level == "scene":
            return child_id(clip, child)
        if child.reason is not None:
            return f"{clip.id}_t{child.key}"
        self._clips += 1
        return f"{clip.item.item_id}_{self._clips - 1:04d}"


def grown(clip: Clip, step: Step, row: Row, child: Child, folder: Path) -> Clip:
    """The clip that a ledger row's child stands for; the row's files lie in ``folder``.

    Its id is right for scenes; clips are numbered by the walk.
    """
    fingerprint = row.fingerprint
    made = replace(
        clip,
        id=child_id(clip, child),
        level=_level(child.level),
        span=Span(child.start_s, child.end_s),
        folders={**clip.folders, step.name: folder / child.key},
        fingerprints={
            **clip.fingerprints,
            step.name: digest([fingerprint, child.key]) if child.key else fingerprint,
        },
        reason=child.reason,
        numbers=child.numbers,
    )
    if child.part is None:
        return made
    return made.with_part(step.stage.provides.model_validate(child.part))


def child_id(clip: Clip, child: Child) -> str:
    """Id of a clip that keeps its own, or of a scene."""
    return f"{clip.id}_s{child.key}" if child.key else clip.id


def is_able(step: Step, ability: Literal["unrolls", "follows"]) -> bool:
    """Whether a step's stage is a clip stage of that kind."""
    return isinstance(step.stage, ClipStage) and bool(getattr(step.stage, ability))


def _level(name: str) -> Level:
    levels: dict[str, Level] = {"item": "item", "scene": "scene", "track": "track", "clip": "clip"}
    return levels[name]
