"""Times of frames whose timestamps are missing, doubled or going backwards."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tthd_tools.errors import MediaError
from tthd_tools.media.picture import Clock


def clock(container: str = "mpegts") -> Clock:
    stream: Any = SimpleNamespace(
        container=SimpleNamespace(format=SimpleNamespace(name=container)),
        time_base=Fraction(1, 1000),
        average_rate=Fraction(20),
        guessed_rate=None,
    )
    return Clock(Path("a.ts"), stream)


def times_s(ticks: list[int | None]) -> list[float]:
    running = clock()
    frames: list[Any] = [SimpleNamespace(pts=tick) for tick in ticks]
    return [running.time_s(frame) for frame in frames]


def test_times_count_from_the_first_timestamp() -> None:
    assert times_s([500, 540, 600]) == [0.0, 0.04, 0.1]


def test_a_missing_timestamp_follows_at_the_nominal_rate() -> None:
    assert times_s([500, None, None, 660]) == [0.0, 0.05, 0.1, 0.16]
    assert times_s([None, None, None]) == [0.0, 0.05, 0.1]


def test_doubled_and_slightly_early_timestamps_stay_in_order() -> None:
    assert times_s([0, 40, 40, 30, 80]) == [0.0, 0.04, 0.041, 0.042, 0.08]


def test_a_clock_that_jumps_back_is_told() -> None:
    with pytest.raises(MediaError, match=r"'a\.ts' jumps back in time by 4\.9 s at 5\.00 s"):
        times_s([0, 5000, 100])
