"""One decoded picture goes in; luma, RGB and square crops of any size come out, upright.

Planes stay Y, U, V (8 bit, limited range, 4:2:0) until somebody asks for RGB, and are made small
before they are converted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Plane = NDArray[np.uint8]

# Y, Cb, Cr of each matrix as a function of those of BT.601: Kr, Kb of ITU-R BT.709 and BT.2020.
_PRIMARIES = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
_MATRICES = {1: "bt709", 7: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
MPEG_RANGE, JPEG_RANGE = 1, 2


class Crop(NamedTuple):
    """A square in source pixels: centre, side, and how far it is turned clockwise."""

    cx: float
    cy: float
    side: float
    angle_deg: float = 0.0


class Frame:
    """One source frame: time in seconds since the first, upright size in square pixels."""

    __slots__ = ("_matrix", "_planes", "_turns", "height", "index", "t_s", "width")

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
        """``planes``: Y (h, w), U and V (h/2, w/2) as stored; ``rotation_deg``: clockwise turn
        that makes them upright; ``aspect``: width of a stored pixel over its height."""
        self.t_s = t_s
        self.index = index
        self._planes = planes
        self._turns = (-rotation_deg // 90) % 4  # in NumPy's sense, anticlockwise
        self._matrix = matrix
        height, width = planes[0].shape
        self.width, self.height = upright_size(width, height, rotation_deg, aspect)

    def luma(self, width: int | None = None, height: int | None = None) -> Plane:
        """Y plane, uint8 (height, width), limited range 16-235."""
        return self._resized(self._planes[0], width or self.width, height or self.height)

    def rgb(self, width: int | None = None, height: int | None = None) -> Plane:
        """RGB picture, uint8 (height, width, 3)."""
        width, height = width or self.width, height or self.height
        y, u, v = self._planes
        half = (width + 1) // 2, (height + 1) // 2
        return _to_rgb(
            *_to_bt601(
                self._resized(y, width, height),
                self._resized(u, *half),
                self._resized(v, *half),
                self._matrix,
            )
        )

    def crop_luma(self, crop: Crop, size: int) -> Plane:
        """Y of a square, uint8 (size, size); edges replicated outside the picture."""
        return self._cropped(self._planes[0], crop, size)

    def crop_yuv(self, crop: Crop, size: int) -> tuple[Plane, Plane, Plane]:
        """Y (size, size), U and V (size/2, size/2) of a square, BT.601 limited range; even size."""
        if size % 2:
            raise ValueError(f"size {size} is odd: 4:2:0 planes need an even one")
        y, u, v = (
            self._cropped(plane, crop, out)
            for plane, out in zip(self._planes, (size, size // 2, size // 2), strict=True)
        )
        return _to_bt601(y, u, v, self._matrix)

    def crop_rgb(self, crop: Crop, size: int) -> Plane:
        """RGB of a square, uint8 (size, size, 3); edges replicated outside the picture."""
        even = size + size % 2
        # one more row and column keep the scale of an odd size
        grown = _grown(crop, size, even)
        return np.ascontiguousarray(_to_rgb(*self.crop_yuv(grown, even))[:size, :size])

    def _resized(self, plane: Plane, width: int, height: int) -> Plane:
        """Plane as stored → upright (height, width)."""
        if self._turns % 2:
            width, height = height, width
        small = shrink(plane, width, height)
        return np.ascontiguousarray(np.rot90(small, self._turns)) if self._turns else small

    def _cropped(self, plane: Plane, crop: Crop, size: int) -> Plane:
        upright: Plane = np.rot90(plane, self._turns)
        rows, columns = upright.shape
        return warp_square(upright, crop, columns / self.width, rows / self.height, size)


def _grown(crop: Crop, size: int, even: int) -> Crop:
    """The crop that adds ``even - size`` pixels on the right and below at the same scale."""
    if even == size:
        return crop
    extra = crop.side * (even - size) / size
    angle = math.radians(crop.angle_deg)
    shift_x = (math.cos(angle) - math.sin(angle)) * extra / 2
    shift_y = (math.sin(angle) + math.cos(angle)) * extra / 2
    return Crop(crop.cx + shift_x, crop.cy + shift_y, crop.side + extra, crop.angle_deg)


def upright_size(width: int, height: int, rotation_deg: int, aspect: float) -> tuple[int, int]:
    """Stored size → size shown: pixels made square by enlarging, then turned."""
    if aspect > 1:
        width = round(width * aspect)
    elif aspect < 1:
        height = round(height / aspect)
    return (height, width) if rotation_deg % 180 else (width, height)


def shrink(plane: Plane, width: int, height: int) -> Plane:
    """Resize a plane to (height, width) without aliasing, cheaply.

    Halving by 2x2 means is many times faster than one area filter over the large picture; what
    remains is a factor under two, which a linear filter does cleanly.
    """
    import cv2

    plane = np.ascontiguousarray(plane) if plane.strides[1] != 1 else plane
    rows, columns = plane.shape
    while rows >= 2 * height and columns >= 2 * width and not (rows % 2 or columns % 2):
        rows, columns = rows // 2, columns // 2
        plane = cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)
    if (rows, columns) == (height, width):
        return np.ascontiguousarray(plane)
    strong = rows >= 2 * height or columns >= 2 * width
    enlarge = rows < height and columns < width
    how = cv2.INTER_AREA if strong else cv2.INTER_CUBIC if enlarge else cv2.INTER_LINEAR
    resized: Plane = cv2.resize(plane, (width, height), interpolation=how)
    return resized


def warp_square(plane: Plane, crop: Crop, scale_x: float, scale_y: float, size: int) -> Plane:
    """Sample a square of a plane to (size, size).

    ``scale_x``, ``scale_y``: plane samples per source pixel. The position is exact to 1/32 of a
    sample; where the square is shrunk by 2 or more, whole blocks are averaged first.
    """
    import cv2

    cosine, sine = math.cos(math.radians(crop.angle_deg)), math.sin(math.radians(crop.angle_deg))
    step = crop.side / size
    # output (column, row) → plane (x, y), centres of samples at whole numbers
    to_plane = np.array(
        [
            [scale_x * step * cosine, -scale_x * step * sine, 0.0],
            [scale_y * step * sine, scale_y * step * cosine, 0.0],
        ]
    )
    middle = (size - 1) / 2
    centre = np.array([crop.cx * scale_x - 0.5, crop.cy * scale_y - 0.5])
    to_plane[:, 2] = centre - to_plane[:, :2] @ (middle, middle)
    reach = np.abs(to_plane[:, :2]).sum(axis=1) * size / 2
    factor = max(1, math.floor(min(scale_x, scale_y) * step + 1e-6))
    block, left, top = _block(plane, centre, reach + 2 * factor, factor)
    to_plane[:, 2] = (to_plane[:, 2] + 0.5 - (left, top)) / factor - 0.5
    to_plane[:, :2] /= factor
    how = cv2.INTER_LINEAR if min(scale_x, scale_y) * step >= 1 else cv2.INTER_CUBIC
    square: Plane = cv2.warpAffine(
        block,
        to_plane,
        (size, size),
        flags=how | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return square


def _block(
    plane: Plane, centre: NDArray[np.float64], reach: NDArray[np.float64], factor: int
) -> tuple[Plane, int, int]:
    """The part of a plane around ``centre``, averaged over factor x factor; its left and top."""
    import cv2

    rows, columns = plane.shape
    low = np.floor(centre - reach).astype(int)
    high = np.ceil(centre + reach).astype(int) + 1
    left, top = (int(x) for x in np.clip(low, 0, (columns - 1, rows - 1)))
    right, bottom = (int(x) for x in np.clip(high, (left + 1, top + 1), (columns, rows)))
    if factor > 1 and right - left >= factor and bottom - top >= factor:
        across, down = (right - left) // factor, (bottom - top) // factor
        part = np.ascontiguousarray(plane[top : top + down * factor, left : left + across * factor])
        return cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA), left, top
    return np.ascontiguousarray(plane[top:bottom, left:right]), left, top


def _to_bt601(y: Plane, u: Plane, v: Plane, matrix: str) -> tuple[Plane, Plane, Plane]:
    """Bring limited-range planes of another matrix to BT.601, so that a corpus has one."""
    if matrix == "bt601":
        return y, u, v
    import cv2

    change = _change_matrix(matrix)
    blue, red = u.astype(np.float32) - 128, v.astype(np.float32) - 128
    delta = change[0, 1] * blue + change[0, 2] * red
    delta = cv2.resize(delta, (y.shape[1], y.shape[0]), interpolation=cv2.INTER_LINEAR)
    luma = cv2.add(y, delta, dtype=cv2.CV_8U)
    chroma = [
        np.clip(np.rint(row[1] * blue + row[2] * red) + 128, 0, 255).astype(np.uint8)
        for row in change[1:]
    ]
    return luma, chroma[0], chroma[1]


def _change_matrix(matrix: str) -> NDArray[np.float32]:
    """Limited-range (Y, Cb, Cr) of ``matrix`` → those of BT.601, both centred (3, 3)."""
    change = _from_rgb("bt601") @ np.linalg.inv(_from_rgb(matrix))
    change[0, 1:] *= 219 / 224  # luma spans 219 codes, chroma 224
    change[1:, 0] *= 224 / 219
    return change.astype(np.float32)


def _from_rgb(matrix: str) -> NDArray[np.float64]:
    """RGB → Y, Cb, Cr (3, 3), from Kr and Kb as in ITU-R BT.709, section 3."""
    red, blue = _PRIMARIES[matrix]
    luma = np.array([red, 1 - red - blue, blue])
    return np.stack(
        [
            luma,
            (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - blue)),
            (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - red)),
        ]
    )


def _to_rgb(y: Plane, u: Plane, v: Plane) -> Plane:
    """BT.601 limited-range planes → RGB uint8 (h, w, 3)."""
    import cv2

    height, width = y.shape
    half_h, half_w = u.shape
    packed = np.empty((half_h * 3, half_w * 2), np.uint8)
    packed[:height, :width] = y
    packed[height : 2 * half_h, :width] = y[-1]  # odd sizes: one more row and column
    packed[: 2 * half_h, width:] = packed[: 2 * half_h, width - 1 : width]
    flat = packed[2 * half_h :].reshape(-1)
    flat[: u.size] = u.reshape(-1)
    flat[u.size :] = v.reshape(-1)
    rgb = cv2.cvtColor(packed, cv2.COLOR_YUV2RGB_I420)
    return rgb if rgb.shape[:2] == y.shape else np.ascontiguousarray(rgb[:height, :width])


def planes_of(picture: VideoFrame) -> tuple[tuple[Plane, Plane, Plane], str]:
    """Y, U, V of a decoded frame as 8-bit limited-range 4:2:0, and the name of their matrix."""
    name = picture.format.name
    full = name.startswith(("yuvj", "gray")) or picture.color_range == JPEG_RANGE
    default = "bt709" if max(picture.width, picture.height) >= 1280 else "bt601"
    matrix = _MATRICES.get(picture.colorspace, default)
    if picture.format.is_rgb:
        matrix = "bt601"
    if name != "yuv420p" or full:
        picture = picture.reformat(
            format="yuv420p",
            src_color_range=JPEG_RANGE if full else MPEG_RANGE,
            dst_color_range=MPEG_RANGE,
            dst_colorspace="ITU601" if picture.format.is_rgb else None,
            threads=1,
        )
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            : plane.height, : plane.width
        ]
        for plane in picture.planes
    )
    return (y, u, v), matrix


def rotation_deg(picture: VideoFrame) -> int:
    """Clockwise turn in steps of 90 degrees that makes a decoded frame upright."""
    return round(-picture.rotation / 90) * 90 % 360
