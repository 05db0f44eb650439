"""From a raw folder to registered items: files are found, hashed and probed, never decoded."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tthd_tools.clip import Item
from tthd_tools.description import Describe, Description
from tthd_tools.errors import MediaError
from tthd_tools.ledger import Child, Outcome, Row
from tthd_tools.pipeline import digest
from tthd_tools.sidecar import Sidecars, read_sidecars, sidecar_stamp
from tthd_tools.videos import find_videos, is_utf8, make_item_id, require_videos, shown_path
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
) -> IngestSummary:
    """Register every video of the workspace's raw folder that is new or has changed.

    ``describe`` gives what a manifest says of a file; it goes before what lies beside the file.
    The caller holds the workspace for writing. A moved file is the same item; identical bytes
    register once, under the first path in sorted order; what is no longer there is gone from the
    corpus until it comes back. Raises UsageError if there is no video at all.
    """
    raw = workspace.raw
    require_videos(raw)
    paths = sorted((shown_path(path, raw), path) for path in find_videos(raw))
    # Of identical files the one that somebody describes is the item.
    paths.sort(key=lambda one: describe(one[0]) is None)
    desk = _Desk(workspace, describe)
    summary = IngestSummary()
    for relative, path in paths:
        on_file(path)
        row, sidecars = desk.register(path, relative)
        summary.remarks += [f"{relative!r}: {one}" for one in sidecars.remarks]
        if row.reason == "duplicate":
            summary.duplicates.append(row)
        elif row.outcome == "failed":
            summary.failed.append(row)
        else:
            summary.added += row is not desk.before.get(relative)
            summary.known += row is desk.before.get(relative)
            summary.seconds += row.span_s
    summary.gone = desk.gone()
    workspace.record(desk.fresh)
    return summary


class _Desk:
    """Registers one file after the other, knowing what was registered before."""

    def __init__(self, workspace: Workspace, describe: Describe) -> None:
        self._describe = describe
        rows = [row for row in workspace.ledger if row.stage == INGEST]
        self.before = {row.detail: row for row in rows if row.reason != "gone"}
        self.current = {row.id: row for row in rows}
        self.fresh: list[Row] = []
        self._seen: set[str] = set()
        self._here: set[str] = set()
        self._path_of: dict[str, str] = {}  # of a sha256, in this run
        self._id_of = {_sha256(row): row.id for row in rows if row.outcome == "ok"}
        self._sent_in = {_sha256(row): _submission(row) for row in rows if row.outcome == "ok"}

    def register(self, path: Path, relative: str) -> tuple[Row, Sidecars]:
        """The file's row, the one before where nothing has changed, and what lies beside it."""
        sidecars = Sidecars({}, [])
        self._here.add(relative)
        try:
            status = path.stat()
            said = self._describe(relative)
            stamp = digest(
                [relative, status.st_size, status.st_mtime_ns, *sidecar_stamp(path), *_stamp(said)]
            )
            before = self._unchanged(relative, stamp)
            sidecars = read_sidecars(path)
            row = before or self._look(path, relative, status, stamp, sidecars, said)
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            message = f"{relative!r} cannot be read ({why}); put it back or mend its permissions"
            row = _refused(relative, "unreadable", "S004", message)
        except MediaError as error:
            row = _refused(relative, error.reason, error.code, str(error))
        except Exception as error:  # recorded with its reason; the other files go on
            message = f"{relative!r}: probing broke: {type(error).__name__}: {error}"
            row = _refused(relative, "internal_error", "X001", message)
        self._seen.add(row.id)
        old = self.current.get(row.id)
        if old is not None and replace(row, at=old.at) == old:
            return old, sidecars
        self.fresh.append(row)
        return row, sidecars

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
        if renamed in self._seen:
            return f"{relative!r} goes by the item_id {renamed} now, and is measured anew"
        changed = "holds other bytes than those that were registered, whose clips are left out"
        return f"{relative!r} {changed if relative in self._here else 'is no longer there'}"

    def _unchanged(self, relative: str, stamp: str) -> Row | None:
        """The row of a registered file that is as it was; failures are looked at again."""
        before = self.before.get(relative)
        if before is None or before.outcome != "ok" or before.fingerprint != stamp:
            return None
        if self.current[before.id] is not before:  # moved away and back meanwhile
            return None
        first = self._path_of.setdefault(_sha256(before), relative)
        return before if first == relative else None

    def _look(
        self,
        path: Path,
        relative: str,
        status: os.stat_result,
        stamp: str,
        sidecars: Sidecars,
        said: Description | None,
    ) -> Row:
        from tthd_tools.media import probe
        from tthd_tools.text import normalise

        if not stat.S_ISREG(status.st_mode):
            what = "is a folder that may not be listed; mend its permissions"
            if not stat.S_ISDIR(status.st_mode):
                what = "is no regular file; put the video itself there"
            raise MediaError(f"{relative!r} {what}", code="S004", reason="unreadable")
        if not is_utf8(path):
            message = f"'{relative}' has a name that is not UTF-8; give it another name"
            raise MediaError(message, code="S014", reason="bad_name")
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        first = self._path_of.setdefault(sha256, relative)
        if first != relative:
            message = f"{relative!r} holds the same bytes as {first!r}"
            return _refused(relative, "duplicate", "S013", message)
        item_id = self._id(path.stem, sha256, said)
        refusal = self._refusal(said, relative, sha256)
        if refusal is not None:
            code, reason, message = refusal
            return _refused(relative, reason, code, message, item_id)
        try:
            facts = probe(path)
        except MediaError as error:
            return _refused(relative, error.reason, error.code, str(error), item_id)
        fields: dict[str, Any] = {"speaker_id": f"spk_item_{item_id}"} | sidecars.fields
        fields |= {} if said is None else said.fields
        if "text_norm" not in fields and fields.get("text"):
            fields["text_norm"] = normalise(fields["text"], fields.get("language") or "")
        fields |= {
            "item_id": item_id,
            "path": relative,
            "sha256": sha256,
            "size_bytes": status.st_size,
            "mtime_ns": status.st_mtime_ns,
            "duration_s": facts.duration_s,
            "probe": facts.model_dump(mode="json"),
        }
        item = Item.model_validate(fields)
        child = Child("", "item", 0.0, facts.duration_s, item.model_dump(mode="json"))
        return _row(item_id, relative, stamp, "ok", children=(child,), span_s=facts.duration_s)

    def _refusal(
        self, said: Description | None, relative: str, sha256: str
    ) -> tuple[str, str, str] | None:
        """Code, reason and sentence where a file may not come in."""
        submission = self._sent_in.get(sha256)
        if submission and (said is None or not _is_submitted(said)):
            # It must not come back without its rights, or with rights that a mere list gives it.
            message = (
                f"{relative!r} came in {submission}, and no manifest says anything of it now; "
                "bring its row back, or remove the file"
            )
            return "S018", "undescribed", message
        if said is None:
            return None
        if said.refusal is not None or said.sha256 in (None, sha256):
            return said.refusal
        message = (
            f"{relative!r} has sha256 {sha256[:12]}… and not {said.sha256[:12]}… as {said.origin} "
            "says; send the file that was described, or correct its sha256"
        )
        return "M010", "sha256_differs", message

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


def _stamp(said: Description | None) -> list[Any]:
    """What of a description an item depends on: another stamp, another item."""
    if said is None:
        return []
    return [said.item_id, said.sha256, said.refusal, dict(said.fields)]


def _sha256(row: Row) -> str:
    part = row.children[0].part or {}
    return str(part["sha256"])


def _is_submitted(said: Description) -> bool:
    return said.refusal is not None or said.fields.get("submission_id") is not None


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
