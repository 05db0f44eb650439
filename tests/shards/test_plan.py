"""Which sample goes into which shard, and when a shard counts as changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.shards.tiny import FRAMES
from tthd_tools.errors import AccessError, UsageError
from tthd_tools.shards import ReleaseFacts, Sample
from tthd_tools.shards.plan import bucket_of, plan_shards

NAMES = ReleaseFacts().members
GIB = 1 << 30


def test_bucket_is_sha256_modulo_64() -> None:
    assert [bucket_of(group) for group in ("spk_a", "spk_b", "spk_c", "spk_d")] == [44, 28, 12, 11]


def test_shards_are_named_by_split_and_bucket_and_sorted_by_key(samples: list[Sample]) -> None:
    moved = [replace(samples[3], split="test"), samples[2], samples[1], samples[0]]
    assert [(shard.path, [s.key for s in shard.samples]) for shard in plan(moved)] == [
        ("data/all/tthd-all-28.tar", ["item-1_0000"]),
        ("data/all/tthd-all-44.tar", ["item-0_0000", "item-2_0000"]),
        ("data/test/tthd-test-28.tar", ["item-3_0000"]),
    ]


def plan(samples: list[Sample], size: int = GIB) -> list:
    return plan_shards(samples, NAMES, size)


def test_a_full_shard_is_continued(samples: list[Sample]) -> None:
    one_group = [replace(sample, group="spk_a") for sample in samples]
    room = plan(one_group)[0].room // 4
    paths = [shard.path for shard in plan(one_group, 2 * room)]
    assert paths == ["data/all/tthd-all-44.tar", "data/all/tthd-all-44-01.tar"]
    assert [len(shard.samples) for shard in plan(one_group, 1)] == [1, 1, 1, 1]


def test_content_changes_with_all_that_a_shard_is_made_from(
    samples: list[Sample], tmp_path: Path
) -> None:
    (tmp_path / "other.mp4").write_bytes(b"longer or shorter")
    first = samples[0]
    changed = [
        first,
        replace(first, text="other"),
        replace(first, align={"words": []}),
        replace(first, record={**first.record, "fingerprints": {"masks": "4"}}),
        replace(first, video=tmp_path / "other.mp4"),
        replace(first, size_px=128),
    ]
    contents = [plan([sample])[0].content for sample in changed]
    contents.append(plan_shards([first], NAMES[:-1], GIB)[0].content)
    assert len(set(contents)) == 7
    assert plan([first])[0].content == contents[0]


def test_impossible_samples_are_refused(samples: list[Sample], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two clips have the id item-0_0000"):
        plan([samples[0], samples[0]])
    with pytest.raises(UsageError, match=r"'\.\./up' is no name of a split"):
        plan([replace(samples[0], split="../up")])
    with pytest.raises(UsageError, match="cannot be the key"):
        plan([replace(samples[0], key="a.b")])
    with pytest.raises(AccessError, match=r"gone\.wav of clip item-0_0000 cannot be read"):
        plan([replace(samples[0], audio=tmp_path / "gone.wav")])


def test_room_is_enough_for_the_tar(samples: list[Sample], whole_release: Path) -> None:
    for shard in plan(samples):
        written = (whole_release / shard.path).stat().st_size
        assert written - 10_240 <= shard.room <= written + len(shard.samples) * FRAMES * 4096
