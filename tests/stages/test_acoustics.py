"""An item's sound, a minute at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.alignment.acoustics import log_mel
from tthd_tools.clip import Clip
from tthd_tools.stages import acoustics
from tthd_tools.stages.acoustics import Acoustics, AcousticsPart
from tthd_tools.testing import dummy_clip, run_stage


def item(folder: Path, **probe: object) -> Clip:
    clip = dummy_clip(folder)
    with_sound = clip.item.model_copy(update={"probe": {"audio_codec": "aac"} | probe})
    return replace(clip, level="item", item=with_sound)


def test_rows_are_those_of_the_whole_sound_though_measured_in_blocks(tmp_path: Path) -> None:
    clip = item(tmp_path)
    (done,) = run_stage(Acoustics(), clip, tmp_path / "acoustics")
    rows = done.arrays(AcousticsPart)["log_mel"]
    assert rows.shape == (200, 26)
    assert done.part(AcousticsPart).rows == 200
    np.testing.assert_allclose(rows, log_mel(clip.audio()), atol=0.02)


def test_blocks_leave_no_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = item(tmp_path)
    (whole,) = run_stage(Acoustics(), clip, tmp_path / "whole")
    monkeypatch.setattr(acoustics, "BLOCK_S", 0.5)
    (cut,) = run_stage(Acoustics(), clip, tmp_path / "cut")
    np.testing.assert_allclose(
        cut.arrays(AcousticsPart)["log_mel"], whole.arrays(AcousticsPart)["log_mel"], atol=0.02
    )


def test_an_item_without_sound_goes_on(tmp_path: Path) -> None:
    (done,) = run_stage(Acoustics(), item(tmp_path, audio_codec=None), tmp_path / "acoustics")
    assert done.part(AcousticsPart).rows == 0
    assert not (tmp_path / "acoustics" / "features.npz").exists()
