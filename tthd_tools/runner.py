"""Run a plan over items in worker processes: resume, isolation, timeouts, one writer."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tthd_tools.clip import Clip
from tthd_tools.errors import AccessError
from tthd_tools.execute import DiskFullError, Executor
from tthd_tools.ledger import Key, Row
from tthd_tools.pipeline import Plan, Step
from tthd_tools.walk import Lookup, Walk, is_able
from tthd_tools.workspace import Workspace

FLUSH_EVERY_S = 2.0
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
GOODBYE_S = 5.0
MOST_FAILED_STARTS = 3
RETRIED = frozenset({"disk_full", "unreadable", "changed"})
"""Failures that say nothing about the clip: they are always tried again."""


class Observer:
    """Told how a run goes; this one does nothing with it."""

    def begin(self, clips: Sequence[Clip]) -> None:
        """These items have something left to do."""

    def row(self, row: Row) -> None:
        """A stage is done with a clip, well or not."""

    def item_done(self, clip: Clip) -> None:
        """Nothing is left to do for this item."""


@dataclass
class Limits:
    """How long one stage may take on one clip: a base plus a multiple of its length."""

    base_s: float = 300.0
    per_second: float = 60.0

    def seconds(self, clip: Clip) -> float:
        """Seconds after which the worker is taken for hung."""
        return self.base_s + self.per_second * clip.span.duration_s


def run(
    plan: Plan,
    clips: Iterable[Clip],
    workspace: Workspace,
    *,
    workers: int = 0,
    retry: bool = False,
    limits: Limits | None = None,
    observer: Observer | None = None,
) -> None:
    """Do what is missing for each item; the caller holds the workspace for writing.

    ``workers`` processes (0: one per core). A worker that dies or hangs costs the clip that it
    worked on, which is recorded, and the run goes on. Raises AccessError when the disk is full.
    """
    pending = [clip for clip in clips if _is_pending(plan, clip, workspace, retry)]
    if not pending:
        return
    observer = observer or Observer()
    observer.begin(pending)
    count = min(workers or usable_cores(), len(pending))
    driver = _Driver(plan, workspace, limits or Limits(), retry, observer, deque(pending))
    driver.drive(count)


def usable_cores() -> int:
    """Cores that this process may run on, which on a shared machine are not all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def lookup(workspace: Workspace, retry: bool = False) -> Lookup:
    """What the ledger knows, less what is to be tried again."""

    def known(key: Key) -> Row | None:
        row = workspace.ledger.get(key)
        if row is None or row.outcome != "failed":
            return row
        return None if retry or row.reason in RETRIED else row

    return known


def _is_pending(plan: Plan, clip: Clip, workspace: Workspace, retry: bool) -> bool:
    walk = Walk(plan, lookup(workspace, retry), workspace.folder)
    return any(leaf.state == "pending" for leaf in walk.leaves(clip))


@dataclass
class _Worker:
    """The driver's side of one worker process."""

    process: multiprocessing.process.BaseProcess
    connection: Connection
    heard: bool = False
    clip: Clip | None = None
    doing: list[Row] = field(default_factory=list)
    unrolls: bool = False
    deadline: float = float("inf")


