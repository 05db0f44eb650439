"""Releases read by stock webdataset, and by our own line."""

from __future__ import annotations

import subprocess
import sys
from glob import glob
from pathlib import Path

import numpy as np
import pytest
import webdataset as wds

from tthd_tools.errors import UsageError
from tthd_tools.shards import open_shards
from tthd_tools.shards.read import decode_media, shard_paths

# webdataset 1.0 leaves closing its tar files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
KINDS = {
    "json": dict,
    "txt": str,
    "mp4": bytes,
    "wav": bytes,
    "align.json": dict,
    "masks.npz": dict,
    "lmk.npz": dict,
}


def test_stock_decoders_read_every_member(whole_release: Path) -> None:
    tars = sorted(glob(f"{whole_release}/data/*/*.tar"))  # noqa: PTH207
    found = list(wds.WebDataset(tars, shardshuffle=False).decode())
    assert sorted(sample["__key__"] for sample in found) == [f"item-{n}_0000" for n in range(4)]
    for sample in found:
        assert {name: type(sample[name]) for name in KINDS} == KINDS
        assert [name for name in sample if not name.startswith("__")] == list(KINDS)
    assert found[0]["masks.npz"]["face"].shape == (30, 2048)
    assert found[0]["txt"] == "བཀྲ་ཤིས"


def test_a_folder_a_pattern_and_a_list_name_the_same_shards(whole_release: Path) -> None:
    paths = shard_paths(whole_release)
    assert len(paths) == 2
    assert shard_paths(f"{whole_release}/data/all/*.tar") == paths
    assert shard_paths([Path(path) for path in paths]) == paths
    assert len(list(open_shards(paths, decode=False))) == 4


def test_media_become_arrays_when_asked(whole_release: Path) -> None:
    sample = next(iter(list(open_shards(whole_release, media=True))))
    assert sample["mp4"].shape == (30, 64, 64, 3)
    assert sample["mp4"].dtype == np.uint8
    assert abs(int(sample["mp4"][20].mean()) - 80) <= 2
    assert sample["wav"].shape == (19200,)
    assert sample["wav"].dtype == np.float32
    assert sample["wav"].max() == pytest.approx(0.5, abs=0.01)
    assert decode_media(".txt", b"") is None


def test_no_shards_is_said_in_one_sentence(whole_release: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no shards of split train"):
        open_shards(whole_release, split="train")
    with pytest.raises(UsageError, match="has no shards"):
        open_shards(f"{tmp_path}/*.tar")
    with pytest.raises(UsageError, match="is no release"):
        open_shards(tmp_path)


def test_importing_shards_pulls_in_nothing_heavy() -> None:
    code = "import sys, tthd_tools.shards, tthd_tools.shards.verify as v; " + (
        "print([m for m in ('torch','cv2','av','webdataset','polars','numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
