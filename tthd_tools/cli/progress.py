"""How a run goes, told to people: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tthd_tools.cli.options import counted, hours, people, say
from tthd_tools.runner import Observer

if TYPE_CHECKING:
    from rich.progress import Progress

    from tthd_tools.clip import Clip
    from tthd_tools.ledger import Row

PASSES = {"scenes": 1.0, "tracks": 1.0, "encode": 1.0}
"""Stages that decode a clip once each: what progress is counted by."""
LINE_EVERY_S = 10.0


class RunProgress(Observer):
    """Items done, clips found, speed as a multiple of real time, time left."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._task = bar.add_task("measuring", total=None, note="") if bar else None
        self._total_s = self._done_s = 0.0
        self._items = self._items_done = self._clips = 0
        self._began = self._said = time.monotonic()

    def begin(self, clips: Sequence[Clip]) -> None:
        """Note how much there is to do."""
        self._items = len(clips)
        self._total_s = sum(clip.span.duration_s for clip in clips)
        self._began = time.monotonic()
        self._show()

    def row(self, row: Row) -> None:
        """Count one stage of one clip, and say what has failed."""
        self._done_s += row.span_s * PASSES.get(row.stage, 0.0) / len(PASSES)
        self._clips += row.stage == "encode" and row.outcome == "ok"
        if row.outcome == "failed" and row.reason != "disk_full":  # that one ends the run
            say(f"{row.code} {row.message}", "red")
        self._show()

    def item_done(self, clip: Clip) -> None:
        """Count one item."""
        self._items_done += 1
        self._show()

    def _show(self) -> None:
        elapsed = max(time.monotonic() - self._began, 1e-3)
        speed = self._done_s / elapsed
        left = (self._total_s - self._done_s) / speed if speed > 0 else 0.0
        note = (
            f"{self._items_done}/{self._items} items, {counted(self._clips, 'clip')}, "
            f"{speed:.1f}× real time, {hours(max(left, 0.0))} left"
        )
        if self._bar is not None and self._task is not None:
            done = min(self._done_s, self._total_s)
            self._bar.update(self._task, completed=done, total=self._total_s or None, note=note)
        elif time.monotonic() - self._said > LINE_EVERY_S:
            self._said = time.monotonic()
            say(note)


@contextmanager
def run_progress(quiet: bool) -> Iterator[Observer]:
    """An observer that shows progress on stderr unless ``quiet``."""
    if quiet:
        yield Observer()
    elif people().is_terminal:
        with _bar() as bar:
            yield RunProgress(bar)
    else:
        yield RunProgress(None)


@contextmanager
def count_progress(what: str, quiet: bool) -> Iterator[CountProgress]:
    """A callable ``(done, total)`` that shows a bar on a terminal unless ``quiet``."""
    if quiet or not people().is_terminal:
        yield CountProgress(None, what)
    else:
        with _bar() as bar:
            yield CountProgress(bar, what)


class CountProgress:
    """Called with how much is done and how much there is."""

    def __init__(self, bar: Progress | None, what: str) -> None:
        self._bar = bar
        self._task = bar.add_task(what, total=None, note="") if bar else None

    def __call__(self, done: int, total: int) -> None:
        """Show it."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, note=f"{done}/{total}")


def _bar() -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[note]}"),
        console=people(),
        transient=True,
    )
