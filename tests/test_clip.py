"""A clip is one immutable record that finds its parts, files, frames and sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from tthd_tools.clip import Clip, ClipFrame, Item, Part, Span
from tthd_tools.errors import MediaError
from tthd_tools.media import Crop
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.testing import dummy_clip, dummy_item


class NotePart(Part):
    stage: ClassVar[str] = "note"
    words: int | None = None


class OtherPart(Part):
    stage: ClassVar[str] = "note"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return dummy_clip(tmp_path_factory.mktemp("clip"), frames=20)


def bare(**fields: object) -> Clip:
    given = {"id": "a", "level": "scene", "span": Span(1.0, 3.0), **fields}
    return Clip(item=dummy_item(), source=Path("dummy.mp4"), **given)  # type: ignore[arg-type]


def test_part_is_found_by_its_class() -> None:
    clip = bare()
    noted = clip.with_part(NotePart(words=3))
    assert noted.part(NotePart).words == 3
    assert noted.has(NotePart)
    assert not clip.has(NotePart)
    with pytest.raises(KeyError, match="a has no NotePart"):
        clip.part(NotePart)
    with pytest.raises(KeyError, match="a has no OtherPart"):
        noted.part(OtherPart)


def test_records_are_immutable_and_strict() -> None:
    with pytest.raises(FrozenInstanceError):
        bare().id = "b"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        NotePart().words = 3  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Item(**dummy_item().model_dump(), shoe_size=44)


def test_part_takes_no_fake_number() -> None:
    class Loud(Part):
        stage: ClassVar[str] = "loud"
        level: float | None

    assert Loud(level=None).level is None
    with pytest.raises(ValidationError, match="finite"):
        Loud(level=float("nan"))


def test_child_is_a_piece_with_one_more_part() -> None:
    parent = bare().with_part(NotePart(words=1))
    child = parent.child("007", "clip", Span(1.5, 2.0), OtherPart())
    assert (child.id, child.level, child.span.duration_s) == ("007", "clip", 0.5)
    assert child.has(OtherPart)
    assert parent.has(NotePart)
    assert child.item is parent.item


def test_ended_piece_says_why() -> None:
    ended = bare().ended("001", Span(1.0, 1.4), "short_track", face_px=31.0)
    assert (ended.level, ended.reason, dict(ended.numbers)) == (
        "track",
        "short_track",
        {"face_px": 31.0},
    )


def test_files_lie_in_the_folder_of_their_stage(tmp_path: Path) -> None:
    clip = bare(folders={"note": tmp_path})
    assert clip.file(NotePart, "a.txt") == tmp_path / "a.txt"
    np.savez(tmp_path / "features.npz", curve=np.arange(3))
    assert clip.arrays(NotePart)["curve"].tolist() == [0, 1, 2]


def test_arrays_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "features.npz", bad=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        bare(folders={"note": tmp_path}).arrays(NotePart)


def test_frames_carry_the_crop_of_each_frame(clip: Clip) -> None:
    frames = list(clip.frames())
    assert [frame.k for frame in frames] == list(range(20)) == list(range(clip.frame_count))
    assert frames[3].t_s == pytest.approx(0.12)
    assert frames[0].crop == Crop(96.0, 72.0, 128.0, 0.0)
    assert frames[0].luma(32).shape == (32, 32)
    assert frames[0].rgb(32).shape == (32, 32, 3)
    assert [plane.shape for plane in frames[0].yuv(32)] == [(32, 32), (16, 16), (16, 16)]


def test_frames_of_a_span_begin_where_it_begins(clip: Clip) -> None:
    crop = clip.arrays(TracksPart, "track.npz")["crop"]
    assert len(crop) == 20
    later = replace(clip, span=Span(0.4, 0.6))
    assert [frame.k for frame in later.frames()] == [0, 1, 2, 3, 4]
    assert next(iter(later.frames())).t_s == pytest.approx(0.4)


def test_scene_shows_its_whole_picture(clip: Clip) -> None:
    scene = replace(clip, level="scene")
    frame = first(scene.frames())
    assert frame.crop is None
    assert (frame.frame.width, frame.frame.height) == (192, 144)
    with pytest.raises(ValueError, match="only a clip has a crop"):
        frame.luma(32)


def first(frames: Iterator[ClipFrame]) -> ClipFrame:
    return next(frames)


def test_sound_is_mono_on_the_picture_clock_and_shared(clip: Clip) -> None:
    sound = clip.audio()
    assert sound.shape == (12_800,)
    assert sound.dtype == np.float32
    assert clip.audio(8_000).shape == (6_400,)
    assert clip.audio() is sound
    with pytest.raises(ValueError, match="read-only"):
        sound[0] = 1.0


def test_sound_that_is_not_there_is_told(tmp_path: Path) -> None:
    from tests.acts import film

    path = film(tmp_path / "silent.mp4", 50, frames=10)
    silent = replace(bare(), source=path, span=Span(0.0, 0.4))
    with pytest.raises(MediaError) as error:
        silent.audio()
    assert error.value.reason == "no_audio"
