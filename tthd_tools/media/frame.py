"""One decoded picture goes in; luma, RGB and square crops of any size come out, upright.

Planes stay Y, U, V until somebody asks for RGB, and are made small before they are converted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tthd_tools.media.colour import Plane, to_bt601, to_rgb
from tthd_tools.media.resize import cut_square, resize

if TYPE_CHECKING:
    from av.video.frame import VideoFrame


class Crop(NamedTuple):
    """A square in source pixels: centre, side, and how far it is turned clockwise."""

    cx: float
    cy: float
    side: float
    angle_deg: float = 0.0


class Frame:
    """One source frame: time in seconds since the first, size upright and in square pixels."""

    __slots__ = (
        *("_halves", "_matrix", "_planes", "_square", "_turns"),
        *("height", "index", "t_s", "width"),
    )

    def __init__(
        self,
        t_s: float,
        index: int,
        planes: tuple[Plane, Plane, Plane],
        *,
        rotation_deg: int = 0,
        aspect: float = 1.0,
        matrix: str = "bt601",
    ) -> None:
        """``planes``: Y (h, w), U and V (h/2, w/2) as stored, uint8 limited range;
        ``rotation_deg``: the clockwise turn that makes them upright; ``aspect``: width of a stored
        pixel over its height; ``matrix``: bt601, bt709 or bt2020."""
        self.t_s = t_s
        self.index = index
        self._planes = planes
        self._square: tuple[tuple[Crop, int], tuple[Plane, Plane, Plane]] | None = None
        self._halves: tuple[list[Plane], list[Plane], list[Plane]] = ([], [], [])
        self._turns = (-rotation_deg // 90) % 4  # in NumPy's sense, anticlockwise
        self._matrix = matrix
        height, width = planes[0].shape
        self.width, self.height = upright_size(width, height, rotation_deg, aspect)

    def luma(self, width: int | None = None, height: int | None = None) -> Plane:
        """Y plane as stored (limited range 16-235), uint8 (height, width)."""
        return self._resized(0, width or self.width, height or self.height)

    def rgb(self, width: int | None = None, height: int | None = None) -> Plane:
        """RGB picture, uint8 (height, width, 3)."""
        return to_rgb(*self.yuv(width or self.width, height or self.height))

    def yuv(self, width: int, height: int) -> tuple[Plane, Plane, Plane]:
        """Y (height, width), U and V half of it rounded up; uint8, BT.601 limited range."""
        half = (width + 1) // 2, (height + 1) // 2
        small = self._resized(0, width, height), self._resized(1, *half), self._resized(2, *half)
        return to_bt601(*small, self._matrix)

    def crop_luma(self, crop: Crop, size: int) -> Plane:
        """Y plane (limited range) of a square, uint8 (size, size); edges replicated."""
        return self._cropped(self._planes[0], crop, size)

    def crop_yuv(self, crop: Crop, size: int) -> tuple[Plane, Plane, Plane]:
        """Y (size, size), U and V (size/2, size/2) of a square; edges replicated.

        uint8, BT.601 limited range whatever the source's matrix; ``size`` must be even. The last
        one is kept, for others that look at the same square: not to be written into.
        """
        if size % 2:
            raise ValueError(f"size {size} is odd: 4:2:0 planes need an even one")
        if self._square is None or self._square[0] != (crop, size):
            self._square = (crop, size), self._crop_yuv(crop, size)
        return self._square[1]

    def crop_rgb_half(self, crop: Crop, size: int) -> Plane:
        """RGB of a square, uint8 (size, size, 3), halved from ``crop_yuv`` of twice the size."""
        planes = self.crop_yuv(crop, 2 * size)
        return to_rgb(*(resize(plane, len(plane) // 2, len(plane) // 2) for plane in planes))

    def _crop_yuv(self, crop: Crop, size: int) -> tuple[Plane, Plane, Plane]:
        y, u, v = (
            self._cropped(plane, crop, out)
            for plane, out in zip(self._planes, (size, size // 2, size // 2), strict=True)
        )
        return to_bt601(y, u, v, self._matrix)

    def crop_rgb(self, crop: Crop, size: int) -> Plane:
        """RGB of a square, uint8 (size, size, 3); edges replicated."""
        if size % 2:
            return np.ascontiguousarray(self.crop_rgb(_one_more(crop, size), size + 1)[:-1, :-1])
        return to_rgb(*self.crop_yuv(crop, size))

    def _resized(self, number: int, width: int, height: int) -> Plane:
        """Plane as stored → upright (height, width)."""
        if self._turns % 2:
            width, height = height, width
        small = resize(self._planes[number], width, height, self._halves[number])
        return np.ascontiguousarray(np.rot90(small, self._turns))

    def _cropped(self, plane: Plane, crop: Crop, size: int) -> Plane:
        upright: Plane = np.rot90(plane, self._turns)
        across, down = upright.shape[1] / self.width, upright.shape[0] / self.height
        centre = crop.cx * across, crop.cy * down
        return cut_square(
            upright, centre, (crop.side * across, crop.side * down), crop.angle_deg, size
        )


def upright_size(width: int, height: int, rotation_deg: int, aspect: float) -> tuple[int, int]:
    """Stored size → size shown: pixels made square by enlarging, then turned."""
    if aspect > 1:
        width = round(width * aspect)
    elif aspect < 1:
        height = round(height / aspect)
    return (height, width) if rotation_deg % 180 else (width, height)


def rotation_deg(picture: VideoFrame) -> int:
    """Clockwise turn in steps of 90 degrees that makes a decoded frame upright."""
    return round(-picture.rotation / 90) * 90 % 360


def _one_more(crop: Crop, size: int) -> Crop:
    """The crop with one more column and row of output at the same scale."""
    step = crop.side / size
    angle = math.radians(crop.angle_deg)
    return Crop(
        crop.cx + (math.cos(angle) - math.sin(angle)) * step / 2,
        crop.cy + (math.sin(angle) + math.cos(angle)) * step / 2,
        crop.side + step,
        crop.angle_deg,
    )
