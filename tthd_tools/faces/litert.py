"""The embedded engines: BlazeFace full range and face mesh run by LiteRT; a picture in, faces out.

Input sizes, anchors and activations follow MediaPipe's published face_detection_full_range and
face_landmark graphs (Bazarevsky et al. 2019, arXiv:1907.05047; Kartynnik et al. 2019,
arXiv:1907.06724).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tthd_tools import weights
from tthd_tools.faces.geometry import pose_deg, square_crop, to_picture
from tthd_tools.faces.quiet import quiet_stderr
from tthd_tools.faces.records import Box, Detection, Mesh, Picture

INPUT_PX = 192  # of both networks
GRID = 48  # the detector has one anchor in each cell of a 48 × 48 grid
CROP_SCALE = 1.5  # the mesh was trained on crops 1.5 times the box
MIN_FACE_INPUT_PX = (
    8.5  # narrower faces in its input are missed; from 10 on all are found at score 0.3
)
MERGE_IOU = 0.3
NESTED = 0.5  # a box so far inside another is the same face at a wrong size

Floats = NDArray[np.float32]


class Network:
    """A .tflite file with one input, run on one thread."""

    def __init__(self, path: Path) -> None:
        with quiet_stderr():
            from ai_edge_litert.interpreter import Interpreter

            self._interpreter = Interpreter(str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]

    def run(self, array: Floats) -> list[Floats]:
        """Return the network's outputs for one input, batch axis included in both."""
        self._interpreter.set_tensor(self._input, array)
        return self._invoked()

    def run_on(self, rgb: Picture) -> list[Floats]:
        """As ``run`` for a network that takes a picture of its own size as 0 … 1."""
        np.divide(rgb, 255, out=self._interpreter.tensor(self._input)()[0], dtype=np.float32)
        return self._invoked()

    def _invoked(self) -> list[Floats]:
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


class LitertDetector:
    """BlazeFace full range on the whole picture, and on tiles where faces would be too small.

    ``min_face_px``: narrower faces need not be found; it decides how small the tiles are.
    """

    name = "litert"

    def __init__(self, min_score: float, min_face_px: float) -> None:
        self._network = Network(weights.require("blazeface_full_range"))
        self._min_score = min_score
        self._min_face_px = min_face_px
        cell = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
        self._anchors = np.stack(np.meshgrid(cell, cell), axis=-1).reshape(-1, 1, 2)  # (2304, 1, 2)

    def detect(self, rgb: Picture) -> list[Detection]:
        height, width = rgb.shape[:2]
        found = [self._detect_in(rgb, tile) for tile in tiles(width, height, self._min_face_px)]
        scores = np.concatenate([part[0] for part in found])
        points = np.concatenate([part[1] for part in found])  # (N, 8, 2): two corners, six points
        return _merge(scores, points)

    def _detect_in(self, rgb: Picture, tile: tuple[int, int, int, int]) -> tuple[Floats, Floats]:
        """Candidates (scores (N,), points (N, 8, 2)) of one tile, in picture coordinates."""
        x0, y0, x1, y1 = tile
        scale = INPUT_PX / max(x1 - x0, y1 - y0)
        square = _letterbox(rgb[y0:y1, x0:x1], scale)
        regressors, logits = self._network.run(np.asarray(square[None] / 127.5 - 1, np.float32))
        scores = np.asarray(1 / (1 + np.exp(-np.clip(logits[0, :, 0], -80, 80))), np.float32)
        keep = scores >= self._min_score
        raw = regressors[0, keep].reshape(-1, 8, 2) / INPUT_PX  # centre, size, six key points
        anchors = self._anchors[keep]
        centre, half = raw[:, :1] + anchors, raw[:, 1:2] / 2
        points = np.concatenate([centre - half, centre + half, raw[:, 2:] + anchors], axis=1)
        points = np.asarray(points * (INPUT_PX / scale) + [x0, y0], np.float32)
        inside = _inside(points, tile, rgb.shape[1], rgb.shape[0])
        return scores[keep][inside], points[inside]


