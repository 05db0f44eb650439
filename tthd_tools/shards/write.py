"""Samples come in, a complete release folder goes out: shards, list, index and checksums."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from tthd_tools.errors import AccessError, RefusedError
from tthd_tools.shards.index import index_bytes, index_row, sample_ranges
from tthd_tools.shards.plan import PlannedShard, plan_shards
from tthd_tools.shards.previous import (
    carry_over,
    is_current,
    old_release,
    refuse_foreign,
    unchanged,
)
from tthd_tools.shards.publish import link_or_copy, staging
from tthd_tools.shards.release import (
    INDEX,
    SHARDS,
    SUMS,
    Release,
    ReleaseFacts,
    ShardEntry,
    files,
    format_sums,
    read_release,
    sha256_of,
    tier_objection,
)
from tthd_tools.shards.sample import Sample, members
from tthd_tools.shards.tar import TarFile
from tthd_tools.workspace import storage_errors

Progress = Callable[[int, int], None]
"""Called with the number of samples that are done, and of all."""
MAX_SHARD_BYTES = 1 << 30


@dataclass(frozen=True)
class ReleaseSummary:
    """What a build has done: totals of the release, and the shards it had to write or remove."""

    folder: Path
    shards: int
    samples: int
    seconds: float
    size_bytes: int
    written: tuple[str, ...]
    removed: tuple[str, ...]


def write_release(
    samples: Iterable[Sample],
    out: Path,
    *,
    facts: ReleaseFacts,
    max_shard_bytes: int = MAX_SHARD_BYTES,
    progress: Progress | None = None,
) -> ReleaseSummary:
    """Make ``out`` the release of these samples, in one step at the end.

    Shards whose samples and bytes have not changed are kept, those without samples go; files that
    are not ours stay. Raises UsageError if ``out`` holds something else, RefusedError for a sample
    that the tier may not have and for a shard that is not ours, AccessError where the disk is full,
    a file is missing, damaged or cannot be written.
    """
    out = out.resolve()
    with storage_errors(out), staging(out) as folder:
        old = old_release(out)
        shards = plan_shards(_allowed(samples, facts), facts.members, max_shard_bytes)
        refuse_foreign(out, old, shards)
        kept = unchanged(shards, old, out)
        if old is None or len(kept) < len(shards) or not is_current(old, kept, facts, out):
            _check_space(folder, shards, kept)
            build = _Build(folder, out, facts, progress or (lambda done, total: None))
            release = build.run(shards, kept)
            carry_over(out, folder, old, shards)
            _write_sums(folder, release)
    return _summary(read_release(out), old, kept, out)


class _Build:
    """One release being written into ``folder``; the old one lies in ``out``."""

    def __init__(self, folder: Path, out: Path, facts: ReleaseFacts, progress: Progress) -> None:
        self.folder, self.out, self.facts, self.progress = folder, out, facts, progress
        self.done = self.total = 0

    def run(self, shards: list[PlannedShard], kept: dict[str, ShardEntry]) -> Release:
        """Write or keep each shard, then the index and the list."""
        self.total = sum(len(shard.samples) for shard in shards)
        entries: list[ShardEntry] = []
        rows: list[dict[str, Any]] = []
        for shard in shards:
            entry = kept.get(shard.path)
            if entry:
                link_or_copy(self.out / shard.path, self.folder / shard.path)
                self._advance(len(shard.samples))
            entry = entry or self._write(shard)
            ranges = sample_ranges(self.folder / shard.path)
            rows += [index_row(sample, shard.path, ranges[sample.key]) for sample in shard.samples]
            entries.append(entry)
        _write_file(self.folder / INDEX, index_bytes(rows))
        release = Release(
            release=self.facts,
            members=self.facts.members,
            samples=self.total,
            seconds=round(sum(entry.seconds for entry in entries), 2),
            shards=tuple(entries),
        )
        _write_file(self.folder / SHARDS, (release.model_dump_json(indent=1) + "\n").encode())
        return release

    def _write(self, shard: PlannedShard) -> ShardEntry:
        path = self.folder / shard.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            tar = TarFile(cast(BinaryIO, file))
            for sample in shard.samples:
                tar.add(sample.key, members(sample, self.facts.members))
                self._advance(1)
            tar.close()
            file.flush()
            os.fsync(file.fileno())
        return ShardEntry(
            path=shard.path,
            split=shard.split,
            bucket=shard.bucket,
            bytes=path.stat().st_size,
            sha256=sha256_of(path),
            samples=len(shard.samples),
            seconds=round(sum(sample.seconds for sample in shard.samples), 2),
            content=shard.content,
        )

    def _advance(self, samples: int) -> None:
        self.done += samples
        self.progress(self.done, self.total)


def _allowed(samples: Iterable[Sample], facts: ReleaseFacts) -> Iterable[Sample]:
    for sample in samples:
        against = tier_objection(sample.standing, facts)
        if against:
            raise RefusedError(
                f"{sample.key} may not go into a release of tier {facts.tier}: {against}"
            )
        yield sample


def _check_space(folder: Path, shards: list[PlannedShard], kept: dict[str, ShardEntry]) -> None:
    """Better to say it now than after hours of writing."""
    needed = sum(shard.room for shard in shards if shard.path not in kept)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise AccessError(
            f"{folder.parent} has {_amount(free)} free, the shards need {_amount(needed)}; "
            "free some space or give a folder on another disk with --out"
        )


def _amount(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes < 1e9 else f"{size_bytes / 1e9:.1f} GB"


def _write_sums(folder: Path, release: Release) -> None:
    known = {entry.path: entry.sha256 for entry in release.shards}
    sums = {name: known.get(name) or sha256_of(folder / name) for name in files(folder)}
    _write_file(folder / SUMS, format_sums(sums).encode())


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _summary(
    release: Release, old: Release | None, kept: dict[str, ShardEntry], out: Path
) -> ReleaseSummary:
    now = [entry.path for entry in release.shards]
    before = [entry.path for entry in old.shards] if old else []
    return ReleaseSummary(
        folder=out,
        shards=len(now),
        samples=release.samples,
        seconds=release.seconds,
        size_bytes=sum(entry.bytes for entry in release.shards),
        written=tuple(path for path in now if path not in kept),
        removed=tuple(path for path in before if path not in now),
    )
