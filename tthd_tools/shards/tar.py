"""Samples in a tar file: bytes go in the same way on every machine, and come out without trust."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

BLOCK_BYTES = tarfile.BLOCKSIZE
MAX_MEMBER_BYTES = 4 << 30


class Member(NamedTuple):
    """One file in a tar: ``offset`` of its header, ``data_offset`` and ``size`` of its bytes."""

    name: str
    offset: int
    data_offset: int
    size: int

    @property
    def end(self) -> int:
        """Where the next header begins."""
        return self.data_offset + padded(self.size)


class TarDamage(ValueError):
    """Something in a tar file that our writer never writes; ``offset`` says where."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(f"{what} at byte {offset}")
        self.offset = offset


def padded(size: int) -> int:
    """Bytes that a member of that size takes, without its header."""
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES


class TarFile:
    """Writes members with fixed owner, mode and time, so that only names and content decide.

    ``webdataset.TarWriter`` would do, but it sorts the members of a sample by name.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._tar = tarfile.TarFile(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT)

    def add(self, key: str, members: Iterable[tuple[str, bytes | Path]]) -> tuple[int, int]:
        """Append one sample; returns where its first header begins, and the bytes it takes."""
        start = self._tar.offset
        for name, content in members:
            info = tarfile.TarInfo(f"{key}.{name}")
            info.mode = 0o444
            if isinstance(content, bytes):
                info.size = len(content)
                self._tar.addfile(info, io.BytesIO(content))
            else:
                with content.open("rb") as file:
                    info.size = content.stat().st_size
                    self._tar.addfile(info, file)
        return start, self._tar.offset - start

    def close(self) -> None:
        """Write the end mark."""
        self._tar.close()


def scan(file: BinaryIO) -> Iterator[Member]:
    """The members of a tar file from its headers alone.

    Plain files only: links, folders and extended headers are never ours. Raises TarDamage at the
    first place that is not as we write it, the file's end included.
    """
    length = file.seek(0, io.SEEK_END)
    offset = 0
    while True:
        file.seek(offset)
        header = file.read(BLOCK_BYTES)
        if header == bytes(BLOCK_BYTES):
            break
        member = _parse(header, offset)
        if member.data_offset + member.size > length:
            raise TarDamage(f"{member.name} is cut off", length)
        yield member
        offset = member.end
    end = -(-(offset + 2 * BLOCK_BYTES) // tarfile.RECORDSIZE) * tarfile.RECORDSIZE
    file.seek(offset)
    if length != end or any(file.read(end - offset)):
        raise TarDamage("the end mark is damaged", offset)


def _parse(header: bytes, offset: int) -> Member:
    try:
        info = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        what = "the file ends too early" if len(header) < BLOCK_BYTES else "a damaged header"
        raise TarDamage(what, offset) from error
    if info.type != tarfile.REGTYPE:
        raise TarDamage(f"{info.name!r} is not a plain file", offset)
    if not 0 <= info.size <= MAX_MEMBER_BYTES:
        raise TarDamage(f"{info.name!r} claims {info.size} bytes", offset)
    return Member(info.name, offset, offset + BLOCK_BYTES, info.size)


def read(file: BinaryIO, member: Member) -> bytes:
    """The bytes of one member."""
    file.seek(member.data_offset)
    return file.read(member.size)


def split_name(name: str) -> tuple[str, str]:
    """Key and member of a name, as webdataset divides it: at the first dot."""
    key, _, member = name.partition(".")
    return key, member
