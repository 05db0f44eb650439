"""What the served page works on: a queue goes in that is looked at again whenever rights change."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tthd_tools.errors import TthdError, UsageError
from tthd_tools.lists import places_for
from tthd_tools.manifest.settings import SETTINGS_FILE, settings_for
from tthd_tools.review.bundle import Bundle
from tthd_tools.review.events import Event, parse_event
from tthd_tools.review.intake import Intake
from tthd_tools.review.log import append_events
from tthd_tools.review.proxies import write_proxy, write_still
from tthd_tools.review.queue import Queue, read_again
from tthd_tools.workspace import Workspace

LISTS = (".csv", ".json", ".jsonl", ".yaml", ".txt")
Stamp = list[tuple[str, int, int, int]]


@dataclass
class Desk:
    """What the server works on.

    ``queue`` is what it begins with. ``look_again`` opens it anew, without a choice of states, and
    ``watched`` says which files tell when that is needed. Proxies are made in ``cache``.
    ``reviewer``, if any, is the only handle that decisions are taken from.
    """

    queue: Queue
    look_again: Callable[[], Queue]
    watched: Callable[[], Iterable[Path]]
    reviews: Path
    cache: Path
    keymap: Mapping[str, Sequence[str]]
    reviewer: str | None = None
    taken: int = 0
    closed: str = ""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._chosen = tuple(self.queue.bundle.clips)
        self._seen = stamp_of(self.watched())
        self._logs = stamp_of(self._log_files())

    @property
    def bundle(self) -> Bundle:
        """What may be shown now; ``closed`` says why, should that be nothing."""
        with self._lock:
            now = stamp_of(self.watched())
            if now != self._seen:
                self._seen = now  # what changes meanwhile is found at the next request
                self._renew()
            return self.queue.bundle

    def settings(self) -> dict[str, Any]:
        """What is the same for all clips."""
        return self.bundle.settings(self.keymap, self.reviewer, served=True)

    def entries(self) -> dict[str, Any]:
        """The queue with the states as they are now."""
        return self._with_decisions().queue()

    def own(self, reviewer: str) -> dict[str, Any]:
        """What a reviewer has decided so far."""
        return self._with_decisions().own(reviewer)

    def sheet(self, clip_id: str) -> dict[str, Any] | None:
        """All that is shown of a clip; None where there is no such thing."""
        bundle = self._with_decisions()
        return bundle.sheet(clip_id) if clip_id in bundle.clips else None

    def media(self, clip_id: str, suffix: str) -> Path | None:
        """The mp4 or still of a clip, made on first need; None where there is no such thing."""
        clip = self.bundle.clips.get(clip_id)
        if clip is None:
            return None
        path = self.cache / f"{clip_id}{suffix}"
        with self._lock:
            if not path.is_file():
                if suffix == ".mp4":
                    write_proxy(clip, path)
                elif not write_still(clip, path):
                    return None
        return path

    def was_shown(self, clip_id: str) -> bool:
        """Whether a clip was in the queue at first."""
        return clip_id in self._chosen

    def take(self, line: bytes) -> Event:
        """Append a decision to its reviewer's log. Raises UsageError for one that is not taken."""
        try:
            event = parse_event(line)
        except ValueError as error:
            raise UsageError(f"this is no decision: {error}") from error
        clips = self.bundle.clips
        if event.item_id not in {clip.item.item_id for clip in clips.values()} or (
            event.clip_id is not None and event.clip_id not in clips
        ):
            raise UsageError("this clip is not in the queue; load the page again")
        if self.reviewer is not None and event.actor != self.reviewer:
            raise UsageError(f"this queue is {self.reviewer}'s, not {event.actor}'s")
        with self._lock:
            intake = Intake(self.reviews, event.actor, self.queue.sources)
            why = intake.objection(event)
            if why is not None:
                raise UsageError(f"this decision is not taken: {why}")
            self.taken += len(append_events(intake.log_of(event), [event.unsealed()]))
        return event

    def _with_decisions(self) -> Bundle:
        with self._lock:
            bundle = self.bundle
            now = stamp_of(self._log_files())
            if now == self._logs:
                return bundle
            self._logs = now
            self.queue = read_again(self.queue, self.reviews)
            return self.queue.bundle

    def _log_files(self) -> Iterable[Path]:
        return sorted(self.reviews.glob("*/decisions.*"))

    def _renew(self) -> None:
        """Look again: of the clips that were chosen those stay that may still be shown."""
        gold = self.queue.bundle.gold
        try:
            found, self.closed = self.look_again(), ""
        except TthdError as error:
            self.closed = str(error)
            found = replace(self.queue, bundle=replace(self.queue.bundle, clips={}))
        clips = {one: found.bundle.clips[one] for one in self._chosen if one in found.bundle.clips}
        self.queue = replace(found, bundle=replace(found.bundle, clips=clips, gold=gold))
        for path in self.cache.iterdir():
            if path.stem not in clips:
                path.unlink()


def stamp_of(paths: Iterable[Path]) -> Stamp:
    """What changes with any of some files: size, time and number of each that is there."""
    found: Stamp = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns, status.st_ino))
    return found


def files_of_rights(root: Path, manifests: Path | None) -> Iterator[Path]:
    """Files of a workspace, and beside it, that say which clips there are and who may see them."""
    workspace = Workspace(root, ledger=False)
    for folder in dict.fromkeys((root.absolute().parent, Path.cwd())):
        yield folder / SETTINGS_FILE
    yield from settings_for(root).suppressions
    yield from _files(root)
    yield from sorted((root / "ledger").glob("*.parquet"))
    places = (manifests, workspace.manifests, *places_for(workspace.raw, root))
    homes = [place for one in places if one is not None for place in (one, one.absolute().parent)]
    for home in dict.fromkeys(one.absolute() for one in homes):
        yield from _files(home)
    for folder in dict.fromkeys(one.absolute() for one in places if one is not None):
        for one in sorted(folder.glob("sub_*")):
            yield from _files(one)


def _files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            names = [one.name for one in found if Path(one.name).suffix.lower() in LISTS]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]
