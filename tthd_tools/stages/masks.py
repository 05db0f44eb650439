"""Face, mouth, moving part and person of each frame: a clip comes in, it goes out with masks.

Masks are truth for losses and metrics. What may condition a model is constant over the clip and
computable from a portrait: the two boxes, taken from the first frame that has a face.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from tthd_tools.clip import Clip, ClipFrame, Part
from tthd_tools.stage import ClipStage, Stage, Watch
from tthd_tools.stages.tracks import TracksPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.faces.litert import Network

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float32]

SIDE = 128  # pixels of a mask
NAMES = ("face", "mouth", "motion", "person")
BOXES = ("face_box", "mouth_box")
SEGMENTER_PX = 256
SUBPIXEL_BITS = 4
# The outer contour of the lips in MediaPipe's face topology.
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)


class MasksPart(Part):
    """Masks of each frame in ``masks.npz``.

    ``face``: hull of the mesh; ``mouth``: lips with a margin; ``motion`` = face − mouth;
    ``person``: anybody in the crop. Each uint8 (T,2048): 128 × 128 bits, see ``unpack_masks``. A
    frame without a valid mesh has no face, mouth and motion. ``face_box`` and ``mouth_box``:
    float32 (4,) x0, y0, x1, y1 in crop sides (0..1), of the first frame with a face, plus margins.

    ``face_share``, ``mouth_share``, ``person_share``: mean share of the crop's area;
    ``face_in_box``, ``mouth_in_box``: share of their pixels inside the constant boxes, None
    without any; ``person_backend``: the engine that found the person.
    """

    stage: ClassVar[str] = "masks"
    frames: int
    face_share: float
    mouth_share: float
    person_share: float
    face_in_box: float | None
    mouth_in_box: float | None
    person_backend: Literal["litert"]


class Masks(ClipStage):
    """Draws face and mouth from the mesh and segments the person.

    ``mouth_margin`` is in mouth widths, ``face_box_margin`` and ``mouth_box_margin`` in the longer
    side of what the box holds, added on each side. The person comes from MediaPipe's selfie
    segmentation, run by LiteRT on every ``person_every``-th frame and held in between.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (TracksPart,)
    provides: ClassVar[type[Part]] = MasksPart

    mouth_margin: float = Field(0.15, ge=0)
    face_box_margin: float = Field(0.2, ge=0)
    mouth_box_margin: float = Field(0.5, ge=0)
    person_every: int = Field(1, ge=1)

    _network: Network | None = PrivateAttr(None)

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Name the segmenter. Raises WeightsError where its weights cannot be had."""
        from importlib.metadata import version

        from tthd_tools import weights

        weights.require("selfie_segmentation")
        return self, {
            "person": f"litert {version('ai-edge-litert')}",
            "weights": weights.lookup("selfie_segmentation").sha256,
        }

    def setup(self) -> None:
        """Load the segmenter."""
        from tthd_tools import weights
        from tthd_tools.faces.litert import Network

        self._network = Network(weights.require("selfie_segmentation"))

    def watch(self, clip: Clip, folder: Path) -> Watch:
        """Write ``masks.npz``; draws 128 × 128 pixels a frame."""
        import numpy as np

        from tthd_tools.arrays import save_arrays

        points = TracksPart.points(clip, SIDE)[..., :2]
        valid = clip.arrays(TracksPart, "track.npz")["valid"]
        margin_px = self.mouth_margin * mouth_width(points[valid])
        rows: list[dict[str, NDArray[np.uint8]]] = []
        person = np.zeros((SIDE, SIDE), np.bool_)
        while (frame := (yield)) is not None:
            if frame.k % self.person_every == 0:
                person = self._segment(frame)
            here = points[frame.k] if valid[frame.k] else points[:0, 0]
            face, mouth = hull_mask(here), hull_mask(here[list(LIPS)[: len(here)]], margin_px)
            here_masks = {"face": face, "mouth": mouth, "motion": face & ~mouth, "person": person}
            rows.append(pack_masks({name: mask[None] for name, mask in here_masks.items()}))
        packed = {name: np.concatenate([row[name] for row in rows]) for name in NAMES}
        boxes = self._boxes(points[valid])
        save_arrays(folder / "masks.npz", **packed, **boxes)
        return clip.with_part(_measured(unpack_masks(packed), boxes))

    def _segment(self, frame: ClipFrame) -> Bools:
        """Person or not, (128, 128): where the mean of the 2 × 2 outputs is above a half."""
        import cv2
        import numpy as np

        if self._network is None:
            raise RuntimeError("masks was not set up")
        (alpha,) = self._network.run_on(frame.rgb_half(SEGMENTER_PX))
        small = cv2.resize(alpha[0, :, :, 0], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return np.asarray(small > 0.5)

    def _boxes(self, points: Floats) -> dict[str, Floats]:
        """The constant boxes from meshes (N, 468, 2) in mask pixels."""
        import numpy as np

        if not len(points):
            nothing = np.zeros(4, np.float32)
            return dict.fromkeys(BOXES, nothing)
        face = np.asarray(points[0] / SIDE, np.float32)
        return {
            "face_box": region_box(face, self.face_box_margin),
            "mouth_box": region_box(face[list(LIPS)], self.mouth_box_margin),
        }


def _measured(masks: Mapping[str, Bools], boxes: Mapping[str, Floats]) -> MasksPart:
    def share(name: str) -> float:
        return round(float(masks[name].mean()), 4) if masks[name].size else 0.0

    def inside(name: str) -> float | None:
        total = int(masks[name].sum())
        inner = int((masks[name] & box_mask(boxes[f"{name}_box"])).sum())
        return round(inner / total, 4) if total else None

    return MasksPart(
        frames=len(masks["face"]),
        face_share=share("face"),
        mouth_share=share("mouth"),
        person_share=share("person"),
        face_in_box=inside("face"),
        mouth_in_box=inside("mouth"),
        person_backend="litert",
    )


def mouth_width(points: Floats) -> float:
    """Median distance of the mouth's corners of meshes (N, 468, 2); 0 without any."""
    import numpy as np

    if not len(points):
        return 0.0
    return float(np.median(np.linalg.norm(points[:, 291] - points[:, 61], axis=1)))


