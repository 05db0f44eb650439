"""Pictures go in, an H.264 mp4 comes out: the same pictures always give the same bytes."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from tthd_tools.errors import AccessError

Plane = NDArray[np.uint8]
BT601, MPEG_RANGE = 6, 1  # AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG
# Without mbtree: with AVX-512 it reads memory that was never written when the width is no multiple
# of 256 px, so that bytes differed from run to run. At equal size the quality is the same.
FIXED = "threads=1:mbtree=0:scenecut=0:open-gop=0"


def write_error(path: Path, error: OSError) -> AccessError:
    """The sentence for a file that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return AccessError(f"disk is full: {str(path)!r} could not be written, free some space")
    what = (error.strerror or type(error).__name__).lower()
    return AccessError(f"{str(path)!r} could not be written ({what}): check the folder")


class VideoWriter:
    """H.264 in mp4, 4:2:0, BT.601 limited range, at a constant rate.

    One encoder thread, a keyframe each second, closed groups of pictures, no date in the file and
    the index in front. Use as a context manager; after an exception the file is incomplete, so
    write to a temporary name. Raises AccessError when the disk is full or may not be written.
    """

    def __init__(
        self, path: Path, size: int, fps: int = 25, crf: int = 18, preset: str = "veryfast"
    ) -> None:
        """``size``: side of the square picture in px, even; ``crf``, ``preset``: x264's."""
        import av

        if size % 2 or size < 2:
            raise ValueError(f"size {size} px is not even")
        av.logging.set_level(av.logging.PANIC)  # nothing of its own talk may reach stderr
        self.path, self.size = path, size
        self._count = 0
        with self._writing():
            self._container = av.open(
                f"file:{path}",
                "w",
                format="mp4",
                options={"fflags": "+bitexact", "movflags": "+faststart"},
            )
        stream = self._container.add_stream(
            "libx264",
            rate=fps,
            options={
                "crf": str(crf),
                "preset": preset,
                "x264-params": f"{FIXED}:keyint={fps}:min-keyint={fps}",
            },
        )
        stream.width = stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        context.colorspace, context.color_range = BT601, MPEG_RANGE
        self._stream = stream
        self._time_base = Fraction(1, fps)

    def write(self, y: Plane, u: Plane, v: Plane) -> None:
        """Add a picture: Y (size, size), U and V (size/2, size/2), uint8 limited range."""
        self._encode(np.concatenate([plane.reshape(-1) for plane in (y, u, v)]), "yuv420p")

    def write_rgb(self, rgb: Plane) -> None:
        """Add a picture: RGB uint8 (size, size, 3)."""
        import cv2

        packed = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2YUV_I420)
        self._encode(packed.reshape(-1), "yuv420p")

    def close(self) -> None:
        """Write what is left and the index; the file is whole only after this."""
        with self._writing():
            self._container.mux(self._stream.encode(None))
            self._container.close()

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            with suppress(Exception):  # the file is given up; the first error is the one to tell
                self._container.close()

    def _encode(self, samples: Plane, form: str) -> None:
        import av

        picture = av.VideoFrame.from_ndarray(samples.reshape(-1, self.size), format=form)
        picture.pts, picture.time_base = self._count, self._time_base
        self._count += 1
        with self._writing():
            self._container.mux(self._stream.encode(picture))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise write_error(self.path, error) from error
