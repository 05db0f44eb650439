"""Picture and sound of a film are in the shards where they were in the film, and motion is even."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from tthd_tools.synth import clap_script, variable_times_s
from tthd_tools.synth.script import Script

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("embedded_weights"),
    # webdataset leaves its tar files to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
ALLOWED_MS = 20.0


@pytest.fixture
def av_sync(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark, whose 60 s films are too long for a test."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("av_sync")


@pytest.mark.parametrize(
    "script",
    [clap_script(8.0, 30000 / 1001), clap_script(8.0, times_s=variable_times_s(8.0))],
    ids=["29.97", "variable"],
)
def test_a_mouth_opens_and_clicks_within_20_ms_of_its_time(
    script: Script, av_sync: Any, tmp_path: Path
) -> None:
    truth, samples = av_sync.samples_of(script, tmp_path)
    shift = av_sync.clap_shift(truth, samples, tmp_path)
    assert len(samples) == 1
    assert shift.events == 3
    assert max(map(abs, shift.picture_ms)) <= ALLOWED_MS + 1e-6
    assert max(map(abs, shift.sound_ms)) < 1.0


def test_even_motion_stays_even_where_no_frame_is_marked(av_sync: Any, tmp_path: Path) -> None:
    found = {}
    for fps in (25.0, 30.0):
        folder = tmp_path / f"{fps:.0f}"
        samples = av_sync.samples_of(av_sync.wide_sweep(2.4, fps), folder)[1]
        found[fps] = av_sync.sweep_evenness(samples, folder)
    assert found[25.0].unmarked == 1.0
    assert found[30.0].unmarked == pytest.approx(0.8, abs=0.03)
    assert found[25.0].step_px == pytest.approx(4.8, rel=0.03)
    assert found[30.0].step_px == pytest.approx(4.0, rel=0.03)
    assert found[30.0].share - found[25.0].share <= 0.05
