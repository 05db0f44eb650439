"""Long sound in windows: frame k is at k strides, whatever the windows, and no sound is skipped."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tthd_tools.alignment.windows import emit

RATE = 16_000


class Clock:
    """Says of each frame which one it is, if its sound is a ramp; wrong within ``blind`` frames."""

    rate_hz = RATE

    def __init__(self, stride: int = 320, blind: int = 0, short: int = 80) -> None:
        self.stride, self.blind, self.edge = stride, blind, short
        self.heard_s = 0.0

    def __call__(self, sound: NDArray[np.float32]) -> NDArray[np.float64]:
        self.heard_s += len(sound) / RATE
        count = (len(sound) - self.edge) // self.stride
        said = sound[: count * self.stride : self.stride, None].astype(np.float64)
        said[: self.blind] = -1
        said[len(said) - self.blind :] = -1
        return said


def ramp(first: int, last: int) -> NDArray[np.float32]:
    """Sound whose samples say which frame of 320 samples they are in: exact in float32."""
    return (np.arange(first, last) // 320).astype(np.float32)


@pytest.mark.parametrize("seconds", [0.01, 0.02, 1.0, 19.99, 20.0, 20.01, 63.337])
def test_every_frame_is_where_it_is_said_to_be(seconds: float) -> None:
    samples = round(seconds * RATE)
    said = np.concatenate(list(emit(Clock(), ramp, samples)))[:, 0]
    assert len(said) == -(-samples // 320)
    np.testing.assert_array_equal(said, np.arange(len(said)))


def test_half_an_hour_does_not_drift() -> None:
    clock = Clock(blind=5)
    said = np.concatenate(list(emit(clock, ramp, 1800 * RATE)))[:, 0]
    assert len(said) == 90_000
    np.testing.assert_array_equal(said[5:-5], np.arange(5, 89_995))
    assert clock.heard_s < 1800 * 1.25


def test_edges_of_windows_are_not_kept() -> None:
    blind = Clock(blind=50)
    said = np.concatenate(list(emit(blind, ramp, 30 * RATE, window_s=3, context_s=1)))[:, 0]
    np.testing.assert_array_equal(said[50:-50], np.arange(50, 1450))
    narrow = np.concatenate(list(emit(blind, ramp, 30 * RATE, window_s=3, context_s=0.5)))[:, 0]
    assert (narrow[50:-50] == -1).any()


def test_no_sound_has_no_frames() -> None:
    assert list(emit(Clock(), ramp, 0)) == []


class Mistaken(Clock):
    """Says that its stride is twice or half of what it is."""

    def __call__(self, sound: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.zeros((len(sound) // 320, 1))


@pytest.mark.parametrize("stride", [160, 640])
def test_a_network_of_another_stride_is_refused(stride: int) -> None:
    network = Mistaken(stride)
    with pytest.raises(ValueError, match=f"its stride is not {stride}"):
        list(emit(network, ramp, 10 * RATE))


def test_windows_without_a_frame_are_refused() -> None:
    with pytest.raises(ValueError, match="holds no frame"):
        list(emit(Clock(), ramp, RATE, window_s=0.001))
