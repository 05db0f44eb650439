"""Sound of any length and a network come in; log-probabilities on one clock go out, in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 20.0
CONTEXT_S = 2.0

Sound = NDArray[np.float32]
Read = Callable[[int, int], Sound]
"""The samples from one number up to another, exclusive."""


class Emitter(Protocol):
    """A network that says of each ``stride`` samples which token they are.

    Called with sound (n,) at ``rate_hz``, it returns (frames, V) log-probabilities; frame k belongs
    to the samples from k · ``stride`` on. It may leave out frames at the end that lie within
    ``edge`` samples of it, for a network's first layer reaches further than one stride.
    """

    @property
    def rate_hz(self) -> int:
        """Samples a second."""

    @property
    def stride(self) -> int:
        """Samples a frame."""

    @property
    def edge(self) -> int:
        """Samples that it needs beyond the last frame."""

    def __call__(self, sound: Sound) -> NDArray[np.floating]:
        """Log-probabilities (frames, V)."""


def emit(
    emitter: Emitter,
    read: Read,
    samples: int,
    window_s: float = WINDOW_S,
    context_s: float = CONTEXT_S,
) -> Iterator[NDArray[np.floating]]:
    """Log-probabilities of ``samples`` of sound: blocks (frames, V), ceil(samples / stride) frames.

    The network sees ``window_s`` at a time with ``context_s`` more on either side, whose frames are
    dropped. Every window begins at a whole number of strides, so that frame k of all blocks
    together is at k · stride / rate, however long the sound: nothing is added up that could drift.
    What lies beyond the end of the sound is silence. Raises ValueError for windows without length
    and for a network that gives fewer frames than it says.
    """
    stride = emitter.stride
    window = round(window_s * emitter.rate_hz / stride)
    context = round(context_s * emitter.rate_hz / stride)
    if window < 1 or context < 0:
        raise ValueError(f"a window of {window_s} s with {context_s} s around it holds no frame")
    frames = -(-samples // stride)
    for first in range(0, frames, window):
        wanted = min(window, frames - first)
        begin = max(first - context, 0)
        end = min((first + wanted + context) * stride + emitter.edge, samples)
        sound = read(begin * stride, end)
        missing = (first + wanted) * stride + emitter.edge - end
        if missing > 0:
            sound = np.pad(sound, (0, missing))
        heard = emitter(sound)
        if not first - begin + wanted <= len(heard) <= len(sound) // stride + 1:
            raise ValueError(
                f"the network gives {len(heard)} frames for {len(sound)} samples; its stride is "
                f"not {stride}"
            )
        yield heard[first - begin :][:wanted]
