"""The offset has the right sign and size, and is absent where nothing can be measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tthd_tools.arrays import save_arrays
from tthd_tools.clip import Clip
from tthd_tools.stages.audio_features import AudioFeatures, AudioFeaturesPart
from tthd_tools.stages.sync import Sync, SyncPart, correlate, read_peak
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.testing import dummy_clip, mouth_opening, run_stage


def made_up(
    clip: Clip, folder: Path, late: int = 0, frames: int = 125, *, still: bool = False
) -> Clip:
    """The clip with features made up: sound ``late`` frames after the lips."""
    opening = mouth_opening(frames + 40)
    lips, heard = opening[20 : 20 + frames], opening[20 - late : 20 - late + frames]
    valid = np.ones(frames, np.bool_)
    mouth = np.zeros((frames, 4), np.float16)
    mouth[:, 0] = 0.1 if still else 0.2 * lips
    logmel = np.repeat(-14 + 10 * np.sqrt(heard)[:, None], 80, axis=1).astype(np.float16)
    for stage, arrays in (("tracks", {"mouth": mouth}), ("audio_features", {"logmel": logmel})):
        (folder / stage).mkdir(parents=True, exist_ok=True)
        save_arrays(folder / stage / "features.npz", **arrays)
    save_arrays(folder / "tracks" / "track.npz", valid=valid)
    part = AudioFeaturesPart(frames=frames, level_db=-20.0)
    folders = {stage: folder / stage for stage in ("tracks", "audio_features")}
    return Clip(clip.id, "clip", clip.item, clip.source, clip.span, {part.stage: part}, folders)


def measure(clip: Clip, folder: Path) -> SyncPart:
    (measured,) = run_stage(Sync(), clip, folder / "sync")
    return measured.part(SyncPart)


@pytest.mark.parametrize("late", [-11, -5, -1, 0, 1, 5, 12])
def test_sound_that_is_late_has_a_positive_offset(clip: Clip, tmp_path: Path, late: int) -> None:
    part = measure(made_up(clip, tmp_path, late), tmp_path)
    assert part.offset_ms == pytest.approx(40 * late, abs=4)
    assert part.offset_frames == pytest.approx(late, abs=0.1)
    assert part.peak is not None
    assert part.peak > 0.8
    assert part.margin is not None
    assert part.margin > 0.2
    assert part.curve is not None
    assert len(part.curve) == 31
    assert int(np.argmax(part.curve)) == 15 + late


@pytest.mark.parametrize("late", [0, 6])
def test_offset_of_a_real_file_with_late_sound(tmp_path: Path, late: int) -> None:
    clip = dummy_clip(tmp_path / "dummy", frames=125, sound_late_frames=late)
    (clip,) = run_stage(AudioFeatures(), clip, tmp_path / "audio_features")
    part = measure(clip, tmp_path)
    assert part.offset_ms == pytest.approx(40 * late, abs=20)


def test_backend_and_empty_fit_are_named(clip: Clip, tmp_path: Path) -> None:
    part = measure(made_up(clip, tmp_path), tmp_path)
    assert (part.backend, part.fit_id) == ("envelope", "")


def test_a_still_mouth_has_no_offset(clip: Clip, tmp_path: Path) -> None:
    assert measure(made_up(clip, tmp_path, still=True), tmp_path) == SyncPart()


def test_a_short_clip_has_no_offset(clip: Clip, tmp_path: Path) -> None:
    assert measure(made_up(clip, tmp_path, frames=74), tmp_path) == SyncPart()
    assert measure(made_up(clip, tmp_path, frames=75), tmp_path).peak is not None


def test_silence_has_no_offset(clip: Clip, tmp_path: Path) -> None:
    silent = made_up(clip, tmp_path)
    logmel = np.full((125, 80), np.log(1e-10), np.float16)
    save_arrays(silent.file(AudioFeaturesPart, "features.npz"), logmel=logmel)
    assert measure(silent, tmp_path) == SyncPart()


def test_frames_without_a_face_are_bridged(clip: Clip, tmp_path: Path) -> None:
    gappy = made_up(clip, tmp_path, late=4)
    mouth = gappy.arrays(TracksPart)["mouth"].copy()
    valid = np.ones(125, np.bool_)
    valid[[30, 31, 80]] = False
    mouth[~valid] = np.nan
    save_arrays(gappy.file(TracksPart, "features.npz"), mouth=mouth)
    save_arrays(gappy.file(TracksPart, "track.npz"), valid=valid)
    assert measure(gappy, tmp_path).offset_ms == pytest.approx(160, abs=8)
    save_arrays(gappy.file(TracksPart, "track.npz"), valid=np.zeros(125, np.bool_))
    assert measure(gappy, tmp_path) == SyncPart()


def test_correlation_agrees_with_numpy() -> None:
    random = np.random.default_rng(5)
    lips, sound = random.normal(size=60), random.normal(size=60)
    curve = correlate(lips, sound, 30)
    assert curve is not None
    assert curve[15] == pytest.approx(np.corrcoef(lips, sound)[0, 1])
    assert curve[15 + 4] == pytest.approx(np.corrcoef(lips[:-4], sound[4:])[0, 1])
    assert curve[15 - 7] == pytest.approx(np.corrcoef(lips[7:], sound[:-7])[0, 1])


def test_peak_of_a_parabola_is_exact() -> None:
    lags = np.arange(-15, 16)
    offset, peak, margin = read_peak(1 - 0.01 * (lags - 3.3) ** 2)
    assert offset == pytest.approx(3.3)
    assert peak == pytest.approx(0.9991)
    assert margin == pytest.approx(0.072)  # to lag 6, three frames away
    assert read_peak(0.01 * lags)[0] == 15  # at the edge there is no parabola


def offset_ms(path: Path, folder: Path) -> float:
    """Offset of the one clip of a real file, through all the stages that sync needs."""
    from tthd_tools.clip import Span
    from tthd_tools.media import probe
    from tthd_tools.stage import stage_class
    from tthd_tools.testing import dummy_item

    found = probe(path)
    item = dummy_item(size_bytes=found.size_bytes, probe=found.model_dump(mode="json"))
    clip = Clip("sync", "item", item, path, Span(0.0, found.duration_s))
    for name in ("scenes", "tracks", "audio_features", "sync"):
        (clip,) = run_stage(stage_class(name)(), clip, folder / name)
    offset = clip.part(SyncPart).offset_ms
    assert offset is not None
    return offset


@pytest.mark.real
@pytest.mark.usefixtures("embedded_weights")
def test_shifts_between_real_files_are_measured(shared: Path, tmp_path: Path) -> None:
    edge_cases = shared / "media" / "edge_cases"
    names = ("ref", "delay5f", "delay12f")
    reference, five, twelve = (
        offset_ms(edge_cases / f"sync_example_{name}.avi", tmp_path / name) for name in names
    )
    assert five - reference == pytest.approx(189, abs=20)
    assert twelve - reference == pytest.approx(469, abs=20)
