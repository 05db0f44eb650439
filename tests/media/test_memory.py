"""Reading and sampling need the same memory however long the file is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.media.movie import RATE_HZ, write_movie

PROGRAM = """
import sys
from pathlib import Path
from tthd_tools.media import read_audio, read_frames, sample_frames
path, end_s = Path(sys.argv[1]), float(sys.argv[2])
for frame in read_frames(path):
    frame.luma(64, 64)
for sample in sample_frames(path, 0.0, end_s):
    sample.frame.rgb(64, 64)
read_audio(path, end_s - 5, end_s)
status = Path("/proc/self/status").read_text()  # rusage would count the parent's peak too
print(status.partition("VmHWM:")[2].split()[0])
"""


def peak_kb(path: Path, end_s: float) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), str(end_s)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    peaks = []
    for length_s in (10, 160):
        path = write_movie(
            tmp_path / f"{length_s}.mp4",
            [k / 25 for k in range(length_s * 25)],
            size=(320, 240),
            sound=np.zeros((1, length_s * RATE_HZ), np.float32),
        )
        peaks.append(peak_kb(path, length_s))
    assert peaks[1] - peaks[0] < 8000
