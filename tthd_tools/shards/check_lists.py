"""The lists of a release: SHA256SUMS, shards.json and the index come in, findings go out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tthd_tools.shards.codes import Finding
from tthd_tools.shards.index import read_index
from tthd_tools.shards.release import (
    INDEX,
    SHARDS,
    SUMS,
    Release,
    ShardEntry,
    files,
    is_plain,
    read_sums,
    sha256_of,
)
from tthd_tools.shards.sample import SOURCE_SOUND

Place = tuple[str, int, int]
"""Shard, offset and size of a sample."""


def check_sums(folder: Path) -> Iterator[Finding | tuple[str, str]]:
    """Compare the files with ``SHA256SUMS``; also gives (path, sha256) of each file it has read."""
    present = list(files(folder))
    special = {name for name in present if not is_plain(folder / name)}
    for name in sorted(special):
        yield Finding("V019", name, "is a link or no plain file")
    try:
        sums = read_sums(folder)
        unsafe = [name for name in sums if not _inside(name)]
        if unsafe:
            raise ValueError(f"it names {unsafe[0]!r}, outside the release")
    except (OSError, ValueError) as error:
        yield Finding("V002", SUMS, f"cannot be used: {words(error)}")
        return
    for name in sorted(set(sums) - set(present)):
        yield Finding("V004", name, "is missing")
    for name in present:
        if name in special or name == SUMS:
            continue
        if name not in sums:
            yield Finding("V005", name, f"is not listed in {SUMS}")
            continue
        sha256 = sha256_of(folder / name)
        yield name, sha256
        if sha256 != sums[name]:
            yield Finding("V003", name, f"has changed: its checksum is not that in {SUMS}")


def check_list(folder: Path, release: Release, hashes: Mapping[str, str]) -> Iterator[Finding]:
    """Compare ``shards.json`` with the shards; ``hashes`` are checksums that are known already."""
    if tuple(name for name in release.members if name != SOURCE_SOUND) != release.release.members:
        names, tier = ", ".join(release.members), release.release.tier
        sentence = f"lists other members than a release of tier {tier} has: {names}"
        yield Finding("V006", SHARDS, sentence)
    samples = sum(entry.samples for entry in release.shards)
    if release.samples != samples:
        sentence = f"says {release.samples} samples, its shards have {samples}"
        yield Finding("V006", SHARDS, sentence)
    listed = {entry.path for entry in release.shards}
    for name in files(folder):
        if name.endswith(".tar") and name not in listed:
            yield Finding("V006", name, f"is not listed in {SHARDS}")
    for entry in release.shards:
        if not (folder / entry.path).is_symlink():
            yield from _check_entry(folder / entry.path, entry, hashes)


def _check_entry(path: Path, entry: ShardEntry, hashes: Mapping[str, str]) -> Iterator[Finding]:
    name = entry.path
    if not path.is_file():
        yield Finding("V006", name, f"is missing, but {SHARDS} lists it")
    elif path.stat().st_size != entry.bytes:
        size = path.stat().st_size
        yield Finding("V006", name, f"has {size} bytes, {SHARDS} says {entry.bytes}")
    elif (hashes.get(name) or sha256_of(path)) != entry.sha256:
        yield Finding("V006", name, f"has changed: its checksum is not that in {SHARDS}")


def check_index(folder: Path, found: Mapping[str, Place]) -> Iterator[Finding]:
    """Compare the index with the places at which the samples really are."""
    try:
        rows = read_index(folder / INDEX).select("key", "shard", "offset", "size").rows()
    except Exception as error:  # polars and the system raise a dozen kinds
        yield Finding("V007", INDEX, f"cannot be read: {words(error)}")
        return
    indexed: set[Any] = set()
    for key, *place in rows:
        where = f"{place[0]}:{key}"
        if key in indexed:
            yield Finding("V008", where, f"is in {INDEX} twice")
        elif key not in found:
            yield Finding("V008", where, f"is in {INDEX}, but in no shard")
        elif found[key] != tuple(place):
            really, said = _place(*found[key]), _place(*place)
            yield Finding("V008", where, f"is at {really}, {INDEX} says {said}")
        indexed.add(key)
    for key, (shard, _, _) in found.items():
        if key not in indexed:
            yield Finding("V008", f"{shard}:{key}", f"is not in {INDEX}")


def _place(shard: Any, offset: Any, size: Any) -> str:
    return f"{shard}, byte {offset}, {size} bytes"


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def words(error: Exception) -> str:
    """The first line of what an error says."""
    said = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return said.splitlines()[0][:200]
