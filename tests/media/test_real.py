"""The shared real videos: every one probes, decodes and sounds as its ground truth says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tthd_tools.errors import MediaError
from tthd_tools.media import probe, read_audio, read_frames, sample_frames

pytestmark = pytest.mark.real

# pictures that each file holds, counted by another decoder (OpenCV); the packets of AVI that hold
# nothing are no pictures
COUNTS = {
    "th01_man_suit_22fps.mp4": 135,
    "th05_woman_blond_25fps.mp4": 200,
    "th09_woman_outdoor_portrait_hevc.mp4": 250,
    "th12_man_anchor_71s_25fps.mp4": 1779,
    "th15_man_congress_2s_30fps.mp4": 61,
    "multishot_singer_audience.mp4": 275,
    "face_then_noface.mov": 169,
    "twopeople_podium_12fps.mp4": 105,
    "sync_example_ref.avi": 317,
    "sync_example_delay5f.avi": 317,
}


def truth(shared: Path) -> dict[str, dict[str, Any]]:
    whole = yaml.safe_load((shared / "media" / "expected.yaml").read_text())
    return {
        f"{folder}/{name}": facts
        for folder in ("talkers", "edge_cases")
        for name, facts in whole[folder].items()
    }


def test_every_file_is_as_its_ground_truth_says(shared: Path) -> None:
    known = truth(shared)
    assert len(known) == 34
    for name, facts in known.items():
        path = shared / "media" / name
        found = probe(path)
        if "duration_s" in facts:
            assert found.duration_s == pytest.approx(facts["duration_s"], abs=0.06), name
        if "size" in facts:
            assert [found.width, found.height] == facts["size"], name
        if isinstance(facts.get("fps"), int | float):
            assert found.fps == pytest.approx(facts["fps"], rel=0.04), name
        if facts.get("fps") == "vfr":
            assert found.variable is True, name
        if "first_timestamp_s" in facts:
            assert found.first_timestamp_s == pytest.approx(facts["first_timestamp_s"], abs=1e-3)
        assert (found.audio_codec is None) == (facts.get("audio") == "none"), name


def test_every_frame_is_decoded_in_order(shared: Path) -> None:
    for name in truth(shared):
        path = shared / "media" / name
        times_s = [frame.t_s for frame in read_frames(path)]
        assert times_s[0] == 0.0, name
        assert np.diff(times_s).min() > 0, name
        assert len(times_s) == COUNTS.get(path.name, len(times_s)), name
        assert times_s[-1] < probe(path).duration_s + 0.001, name


def test_frames_are_the_same_after_a_seek(shared: Path) -> None:
    for name, start_s in (
        ("talkers/th01_man_suit_22fps.mp4", 3.1),
        ("talkers/th10_man_sofa_portrait_hevc_30fps.mp4", 9.03),
        ("talkers/th12_man_anchor_71s_25fps.mp4", 57.16),
        ("talkers/th14_man_dark_tilted_25fps.mp4", 5.0),
        ("edge_cases/multishot_singer_audience.mp4", 7.04),
        ("edge_cases/face_then_noface.mov", 2.4),
        ("edge_cases/sync_example_delay5f.avi", 8.0),
    ):
        path = shared / "media" / name
        whole = {f.t_s: f.luma(64, 64).tobytes() for f in read_frames(path)}
        part = {f.t_s: f.luma(64, 64).tobytes() for f in read_frames(path, start_s, start_s + 1)}
        wanted = {t: data for t, data in whole.items() if start_s <= t < start_s + 1}
        assert part == wanted, name


def test_sampling_and_sound_fill_the_span(shared: Path) -> None:
    for name in truth(shared):
        path = shared / "media" / name
        found = probe(path)
        count = round((min(found.duration_s, 10.0) - 0.5) * 25)
        samples = list(sample_frames(path, 0.5, 0.5 + count / 25))
        assert len(samples) == count, name
        late = [s.t_s - s.frame.t_s for s in samples]
        assert min(late) > -0.0201, name
        if found.audio_codec:
            assert len(read_audio(path, 0.5, 0.5 + count / 25)) == count * 640, name
        else:
            with pytest.raises(MediaError, match="no audio stream"):
                read_audio(path, 0.0, 1.0)


def test_silence_is_silent_and_sound_that_starts_late_is_placed_late(shared: Path) -> None:
    edge = shared / "media" / "edge_cases"
    assert not read_audio(edge / "noface_wall_silent.mp4", 0, 5).any()
    late = read_audio(edge / "face_then_noface.mov", 0, 6.4)
    assert not late[: round(2.40 * 16000)].any()
    assert late[round(2.5 * 16000) :].any()
