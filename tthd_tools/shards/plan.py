"""Which sample goes into which shard: samples come in, planned shards go out, sorted by path."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tthd_tools.errors import AccessError, UsageError
from tthd_tools.shards.release import SPLIT
from tthd_tools.shards.sample import (
    FORMAT,
    LANDMARKS,
    Sample,
    canonical_json,
    check_key,
    stage_folder,
)
from tthd_tools.shards.tar import BLOCK_BYTES, padded

BUCKETS = 64
FRAME_JSON_BYTES = 160
"""Room for crop and timing of one frame in the ``json`` member."""
FRAME_LANDMARK_BYTES = 468 * 3 * 2 + 1 + 3 * 2 + 52 * 2
ARCHIVE_BYTES = 8192
"""Room for the headers inside an ``.npz``, and for deflate where nothing can be saved."""


@dataclass(frozen=True)
class PlannedShard:
    """One tar to be: ``content`` changes whenever its bytes would, ``room`` is its largest size."""

    path: str
    split: str
    bucket: int
    samples: tuple[Sample, ...]
    content: str
    room: int


def bucket_of(group: str) -> int:
    """The bucket of a speaker group, fixed for the life of a corpus: sha256 modulo 64."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % BUCKETS


def plan_shards(
    samples: Iterable[Sample], names: Sequence[str], max_bytes: int
) -> list[PlannedShard]:
    """Divide samples by split and bucket, and a bucket by size; keys ascend within it.

    Raises UsageError for an impossible key, or one given twice, AccessError for a missing file.
    """
    buckets: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    seen: set[str] = set()
    for sample in samples:
        check_key(sample.key)
        if sample.key in seen:
            raise UsageError(f"two clips have the id {sample.key}; ids must be unique")
        if not SPLIT.fullmatch(sample.split):
            raise UsageError(f"{sample.split!r} is no name of a split; use a-z, 0-9 and _")
        seen.add(sample.key)
        buckets[sample.split, bucket_of(sample.group)].append(sample)
    return [
        shard
        for (split, bucket), found in sorted(buckets.items())
        for shard in _divide(split, bucket, sorted(found, key=lambda s: s.key), names, max_bytes)
    ]


def _divide(
    split: str, bucket: int, samples: list[Sample], names: Sequence[str], max_bytes: int
) -> Iterator[PlannedShard]:
    def shard() -> PlannedShard:
        suffix = f"-{part:02d}" if part else ""
        path = f"data/{split}/tthd-{split}-{bucket:02d}{suffix}.tar"
        content = hashlib.sha256(repr((FORMAT, tuple(names), digests)).encode()).hexdigest()
        return PlannedShard(path, split, bucket, tuple(chosen), content, room)

    part, room = 0, 0
    chosen: list[Sample] = []
    digests: list[str] = []
    for sample in samples:
        needed, digest = _measure(sample, names)
        if chosen and room + needed > max_bytes:
            yield shard()
            part, room, chosen, digests = part + 1, 0, [], []
        room += needed
        chosen.append(sample)
        digests.append(digest)
    yield shard()


def _measure(sample: Sample, names: Sequence[str]) -> tuple[int, str]:
    """The most bytes that a sample can take in a tar, and a digest of all that it is made from.

    The files are not read for it: the fingerprints in the record stand for what they hold.
    """
    texts = [canonical_json(sample.record), sample.text.encode(), canonical_json(sample.align)]
    try:
        sizes = [path.stat().st_size for path in (sample.video, sample.audio, sample.masks)]
    except OSError as error:
        raise AccessError(
            f"{error.filename} of clip {sample.key} cannot be read ({error.strerror}); remove "
            f"{stage_folder(Path(error.filename))}, and `tthd build-shards` makes it again"
        ) from error
    extra = [sample.frames * FRAME_JSON_BYTES + BLOCK_BYTES]
    if LANDMARKS in names:
        extra.append(sample.frames * FRAME_LANDMARK_BYTES + ARCHIVE_BYTES)
    room = sum(map(padded, [*map(len, texts), *sizes, *extra])) + len(names) * BLOCK_BYTES
    digest = hashlib.sha256(b"\0".join([*texts, repr((sizes, sample.size_px)).encode()]))
    return room, digest.hexdigest()