def hull_mask(points: Floats, margin_px: float = 0.0) -> Bools:
    """Fill the convex hull of points (N, 2), widened by ``margin_px`` all around: (128, 128)."""
    import cv2
    import numpy as np

    mask = np.zeros((SIDE, SIDE), np.uint8)
    if len(points):
        ring = margin_px * circle()
        spread = (points[:, None] + ring).reshape(-1, 2) if margin_px else points
        # OpenCV's pixel centres lie on whole numbers, ours on halves
        fixed = np.rint((spread - 0.5) * 2**SUBPIXEL_BITS).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(fixed), (1,), shift=SUBPIXEL_BITS)
    return mask.astype(np.bool_)


@lru_cache(maxsize=1)
def circle() -> NDArray[np.float64]:
    """16 points around the origin at a distance of 1, (16, 2)."""
    import numpy as np

    turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def region_box(points: Floats, margin: float) -> Floats:
    """Box (4,) x0, y0, x1, y1 around points (N, 2) in 0..1, plus ``margin`` on each side.

    The margin is in units of the longer side: a closed mouth is wide and low, and will open.
    """
    import numpy as np

    low, high = points.min(axis=0), points.max(axis=0)
    wider = margin * (high - low).max()
    grown = np.concatenate([low - wider, high + wider])
    return np.asarray(np.clip(grown, 0, 1), np.float32)


def box_mask(box: Floats) -> Bools:
    """The pixels (128, 128) whose centres lie in a box (4,) given in 0..1."""
    import numpy as np

    centre = (np.arange(SIDE) + 0.5) / SIDE
    across = (centre >= box[0]) & (centre < box[2])
    down = (centre >= box[1]) & (centre < box[3])
    return np.asarray(down[:, None] & across)


def pack_masks(masks: Mapping[str, Bools]) -> dict[str, NDArray[np.uint8]]:
    """Bits of masks (T,128,128), row after row, first pixel in the highest bit: uint8 (T,2048)."""
    import numpy as np

    return {name: np.packbits(mask.reshape(len(mask), -1), axis=1) for name, mask in masks.items()}


def unpack_masks(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Bools]:
    """The masks (T,128,128) bool out of the arrays of a ``masks.npz``: face, mouth, motion, person.

    Raises KeyError where one is missing and ValueError where one has another size.
    """
    import numpy as np

    return {
        name: np.unpackbits(arrays[name], axis=1).reshape(-1, SIDE, SIDE).astype(np.bool_)
        for name in NAMES
    }
