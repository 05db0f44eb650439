"""Ready scenes: claps at known times, a head at a constant speed, times of a browser."""

from __future__ import annotations

from dataclasses import replace
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

    script = replace(sweep_script(seconds=2.0, speed_px_s=33.3), grain=0.0)
    studio = Studio(script)
    noses = np.array(studio.truth().faces[0].landmarks["nose_tip"])
    patches, lefts = [], []
    for (x, y), frame in zip(noses, studio.frames(), strict=True):
        left, top = round(x) - 32, round(y) - 22
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        patches.append(grey[top : top + 40, left : left + 64].astype(np.float32))
        lefts.append(left)
    until = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 100, 1e-7)
    places = []
    for left, patch in zip(lefts, patches, strict=True):
        start = np.eye(2, 3, dtype=np.float32)
        _, warp = cv2.findTransformECC(
            patches[0], patch, start, cv2.MOTION_TRANSLATION, until, None, 5
        )
        places.append(left - lefts[0] + warp[0, 2])
    assert np.abs(places - (noses[:, 0] - noses[0, 0])).max() < 0.05


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
