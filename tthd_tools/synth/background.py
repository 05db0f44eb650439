"""A seed and a size come in; a textured room to stand in goes out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.brush import grain

MARGIN = 0.15  # painted around the picture on each side, for pans and shakes; shares of its size


def paint_background(size: tuple[int, int], seed: int) -> npt.NDArray[np.uint8]:
    """Wall, shelves, frames on the wall and fine texture: RGB with ``MARGIN`` on all sides."""
    import cv2

    rng = np.random.default_rng([seed, 61])
    width, height = (round(edge * (1 + 2 * MARGIN)) for edge in size)
    wall = rng.uniform(70, 190, 3) * 0.6 + rng.uniform(70, 190) * 0.4
    light = np.linspace(1.12, 0.8, height)[:, None] * np.linspace(1.06, 0.92, width)[None, :]
    room = (wall * light[..., None]).astype(np.float32)
    unit = size[1] / 100.0
    for _ in range(14):  # frames, books, boxes
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        w, h = rng.uniform(4, 22) * unit, rng.uniform(6, 26) * unit
        colour = tuple(float(c) for c in np.clip(wall * rng.uniform(0.45, 1.4, 3), 10, 240))
        corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
        points = np.round(corners * 16).astype(np.int32)
        cv2.fillPoly(room, [points], colour, shift=4)
        rim = tuple(0.6 * c for c in colour)
        cv2.polylines(room, [points], True, rim, max(1, round(0.5 * unit)), shift=4)
    room = cv2.GaussianBlur(room, (0, 0), 0.35 * unit + 0.4)  # the camera looks at the face
    texture = grain(
        (height, width), seed, ((1.2, 1.2), (0.8 * unit, 0.8 * unit), (4 * unit, 4 * unit))
    )
    return np.asarray(np.clip(room * (1 + 0.06 * texture[..., None]), 0, 255), np.uint8)


def view_background(
    room: npt.NDArray[np.uint8],
    size: tuple[int, int],
    shift_px: tuple[float, float],
    zoom: float,
) -> npt.NDArray[np.uint8]:
    """The part of the room in the picture, moved right and down by ``shift_px`` and zoomed."""
    import cv2

    width, height = size
    margin_x = (room.shape[1] - width) / 2 - shift_px[0]
    margin_y = (room.shape[0] - height) / 2 - shift_px[1]
    if zoom == 1.0 and margin_x == int(margin_x) and margin_y == int(margin_y):
        x, y = int(margin_x), int(margin_y)
        if 0 <= x <= room.shape[1] - width and 0 <= y <= room.shape[0] - height:
            return room[y : y + height, x : x + width].copy()
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    warp = np.array(
        [
            [zoom, 0, centre_x - zoom * (centre_x + margin_x)],
            [0, zoom, centre_y - zoom * (centre_y + margin_y)],
        ]
    )
    return np.asarray(
        cv2.warpAffine(room, warp, size, borderMode=cv2.BORDER_REFLECT_101), dtype=np.uint8
    )
