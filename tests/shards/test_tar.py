"""Tar files: the same bytes everywhere, and read without trust."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tthd_tools.shards.tar import TarDamage, TarFile, read, scan, split_name


def written(*members: tuple[str, bytes | Path], key: str = "clip_0000") -> io.BytesIO:
    file = io.BytesIO()
    tar = TarFile(file)
    tar.add(key, members)
    tar.close()
    return file


def test_bytes_depend_on_names_and_content_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"{}")
    (tmp_path / "a").chmod(0o600)
    from_file = written(("json", tmp_path / "a")).getvalue()
    assert from_file == written(("json", b"{}")).getvalue()
    with tarfile.open(fileobj=io.BytesIO(from_file)) as tar:
        info = tar.getmember("clip_0000.json")
    assert (info.uid, info.gid, info.uname, info.gname, info.mtime) == (0, 0, "", "", 0)
    assert info.mode == 0o444


def test_add_says_where_a_sample_lies() -> None:
    file = io.BytesIO()
    tar = TarFile(file)
    assert tar.add("a", [("json", b"{}"), ("txt", b"x" * 513)]) == (0, 512 + 512 + 512 + 1024)
    assert tar.add("b", [("json", b"{}")]) == (2560, 1024)


def test_scan_finds_members_and_their_bytes() -> None:
    file = written(("json", b"{}"), ("align.json", b"[1]"))
    found = list(scan(file))
    assert [(m.name, m.offset, m.size) for m in found] == [
        ("clip_0000.json", 0, 2),
        ("clip_0000.align.json", 1024, 3),
    ]
    assert read(file, found[1]) == b"[1]"
    assert split_name("clip_0000.align.json") == ("clip_0000", "align.json")


@pytest.mark.parametrize("length", [100, 512, 700, 1024, 1500, 2048, 3000])
def test_every_truncation_is_found(length: int) -> None:
    whole = written(("json", b"{}" * 300)).getvalue()
    with pytest.raises(TarDamage):
        list(scan(io.BytesIO(whole[:length])))


def test_a_flipped_bit_in_a_header_is_found() -> None:
    data = bytearray(written(("json", b"{}")).getvalue())
    data[3] ^= 1
    with pytest.raises(TarDamage, match="a damaged header at byte 0"):
        list(scan(io.BytesIO(data)))


def test_bytes_after_the_end_are_found() -> None:
    data = written(("json", b"{}")).getvalue()
    with pytest.raises(TarDamage, match="end mark"):
        list(scan(io.BytesIO(data + b"\1" * 10_240)))
    with pytest.raises(TarDamage, match="end mark"):
        list(scan(io.BytesIO(data + bytes(10_240))))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
def test_links_and_folders_are_refused(kind: bytes) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo("clip_0000.json")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(TarDamage, match="not a plain file"):
        list(scan(file))


def test_extended_headers_are_refused() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("x" * 200))
    with pytest.raises(TarDamage, match="not a plain file"):
        list(scan(file))
