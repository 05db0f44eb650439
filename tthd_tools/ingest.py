"""From a raw folder to registered items: files are found, hashed and probed, never decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tthd_tools.clip import Item
from tthd_tools.description import Describe, Description, Judge, Refusal
from tthd_tools.errors import MediaError
from tthd_tools.ledger import Child, Outcome, Row
from tthd_tools.pipeline import digest
from tthd_tools.raw_files import RawFile, SentIn, judge_bytes, look_at
from tthd_tools.rights_seen import SeenGiven, note
from tthd_tools.videos import find_videos, make_item_id, require_videos, shown_path
from tthd_tools.workspace import INGEST, Workspace


@dataclass
class IngestSummary:
    """What ``ingest`` has found, in files; ``remarks`` are sentences about files beside videos."""

    added: int = 0
    known: int = 0
    duplicates: list[Row] = field(default_factory=list)
    failed: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def files(self) -> int:
        """All video files that were found."""
        return self.added + self.known + len(self.duplicates) + len(self.failed)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for machines."""
        return {
            "added": self.added,
            "known": self.known,
            "duplicates": [_plain(row) for row in self.duplicates],
            "failed": [_plain(row) for row in self.failed],
            "gone": [_plain(row) for row in self.gone],
            "remarks": self.remarks,
            "seconds": round(self.seconds, 3),
        }


def _plain(row: Row) -> dict[str, str]:
    return {"source": row.detail, "code": row.code, "reason": row.reason, "why": row.message}


def ingest(
    workspace: Workspace,
    on_file: Callable[[Path], None] = lambda path: None,
    describe: Describe = lambda path: None,
    judge: Judge = lambda sha256: None,
    sent_in: SentIn = lambda path, sha256: frozenset(),
) -> IngestSummary:
    """Register every video of the workspace's raw folder that is new or has changed.

    ``describe`` gives what a manifest says of a file; it goes before what lies beside the file.
    ``judge`` tells bytes that may not come in, ``sent_in`` the submissions that have a row for a
    file, so that it does not come in without. The caller holds the workspace for writing. A moved
    file is the same item; identical bytes register once, under the first path in sorted order, and
    only if nothing that is said of any of their files keeps them out; what is no longer there is
    gone from the corpus until it comes back. Raises UsageError if there is no video at all.
    """
    raw = workspace.raw
    require_videos(raw)
    paths = sorted((shown_path(path, raw), path) for path in find_videos(raw))
    # Of identical files the one that somebody describes is the item.
    paths.sort(key=lambda one: describe(one[0]) is None)
    desk = _Desk(workspace)
    files: list[RawFile] = []
    for relative, path in paths:
        on_file(path)
        files.append(look_at(path, relative, describe(relative), desk.unchanged))
    note(workspace, _consents(files))
    verdicts = judge_bytes(files, judge, desk.came_in, sent_in)
    summary = IngestSummary()
    for file in files:
        row = desk.register(file, verdicts.get(file.sha256 or ""))
        summary.remarks += [f"{file.relative!r}: {one}" for one in file.sidecars.remarks]
        if row.reason == "duplicate":
            summary.duplicates.append(row)
        elif row.outcome == "failed":
            summary.failed.append(row)
        else:
            summary.added += row is not desk.before.get(file.relative)
            summary.known += row is desk.before.get(file.relative)
            summary.seconds += row.span_s
    summary.gone = desk.gone()
    workspace.record(desk.fresh)
    return summary


