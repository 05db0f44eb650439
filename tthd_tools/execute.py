"""Run one stage, or several over one decode, on one clip: ledger rows and files come out."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from pathlib import Path

from tthd_tools.clip import Clip
from tthd_tools.errors import AccessError, MediaError, Reject, StageError
from tthd_tools.ledger import Child, Row
from tthd_tools.pipeline import Step
from tthd_tools.stage import ClipStage, Watched, share_children, share_frames
from tthd_tools.walk import grown, is_able
from tthd_tools.workspace import Workspace, is_full, storage_error


class DiskFullError(AccessError):
    """The disk is full: the run stops, since nothing else would fit either."""


@dataclass
class Executor:
    """Executes stages in this process and renames what they wrote into place when they are done."""

    workspace: Workspace
    _loaded: set[str] = field(default_factory=set)

    def __call__(self, clip: Clip, steps: Sequence[Step]) -> list[Row]:
        """Rows in the order of ``steps``; what a stage raised is in its row.

        Where the first of two unrolls the clip, the second one's rows are those of its children.
        Raises DiskFullError when the disk is full.
        """
        unrolled = len(steps) == 2 and is_able(steps[0], "unrolls")
        if unrolled and self._load(steps) is not None:
            steps, unrolled = steps[:1], False  # the fault is told with each child
        folders = [self._fresh_folder(clip, step) for step in steps]
        try:
            broken = self._load(steps)
            if broken is not None:
                rows = [
                    self._row(clip, step, folder, broken, 0.0)
                    for step, folder in zip(steps, folders, strict=True)
                ]
            elif unrolled:
                rows = self._unrolled(clip, steps, folders)
            elif len(steps) == 1:
                rows = [self._alone(clip, steps[0], folders[0])]
            else:
                rows = self._together(clip, steps, folders)
        finally:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
        return rows

    def _load(self, steps: Sequence[Step]) -> Exception | None:
        """Load what the stages need, once in a process; the error if that fails."""
        try:
            for step in steps:
                if step.name not in self._loaded:
                    step.stage.setup()
                    self._loaded.add(step.name)
        except Exception as error:  # recorded as the stage's own
            return error
        return None

    def _alone(self, clip: Clip, step: Step, folder: Path) -> Row:
        began = time.perf_counter()
        outcome: list[Clip] | Exception
        try:
            _check_source(clip)
            outcome = list(_clip_stage(step).process(clip, folder))
        except Exception as error:
            outcome = error
        return self._row(clip, step, folder, outcome, time.perf_counter() - began)

    def _together(self, clip: Clip, steps: Sequence[Step], folders: Sequence[Path]) -> list[Row]:
        began = time.perf_counter()
        try:
            _check_source(clip)
            watches = [
                _clip_stage(step).watch(clip, folder)
                for step, folder in zip(steps, folders, strict=True)
            ]
            shared = share_frames(clip, watches)
        except Exception as error:
            seconds = time.perf_counter() - began
            return [
                self._row(clip, step, folder, error, seconds if step is steps[0] else 0.0)
                for step, folder in zip(steps, folders, strict=True)
            ]
        decoding = time.perf_counter() - began - sum(one.seconds for one in shared)
        return [
            self._row(
                clip,
                step,
                folder,
                one.outcome if isinstance(one.outcome, Exception) else [one.outcome],
                # The decode is booked on the first stage, and named in its numbers.
                one.seconds + (decoding if step is steps[0] else 0.0),
                {"decode_s": round(decoding, 3)} if step is steps[0] else {},
            )
            for step, folder, one in zip(steps, folders, shared, strict=True)
        ]

    def _unrolled(self, clip: Clip, steps: Sequence[Step], folders: Sequence[Path]) -> list[Row]:
        (lead, follower), (folder, within) = steps, folders
        began = time.perf_counter()
        made: list[tuple[Clip, Watched[list[Clip]] | None]] = []
        fault: Exception | None = None
        try:
            _check_source(clip)
            stages = _clip_stage(lead), _clip_stage(follower)
            made.extend(share_children(clip, *stages, lambda k: self._made(within / str(k))))
        except Exception as error:
            fault = error
        seconds = time.perf_counter() - began - sum(one.seconds for _, one in made if one)
        row = self._row(clip, lead, folder, fault or [child for child, _ in made], seconds)
        rows = [row]
        place = self.workspace.folder(clip.id, lead.name, row.fingerprint)
        children = (grown(clip, lead, row, child, place) for child in row.children)
        numbers = count()
        for child, (_, one) in zip(children, made, strict=False):  # no children after a fault
            if one is not None:
                files = within / str(next(numbers))
                rows.append(self._row(child, follower, files, one.outcome, one.seconds))
        return rows

    def _fresh_folder(self, clip: Clip, step: Step) -> Path:
        folder = self.workspace.tmp / f"{os.getpid()}.{clip.id}.{step.name}"
        shutil.rmtree(folder, ignore_errors=True)
        return self._made(folder)

    def _made(self, folder: Path) -> Path:
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise _full(error, self.workspace.root) from error
        return folder

    def _row(
        self,
        clip: Clip,
        step: Step,
        folder: Path,
        outcome: Sequence[Clip] | Exception,
        seconds: float,
        numbers: dict[str, float] | None = None,
    ) -> Row:
        row = Row(
            id=clip.id,
            item_id=clip.item.item_id,
            stage=step.name,
            fingerprint=step.fingerprint(clip),
            outcome="ok",
            numbers=numbers or {},
            span_s=round(clip.span.duration_s, 6),
            seconds=round(seconds, 3),
        )
        if not isinstance(outcome, Exception):
            outcome = _flaw(step, outcome) or outcome
        if isinstance(outcome, Exception):
            return failure(row, outcome, clip, self.workspace.root)
        kept = self._keep_files(clip, step, row.fingerprint, folder)
        children = tuple(_child(clip, one, step) for one in outcome)
        return replace(row, children=children, has_files=kept)

    def _keep_files(self, clip: Clip, step: Step, fingerprint: str, folder: Path) -> bool:
        if not any(folder.iterdir()):
            return False
        target = self.workspace.folder(clip.id, step.name, fingerprint)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                shutil.rmtree(target)
            folder.rename(target)
        except OSError as error:
            raise _full(error, self.workspace.root) from error
        return True


def failure(row: Row, error: Exception, clip: Clip, root: Path) -> Row:
    """The row of a stage that raised. Raises DiskFullError when the disk is full."""
    if isinstance(error, Reject):
        return replace(row, outcome="rejected", reason=error.reason, numbers=_finite(error.numbers))
    if isinstance(error, StageError):
        return replace(
            row, outcome="failed", reason=error.reason, code=error.code, message=str(error)
        )
    system = error.__cause__ if isinstance(error, AccessError) else error
    if isinstance(system, OSError) and is_full(system):
        raise _full(system, root) from error
    if isinstance(error, AccessError):
        raise DiskFullError(str(error)) from error
    if isinstance(error, MemoryError):
        message = f"{clip.item.path}: out of memory in {row.stage}; try fewer --workers"
        return replace(row, outcome="failed", reason="out_of_memory", code="S009", message=message)
    return replace(
        row,
        outcome="failed",
        reason="internal_error",
        code="X001",
        message=f"{row.stage} broke on {row.id}: {type(error).__name__}: {error}",
        detail="".join(traceback.format_exception(error)),
    )


def _finite(numbers: Mapping[str, float]) -> dict[str, float]:
    """Plain numbers, whatever the stage computed with; what is no number is left out."""
    plain = {name: value if type(value) is int else float(value) for name, value in numbers.items()}
    return {name: value for name, value in plain.items() if math.isfinite(value)}


def _flaw(step: Step, made: Sequence[Clip]) -> TypeError | None:
    """What is wrong with clips that a stage yields, since something of them would get lost."""
    kind = step.stage.provides
    if not made:
        return TypeError(f"{step.name} yields nothing; end the clip with Reject and its reason")
    if len({clip.id for clip in made}) < len(made):
        return TypeError(f"{step.name} yields two clips with one key")
    if any(clip.reason is None and not clip.has(kind) for clip in made):
        return TypeError(f"{step.name} yields a clip without its {kind.__name__}")
    return None


def _child(parent: Clip, clip: Clip, step: Step) -> Child:
    part = clip.parts.get(step.stage.provides.stage) if clip.reason is None else None
    return Child(
        key="" if clip.id == parent.id else clip.id,
        level=clip.level,
        start_s=round(clip.span.start_s, 6),
        end_s=round(clip.span.end_s, 6),
        part=None if part is None else part.model_dump(mode="json"),
        reason=clip.reason,
        numbers=_finite(clip.numbers) if clip.reason is not None else {},
    )


def _clip_stage(step: Step) -> ClipStage:
    if not isinstance(step.stage, ClipStage):
        raise TypeError(f"{step.name} is no clip stage")
    return step.stage


def _check_source(clip: Clip) -> None:
    """Raises MediaError where the raw file is gone, or is not the one that was registered."""
    item = clip.item
    try:
        status = clip.source.stat()
        is_same = status.st_size == item.size_bytes
        if is_same and item.mtime_ns not in (0, status.st_mtime_ns):
            is_same = _sha256(clip.source, status.st_size, status.st_mtime_ns) == item.sha256
    except OSError as error:
        raise MediaError(
            f"{item.path} was registered but cannot be found or read now; put it back, "
            "or run `tthd ingest` again",
            code="S004",
            reason="unreadable",
        ) from error
    if not is_same:
        raise MediaError(
            f"{item.path} has changed since it was registered; run `tthd ingest` again",
            code="S011",
            reason="changed",
        )


@lru_cache(maxsize=4)
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    """The hash of a file that was touched; every clip of it asks for it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _full(error: OSError, path: Path) -> AccessError:
    return DiskFullError(str(storage_error(error, path)))
