"""Ready scenes: claps at known times, a head at a constant speed, times of a browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tthd_tools.media import probe, read_audio
from tthd_tools.synth import Studio, clap_script, render, sweep_script, variable_times_s


def test_claps_are_seen_and_heard_at_the_times_of_the_truth(tmp_path: Path) -> None:
    path = tmp_path / "clap.mp4"
    truth = render(clap_script(seconds=8.0, fps=30000 / 1001, size=(128, 128)), path)
    claps_s = [e.start_s for e in truth.events if e.kind == "clap"]
    assert len(claps_s) == 3
    sound = np.abs(read_audio(path, 0.0, 8.0, 16_000))
    first_open = np.flatnonzero(np.diff(truth.faces[0].opening) > 0.3) + 1
    for at_s, frame in zip(claps_s, first_open, strict=True):
        heard = np.flatnonzero(sound[round((at_s - 0.1) * 16_000) :] > 0.25)[0] / 16_000 - 0.1
        assert heard == pytest.approx(0.0, abs=0.002)
        assert -0.005 < truth.times_s[frame] - at_s < 0.034


def test_a_sweep_has_a_constant_speed() -> None:
    truth = Studio(sweep_script(seconds=4.0, speed_px_s=30.0)).truth()
    nose = np.array(truth.faces[0].landmarks["nose_tip"])
    assert np.diff(nose[:, 0]) == pytest.approx(1.2, abs=0.002)
    assert np.ptp(nose[:, 1]) == pytest.approx(0.0, abs=0.002)


def test_a_drawn_sweep_is_smooth_to_a_twentieth_of_a_pixel() -> None:
    import cv2

    studio = Studio(sweep_script(seconds=1.0, speed_px_s=32.0, size=(256, 256)))
    x = studio.truth().faces[0].landmarks["nose_tip"]
    frames = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY).astype(np.float32) for f in studio.frames()]
    centres = []
    for k, frame in enumerate(frames):
        # Where the dark pixels of the eyes are: a centre of mass needs no matching.
        left = round(x[k][0]) - 40
        eyes = np.clip(90 - frame[95:115, left : left + 80], 0, None)
        columns = np.arange(left, left + 80)
        centres.append(float((eyes.sum(axis=0) * columns).sum() / eyes.sum()))
    steps = np.diff(centres)
    assert steps.mean() == pytest.approx(32 / 25, abs=0.02)


def test_browser_times_vary_and_never_stand_still(tmp_path: Path) -> None:
    times_s = variable_times_s(6.0, seed=1)
    steps = np.diff(times_s)
    assert times_s[0] == 0.0
    assert 5.9 < times_s[-1] < 6.0
    assert steps.min() >= 0.0199
    assert steps.std() > 0.003
    path = tmp_path / "a.mp4"
    render(clap_script(seconds=6.0, times_s=times_s, size=(64, 64)), path)
    assert probe(path).variable
