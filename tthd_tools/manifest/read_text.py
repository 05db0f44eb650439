"""A contributed text file goes in, its lines come out one by one, checked as they come."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tthd_tools.manifest.findings import Problem, Unreadable

LONGEST_LINE_BYTES = 1 << 20
MOST_LINES = 500_000
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SAVE = 'save the sheet as "CSV UTF-8"'


class TextFile:
    """Lines of a UTF-8 file, with their numbers and without their ends; read once, as a stream.

    ``windows`` names what only a spreadsheet or an editor on Windows writes, and is complete when
    all lines are read. Raises Unreadable for a link or another thing that is no file, for more than
    ``limit_bytes``, for a line of more than 1 MB, for 500,000 lines and for what is not UTF-8.
    """

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self.windows: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, str]]:
        with open_plain(self._path, self._limit_bytes) as file:
            offset = self._skip_mark(file)
            number = 0
            while line := file.readline(LONGEST_LINE_BYTES + 1):
                number += 1
                if number > MOST_LINES:
                    message = f"The file has more than {MOST_LINES} lines"
                    fix = "split the submission"
                    raise Unreadable(Problem("M064", "", message, "", fix, number))
                yield number, self._decoded(line, number, offset)
                offset += len(line)

    def _skip_mark(self, file: BinaryIO) -> int:
        head = file.read(4)
        if head.startswith(UTF16_MARKS) or b"\0" in head:
            is_marked = head.startswith(UTF16_MARKS)
            message = "The file is not UTF-8 but UTF-16, as a spreadsheet saves 'Unicode text'"
            if not is_marked:
                message = "The file is not UTF-8: it is UTF-16 without a mark, or no text at all"
            fix = f"{SAVE}, or run `tthd manifest fix`" if is_marked else SAVE
            raise Unreadable(Problem("M001", "", message, "", fix, 1, fixable=is_marked))
        start = 0
        if head.startswith(UTF8_MARK):
            self.windows.append("a byte order mark")
            start = len(UTF8_MARK)
        file.seek(start)
        return start

    def _decoded(self, line: bytes, number: int, offset: int) -> str:
        if len(line) > LONGEST_LINE_BYTES:
            raise Unreadable(
                Problem("M064", "", "A line is longer than 1 MB", "", "split what it holds", number)
            )
        if line.endswith(b"\r\n"):
            line = line[:-2]
            if "CRLF line ends" not in self.windows:
                self.windows.append("CRLF line ends")
        try:
            return line.removesuffix(b"\n").decode()
        except UnicodeDecodeError as error:
            message = f"The file is not UTF-8: byte {offset + error.start} does not fit"
            raise Unreadable(Problem("M001", "", message, "", SAVE, number)) from None


def windows_problem(windows: list[str]) -> Problem | None:
    """M002, where the file was written on Windows."""
    if not windows:
        return None
    what = windows[0] if len(windows) == 1 else f"{', '.join(windows[:-1])} and {windows[-1]}"
    fix = "run `tthd manifest fix`"
    return Problem("M002", "", f"The file has {what}", "", fix, line=1, fixable=True)


def open_plain(path: Path, limit_bytes: int) -> BinaryIO:
    """Open a regular file that is no link, for reading. Raises Unreadable (M062, M064)."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        why = "is a link" if path.is_symlink() else (error.strerror or "cannot be read").lower()
        raise _absent(path, why) from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise _absent(path, "is no regular file")
    if status.st_size > limit_bytes:
        os.close(handle)
        size = f"{status.st_size / 1e6:.1f} MB"
        message = f"The file is larger than {_megabytes(limit_bytes)}"
        raise Unreadable(Problem("M064", "", message, size, "split the submission"))
    return os.fdopen(handle, "rb")


def _absent(path: Path, why: str) -> Unreadable:
    message = f"The file cannot be read: {why}"
    return Unreadable(Problem("M062", "", message, "", f"put {path.name} there as a plain file"))


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes >> 20} MB" if size_bytes >= 1 << 20 else f"{size_bytes >> 10} kB"
