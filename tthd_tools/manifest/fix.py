"""A submission goes in; what a program can mend in its files comes out as a diff, or is written."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tthd_tools.errors import AccessError
from tthd_tools.manifest.findings import Finding, Problem, Unreadable
from tthd_tools.manifest.mend import MARKS, MENDS, decode
from tthd_tools.manifest.read_text import SAVE, UTF16_MARKS, TextFile, open_plain

LIMITS_BYTES = {"submission.yaml": 64 << 10, "items.csv": 64 << 20, "items.jsonl": 64 << 20}


MOST_LINES = 20_000
"""More are not compared: that takes longer than anybody would wait, and nobody reads it."""


class Fix(NamedTuple):
    """One file, its bytes, and those that are to take their place."""

    path: Path
    before: bytes
    after: bytes

    @property
    def remarks(self) -> list[str]:
        """What of the change no diff shows: encoding and line ends."""
        found = []
        if self.before.startswith(MARKS[1:]):
            found.append("UTF-16 becomes UTF-8")
        elif self.before.startswith(MARKS[0]):
            found.append("the byte order mark goes")
        if "\r\n" in _with_line_ends(self.before):
            found.append("CRLF line ends become LF")
        return found

    def lines(self) -> Iterator[str]:
        """The diff, and what it does not show."""
        for remark in self.remarks:
            yield f"# {self.path.as_posix()}: {remark}"
        yield from self.diff()

    def as_dict(self) -> dict[str, Any]:
        """Plain data for machines."""
        return {
            "file": self.path.as_posix(),
            "remarks": self.remarks,
            "diff": "".join(f"{line}\n" for line in self.diff()),
            "finding": None,
        }

    def diff(self) -> Iterator[str]:
        """Lines of a unified diff of the texts, without their ends."""
        before, after = decode(self.before).split("\n"), self.after.decode().split("\n")
        name = self.path.as_posix()
        if len(before) > MOST_LINES:
            yield f"# {name}: more than {MOST_LINES} lines, too many for a diff"
            return
        yield from difflib.unified_diff(before, after, name, name, lineterm="")


def _with_line_ends(content: bytes) -> str:
    """The text with its line ends."""
    return content.decode("utf-16" if content.startswith(MARKS[1:]) else "utf-8-sig")


def find_fixes(folder: Path) -> list[Fix]:
    """What can be mended in a submission's files; those of ``find_unreadable`` stay as they are."""
    if folder.is_symlink():
        return []
    fixes = []
    for name, mend in MENDS.items():
        path = folder / name
        try:
            before = _read(path)
            after = mend(decode(before)).encode()
        except (Unreadable, UnicodeError):
            continue
        if after != before:
            fixes.append(Fix(path, before, after))
    return fixes


def find_unreadable(folder: Path) -> list[Finding]:
    """Why files of a submission can be neither read nor mended: links, too large, or no text."""
    if folder.is_symlink():
        message, fix = "The folder is a link", "put the folder itself there"
        return [_finding(Problem("M062", "", message, "", fix), folder)]
    found = []
    for path in (folder / name for name in MENDS if os.path.lexists(folder / name)):
        try:
            _read(path)
        except Unreadable as error:
            found.append(_finding(error.problem, path))
    return found


def _read(path: Path) -> bytes:
    """The bytes of a file that is text. Raises Unreadable, as ``check`` tells it."""
    with open_plain(path, LIMITS_BYTES[path.name]) as file:
        content = file.read(LIMITS_BYTES[path.name])
    if not content.startswith(UTF16_MARKS):
        for _ in TextFile(path, LIMITS_BYTES[path.name]):
            pass
        return content
    try:
        decode(content)
    except UnicodeDecodeError:
        message = "The file begins as UTF-16 does, and goes on as none"
        raise Unreadable(Problem("M001", "", message, "", SAVE, 1)) from None
    return content


def _finding(problem: Problem, path: Path) -> Finding:
    """An error in every project: no file can be used that cannot be read."""
    return Finding(
        code=problem.code,
        severity="error",
        file=str(path),
        line=problem.line or 0,
        field="",
        value=problem.value,
        message=problem.message,
        fix=problem.fix,
    )


def apply_fix(fix: Fix) -> None:
    """Write a file as it is to be: a reader sees the old one or the new one, never a part.

    The new one is made under a name that nobody knew, so that no link lies in wait for it. Raises
    AccessError.
    """
    try:
        mode = fix.path.stat().st_mode & 0o777
        handle, name = tempfile.mkstemp(dir=fix.path.parent, prefix=".tthd-fix-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(fix.after)
            temporary.chmod(mode)
            temporary.replace(fix.path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AccessError(f"{fix.path} cannot be written: {error.strerror or error}") from error
