"""The folder of one corpus in the making: its items, ledger, clip files, and who may write it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tthd_tools import __version__
from tthd_tools.clip import Clip, Item, Span
from tthd_tools.errors import AccessError, LockedError, UsageError
from tthd_tools.ledger import Ledger, Row

INGEST = "ingest"
FOLDERS = ("ledger", "clips", "tmp", "table", "fits")
RESERVE_BYTES = 1 << 20


class Workspace:
    """Paths and ledger of one workspace.

    ``work/workspace.json`` says which raw folder it reads; ``ledger/`` what happened; ``clips/``
    holds what stages have written, one folder per clip, stage and fingerprint; ``tmp/`` what is
    being written; ``fits/`` and ``table/`` what follows from all clips.
    """

    def __init__(self, root: Path, *, ledger: bool = True) -> None:
        self.root = root
        self._memory = _read_marker(root)
        self.raw = self._place("raw") or root
        self.clips = root / "clips"
        self.tmp = root / "tmp"
        self.fits = root / "fits"
        self.table = root / "table" / "clips.parquet"
        self.ledger = Ledger(root / "ledger", read=ledger)

    @classmethod
    def create(cls, root: Path, raw: Path) -> Workspace:
        """Open the workspace in ``root``, made if it is not there; it remembers ``raw``.

        Raises UsageError if it belongs to another raw folder or lies in it, AccessError if it
        cannot be written.
        """
        if root.resolve().is_relative_to(raw.resolve()):
            raise UsageError(
                f"{root} lies in the raw folder {raw}, where nothing is written; "
                "give another folder with --work"
            )
        marker = root / "workspace.json"
        with storage_errors(root):
            present = set(root.iterdir()) if root.is_dir() else set()
        if marker in present:
            workspace = cls(root)
            if workspace.raw != Path(os.path.normpath(raw.absolute())):
                raise UsageError(
                    f"{root} belongs to the raw folder {workspace.raw}, not {raw}; "
                    "give another folder with --work"
                )
            return workspace
        ours = {marker.with_name(marker.name + ".tmp"), *(root / name for name in FOLDERS)}
        if not ours.issuperset(present):
            raise UsageError(
                f"{root} is not empty and no workspace; give another folder with --work"
            )
        with storage_errors(root):
            for name in FOLDERS:
                (root / name).mkdir(parents=True, exist_ok=True)
            memory = {"raw": os.path.relpath(raw.absolute(), root.absolute())}
            write_atomically(marker, _marker_text(memory))
        return cls(root)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the workspace for writing; the kernel releases it when the process ends.

        Raises LockedError, naming the process, if another one holds it.
        """
        import fcntl

        with storage_errors(self.root):
            file = (self.root / "lock").open("ab+", buffering=0)
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().decode(errors="replace") or "another process"
                raise LockedError(
                    f"{self.root} is being written by {holder}; "
                    "wait for it to end, or use another --work"
                ) from None
            command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
            with suppress(OSError):  # `tthd gc` must be able to work on a full disk
                file.truncate(0)
                file.write(f"process {os.getpid()} ({command})".encode(errors="backslashreplace"))
            self.ledger = Ledger(self.root / "ledger")
            self._tidy()
            try:
                yield
            finally:
                self.clear_tmp()

    def clear_tmp(self) -> None:
        """Remove what was being written; no worker may be left."""
        shutil.rmtree(self.tmp, ignore_errors=True)
        self.tmp.mkdir(exist_ok=True)

    def _tidy(self) -> None:
        """Remove what a killed process has left, and keep some space for the last ledger rows."""
        with storage_errors(self.root):
            self.clear_tmp()
            for left in (self.root / "ledger").glob("*.tmp"):
                left.unlink()
        with suppress(OSError):  # neither is needed, and the disk may be full
            self.ledger.compact()
        reserve = self.root / "reserve"
        if not reserve.exists():
            try:
                reserve.write_bytes(os.urandom(RESERVE_BYTES))
            except OSError:
                reserve.unlink(missing_ok=True)

    @property
    def manifests(self) -> Path | None:
        """The folder of submissions; None where nobody has named or found one."""
        return self._place("manifests")

    @property
    def pipeline(self) -> str | None:
        """The pipeline that it was measured with last: a file, or the name of a packaged one."""
        file = self._place("pipeline_file")
        return self._memory.get("pipeline") if file is None else str(file)

    def remember_pipeline(self, name: str | None) -> None:
        """Note a pipeline as ``--pipeline`` names it; None changes nothing."""
        if name is not None:
            file = Path(name) if Path(name).is_file() else None
            self.remember(pipeline=None if file else name, pipeline_file=file)

    @property
    def reviews(self) -> Path:
        """The folder of the logs of decisions."""
        return self._place("reviews") or self.root / "reviews"

    @property
    def listed(self) -> tuple[str, Path | None, Path | None] | None:
        """The dataset whose list was ingested, its list and its mapping."""
        kind = self._memory.get("from")
        return kind and (kind, self._place("list"), self._place("mapping"))

    @property
    def said(self) -> str | None:
        """The digest of the manifests or the list as ``ingest`` has read them."""
        return self._memory.get("said")

    def remember(self, **said: Path | str | None) -> None:
        """Note where something lies, so that later commands need not be told: ``manifests``,
        ``reviews``, or ``from`` with ``list`` and ``mapping``; and what was ``said`` there. None
        forgets it."""
        memory = dict(self._memory)
        for name, value in said.items():
            if isinstance(value, Path):
                value = os.path.relpath(value.absolute(), self.root.absolute())
            memory[name] = value
        memory = {name: value for name, value in memory.items() if value is not None}
        if memory != self._memory:
            with storage_errors(self.root):
                write_atomically(self.root / "workspace.json", _marker_text(memory))
            self._memory = memory

    def _place(self, name: str) -> Path | None:
        named = self._memory.get(name)
        return named and Path(os.path.normpath(self.root.absolute() / named))

    def record(self, rows: Iterable[Row]) -> None:
        """Append rows to the ledger, giving up the reserved space if the disk is full.

        Raises AccessError where even that is not enough.
        """
        rows = list(rows)
        with storage_errors(self.root):
            try:
                self.ledger.append(rows)
            except OSError as error:
                if not is_full(error):
                    raise
                (self.root / "reserve").unlink(missing_ok=True)
                self.ledger.append(rows)

    def folder(self, clip_id: str, stage: str, fingerprint: str) -> Path:
        """Where the files of one stage for one clip lie."""
        return self.clips / clip_id / f"{stage}.{fingerprint[:12]}"

    def items(self) -> list[tuple[Item, Row]]:
        """Items that could be registered, newest registration each, sorted by id."""
        found = {row.id: row for row in self.ledger if row.stage == INGEST}
        return [
            (Item.model_validate(row.children[0].part), row)
            for _, row in sorted(found.items())
            if row.outcome == "ok"
        ]

    def refused(self) -> list[Row]:
        """Files that ``ingest`` could not register, newest attempt each, sorted by id."""
        found = {row.id: row for row in self.ledger if row.stage == INGEST}
        bad = [row for _, row in sorted(found.items()) if row.outcome != "ok"]
        return [row for row in bad if row.reason != "gone"]

    def clip_of(self, item: Item) -> Clip:
        """The record of level item with which the walk through the stages begins."""
        return Clip(item.item_id, "item", item, self.raw / item.path, Span(0.0, item.duration_s))


