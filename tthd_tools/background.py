"""Pictures and the face in them come in, one after the other; how far the camera moves goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.clip import ClipFrame

    Luma = NDArray[np.uint8]

THUMB_PX = 320  # longer side of the picture in which the background is followed
POINTS, FEWEST = 60, 5
REFRESH = 12  # frames after which new points are chosen


class Background:
    """Follows corners outside the person from frame to frame (pyramidal Lucas–Kanade)."""

    def __init__(self) -> None:
        self._last: Luma | None = None
        self._points: NDArray[np.float32] | None = None
        self._age = 0
        self._steps_px: list[float] = []

    def look(self, frame: ClipFrame, box: NDArray[np.float32] | None, *, repeated: bool) -> None:
        """Take one frame; ``box`` of the face in source pixels. A repeated frame tells nothing."""
        import cv2
        import numpy as np

        if repeated:
            return
        picture = frame.frame
        scale = THUMB_PX / max(picture.width, picture.height)
        width, height = round(picture.width * scale), round(picture.height * scale)
        thumb = picture.luma(width, height)
        if self._last is not None and self._points is not None and len(self._points):
            guess = np.empty_like(self._points)
            moved, found, _ = cv2.calcOpticalFlowPyrLK(
                self._last, thumb, self._points, guess, winSize=(15, 15), maxLevel=2
            )
            ok = found.ravel() == 1
            step = common_step((moved - self._points)[ok].reshape(-1, 2))
            if step is not None:
                self._steps_px.append(step / scale)
            self._points = moved[ok]
        self._last = thumb
        self._age += 1
        if box is not None and (self._points is None or self._age >= REFRESH):
            self._points = corners(thumb, background_mask(width, height, box * scale))
            self._age = 0

    def motion_px(self) -> float | None:
        """Mean step in source pixels per frame; None without a background to see."""
        return sum(self._steps_px) / len(self._steps_px) if self._steps_px else None


def common_step(steps: NDArray[np.float32]) -> float | None:
    """Length of the step that most of N points make, (N, 2); None where they do not agree.

    They do not where something else has appeared in the place: an overlay, a person, a cut.
    """
    import numpy as np

    if len(steps) < FEWEST:
        return None
    middle = _median(steps)
    length = float(np.hypot(*middle))
    spread = float(_median(np.linalg.norm(steps - middle, axis=1)))
    return length if spread <= 0.5 + length / 4 else None


def _median(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median along the first axis; ``np.median`` takes longer to begin than to sort."""
    import numpy as np

    ordered = np.sort(values, axis=0)
    half = len(ordered) // 2
    return np.asarray((ordered[half] + ordered[~half]) / 2)


def corners(thumb: Luma, mask: Luma) -> NDArray[np.float32]:
    """Up to 60 corners where ``mask`` allows, (N, 1, 2)."""
    import cv2
    import numpy as np

    found = cv2.goodFeaturesToTrack(thumb, POINTS, 0.02, 6, mask=mask)
    return np.zeros((0, 1, 2), np.float32) if found is None else np.asarray(found, np.float32)


def background_mask(width: int, height: int, box: NDArray[np.float32]) -> Luma:
    """255 where head and shoulders under a face box x0, y0, x1, y1 cannot be, (height, width)."""
    import numpy as np

    mask = np.full((height, width), 255, np.uint8)
    x0, y0, x1, y1 = (float(value) for value in box)
    middle, wide, high = (x0 + x1) / 2, x1 - x0, y1 - y0
    for half, top in ((wide, y0 - high / 2), (2.2 * wide, y1 - high / 10)):
        left, right = max(round(middle - half), 0), max(round(middle + half), 0)
        mask[max(round(top), 0) :, left:right] = 0
    mask[: height // 40 + 1] = 0  # borders and black bars are no background
    mask[:, : width // 40 + 1] = 0
    mask[:, -(width // 40) - 1 :] = 0
    return mask
