"""A finished piece of a track goes in; the arrays that are kept of it come out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.crops import CropMode, plan_crops
from tthd_tools.faces.cutting import Piece, filled

# Indices of MediaPipe's face topology.
INNER_LIPS = (13, 14)
INNER_CORNERS = (78, 308)
OUTER_LIPS = (0, 17)
NOSE_BASE, CHIN = 2, 152
LEFT_EYE, RIGHT_EYE = (33, 133), (362, 263)

Arrays = dict[str, NDArray[Any]]


def track_arrays(
    piece: Piece, mode: CropMode, margin: float, picture: tuple[int, int], scale: int
) -> Arrays:
    """What ``track.npz`` holds, see ``TracksPart``; ``scale``: mesh units per side of the crop."""
    from tthd_tools.media import judder

    seen = [row.seen for row in piece.rows]
    points = filled([None if one is None else one.mesh.points.astype(float) for one in seen])
    boxes = filled([None if one is None else np.array(one.box) for one in seen])
    crop = plan_crops(boxes, points, mode, margin, picture)
    valid = np.array([one is not None for one in seen])
    source_s = np.array([row.source_s for row in piece.rows], np.float64)
    repeated, skipped = judder(source_s)
    arrays: Arrays = {
        "box": boxes.astype(np.float32),
        "crop": crop,
        "mesh": _in_crop(points, crop, scale) * valid[:, None, None].astype(np.int16),
        "repeated": repeated,
        "skipped": skipped,
        "source_s": source_s,
        "valid": valid,
    }
    irises = [None if one is None or one.mesh.iris is None else one.mesh.iris for one in seen]
    if any(iris is not None for iris in irises):
        iris = filled([None if one is None else one.astype(float) for one in irises])
        arrays["iris"] = _in_crop(iris, crop, scale) * valid[:, None, None].astype(np.int16)
    if any(one is not None and one.mesh.blendshapes is not None for one in seen):
        arrays["blendshapes"] = np.stack(
            [_or_nan(None if one is None else one.mesh.blendshapes, 52) for one in seen]
        ).astype(np.float16)
    return arrays


def track_features(piece: Piece) -> Arrays:
    """What ``features.npz`` holds: ``mouth`` (T, 4) and ``pose`` (T, 3), NaN without a face."""
    seen = [row.seen for row in piece.rows]
    mouth = [_or_nan(None if one is None else mouth_shape(one.mesh.points), 4) for one in seen]
    pose = [_or_nan(None if one is None else one.mesh.pose_deg, 3) for one in seen]
    return {"mouth": np.stack(mouth).astype(np.float16), "pose": np.stack(pose).astype(np.float16)}


def mouth_shape(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inner-lip opening, width, outer height and chin distance of a mesh (468, 3), (4,).

    In the picture plane, over the distance between the centres of the eyes.
    """
    flat = points[:, :2]
    eyes = flat[list(LEFT_EYE)].mean(axis=0) - flat[list(RIGHT_EYE)].mean(axis=0)
    pairs = (INNER_LIPS, INNER_CORNERS, OUTER_LIPS, (NOSE_BASE, CHIN))
    spans = [np.linalg.norm(flat[a] - flat[b]) for a, b in pairs]
    return np.array(spans, np.float32) / np.float32(max(float(np.linalg.norm(eyes)), 1e-3))


def _in_crop(
    points: NDArray[np.float64], crop: NDArray[np.float64], scale: int
) -> NDArray[np.int16]:
    """Points (T, N, 3) in source pixels to int16 in units of the crop, from its centre."""
    moved = points - np.concatenate([crop[:, :2], np.zeros((len(crop), 1))], axis=1)[:, None]
    angle = np.radians(crop[:, 3])[:, None]
    x, y = moved[..., 0].copy(), moved[..., 1].copy()
    moved[..., 0] = np.cos(angle) * x + np.sin(angle) * y
    moved[..., 1] = np.cos(angle) * y - np.sin(angle) * x
    units = np.round(moved * (scale / crop[:, 2])[:, None, None])
    return np.asarray(np.clip(units, -32768, 32767), np.int16)


def _or_nan(values: NDArray[np.float32] | None, count: int) -> NDArray[np.float32]:
    return np.full(count, np.nan, np.float32) if values is None else values
