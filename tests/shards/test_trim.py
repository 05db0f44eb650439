"""What is left of a clip that a reviewer has trimmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shards.tiny import clip_of
from tthd_tools.errors import UsageError
from tthd_tools.shards.trim import trimmed
from tthd_tools.stages.encode import Encode


def never(name: str) -> Path:
    raise AssertionError(name)


def test_a_trim_that_leaves_all_changes_nothing(stage_files: Path) -> None:
    clip = clip_of(stage_files, "item-0_0000")  # 1.2 s
    for span in ((0.0, 1.2), (0.0, 99.0), (0.019, 1.19)):
        assert trimmed(clip, span, Encode(), never) is clip


def test_a_trim_that_leaves_nothing_is_an_error_that_names_the_clip(stage_files: Path) -> None:
    clip = clip_of(stage_files, "item-0_0000")
    with pytest.raises(UsageError, match=r"item-0_0000 is trimmed to 1.2-2 s, .* of its 1.20 s"):
        trimmed(clip, (1.2, 2.0), Encode(), never)


def test_a_source_that_is_gone_leaves_no_half_written_piece(
    stage_files: Path, tmp_path: Path
) -> None:
    clip = clip_of(stage_files, "item-0_0000")
    with pytest.raises(Exception, match=r"absent\.mp4"):
        trimmed(clip, (0.2, 0.8), Encode(), lambda name: tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [f"trim.{'2' * 12}.5-20.tmp"]
