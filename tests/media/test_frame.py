"""Planes, RGB and crops of one picture, upright and where they belong."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media.movie import write_movie
from tthd_tools.media import Crop, Frame, probe, read_frames

WIDTH, HEIGHT = 320, 240


def ramps(width: int = WIDTH, height: int = HEIGHT) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Y and U grow to the right, V downwards, all from 20 to 220."""
    y = np.tile(20 + 200 * (np.arange(width) + 0.5) / width, (height, 1))
    u = np.tile(20 + 200 * (np.arange(width // 2) + 0.5) * 2 / width, (height // 2, 1))
    v = np.tile(20 + 200 * (np.arange(height // 2) + 0.5) * 2 / height, (width // 2, 1)).T
    return tuple(np.rint(plane).astype(np.uint8) for plane in (y, u, v))  # type: ignore[return-value]


FRAME = Frame(0.0, 0, ramps())

CROPS = [
    Crop(160, 120, 100),
    Crop(160.5, 120.3, 101.7),
    Crop(150, 110, 30),
    Crop(160, 120, 230),
    Crop(160, 120, 150, 30),
]


@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize("size", [32, 96, 256])
def test_a_crop_shows_what_lies_there(crop: Crop, size: int) -> None:
    y, u, v = FRAME.crop_yuv(crop, size)
    assert (y.shape, u.shape, v.shape) == ((size, size), (size // 2,) * 2, (size // 2,) * 2)
    angle = np.radians(crop.angle_deg)

    def place(n: int) -> tuple[np.ndarray, np.ndarray]:
        across, down = (np.mgrid[0:n, 0:n][::-1] + 0.5) / n * crop.side - crop.side / 2
        return (
            crop.cx + np.cos(angle) * across - np.sin(angle) * down,
            crop.cy + np.sin(angle) * across + np.cos(angle) * down,
        )

    assert np.abs(y - (20 + 200 * place(size)[0] / WIDTH)).max() < 1.6
    assert np.abs(u - (20 + 200 * place(size // 2)[0] / WIDTH)).max() < 2.2
    assert np.abs(v - (20 + 200 * place(size // 2)[1] / HEIGHT)).max() < 2.2
    assert np.array_equal(FRAME.crop_luma(crop, size), y)


def test_a_crop_of_whole_pixels_at_its_own_size_is_a_copy() -> None:
    y, u, v = FRAME.crop_yuv(Crop(100, 80, 64), 64)
    planes = ramps()
    assert np.array_equal(y, planes[0][48:112, 68:132])
    assert np.array_equal(u, planes[1][24:56, 34:66])
    assert np.array_equal(v, planes[2][24:56, 34:66])


@pytest.mark.parametrize("crop", [Crop(0, 0, 80), Crop(0.3, 0.2, 81.3), Crop(0, 0, 400)])
def test_edges_are_replicated(crop: Crop) -> None:
    y = FRAME.crop_luma(crop, 40)
    assert np.abs(y[0].astype(int) - y[10]).max() <= 1
    assert (y[:, :19] == 20).all()


def test_a_crop_wholly_outside_is_the_nearest_edge() -> None:
    assert (FRAME.crop_luma(Crop(-500, 50, 40), 16) == 20).all()
    assert (FRAME.crop_luma(Crop(2000.5, 50, 40.3), 16) == 220).all()
    assert FRAME.crop_rgb(Crop(-500, -500, 40, 10), 16).shape == (16, 16, 3)


def test_rgb_is_made_at_the_size_asked_for() -> None:
    assert FRAME.rgb().shape == (240, 320, 3)
    assert FRAME.rgb(101, 75).shape == (75, 101, 3)
    assert FRAME.crop_rgb(Crop(160, 120, 64), 63).shape == (63, 63, 3)
    odd, even = FRAME.crop_rgb(Crop(160, 120, 63), 63), FRAME.crop_rgb(Crop(160.5, 120.5, 64), 64)
    assert np.abs(odd.astype(int) - even[:63, :63]).max() <= 2
    with pytest.raises(ValueError, match="63 is odd"):
        FRAME.crop_yuv(Crop(160, 120, 64), 63)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_picture_is_the_same_upright(turn: int) -> None:
    stored = tuple(np.ascontiguousarray(np.rot90(plane, turn // 90)) for plane in ramps())
    frame = Frame(0.0, 0, stored, rotation_deg=turn)  # type: ignore[arg-type]
    crop = Crop(100, 90, 80.3, 7)
    assert (frame.width, frame.height) == (320, 240)
    assert np.array_equal(frame.luma(), FRAME.luma())
    assert np.array_equal(frame.luma(80, 60), FRAME.luma(80, 60))
    assert np.array_equal(frame.rgb(), FRAME.rgb())
    assert np.array_equal(frame.crop_rgb(crop, 48), FRAME.crop_rgb(crop, 48))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rotation_of_a_file_is_applied(tmp_path: Path, turn: int) -> None:
    """A picture that is bright at its left, upright, is stored turned back."""
    upright = np.full((64, 96) if turn % 180 == 0 else (96, 64), 40, np.uint8)
    upright[:, : upright.shape[1] // 2] = 200
    stored = np.rot90(upright, turn // 90)
    picture = np.full((96, 96), 128, np.uint8)
    picture[:64] = stored
    path = write_movie(
        tmp_path / "a.mp4",
        [0, 0.04, 0.08],
        size=(96, 64),
        rotation_deg=turn,
        pictures=lambda _: picture,
    )
    frame = next(read_frames(path))
    assert (frame.height, frame.width) == upright.shape
    assert (probe(path).height, probe(path).width) == upright.shape
    assert np.abs(frame.luma().astype(int) - upright).mean() < 3


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", [0, 0.04], aspect=Fraction(4, 3), size=(96, 64))
    frame = next(read_frames(path))
    assert (frame.width, frame.height) == (128, 64)
    assert frame.luma().shape == (64, 128)
    assert frame.rgb(64, 32).shape == (32, 64, 3)
    wide = Frame(0.0, 0, ramps(), aspect=2.0)
    assert np.abs(wide.crop_luma(Crop(320, 120, 100), 50)[0, [0, 49]] - [104.7, 135.3]).max() < 1
    tall = Frame(0.0, 0, ramps(), aspect=0.5, rotation_deg=90)
    assert (tall.width, tall.height) == (480, 320)


def test_thumbnails_do_not_alias() -> None:
    """Stripes of one pixel average out instead of turning into coarse ones."""
    stripes = np.tile(np.array([40, 200], np.uint8), (720, 640))
    grey = np.full((360, 640), 128, np.uint8)
    frame = Frame(0.0, 0, (stripes, grey, grey))
    for width, height in ((256, 144), (96, 96), (320, 180), (100, 57)):
        assert frame.luma(width, height).std() < 3
        assert abs(float(frame.luma(width, height).mean()) - 120) < 1
    for side, size in ((720, 96), (700.3, 192), (720, 512)):
        middle = frame.crop_luma(Crop(640.2, 360.3, side), size)
        assert middle.std() < {96: 10, 192: 20, 512: 50}[size]


@pytest.mark.parametrize("size", [(160, 120), (107, 90), (64, 36), (33, 25), (20, 100)])
@pytest.mark.parametrize("shape", [(240, 320), (135, 240), (385, 301)])
def test_a_smaller_picture_shows_the_same_with_less_noise(
    shape: tuple[int, int], size: tuple[int, int]
) -> None:
    def ramp(rows: int, columns: int) -> np.ndarray:
        down, across = (np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns
        return 60 + np.add.outer(60 * down, 80 * across)

    noise = np.random.default_rng(2).normal(0, 8, shape)
    chroma = np.full(((shape[0] + 1) // 2, (shape[1] + 1) // 2), 128, np.uint8)
    plane = np.rint(ramp(*shape) + noise).astype(np.uint8)
    small = Frame(0.0, 0, (plane, chroma, chroma)).luma(*size)
    missed = (small - ramp(size[1], size[0]))[1:-1, 1:-1]
    assert abs(missed.mean()) < 0.5
    if min(shape[0] / size[1], shape[1] / size[0]) > 1.99:
        assert missed.std() < 4.5


def test_sizes_asked_for_before_change_nothing() -> None:
    random = np.random.default_rng(3).integers(16, 235, (3, 240, 320)).astype(np.uint8)
    planes = random[0], random[1, :120, :160], random[2, :120, :160]
    sizes = [(80, 60), (40, 30), (160, 120), (100, 75), (40, 30)]
    asked = Frame(0.0, 0, planes)
    for size in sizes:
        for one, other in zip(asked.yuv(*size), Frame(0.0, 0, planes).yuv(*size), strict=True):
            assert np.array_equal(one, other)


def test_half_of_a_crop_is_the_mean_of_its_pixels() -> None:
    crop = Crop(160, 120, 128)
    luma = FRAME.crop_yuv(crop, 128)[0].astype(float)
    means = (luma[::2, ::2] + luma[1::2, ::2] + luma[::2, 1::2] + luma[1::2, 1::2]) / 4
    rgb = FRAME.crop_rgb_half(crop, 64)
    assert rgb.shape == (64, 64, 3)
    grey = rgb @ np.array([0.299, 0.587, 0.114]) * 219 / 255 + 16
    inside = (rgb.min(axis=2) > 0) & (rgb.max(axis=2) < 255)
    assert inside.mean() > 0.1
    assert np.abs(grey - means)[inside].max() < 2
