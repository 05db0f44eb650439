"""The square follows the head and is steady."""

from __future__ import annotations

import numpy as np
import pytest

from tthd_tools.clip import ClipFrame
from tthd_tools.media import Crop
from tthd_tools.media.frame import Frame
from tthd_tools.speakers import grey, squares
from tthd_tools.speakers.squares import Framing


def test_square_lies_on_the_box_as_the_framing_says() -> None:
    box = np.tile(np.array([100, 50, 140, 100], np.float32), (20, 1))
    made = squares(box, np.ones(20, np.bool_), Framing(1.4, 0.2))
    assert len(made) == 20
    assert made[7] == pytest.approx(Crop(120.0, 85.0, 70.0))


def test_gaps_are_bridged_and_a_jerk_is_smoothed_away() -> None:
    box = np.zeros((40, 4), np.float32)
    box[:, 0], box[:, 2], box[:, 3] = np.arange(40), 50 + np.arange(40), 50
    valid = np.ones(40, np.bool_)
    valid[18:22] = False
    box[18:22] = np.nan
    box[30] = [500, 500, 900, 900]
    made = squares(box, valid, Framing(1.0, 0.0))
    assert made[20] == pytest.approx(Crop(45.0, 25.0, 50.0))
    assert made[30] == pytest.approx(Crop(55.0, 25.0, 50.0), abs=1.1)


def test_grey_spans_the_full_range() -> None:
    y = np.repeat(np.array([[16, 235]], np.uint8), 112, axis=0).repeat(56, axis=1)
    chroma = np.full((56, 56), 128, np.uint8)
    frame = ClipFrame(0, 0.0, Frame(0.0, 0, (y, chroma, chroma)), None)
    picture = grey(frame, Crop(56.0, 56.0, 112.0))
    assert picture.shape == (112, 112)
    assert (picture[:, :50] == 0).all()
    assert (picture[:, 62:] == 255).all()
