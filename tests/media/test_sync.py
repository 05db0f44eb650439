"""A clap at known times: flash and click stay within 20 ms of where they were, for a minute."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media.movie import clicks, write_movie
from tthd_tools.media import probe, read_audio, sample_frames

CLAPS_S = [0.48 + 2.37 * i for i in range(25)]


def times_of(name: str) -> list[float]:
    if name == "variable":
        rng = np.random.default_rng(3)
        steps = rng.choice([0.0167, 0.033, 0.034, 0.05, 0.067], 1600)
        times_s = np.round(np.cumsum(steps) - steps[0], 3)
        return [float(t) for t in times_s[times_s < 60]]
    rate = {"23.976": Fraction(24000, 1001), "29.97": Fraction(30000, 1001)}.get(name)
    rate = rate or Fraction(name)
    return [float(i / rate) for i in range(int(60 * rate))]


@pytest.mark.parametrize(
    ("name", "suffix", "offset_s"),
    [
        ("23.976", ".mp4", 0.0),
        ("25", ".mp4", 0.852),
        ("29.97", ".mov", 0.0),
        ("30", ".mp4", 0.0),
        ("50", ".mkv", 0.0),
        ("variable", ".mp4", 0.5),
        ("variable", ".webm", 0.0),
    ],
)
def test_claps_stay_in_place(tmp_path: Path, name: str, suffix: str, offset_s: float) -> None:
    times_s = times_of(name)
    # the clap falls on the first picture at or after the wanted time, the click exactly with it
    claps_s = [min(t for t in times_s if t >= wanted) for wanted in CLAPS_S]
    white = {times_s.index(t) for t in claps_s}

    def picture(index: int) -> np.ndarray:
        lit = any(index - k in white for k in range(4))
        return np.full((48, 32), 235 if lit else 16, np.uint8)

    web = suffix == ".webm"
    path = write_movie(
        tmp_path / f"a{suffix}",
        [t + offset_s for t in times_s],
        size=(32, 32),
        pictures=picture,
        codec="libvpx" if web else "libx264",
        tick=Fraction(1, 1000) if suffix in (".webm", ".mkv") else Fraction(1, 90000),
        b_frames=0 if web else 2,
        gop=50,
        sound=clicks(claps_s, 59.0, 44100 if suffix == ".mp4" else 48000),
        sound_rate_hz=44100 if suffix == ".mp4" else 48000,
        sound_start_s=offset_s,
        sound_codec="libopus" if web else "aac",
        muxer_options={"live": "1"} if web else None,
    )
    flashes_s, heard_s = [], []
    before = 16.0
    for sample in sample_frames(path, 0.0, 60.0):
        level = float(sample.frame.luma().mean())
        if before < 125 <= level:
            flashes_s.append(sample.t_s)
        before = level
    loud = np.flatnonzero(np.abs(read_audio(path, 0.0, 60.0)) > 0.2)
    heard_s = (loud[np.diff(loud, prepend=-16000) > 1600] / 16000).tolist()
    assert len(flashes_s) == len(heard_s) == 25
    assert np.abs(np.subtract(flashes_s, claps_s)).max() <= 0.0201
    assert np.abs(np.subtract(heard_s, claps_s)).max() <= 0.004
    assert probe(path).duration_s == pytest.approx(times_s[-1], abs=0.1)
