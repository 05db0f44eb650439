"""Faces through a scene: a scene comes in, one clip per steady track goes out, with mesh and crop."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from tthd_tools.clip import Clip, Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Boundary = Literal["scene", "jump", "length", "lost", "crop"]
POINT_SCALE = 16_384
"""Mesh points are kept as int16 in units of 1/16384 of the crop's side, from its centre."""


class TracksPart(Part):
    """One face through a scene or a piece of one.

    ``face_ratio``: share of frames with a face; ``face_px``: median face width in source pixels;
    ``side_px``: side of the crop in source pixels (median where it moves); ``other_faces``: mean
    number of other faces in the picture. Arrays in ``track.npz``, T frames at 25 Hz:
    ``crop`` float64 (T,4) centre x, y, side in source pixels, angle in degrees;
    ``source_s`` float64 (T,) time of the source frame shown; ``repeated``, ``skipped`` bool (T,);
    ``valid`` bool (T,); ``mesh`` int16 (T,468,3), see POINT_SCALE; ``box`` float32 (T,4) face box
    x0, y0, x1, y1 in source pixels; ``blendshapes`` float16 (T,52), only if measured.
    Features in ``features.npz``: ``mouth`` float16 (T,4): inner-lip opening, width, outer height and
    chin distance over the interocular distance; ``pose`` float16 (T,3) yaw, pitch, roll in degrees.
    """

    stage: ClassVar[str] = "tracks"
    index: int
    start_kind: Boundary
    end_kind: Boundary
    face_ratio: float
    face_px: float
    side_px: float
    other_faces: float
    crop: Literal["static", "smooth", "affine"]
    detector: str
    landmarker: str

    @staticmethod
    def points(clip: Clip, size: int) -> NDArray[np.float32]:
        """Mesh in pixels of a ``size`` × ``size`` crop, (T, 468, 3); z in the same unit."""
        import numpy as np

        mesh = clip.arrays(TracksPart, "track.npz")["mesh"].astype(np.float32)
        scaled = mesh * (size / POINT_SCALE)
        scaled[..., :2] += size / 2
        return scaled
