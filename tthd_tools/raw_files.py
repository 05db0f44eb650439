"""A raw file and what is said of it go in, its bytes come out; then whether those may come in.

Rights are those of bytes: what is said of any file that holds them counts for all of them.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tthd_tools.description import Description, Judge, Refusal
from tthd_tools.errors import MediaError
from tthd_tools.pipeline import digest
from tthd_tools.sidecar import Sidecars, read_sidecars, sidecar_stamp
from tthd_tools.videos import is_utf8

Unchanged = Callable[[str, str], str | None]
"""The sha256 of the file of that path and stamp, where it is known already."""
SentIn = Callable[[str, str], frozenset[str]]
"""The submissions that have a row for the file of that path or for those bytes."""


@dataclass
class RawFile:
    """One file below the raw folder, and what is said of it.

    ``stamp`` changes with the file, with what lies beside it and with what is said of it.
    ``sha256`` is None where it cannot be read or named; ``error`` says why.
    """

    path: Path
    relative: str
    said: Description | None
    sidecars: Sidecars = field(default_factory=lambda: Sidecars({}, []))
    stamp: str = ""
    size_bytes: int = 0
    mtime_ns: int = 0
    sha256: str | None = None
    error: MediaError | None = None
    item_id: str = ""


def look_at(path: Path, relative: str, said: Description | None, unchanged: Unchanged) -> RawFile:
    """Hash a file, unless it is known, and read what lies beside it."""
    file = RawFile(path, relative, said)
    try:
        status = path.stat()
        file.size_bytes, file.mtime_ns = status.st_size, status.st_mtime_ns
        times = [relative, status.st_size, status.st_mtime_ns]
        file.stamp = digest([*times, *sidecar_stamp(path), *_stamp(said)])
        file.sha256 = unchanged(relative, file.stamp)
        file.sidecars = read_sidecars(path)
        if file.sha256 is None:
            _check_file(path, relative, status.st_mode)
            with path.open("rb") as opened:
                file.sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        message = f"{relative!r} cannot be read ({why}); put it back or mend its permissions"
        file.error = MediaError(message, code="S004", reason="unreadable")
    except MediaError as error:
        file.error = error
    except Exception as error:  # told with its file; the other files go on
        message = f"{relative!r}: reading broke: {type(error).__name__}: {error}"
        file.error = MediaError(message, code="X001", reason="internal_error")
    return file


def judge_bytes(
    files: Iterable[RawFile],
    judge: Judge,
    came_in: Mapping[str, str],
    sent_in: SentIn = lambda path, sha256: frozenset(),
) -> dict[str, Refusal]:
    """What keeps bytes out, by sha256: whatever is against any file that holds them.

    ``judge`` tells what is against bytes wherever they lie, ``came_in`` in which submission they
    ever came, ``sent_in`` which ones name the file or its bytes now.
    """
    groups: dict[str, list[RawFile]] = {}
    for file in files:
        if file.sha256 is not None:
            groups.setdefault(file.sha256, []).append(file)
    found = {
        sha256: _refusal(sha256, group, judge(sha256))
        or _undescribed(sha256, group, came_in.get(sha256), sent_in)
        for sha256, group in groups.items()
    }
    return {sha256: refusal for sha256, refusal in found.items() if refusal is not None}


def _refusal(sha256: str, group: Sequence[RawFile], judged: Refusal | None) -> Refusal | None:
    relative = group[0].relative
    described = [(file, file.said) for file in group if file.said is not None]
    for _, said in described:
        if said.refusal is not None:
            return said.refusal
    if judged is not None:
        code, reason, sentence = judged
        return code, reason, f"{relative!r} is kept out: {sentence}"
    for file, said in described:
        if said.sha256 not in (None, sha256):
            message = (
                f"{file.relative!r} has sha256 {sha256[:12]}… and not {said.sha256[:12]}… as "
                f"{said.origin} says; send the file that was described, or correct its sha256"
            )
            return "M010", "sha256_differs", message
    submitted = _submitted(group)
    if len({said.item_id for said in submitted}) > 1:
        message = (
            f"{relative!r} is described by {submitted[0].origin} and, under another path, by "
            f"{submitted[1].origin}; keep one of the two rows"
        )
        return "M036", "bytes_listed_twice", message
    return None


def _undescribed(
    sha256: str, group: Sequence[RawFile], submission: str | None, sent_in: SentIn
) -> Refusal | None:
    """What was submitted must not come in without its rights, or with those of a mere list."""
    read = {str(said.fields["submission_id"]) for said in _submitted(group)}
    for file in group:
        for sender in sorted(sent_in(file.relative, sha256) - read):
            message = (
                f"{file.relative!r} came in {sender}, and its row is not what is read of it now; "
                "ingest it with its manifests: `tthd ingest RAW --manifests DIR`"
            )
            if read:
                message = (
                    f"{file.relative!r} has a row in {sender} too, which is not read now, beside "
                    f"that of {min(read)}; keep one of the two rows"
                )
            return "S018", "undescribed", message
    if read or submission is None:
        return None
    message = (
        f"{group[0].relative!r} came in {submission}, and no manifest says anything of it now; "
        "bring its row back, or remove the file"
    )
    return "S018", "undescribed", message


def _submitted(group: Sequence[RawFile]) -> list[Description]:
    """What submissions say of the files."""
    found = [file.said for file in group if file.said is not None]
    return [said for said in found if said.fields.get("submission_id") is not None]


def _check_file(path: Path, relative: str, mode: int) -> None:
    """Raises MediaError for what is no file, or has a name that cannot be written down."""
    if not stat.S_ISREG(mode):
        what = "is a folder that may not be listed; mend its permissions"
        if not stat.S_ISDIR(mode):
            what = "is no regular file; put the video itself there"
        raise MediaError(f"{relative!r} {what}", code="S004", reason="unreadable")
    if not is_utf8(path):
        message = f"'{relative}' has a name that is not UTF-8; give it another name"
        raise MediaError(message, code="S014", reason="bad_name")


def _stamp(said: Description | None) -> list[Any]:
    """What of a description an item depends on: another stamp, another item."""
    if said is None:
        return []
    return [said.item_id, said.sha256, said.refusal, dict(said.fields)]
