"""A video file goes in; its frames come out in order, as they are or sampled to a constant rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tthd_tools.media.colour import planes_of
from tthd_tools.media.frame import Frame, rotation_deg
from tthd_tools.media.picture import Decoded, timed_frames

TOLERANCE_S = 1e-4
# Half an output frame minus what timestamps may be rounded by: an exact tie shows the earlier one.
TIE_S = 5e-5
JUDDER_TOLERANCE = 0.05


class Sample(NamedTuple):
    """Output frame ``k`` at ``t_s``, which shows the source frame ``frame``."""

    k: int
    t_s: float
    frame: Frame


class Timed(Protocol):
    """Anything with a time in seconds."""

    @property
    def t_s(self) -> float:
        """Since the first frame of its file."""


T = TypeVar("T", bound=Timed)


def read_frames(path: Path, start_s: float = 0.0, end_s: float = math.inf) -> Iterator[Frame]:
    """Every source frame with start_s <= t_s < end_s (within 0.1 ms), in order.

    One decoder, one thread, nothing kept. ``Frame.index`` counts from 0 at the first frame given.
    Raises MediaError S001-S004 and S007; a damaged file first gives its good frames.
    """
    index = 0
    for decoded in timed_frames(path, start_s):
        if decoded.t_s >= end_s - TOLERANCE_S:
            return
        if decoded.t_s >= start_s - TOLERANCE_S:
            yield frame_of(decoded, index)
            index += 1


def sample_frames(path: Path, start_s: float, end_s: float, fps: float = 25.0) -> Iterator[Sample]:
    """Frames at a constant rate: ``round((end_s - start_s) * fps)`` of them.

    Output frame k, at ``start_s + k / fps``, shows the latest source frame that begins less than
    half an output frame after it, so that every event is shown within half an output frame
    (20 ms at 25 fps) of its time. Where the source has ended its last frame stays.
    Raises as ``read_frames``.
    """
    count = round((end_s - start_s) * fps)
    shown = paced(timed_frames(path, start_s), start_s, lambda: end_s, fps)
    for index, (decoded, numbers) in enumerate(shown):
        frame = frame_of(decoded, index)
        yield from (Sample(k, start_s + k / fps, frame) for k in numbers if k < count)
        if numbers.stop >= count:
            return


def paced(
    frames: Iterable[T], start_s: float, end_s: Callable[[], float], fps: float = 25.0
) -> Iterator[tuple[T, range]]:
    """The frames that ``sample_frames`` shows, each with the numbers of its output frames.

    ``end_s`` is asked when there are no more frames.
    """
    reach_s = 0.5 / fps - TIE_S
    k = 0
    latest: T | None = None
    for frame in frames:
        # outputs that come before this frame begins show the one before it
        until = math.floor((frame.t_s - reach_s - start_s) * fps) + 1
        if latest is not None and until > k:
            yield latest, range(k, until)
            k = until
        latest = frame
    if latest is not None:
        yield latest, range(k, round((end_s() - start_s) * fps))


def judder(source_s: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which output frames break even motion, from the source times (T,) they show.

    Returns ``repeated`` (T,): the same source frame as before; ``skipped`` (T,): the step in
    source time differs by more than 5 % from the clip's median step and is no repeat.
    """
    times = np.asarray(source_s, np.float64)
    repeated = np.zeros(times.shape, np.bool_)
    skipped = np.zeros(times.shape, np.bool_)
    steps = np.diff(times)
    moved = np.abs(steps) > 1e-6
    if not moved.any():
        repeated[1:] = True
        return repeated, skipped
    usual = float(np.median(steps[moved]))
    repeated[1:] = ~moved
    skipped[1:] = moved & (np.abs(steps - usual) > JUDDER_TOLERANCE * usual)
    return repeated, skipped


def frame_of(decoded: Decoded, index: int) -> Frame:
    """A decoded picture as a Frame."""
    planes, matrix = planes_of(decoded.picture)
    return Frame(
        decoded.t_s,
        index,
        planes,
        rotation_deg=rotation_deg(decoded.picture),
        aspect=decoded.aspect,
        matrix=matrix,
    )
