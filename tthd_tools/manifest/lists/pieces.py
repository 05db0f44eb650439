"""Times and a crop of a list come in with the facts of the file; its segment goes out."""

from __future__ import annotations

from typing import Any, NamedTuple

from tthd_tools.manifest.lists.records import Crop, Row

ASPECT_TOLERANCE = 0.01
EDGE_TOLERANCE = 0.01
"""A box may lie so much of the picture outside of it: lists are rounded. It is cut off there."""
LATE_S = 1.0
"""Lists round to seconds, so a piece may end so much after the file does."""
LEAST_SIDE = 0.005

Box = tuple[float, float, float, float]


class Facts(NamedTuple):
    """What the file itself says: its length, and the size of its upright picture."""

    duration_s: float
    width: int
    height: int


def segment_of(row: Row, facts: Facts) -> dict[str, Any]:
    """The segment of a row as plain data. Raises ValueError with what cannot be."""
    if row.flaw:
        raise ValueError(row.flaw)
    start_s = 0.0 if row.start_s is None else round(row.start_s, 6)
    end_s = facts.duration_s if row.end_s is None else round(row.end_s, 6)
    if start_s < 0 or end_s <= start_s:
        raise ValueError(f"a piece from {start_s:g} s to {end_s:g} s is none")
    if start_s >= facts.duration_s or end_s > facts.duration_s + LATE_S:
        raise ValueError(
            f"a piece from {start_s:g} s to {end_s:g} s is not in a file of "
            f"{facts.duration_s:.1f} s; is it the listed one?"
        )
    box = None if row.crop is None else box_of(row.crop, facts)
    return {
        "start_s": start_s,
        "end_s": min(end_s, facts.duration_s),
        "box": None if box is None else [round(side, 6) for side in box],
    }


def box_of(crop: Crop, facts: Facts) -> Box:
    """The box of a crop in 0..1 of the file's picture.

    A crop in pixels is scaled by the picture that it is stated for. Raises ValueError where that
    picture has another shape than the file's, or the box does not lie in it.
    """
    x0, y0, x1, y1 = crop.box
    width, height = _unit(crop, facts)
    box = (x0 / width, y0 / height, x1 / width, y1 / height)
    far = max(-min(box), max(box) - 1)
    if far > EDGE_TOLERANCE or box[2] - box[0] < LEAST_SIDE or box[3] - box[1] < LEAST_SIDE:
        stated = f"{x0:g}, {y0:g}, {x1:g}, {y1:g}"
        size = f"{width:.0f}x{height:.0f} px" if crop.size else "0..1"
        raise ValueError(f"the crop {stated} does not lie in a picture of {size}")
    left, top, right, bottom = (min(1.0, max(0.0, side)) for side in box)
    return left, top, right, bottom


def _unit(crop: Crop, facts: Facts) -> tuple[float, float]:
    """Width and height of the picture that the crop is stated for, in the crop's own unit."""
    if crop.size is None:
        return 1.0, 1.0
    width, height = crop.size
    if (width is not None and width < 1) or (height is not None and height < 1):
        raise ValueError("the picture that the crop is stated for has no size")
    if width is None and height is None:
        raise ValueError("the crop is in pixels, but of which picture is not stated")
    if width is None or height is None:
        scale = (width or 0) / facts.width or (height or 0) / facts.height
        return facts.width * scale, facts.height * scale
    if abs(width / height * facts.height / facts.width - 1) > ASPECT_TOLERANCE:
        raise ValueError(
            f"the crop is stated for {width:g}x{height:g} px, the file has "
            f"{facts.width}x{facts.height} px: another shape"
        )
    return width, height
