"""Every kind of source picture becomes 8-bit limited-range planes, and the same RGB."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.media.movie import write_movie
from tthd_tools.media import Crop, Frame, read_frames
from tthd_tools.media.colour import change_matrix, from_rgb

# an orange, and its Y, Cb, Cr in limited range by the formulas of each standard
RGB = np.array([200.0, 120.0, 40.0])


def codes(matrix: str) -> list[int]:
    y, cb, cr = from_rgb(matrix) @ RGB / 255
    return [round(16 + 219 * y), round(128 + 224 * cb), round(128 + 224 * cr)]


def flat(values: list[int], size: int = 64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, u, v = values
    return (
        np.full((size, size), y, np.uint8),
        np.full((size // 2,) * 2, u, np.uint8),
        np.full((size // 2,) * 2, v, np.uint8),
    )


def test_the_formulas_are_those_of_the_standards() -> None:
    assert codes("bt601") == [132, 81, 169]
    assert codes("bt709") == [129, 85, 166]
    assert np.allclose(from_rgb("bt709")[0], [0.2126, 0.7152, 0.0722])
    assert np.allclose(change_matrix("bt601"), np.eye(3))


@pytest.mark.parametrize("matrix", ["bt601", "bt709", "bt2020"])
def test_rgb_is_right_for_every_matrix(matrix: str) -> None:
    frame = Frame(0.0, 0, flat(codes(matrix)), matrix=matrix)
    assert np.abs(frame.rgb()[10, 10] - RGB).max() <= 3
    y, u, v = frame.crop_yuv(Crop(32, 32, 40), 20)
    assert np.abs(np.array([y[5, 5], u[5, 5], v[5, 5]], int) - codes("bt601")).max() <= 1


@pytest.mark.parametrize(
    ("codec", "pixel_format", "full_range"),
    [
        ("libx264", "yuv420p", False),
        ("libx264", "yuvj420p", True),
        ("libx264", "yuv420p", True),
        ("libx264", "yuv422p", False),
        ("libx264", "yuv444p", False),
        ("libx264", "yuv420p10le", False),
        ("libx264", "yuv422p10le", False),
        ("libx265", "yuv420p10le", False),
        ("libvpx-vp9", "yuv444p", False),
        ("ffv1", "bgr0", False),
        ("mjpeg", "yuvj422p", True),
    ],
)
def test_every_pixel_format_gives_the_same_picture(
    tmp_path: Path, codec: str, pixel_format: str, full_range: bool
) -> None:
    planes = flat(codes("bt601"))
    picture = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(96, 64)
    path = write_movie(
        tmp_path / "a.mkv",
        [0, 0.04, 0.08],
        codec=codec,
        pixel_format=pixel_format,
        full_range=full_range,
        pictures=lambda _: picture,
    )
    for frame in read_frames(path):
        assert np.abs(frame.rgb()[20, 20] - RGB).max() <= 8
        assert abs(int(frame.luma()[20, 20]) - 132) <= 3


def test_a_stated_matrix_is_used(tmp_path: Path) -> None:
    planes = flat(codes("bt709"))
    picture = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(96, 64)
    path = write_movie(tmp_path / "a.mp4", [0, 0.04], colorspace=1, pictures=lambda _: picture)
    assert np.abs(next(read_frames(path)).rgb()[20, 20] - RGB).max() <= 6


def test_a_large_picture_without_stated_matrix_is_bt709(tmp_path: Path) -> None:
    y, u, v = codes("bt709")
    picture = np.full((1080, 1280), y, np.uint8)
    picture[720:900], picture[900:] = u, v
    path = write_movie(tmp_path / "a.mp4", [0, 0.04], size=(1280, 720), pictures=lambda _: picture)
    assert np.abs(next(read_frames(path)).rgb(64, 36)[20, 20] - RGB).max() <= 6