class _Desk:
    """Registers one file after the other, knowing what was registered before."""

    def __init__(self, workspace: Workspace) -> None:
        rows = [row for row in workspace.ledger if row.stage == INGEST]
        items = [row for row in rows if row.outcome == "ok"]
        self.before = {row.detail: row for row in rows if row.reason != "gone"}
        self.current = {row.id: row for row in rows}
        self.fresh: list[Row] = []
        self.came_in = {
            _sha256(row): str(name) for row in items if (name := _submission(row)) is not None
        }
        """The submission in which bytes ever came, if they came in any."""
        self._seen: set[str] = set()
        self._here: set[str] = set()
        self._kept_out: set[str] = set()
        self._path_of: dict[str, str] = {}  # of a sha256, in this run
        self._id_of = {_sha256(row): row.id for row in items}
        self._bytes_of: dict[str, set[str]] = {}
        for row in items:
            self._bytes_of.setdefault(row.id, set()).add(_sha256(row))

    def unchanged(self, relative: str, stamp: str) -> str | None:
        """The sha256 of a registered file that is as it was; failures are looked at again."""
        row = self._unchanged(relative, stamp)
        return None if row is None else _sha256(row)

    def register(self, file: RawFile, verdict: Refusal | None) -> Row:
        """The file's row, the one before where nothing has changed."""
        self._here.add(file.relative)
        try:
            row = self._row(file, verdict)
        except MediaError as error:
            row = _refused(file.relative, error.reason, error.code, str(error), file.item_id)
        except Exception as error:  # recorded with its reason; the other files go on
            message = f"{file.relative!r}: probing broke: {type(error).__name__}: {error}"
            row = _refused(file.relative, "internal_error", "X001", message)
        self._seen.add(row.id)
        old = self.current.get(row.id)
        if old is not None and replace(row, at=old.at) == old:
            return old
        self.fresh.append(row)
        return row

    def gone(self) -> list[Row]:
        """Rows, recorded too, of items that no file stands for any more."""
        rows = [
            _refused(row.detail, "gone", "S016", self._loss(row), row.id)
            for row in self.current.values()
            if row.id not in self._seen and row.reason != "gone"
        ]
        self.fresh += rows
        # A file that failed before and has been replaced since is no loss.
        return [row for row in rows if self.current[row.id].outcome == "ok"]

    def _loss(self, row: Row) -> str:
        relative = row.detail
        renamed = self._id_of.get(_sha256(row)) if row.outcome == "ok" else None
        if row.outcome == "ok" and _sha256(row) in self._kept_out:
            return f"{relative!r} is kept out now, and so are its clips"
        if renamed in self._seen:
            return f"{relative!r} goes by the item_id {renamed} now, and is measured anew"
        changed = "holds other bytes than those that were registered, whose clips are left out"
        return f"{relative!r} {changed if relative in self._here else 'is no longer there'}"

    def _unchanged(self, relative: str, stamp: str) -> Row | None:
        before = self.before.get(relative)
        if before is None or before.outcome != "ok" or before.fingerprint != stamp:
            return None
        # It may have been moved away and back meanwhile.
        return before if self.current[before.id] is before else None

    def _row(self, file: RawFile, verdict: Refusal | None) -> Row:
        if file.error is not None:
            raise file.error
        sha256 = str(file.sha256)
        first = self._path_of.setdefault(sha256, file.relative)
        if first != file.relative:
            message = f"{file.relative!r} holds the same bytes as {first!r}"
            return _refused(file.relative, "duplicate", "S013", message)
        before = self._unchanged(file.relative, file.stamp)
        if before is not None and verdict is None:
            return before
        file.item_id = self._id(file.path.stem, sha256, file.said)
        verdict = verdict or self._used(file, sha256)
        if verdict is not None:
            self._kept_out.add(sha256)
            code, reason, message = verdict
            return _refused(file.relative, reason, code, message, file.item_id)
        item = self._item(file)
        child = Child("", "item", 0.0, item.duration_s, item.model_dump(mode="json"))
        fields: dict[str, Any] = {"children": (child,), "span_s": item.duration_s}
        return _row(item.item_id, file.relative, file.stamp, "ok", **fields)

    def _used(self, file: RawFile, sha256: str) -> Refusal | None:
        """M007 where other bytes had the id: what was said and decided of those goes by it."""
        if sha256 in self._bytes_of.get(file.item_id, {sha256}):
            return None
        message = (
            f"{file.relative!r} is to be {file.item_id}, and that was another video before, by "
            "which decisions and withdrawals may know it; give this one an item_id of its own"
        )
        return "M007", "item_id_used", message

    def _item(self, file: RawFile) -> Item:
        from tthd_tools.media import probe
        from tthd_tools.text import normalise

        facts = probe(file.path)
        fields: dict[str, Any] = {"speaker_id": f"spk_item_{file.item_id}"} | file.sidecars.fields
        fields |= {} if file.said is None else file.said.fields
        if "text_norm" not in fields and fields.get("text"):
            fields["text_norm"] = normalise(fields["text"], fields.get("language") or "")
        fields |= {
            "item_id": file.item_id,
            "path": file.relative,
            "sha256": file.sha256,
            "size_bytes": file.size_bytes,
            "mtime_ns": file.mtime_ns,
            "duration_s": facts.duration_s,
            "probe": facts.model_dump(mode="json"),
        }
        return Item.model_validate(fields)

    def _id(self, stem: str, sha256: str, said: Description | None) -> str:
        known = self._id_of.get(sha256)
        if said is not None and said.item_id is not None:
            self._id_of[sha256] = said.item_id
            return said.item_id
        if known is None:
            known = make_item_id(stem, sha256)
            if known in self._id_of.values():  # another file's, by a rare chance
                known += sha256[8:16]
            self._id_of[sha256] = known
        return known


def _consents(files: Iterable[RawFile]) -> Iterator[SeenGiven]:
    """What consents bytes are said to have, also those that do not come in."""
    for file in files:
        consent_id = None if file.said is None else file.said.fields.get("consent_id")
        if file.sha256 is not None and consent_id is not None:
            yield SeenGiven(sha256=file.sha256, consent_id=consent_id)


def _sha256(row: Row) -> str:
    part = row.children[0].part or {}
    return str(part["sha256"])


def _submission(row: Row) -> str | None:
    part = row.children[0].part or {}
    return part.get("submission_id")


def _row(item_id: str, relative: str, stamp: str, outcome: Outcome, **fields: Any) -> Row:
    return Row(
        id=item_id,
        item_id=item_id,
        stage=INGEST,
        fingerprint=stamp,
        outcome=outcome,
        detail=relative,
        **fields,
    )


def _refused(relative: str, reason: str, code: str, message: str, item_id: str = "") -> Row:
    name = item_id or make_item_id(Path(relative).stem, digest(relative))
    outcome: Outcome = "rejected" if reason in ("duplicate", "gone") else "failed"
    stamp = digest([relative, reason])
    return _row(name, relative, stamp, outcome, reason=reason, code=code, message=message)
