"""The contact sheet of a shard: its size, its legend, and what is drawn on the frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tthd_tools.shards.sheet import CELL_PX, COLOURS, COLUMNS, TITLE_PX, write_sheet

# webdataset leaves closing its tar files to the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def sheet(shard: Path, tmp_path: Path) -> np.ndarray:
    """The sheet of a shard as RGB (h, w, 3)."""
    write_sheet(shard, tmp_path / "sheet.png")
    picture = cv2.imread(str(tmp_path / "sheet.png"))
    assert picture is not None
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(picture.astype(int) - colour).max(axis=2) < 40).any())


def test_a_row_of_six_frames_for_each_clip_under_a_legend(built: Path, tmp_path: Path) -> None:
    shard = sorted((built / "release" / "data").rglob("*.tar"))[0]
    picture = sheet(shard, tmp_path)
    assert picture.shape == (TITLE_PX + TITLE_PX + CELL_PX, COLUMNS * CELL_PX, 3)
    legend, frames = picture[:TITLE_PX], picture[2 * TITLE_PX :]
    for colour in (*COLOURS.values(), (255, 255, 255)):
        assert has_colour(legend, colour)
        for column in range(COLUMNS):
            assert has_colour(frames[:, column * CELL_PX : (column + 1) * CELL_PX], colour)


def test_the_face_is_outlined_inside_the_person(built: Path, tmp_path: Path) -> None:
    shard = sorted((built / "release" / "data").rglob("*.tar"))[0]
    cell = sheet(shard, tmp_path)[2 * TITLE_PX :, :CELL_PX].astype(int)

    def width(colour: tuple[int, int, int]) -> int:
        near = np.abs(cell - colour).max(axis=2) < 30
        columns = np.flatnonzero(near.any(axis=0))
        return int(np.ptp(columns))

    assert width(COLOURS["mouth"]) < width(COLOURS["face"]) < width(COLOURS["person"])


def test_the_same_shard_gives_the_same_picture(whole_release: Path, tmp_path: Path) -> None:
    shard = sorted((whole_release / "data").rglob("*.tar"))[0]
    first = sheet(shard, tmp_path)
    assert np.array_equal(first, sheet(shard, tmp_path))