def _marker_text(memory: Mapping[str, Any]) -> str:
    """The content of ``workspace.json``; folders as seen from the workspace."""
    return json.dumps({**memory, "tthd_tools": __version__}, indent=1, sort_keys=True) + "\n"


def _read_marker(root: Path) -> dict[str, Any]:
    """What ``workspace.json`` says. Raises UsageError where there is none, or it is damaged."""
    marker = root / "workspace.json"
    with storage_errors(marker):
        if not marker.is_file():
            raise UsageError(
                f"{root} is no workspace; make one with `tthd ingest RAW --work {root}`"
            )
        text = marker.read_text(encoding="utf-8", errors="replace")
    try:
        memory = json.loads(text)
        if isinstance(memory["raw"], str) and all(isinstance(one, str) for one in memory.values()):
            return dict(memory)
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise UsageError(
        f'{marker} is damaged; write {{"raw": "PATH OF THE RAW FOLDER FROM HERE"}} into it, '
        "the ledger holds all the rest"
    )


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn errors of the file system into one sentence about ``path``."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def is_full(error: OSError) -> bool:
    """Whether the disk, or what one may use of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def storage_error(error: OSError, path: Path) -> AccessError:
    """The sentence for a file system error."""
    if is_full(error):
        return AccessError(
            f"the disk of {path} is full; free some space (`tthd gc` shows what can go) and run "
            "the same command again: it goes on where it stopped"
        )
    return AccessError(f"{error.filename or path} cannot be written: {error.strerror or error}")


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never a part."""
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def canonical_json(data: Any) -> str:
    """JSON with sorted keys and no spaces: the same data give the same text."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
