"""The files of a clip have the promised size, length and content."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.clip import Clip, Span
from tthd_tools.errors import StageError
from tthd_tools.media import probe, read_frames
from tthd_tools.stages.encode import Encode, EncodePart
from tthd_tools.testing import run_stage


def test_picture_and_sound_have_exactly_the_clips_length(clip: Clip, folder: Path) -> None:
    (measured,) = run_stage(Encode(), clip, folder)
    part = measured.part(EncodePart)
    assert (part.size_px, part.frames, part.samples) == (512, 125, 80_000)
    assert part.upscale == 4.0
    assert part.video_bytes == measured.file(EncodePart, "video.mp4").stat().st_size
    frames = list(read_frames(folder / "video.mp4"))
    assert [(frame.width, frame.height) for frame in frames] == [(512, 512)] * 125
    assert probe(folder / "video.mp4").audio_codec is None
    with wave.open(str(folder / "audio.wav")) as sound:
        assert sound.getparams()[:4] == (1, 2, 16_000, 80_000)


def test_the_crop_is_what_is_encoded(clip: Clip, folder: Path) -> None:
    run_stage(Encode(), clip, folder)
    seen = [frame.luma() for frame in read_frames(folder / "video.mp4")]
    wanted = [frame.luma(512) for frame in clip.frames()]
    difference = np.abs(np.array(seen, np.int16) - np.array(wanted, np.int16))
    assert difference.mean() < 1.5


def test_sound_is_that_of_the_clip(clip: Clip, folder: Path) -> None:
    run_stage(Encode(), clip, folder)
    with wave.open(str(folder / "audio.wav")) as file:
        samples = np.frombuffer(file.readframes(80_000), "<i2") / 32768
    assert samples == pytest.approx(clip.audio(), abs=1 / 32768)


@pytest.mark.parametrize(
    ("side_px", "size_px"), [(128.0, 128), (333.9, 332), (1024.0, 1024), (1500.0, 1024)]
)
def test_hd_never_enlarges(side_px: float, size_px: int) -> None:
    assert Encode(profile="hd").size_px(side_px) == size_px
    assert Encode(profile="sd512").size_px(side_px) == 512


def test_hd_keeps_the_crops_own_size(clip: Clip, folder: Path) -> None:
    (measured,) = run_stage(Encode(profile="hd"), clip, folder)
    part = measured.part(EncodePart)
    assert (part.profile, part.size_px, part.upscale) == ("hd", 128, 1.0)


def test_a_source_that_gives_too_few_frames_fails(
    clip: Clip, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = Clip.frames
    short = replace(clip, span=Span(0.0, 1.0))
    monkeypatch.setattr(Clip, "frames", lambda self: list(frames(self))[:24])
    with pytest.raises(StageError, match=r"gave 24 frames .* instead of 25"):
        run_stage(Encode(), short, folder)
