"""A plane goes in; a smaller or larger one, or a square cut out of it, comes out without aliasing.

Halving is many times cheaper than one area filter over a large picture; what remains is a factor
under two, which a linear filter does cleanly: last, or first where the size is odd.
"""

from __future__ import annotations

import math
from itertools import count

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

CUBIC_FROM = 1.25  # enlarged more than this, a linear filter would look soft


def resize(plane: Plane, width: int, height: int, halves: list[Plane] | None = None) -> Plane:
    """Resize a plane (h, w) to (height, width).

    ``halves``: the plane at a half, a quarter and so on, as far as it was needed before; what is
    missing is added, so that the next size costs less.
    """
    import cv2

    halves = [] if halves is None else halves
    rows, columns = plane.shape
    for level in count():
        odd = rows % 2 or columns % 2
        if odd or rows < 2 * height or columns < 2 * width:
            break
        rows, columns = rows // 2, columns // 2
        if level == len(halves):
            halves.append(cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA))
        plane = halves[level]
    if (rows, columns) == (height, width):
        return np.ascontiguousarray(plane)
    if rows >= 2 * height and columns >= 2 * width:
        even = resize(plane, 2 * width, 2 * height)
        halved: Plane = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
        return halved
    if rows >= 2 * height or columns >= 2 * width:
        how = cv2.INTER_AREA
    else:
        enlarged = min(height / rows, width / columns) > CUBIC_FROM
        how = cv2.INTER_CUBIC if enlarged else cv2.INTER_LINEAR
    resized: Plane = cv2.resize(plane, (width, height), interpolation=how)
    return resized


def cut_square(
    plane: Plane,
    centre: tuple[float, float],
    sides: tuple[float, float],
    angle_deg: float,
    size: int,
) -> Plane:
    """A square of a picture, sampled from a plane to (size, size); edges replicated outside.

    ``centre`` and ``sides`` are in samples of the plane, (x, y), the corner of the first sample
    at (0, 0); ``sides`` differ where the samples are not square. ``angle_deg``: clockwise turn.
    Squares on whole samples are several times cheaper than those in between.
    """
    left, top = centre[0] - sides[0] / 2, centre[1] - sides[1] / 2
    whole = all(abs(x - round(x)) < 1e-6 for x in (left, top, *sides))
    if whole and angle_deg == 0 and min(sides) >= 1:
        return resize(_slice(plane, *(round(x) for x in (left, top, *sides))), size, size)
    return _warp(plane, centre, sides, angle_deg, size)


def _slice(plane: Plane, left: int, top: int, width: int, height: int) -> Plane:
    """The rectangle of a plane; where it lies outside, the edge is repeated."""
    import cv2

    rows, columns = plane.shape
    right, bottom = left + width, top + height
    x0, x1, y0, y1 = max(left, 0), min(right, columns), max(top, 0), min(bottom, rows)
    if x0 >= x1 or y0 >= y1:  # wholly outside: nothing but the edge
        across = np.clip(np.arange(left, right), 0, columns - 1)
        down = np.clip(np.arange(top, bottom), 0, rows - 1)
        return plane[down[:, None], across]
    inside = plane[y0:y1, x0:x1]
    margins = y0 - top, bottom - y1, x0 - left, right - x1
    if not any(margins):
        return inside
    grown: Plane = cv2.copyMakeBorder(inside, *margins, cv2.BORDER_REPLICATE)
    return grown


def _warp(
    plane: Plane,
    centre: tuple[float, float],
    sides: tuple[float, float],
    angle_deg: float,
    size: int,
) -> Plane:
    """As ``cut_square`` for any position, exact to 1/32 of a sample."""
    import cv2

    step_x, step_y = sides[0] / size, sides[1] / size
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    # output (column, row) → plane (x, y), both counted between the centres of samples
    turn = np.array([[step_x * cosine, -step_x * sine], [step_y * sine, step_y * cosine]])
    middle = np.array(centre) - 0.5
    factor = max(1, math.floor(min(step_x, step_y) + 1e-6))
    reach = np.abs(turn).sum(axis=1) * size / 2 + 2 * factor
    block, corner = _block(plane, middle, reach, factor)
    turn /= factor
    shift = (middle + 0.5 - corner) / factor - 0.5 - turn @ np.full(2, (size - 1) / 2)
    how = cv2.INTER_CUBIC if max(step_x, step_y) * CUBIC_FROM < 1 else cv2.INTER_LINEAR
    square: Plane = cv2.warpAffine(
        block,
        np.column_stack([turn, shift]),
        (size, size),
        flags=how | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return square


def _block(
    plane: Plane, centre: NDArray[np.float64], reach: NDArray[np.float64], factor: int
) -> tuple[Plane, NDArray[np.int_]]:
    """The surroundings of ``centre``, averaged over factor x factor, and their corner (x, y)."""
    import cv2

    low = np.floor(centre - reach).astype(int)
    blocks = np.ceil((2 * reach + 2) / factor).astype(int)
    if factor > 1:
        across, down = (int(n) for n in blocks)
        part = _slice(plane, int(low[0]), int(low[1]), across * factor, down * factor)
        mean: Plane = cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA)
        return mean, low
    rows, columns = plane.shape
    low = np.clip(low, 0, (columns - 1, rows - 1))
    high = np.clip(np.ceil(centre + reach).astype(int) + 1, low + 1, (columns, rows))
    part = np.ascontiguousarray(plane[low[1] : high[1], low[0] : high[0]])
    return part, low