@dataclass
class _Driver:
    """Hands out items, collects rows, and alone writes the ledger."""

    plan: Plan
    workspace: Workspace
    limits: Limits
    retry: bool
    observer: Observer
    queue: deque[Clip]
    unwritten: list[Row] = field(default_factory=list)
    fresh: dict[str, list[Row]] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    """Items whose worker was lost while one stage followed another: each runs by itself there."""
    written_at: float = field(default_factory=time.monotonic)
    failed_starts: int = 0
    stop: AccessError | None = None

    def drive(self, count: int) -> None:
        """Run until the queue is empty; on any exit no worker is left and every row is written."""
        workers = [self._start() for _ in range(count)]
        try:
            for worker in workers:
                self._hand_out(worker)
            while any(worker.clip is not None for worker in workers) and self.stop is None:
                self._listen(workers)
        finally:
            for worker in workers:
                _end(worker)
            self.workspace.clear_tmp()  # on a full disk this is what the last rows need
            self._write()
        if self.stop is not None:
            raise self.stop

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self.plan, self.workspace.root, self.limits)
        process = context.Process(target=_work, args=arguments, daemon=True)
        before = {name: os.environ.get(name) for name in ONE_THREAD}
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
        process.start()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        theirs.close()
        return _Worker(process, ours)

    def _hand_out(self, worker: _Worker) -> None:
        worker.doing, worker.deadline, worker.clip = [], float("inf"), None
        if not self.queue:
            return
        worker.clip = self.queue.popleft()
        item_id = worker.clip.item.item_id
        known = lookup(self.workspace, self.retry)
        rows = [row for row in self.workspace.ledger.of_item(item_id) if known(row.key) is not None]
        # What failed in this very run is not tried again in it.
        rows += self.fresh.get(item_id, [])
        # A worker that has died meanwhile is noticed by its sentinel.
        with suppress(OSError):
            worker.connection.send((worker.clip, rows, item_id not in self.apart))

    def _listen(self, workers: list[_Worker]) -> None:
        busy = [worker for worker in workers if worker.clip is not None]
        handles: list[Any] = [worker.connection for worker in busy]
        handles += [worker.process.sentinel for worker in busy]
        nearest = min((worker.deadline for worker in busy), default=float("inf"))
        ready = wait(handles, max(0.0, min(FLUSH_EVERY_S, nearest - time.monotonic())))
        for worker in busy:
            if worker.connection in ready:
                self._receive(worker)
            if self.stop is not None:
                return
            if worker.process.sentinel in ready:
                self._receive(worker)
                if worker.clip is not None and self.stop is None:
                    self._replace(workers, worker, "crashed")
            elif time.monotonic() > worker.deadline:
                self._replace(workers, worker, "timeout")
        if time.monotonic() - self.written_at > FLUSH_EVERY_S:
            try:
                self._write()
            except AccessError as error:
                self._halt(error, busy)

    def _receive(self, worker: _Worker) -> None:
        try:
            while worker.clip is not None and worker.connection.poll():
                self._take(worker, worker.connection.recv())
        except (EOFError, OSError):
            return

    def _take(self, worker: _Worker, message: tuple[str, Any]) -> None:
        kind, content = message
        worker.heard, self.failed_starts = True, 0
        if kind == "begin":
            worker.doing, worker.unrolls, seconds = content
            worker.deadline = time.monotonic() + seconds
        elif kind == "rows":
            worker.doing, worker.deadline = [], float("inf")
            for row in content:
                self._keep(row)
        elif kind == "full":
            self._halt(AccessError(content), [worker])
        elif kind == "done":
            if worker.clip is not None:
                self.fresh.pop(worker.clip.item.item_id, None)
                self.observer.item_done(worker.clip)
            self._hand_out(worker)

    def _halt(self, error: AccessError, workers: Iterable[_Worker]) -> None:
        """End the run, since the disk takes no more; what these workers do is tried again."""
        self.stop = error
        for worker in workers:
            for row in worker.doing[:1]:
                self._keep(_failed(row, "disk_full", "S012", str(error)))

    def _keep(self, row: Row) -> None:
        self.unwritten.append(row)
        self.fresh.setdefault(row.item_id, []).append(row)
        self.observer.row(row)

    def _write(self) -> None:
        self.written_at = time.monotonic()
        self.workspace.record(self.unwritten)
        self.unwritten = []

    def _replace(self, workers: list[_Worker], worker: _Worker, reason: str) -> None:
        """Record what a dead or hung worker was doing, and go on with the rest of its item."""
        _end(worker)
        clip = worker.clip
        if clip is None:
            return
        if worker.doing and worker.unrolls:
            self.apart.add(clip.item.item_id)
        elif worker.doing:
            self._keep(_lost(worker.doing, reason, clip, worker.process.exitcode))
        elif not worker.heard:
            self.failed_starts += 1
            if self.failed_starts == MOST_FAILED_STARTS:
                raise AccessError(
                    f"worker processes end before they begin {clip.item.path} (exit code "
                    f"{worker.process.exitcode}); run `tthd doctor`, or try --workers 1"
                )
        self.queue.appendleft(clip)
        self._write()
        fresh = self._start()
        workers[workers.index(worker)] = fresh
        self._hand_out(fresh)


def _lost(doing: Sequence[Row], reason: str, clip: Clip, exit_code: int | None) -> Row:
    """The row for the first of the stages that shared a decode when their process ended."""
    row, stages = doing[0], ", ".join(one.stage for one in doing)
    if reason == "timeout":
        message = (
            f"{clip.item.path}: {stages} on {row.id} took too long and was ended; "
            "raise --timeout and run again with --retry"
        )
        return _failed(row, reason, "S015", message)
    how = f"exit code {exit_code}"
    if exit_code is not None and exit_code < 0:
        how = signal.Signals(-exit_code).name
    message = (
        f"{clip.item.path}: the process died in {stages} on {row.id} ({how}); "
        "the rest went on; run again with --retry, with fewer --workers if memory was short"
    )
    return _failed(row, reason, "S008", message)


def _failed(row: Row, reason: str, code: str, message: str) -> Row:
    return Row(
        id=row.id,
        item_id=row.item_id,
        stage=row.stage,
        fingerprint=row.fingerprint,
        outcome="failed",
        reason=reason,
        code=code,
        message=message,
        span_s=row.span_s,
    )


def _end(worker: _Worker) -> None:
    """End a worker: an idle one goes by itself when nothing more can come, others are killed."""
    worker.connection.close()
    if worker.clip is None:
        worker.process.join(GOODBYE_S)
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()


def _work(connection: Connection, plan: Plan, root: Path, limits: Limits) -> None:
    """A worker process: receives items with their known rows, sends back rows."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(1)
    try:
        _serve(connection, plan, Workspace(root, ledger=False), limits)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _serve(connection: Connection, plan: Plan, workspace: Workspace, limits: Limits) -> None:
    executor = Executor(workspace)

    def execute(clip: Clip, steps: Sequence[Step]) -> Sequence[Row]:
        begun = [
            Row(
                id=clip.id,
                item_id=clip.item.item_id,
                stage=step.name,
                fingerprint=step.fingerprint(clip),
                outcome="failed",
                span_s=clip.span.duration_s,
            )
            for step in steps
        ]
        # Apart, each of the two would have the clip's time.
        unrolls = is_able(steps[0], "unrolls") and len(steps) > 1
        connection.send(("begin", (begun, unrolls, limits.seconds(clip) * (1 + unrolls))))
        rows = executor(clip, steps)
        connection.send(("rows", rows))
        return rows

    while True:
        clip, rows, ahead = connection.recv()
        known = {row.key: row for row in rows}
        walk = Walk(plan, known.get, workspace.folder, execute, ahead=ahead)
        try:
            for _ in walk.leaves(clip):
                pass
        except DiskFullError as error:
            connection.send(("full", str(error)))
            return
        connection.send(("done", None))