class LitertLandmarker:
    """Face mesh (468 points) on a turned square crop 1.5 times the box."""

    name = "litert"

    def __init__(self) -> None:
        self._network = Network(weights.require("face_mesh"))

    def locate(self, rgb: Picture, box: Box, roll_deg: float = 0.0) -> Mesh | None:
        patch, affine = square_crop(rgb, box, roll_deg, CROP_SCALE, INPUT_PX)
        raw, flag = self._network.run_on(patch)
        points = to_picture(raw.reshape(468, 3), affine)
        presence = float(1 / (1 + np.exp(-flag.item())))
        return Mesh(points=points, presence=presence, pose_deg=pose_deg(points))


def _letterbox(rgb: Picture, scale: float) -> Picture:
    """Shrink a picture into the top left of the network's square.

    The rest is grey: beside black bars the network sees faces in bare walls.
    """
    import cv2

    while scale <= 0.5 and min(rgb.shape[:2]) > 1:  # by halves first: those are fast
        height, width = rgb.shape[0] // 2, rgb.shape[1] // 2
        even = rgb[: height * 2, : width * 2]
        rgb = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        scale *= 2
    step = 1 / scale
    back = np.array([[step, 0, step / 2 - 0.5], [0, step, step / 2 - 0.5]])
    square = cv2.warpAffine(
        rgb,
        back,
        (INPUT_PX, INPUT_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderValue=(128, 128, 128),
    )
    return np.asarray(square, np.uint8)


def tiles(width: int, height: int, min_face_px: float) -> list[tuple[int, int, int, int]]:
    """Parts (x0, y0, x1, y1) of a picture to look at: the whole, then squares if faces are small.

    Neighbouring squares overlap by twice ``min_face_px`` at least, so a small face is whole in one.
    """
    whole = (0, 0, width, height)
    largest = min_face_px * INPUT_PX / MIN_FACE_INPUT_PX
    if max(width, height) <= largest:
        return [whole]
    side = int(min(width, height, largest))
    overlap = min(2 * min_face_px, side / 2)
    return [whole] + [
        (x, y, x + side, y + side)
        for y in _starts(height, side, overlap)
        for x in _starts(width, side, overlap)
    ]


def _starts(length: int, side: int, overlap: float) -> list[int]:
    count = int(np.ceil((length - side) / (side - overlap))) + 1
    return [round(k * (length - side) / max(count - 1, 1)) for k in range(count)]


def _inside(
    points: Floats, tile: tuple[int, int, int, int], width: int, height: int
) -> NDArray[np.bool_]:
    """Which candidates no inner border of the tile cuts: another part sees those whole."""
    low, high = points[:, 0], points[:, 1]
    x0, y0, x1, y1 = tile
    cut = np.zeros(len(points), bool)
    cut |= (x0 > 0) & (low[:, 0] < x0)
    cut |= (y0 > 0) & (low[:, 1] < y0)
    cut |= (x1 < width) & (high[:, 0] > x1)
    cut |= (y1 < height) & (high[:, 1] > y1)
    return ~cut


def _merge(scores: Floats, points: Floats) -> list[Detection]:
    """Average overlapping candidates by score instead of suppressing them (BlazeFace paper)."""
    order = np.argsort(-scores, kind="stable")
    faces = []
    while len(order):
        iou, inside = _overlaps(points[order[0], :2], points[order, :2])
        group = order[iou > MERGE_IOU]
        share = scores[group] / scores[group].sum()
        mean = np.einsum("n,nkc->kc", share, points[group])
        box = (float(mean[0, 0]), float(mean[0, 1]), float(mean[1, 0]), float(mean[1, 1]))
        faces.append(Detection(box, float(scores[order[0]]), mean[2:].astype(np.float32)))
        order = order[(iou <= MERGE_IOU) & (inside <= NESTED)]
    return faces


def _overlaps(box: Floats, boxes: Floats) -> tuple[Floats, Floats]:
    """Shared area of one (2, 2) with many (N, 2, 2) boxes, over the union and over the smaller."""
    low, high = np.maximum(box[0], boxes[:, 0]), np.minimum(box[1], boxes[:, 1])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    one, many = np.prod(box[1] - box[0]), np.prod(boxes[:, 1] - boxes[:, 0], axis=1)
    return shared / (one + many - shared), shared / np.minimum(one, many)
