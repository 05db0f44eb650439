"""The release that is there already: it comes in, what of it may stay as it is goes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.shards.index import sample_ranges
from tthd_tools.shards.plan import PlannedShard
from tthd_tools.shards.publish import link_or_copy
from tthd_tools.shards.release import (
    DATA,
    INDEX,
    SHARDS,
    SUMS,
    Release,
    ReleaseFacts,
    ShardEntry,
    files,
    is_plain,
    read_release,
    read_sums,
    sha256_of,
)
from tthd_tools.shards.tar import TarDamage


def old_release(out: Path) -> Release | None:
    """The release in ``out``, if any. Raises UsageError where something else lies there."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if not (out / SHARDS).is_file():
        raise UsageError(
            f"{out} is not empty and holds no release of ours; give another folder with --out"
        )
    return read_release(out)


def unchanged(shards: list[PlannedShard], old: Release | None, out: Path) -> dict[str, ShardEntry]:
    """Shards that need no writing: same planned content, and every byte still as listed."""
    entries = {entry.path: entry for entry in old.shards} if old else {}
    kept: dict[str, ShardEntry] = {}
    for shard in shards:
        entry, path = entries.get(shard.path), out / shard.path
        if not entry or entry.content != shard.content:
            continue
        if is_plain(path) and sha256_of(path) == entry.sha256 and _holds(path, shard):
            kept[shard.path] = entry
    return kept


def _holds(path: Path, shard: PlannedShard) -> bool:
    try:
        return list(sample_ranges(path)) == [sample.key for sample in shard.samples]
    except TarDamage:
        return False


def is_current(old: Release, kept: dict[str, ShardEntry], facts: ReleaseFacts, out: Path) -> bool:
    """Whether the release in ``out`` is already the one that would be written."""
    if old.release != facts or len(old.shards) != len(kept):
        return False
    try:
        sums = read_sums(out)
    except (OSError, ValueError):
        return False
    if {*sums, SUMS} != set(files(out)) or not {SHARDS, INDEX} <= set(sums):
        return False
    known = {path: entry.sha256 for path, entry in kept.items()}
    return all(
        is_plain(out / name) and (known.get(name) or sha256_of(out / name)) == sha256
        for name, sha256 in sums.items()
    )


def refuse_foreign(out: Path, old: Release | None, shards: list[PlannedShard]) -> None:
    """Raise RefusedError for a shard in ``out`` that is neither of the old release nor planned.

    Nobody has looked at its clips here. UsageError for what is a link or no file.
    """
    planned = {shard.path for shard in shards}
    for name in _beside_ours(out, old):
        if name in planned:
            continue
        suffixes = [one.casefold() for one in Path(name).suffixes]
        if name.casefold().startswith(f"{DATA}/") or ".tar" in suffixes or ".tgz" in suffixes:
            raise RefusedError(
                f"{out / name} was not made by this build, and nobody has looked whether its clips "
                "may go out; move it out of the release"
            )
        if not is_plain(out / name):
            raise UsageError(f"{out / name} is a link or no file; move it out of the release")


def carry_over(out: Path, folder: Path, old: Release | None, shards: list[PlannedShard]) -> None:
    """Keep what people have put beside our files: a card, a licence, notes; no shards."""
    refuse_foreign(out, old, shards)  # again, since writing takes hours
    for name in _beside_ours(out, old):
        if not (folder / name).exists():
            link_or_copy(out / name, folder / name)


def _beside_ours(out: Path, old: Release | None) -> Iterator[str]:
    ours = {SHARDS, INDEX, SUMS, *(entry.path for entry in (old.shards if old else ()))}
    yield from (name for name in (files(out) if out.is_dir() else ()) if name not in ours)
