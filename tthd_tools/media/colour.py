"""A decoded picture goes in, 8-bit Y, U, V planes of one colour matrix or RGB come out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Plane = NDArray[np.uint8]

# FFmpeg's numbers: AVColorSpace to the three matrices that are told apart here, AVColorRange.
MATRICES = {1: "bt709", 7: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
MPEG_RANGE, JPEG_RANGE = 1, 2
HD_PX = 1280  # from this width on a picture without a stated matrix is taken for BT.709
LUMA_WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


def planes_of(picture: VideoFrame) -> tuple[tuple[Plane, Plane, Plane], str]:
    """Y (h, w), U and V (h/2, w/2) of a decoded frame, and the name of their matrix.

    Always 8 bit, limited range, 4:2:0: views of the decoder's memory where it is that already.
    """
    name = picture.format.name
    full = name.startswith(("yuvj", "gray")) or picture.color_range == JPEG_RANGE
    default = "bt709" if max(picture.width, picture.height) >= HD_PX else "bt601"
    matrix = "bt601" if picture.format.is_rgb else MATRICES.get(picture.colorspace, default)
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


def to_bt601(y: Plane, u: Plane, v: Plane, matrix: str) -> tuple[Plane, Plane, Plane]:
    """Bring limited-range planes of another matrix to BT.601, so that a corpus has one."""
    if matrix == "bt601":
        return y, u, v
    import cv2

    (_, y_u, y_v), (_, u_u, u_v), (_, v_u, v_v) = change_matrix(matrix)
    # what luma gains, about 128, made at the chroma's size
    gain = cv2.addWeighted(u, y_u, v, y_v, 128 * (1 - y_u - y_v))
    grown = cv2.resize(gain, (y.shape[1], y.shape[0]), interpolation=cv2.INTER_LINEAR)
    luma: Plane = cv2.addWeighted(y, 1, grown, 1, -128, dst=grown)
    blue: Plane = cv2.addWeighted(u, u_u, v, u_v, 128 * (1 - u_u - u_v))
    red: Plane = cv2.addWeighted(u, v_u, v, v_v, 128 * (1 - v_u - v_v))
    return luma, blue, red


@lru_cache(maxsize=len(LUMA_WEIGHTS))
def change_matrix(matrix: str) -> list[list[float]]:
    """Limited-range (Y, Cb, Cr) of ``matrix`` → those of BT.601, both about their zero, 3x3."""
    change = from_rgb("bt601") @ np.linalg.inv(from_rgb(matrix))
    change[0, 1:] *= 219 / 224  # luma spans 219 codes, chroma 224
    change[1:, 0] *= 224 / 219
    rows: list[list[float]] = change.tolist()
    return rows


def from_rgb(matrix: str) -> NDArray[np.float64]:
    """RGB → Y, Cb, Cr, 3x3, from the weights of red and blue as in ITU-R BT.709, section 3."""
    red, blue = LUMA_WEIGHTS[matrix]
    luma = np.array([red, 1 - red - blue, blue])
    cb = (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - blue))
    cr = (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - red))
    return np.stack([luma, cb, cr])


def to_rgb(y: Plane, u: Plane, v: Plane) -> Plane:
    """BT.601 limited-range planes, Y (h, w), U and V half of it rounded up → RGB (h, w, 3)."""
    import cv2

    (height, width), (half_h, half_w) = y.shape, u.shape
    packed = np.empty((half_h * 3, half_w * 2), np.uint8)
    packed[:height, :width] = y
    packed[height : 2 * half_h, :width] = y[-1]  # an odd size is filled up by one row or column
    packed[: 2 * half_h, width:] = packed[: 2 * half_h, width - 1 : width]
    chroma = packed[2 * half_h :].reshape(-1)
    chroma[: u.size] = u.reshape(-1)
    chroma[u.size :] = v.reshape(-1)
    rgb: Plane = cv2.cvtColor(packed, cv2.COLOR_YUV2RGB_I420)
    return np.ascontiguousarray(rgb[:height, :width])
