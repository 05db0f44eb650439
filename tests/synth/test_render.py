"""A rendered file agrees with its truth: length, cuts, jumps, sound, motion."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.media import probe, read_audio, read_frames
from tthd_tools.synth import (
    Actor,
    Jump,
    Script,
    Studio,
    Take,
    Truth,
    invent_person,
    read_truth,
    render,
    truth_path,
)

SMALL = (192, 192)


def one_take(seconds: float, seed: int = 0, **options: object) -> Take:
    actor = Actor(invent_person(seed), size=0.24)
    return Take((actor,), seconds, background=seed, seed=seed, **options)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """A cut at 2.0 s and a jump cut at 3.2 s, at 25 fps."""
    path = tmp_path_factory.mktemp("synth") / "film.mp4"
    jump = Jump(at_s=1.2, skip_s=0.8, zoom=1.1)
    script = Script((one_take(2.0), one_take(2.4, seed=1, jumps=(jump,))), size=SMALL)
    return path, render(script, path)


def test_the_file_has_the_length_and_streams_of_its_truth(film: tuple[Path, Truth]) -> None:
    path, truth = film
    found = probe(path)
    assert (found.width, found.height, found.fps) == (192, 192, pytest.approx(25.0))
    assert found.duration_s == pytest.approx(4.4, abs=0.01)
    assert (found.audio_codec, found.audio_rate_hz) == ("aac", 48_000)
    assert len(truth.times_s) == 110
    assert len(list(read_frames(path))) == 110


def test_cuts_lie_where_the_picture_changes(film: tuple[Path, Truth]) -> None:
    path, truth = film
    assert truth.cuts_s == [2.0]
    assert truth.jump_cuts_s == [3.2]
    luma = np.array([f.luma(96, 96) for f in read_frames(path)], dtype=float)
    change = np.abs(np.diff(luma, axis=0)).mean(axis=(1, 2))
    assert sorted((np.argsort(change)[-2:] + 1).tolist()) == [50, 80]


def test_truth_is_read_back_as_it_was_written(film: tuple[Path, Truth]) -> None:
    path, truth = film
    assert truth_path(path).name == "film.truth.json"
    assert read_truth(path) == truth
    assert [(t.speaker, t.first_frame, len(t.boxes)) for t in truth.faces] == [
        ("person00", 0, 50),
        ("person01", 50, 60),
    ]
    assert all(len(points) == 60 for points in truth.faces[1].landmarks.values())


def test_a_punch_in_makes_the_face_larger_by_its_zoom(film: tuple[Path, Truth]) -> None:
    track = film[1].faces[1]
    widths = [right - left for left, _, right, _ in track.boxes]
    assert np.mean(widths[30:]) / np.mean(widths[:30]) == pytest.approx(1.1, abs=0.03)


def test_a_jump_skips_performance_time() -> None:
    still = Studio(Script((one_take(4.0),), size=SMALL)).truth().faces[0]
    jump = Jump(at_s=1.0, skip_s=1.0)
    cut = Studio(Script((one_take(3.0, jumps=(jump,)),), size=SMALL)).truth().faces[0]
    assert cut.opening[:25] == still.opening[:25]
    assert cut.opening[25:74] == still.opening[50:99]


def test_the_sound_is_cut_with_the_picture() -> None:
    jump = Jump(at_s=1.0, skip_s=1.0)
    whole = Studio(Script((one_take(4.0),), size=SMALL)).sound()
    cut = Studio(Script((one_take(3.0, jumps=(jump,)),), size=SMALL)).sound()
    assert cut[:47_000] == pytest.approx(whole[:47_000], abs=1e-3)
    assert cut[49_000:140_000] == pytest.approx(whole[97_000:188_000], abs=1e-3)


def test_a_positive_offset_makes_the_sound_late(tmp_path: Path) -> None:
    sounds = []
    for offset_ms in (0.0, 320.0, -200.0):
        path = tmp_path / "a.mp4"
        render(Script((one_take(2.0),), size=(64, 64), offset_ms=offset_ms), path)
        sounds.append(read_audio(path, 0.0, 2.0, 16_000))
    on_time, late, early = sounds
    assert np.corrcoef(late[5120:], on_time[:-5120])[0, 1] > 0.99
    assert np.corrcoef(early[:-3200], on_time[3200:])[0, 1] > 0.99


def test_a_dissolve_mixes_as_many_frames_as_asked() -> None:
    takes = (one_take(1.0), one_take(1.0, seed=1, dissolve_frames=6))
    mixed = list(Studio(Script(takes, size=SMALL, grain=0.0)).frames())
    hard = list(
        Studio(
            Script((takes[0], one_take(1.0, seed=1)), size=SMALL, grain=0.0),
        ).frames()
    )
    differ = [k for k in range(50) if not np.array_equal(mixed[k], hard[k])]
    assert differ == [22, 23, 24, 25, 26, 27]


def test_a_file_without_sound_has_no_sound_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    truth = render(Script((one_take(1.0),), size=(64, 64), sound=False), path)
    assert probe(path).audio_codec is None
    assert not truth.sound


def test_noise_lies_as_far_under_the_speech_as_asked() -> None:
    clean = Studio(Script((one_take(4.0),), size=SMALL)).sound()
    noisy = Studio(Script((one_take(4.0),), size=SMALL, noise_db=20)).sound()
    noise = (noisy - clean).astype(float)
    ratio_db = 10 * np.log10(np.mean(clean.astype(float) ** 2) / np.mean(noise**2))
    assert ratio_db == pytest.approx(20.0, abs=0.5)


def test_a_panned_background_moves_as_the_truth_says() -> None:
    import cv2

    take = Take((), 1.0, background=4, pan_px_s=(12.5, -5.0))
    studio = Studio(Script((take,), size=SMALL, grain=0.0))
    frames = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY).astype(np.float32) for f in studio.frames()]
    (dx, dy), _ = cv2.phaseCorrelate(
        frames[0], frames[20], cv2.createHanningWindow(SMALL, cv2.CV_32F)
    )
    assert studio.truth().background_px[20] == (10.0, -4.0)
    assert (dx, dy) == pytest.approx((10.0, -4.0), abs=0.15)


def test_a_shaken_camera_moves_face_and_background_alike() -> None:
    take = replace(one_take(1.0), shake_px=6.0)
    take = replace(take, actors=(replace(take.actors[0], liveliness=0.0),))
    truth = Studio(Script((take,), size=SMALL)).truth()
    background = np.array(truth.background_px)
    eyes = np.array(truth.faces[0].landmarks["left_eye"])
    assert np.ptp(background[:, 0]) > 4.0
    assert eyes - eyes[0] == pytest.approx(background - background[0], abs=0.01)


def test_same_script_same_bytes(film: tuple[Path, Truth], tmp_path: Path) -> None:
    path, _ = film
    jump = Jump(at_s=1.2, skip_s=0.8, zoom=1.1)
    script = Script((one_take(2.0), one_take(2.4, seed=1, jumps=(jump,))), size=SMALL)
    render(script, tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == path.read_bytes()
    assert (tmp_path / "film.truth.json").read_bytes() == truth_path(path).read_bytes()
