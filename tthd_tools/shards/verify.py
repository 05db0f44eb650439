"""A release folder comes in, everything that is wrong with it goes out as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, cast

from tthd_tools.errors import UsageError
from tthd_tools.shards.check_lists import Place, check_index, check_list, check_sums
from tthd_tools.shards.check_sample import MAX_BYTES, SampleRecord, check_members, read_record
from tthd_tools.shards.codes import CODES, Code, Finding
from tthd_tools.shards.plan import bucket_of
from tthd_tools.shards.release import (
    DATA,
    SHARDS,
    SUMS,
    Release,
    ShardEntry,
    is_plain,
    read_release,
    tier_objection,
)
from tthd_tools.shards.sample import KEY
from tthd_tools.shards.tar import Member, TarDamage, read, scan, split_name

__all__ = ["CODES", "Code", "Finding", "verify"]

Progress = Callable[[int, int], None]
"""Called with the number of samples that are done, and of all."""


def verify(folder: Path, *, quick: bool = False, progress: Progress | None = None) -> list[Finding]:
    """Check a release; an empty list means that everything is as it was written.

    ``quick`` leaves out what is inside the samples: checksums, lists, index and the order of
    members only. Raises UsageError where there is no such folder, or nothing of a release in it.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give the folder of a release")
    try:
        release = read_release(folder)
    except UsageError as error:
        if not any((folder / name).exists() for name in (SHARDS, SUMS, DATA)):
            raise
        return [Finding("V001", SHARDS, str(error).removeprefix(f"{folder / SHARDS} "))]
    return list(_Check(folder, release, quick, progress or (lambda done, total: None)).run())


@dataclass
class _Check:
    """One pass over a release."""

    folder: Path
    release: Release
    quick: bool
    progress: Progress
    found: dict[str, Place] = field(default_factory=dict)
    """Where each sample really is."""

    def run(self) -> Iterator[Finding]:
        """All findings: of the lists, of shards and their samples, and of the index."""
        hashes: dict[str, str] = {}
        for each in check_sums(self.folder):
            if isinstance(each, Finding):
                yield each
            else:
                hashes.update([each])
        yield from check_list(self.folder, self.release, hashes)
        for entry in self.release.shards:
            path = self.folder / entry.path
            if is_plain(path):
                with path.open("rb") as file:
                    yield from self._shard(entry, cast(BinaryIO, file))
        yield from check_index(self.folder, self.found)

    def _shard(self, entry: ShardEntry, file: BinaryIO) -> Iterator[Finding]:
        found: list[Member] = []
        try:
            for member in scan(file):
                found.append(member)
        except TarDamage as error:
            last = f", after {found[-1].name}" if found else ""
            yield Finding("V009", entry.path, f"is damaged: {error}{last}")
        before, samples = "", 0
        for key, group in groupby(found, key=lambda member: split_name(member.name)[0]):
            members = list(group)
            yield from self._place(entry, key, before, members)
            yield from self._sample(entry, file, key, members)
            before, samples = key, samples + 1
            self.progress(len(self.found), self.release.samples)
        if samples != entry.samples:
            sentence = f"has {samples} samples, {SHARDS} says {entry.samples}"
            yield Finding("V006", entry.path, sentence)

    def _place(
        self, entry: ShardEntry, key: str, before: str, members: list[Member]
    ) -> Iterator[Finding]:
        where = f"{entry.path}:{key}"
        if not KEY.fullmatch(key):
            yield Finding("V010", where, "is no key: lower case ASCII without dots")
        if key in self.found:
            yield Finding("V011", where, f"is also in {self.found[key][0]}")
        elif key < before:
            yield Finding("V011", where, f"comes after {before}")
        start = members[0].offset
        self.found.setdefault(key, (entry.path, start, members[-1].end - start))

    def _sample(
        self, entry: ShardEntry, file: BinaryIO, key: str, members: list[Member]
    ) -> Iterator[Finding]:
        where = f"{entry.path}:{key}"
        names = [split_name(member.name)[1] for member in members]
        expected = list(self.release.members)
        if names != expected:
            yield Finding("V010", where, f"has {_difference(names, expected)}")
        known = {name: m for name, m in zip(names, members, strict=True) if name in MAX_BYTES}
        large = [name for name, member in known.items() if member.size > MAX_BYTES[name]]
        for name in large:
            yield Finding("V010", where, f"its {name} has {known[name].size} bytes: too many")
        if self.quick or large or "json" not in known:
            return
        data = {name: read(file, member) for name, member in known.items()}
        try:
            record = read_record(key, data["json"])
        except ValueError as error:
            yield Finding("V012", where, str(error))
            return
        yield from self._record(entry, where, record)
        for code, sentence in check_members(record, data):
            yield Finding(code, where, sentence)

    def _record(self, entry: ShardEntry, where: str, record: SampleRecord) -> Iterator[Finding]:
        if record.split != entry.split or bucket_of(record.speaker_group) != entry.bucket:
            bucket = bucket_of(record.speaker_group)
            sentence = f"belongs to split {record.split}, bucket {bucket:02d}"
            yield Finding("V011", where, sentence)
        facts = self.release.release
        against = tier_objection(record.standing, facts)
        if against:
            yield Finding("V018", where, f"may not be in this release: {against}")


def _difference(names: list[str], expected: list[str]) -> str:
    missing = [name for name in expected if name not in names]
    foreign = [name for name in names if name not in expected]
    if missing:
        return f"no {', '.join(missing)}"
    if foreign:
        return f"members that do not belong there: {', '.join(map(repr, foreign))}"
    return f"its members in the wrong order or twice: {', '.join(names)}"
