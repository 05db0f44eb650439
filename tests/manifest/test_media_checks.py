"""For every rule about files a film that breaks exactly it, made from one that breaks none."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.films import copy_as, cut_off, one_picture, sound_only
from tests.manifest import sample
from tests.manifest.test_c2pa import STORE, credentials
from tthd_tools.errors import UsageError
from tthd_tools.manifest import Finding, check
from tthd_tools.manifest.media_checks import MediaChecks, count_lines
from tthd_tools.media import Probe, probe, read_audio, sample_frames, write_movie

SIZE = (360, 400)


def movie(path: Path, seconds: float, size: tuple[int, int] = SIZE, **kind: Any) -> Path:
    """A slope of grey that brightens, with noise; ``seed`` makes another one."""
    times_s = kind.pop("times_s", [k / 25 for k in range(round(seconds * 25))])
    rng = np.random.default_rng(kind.pop("seed", 0))
    slope = rng.integers(0, 80, (4, 4, 1)).repeat(size[1] // 4, 0).repeat(size[0] // 4, 1)
    frames = (np.broadcast_to(slope + k % 100, (*slope.shape[:2], 3)) for k in range(len(times_s)))
    sound = rng.normal(0, 0.1, round(seconds * 48_000)).astype(np.float32)
    if not kind.pop("sound", True):
        sound = None
    bytes_ = (np.ascontiguousarray(frame, np.uint8) for frame in frames)
    write_movie(path, bytes_, times_s, sound, 48_000 if sound is not None else 16_000, **kind)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return movie(tmp_path_factory.mktemp("film") / "film.mp4", 2.0)


def found(tmp_path: Path, files: list[Path | None], **changes: Any) -> list[Finding]:
    """Findings of a submission of these files; ``None`` is one that is not there."""
    media = tmp_path / "raw" / "media"
    media.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, file in enumerate(files, start=1):
        row = sample.row(number, text_raw=None, text_status="none")
        if file is not None:
            path = media / f"{number}{file.suffix}"
            shutil.copy(file, path)
            row["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
            row["path"] = f"media/{path.name}"
        rows.append(row | changes)
    return look(tmp_path, rows)


def look(tmp_path: Path, rows: list[dict[str, Any]]) -> list[Finding]:
    folder = sample.write(tmp_path / "manifests", rows)
    return check([folder], media=MediaChecks(tmp_path / "raw")).findings


def codes(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(one.code, one.line) for one in findings]


def test_a_good_file_breaks_no_rule(tmp_path: Path, film: Path) -> None:
    facts: dict[str, Any] = {"fps": 25.0, "width": 360, "height": 400, "duration_s": 2.04}
    assert found(tmp_path, [film], **facts) == []


def test_a_file_that_is_not_there(tmp_path: Path, film: Path) -> None:
    (one,) = found(tmp_path, [None])
    assert str(one).endswith(
        "items.jsonl:1 path: The file is not in the raw folder. Got 'media/lab-a_0001.mp4'. "
        "Fix: put it there, or correct the path. [M009]"
    )


@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "linked folder"])
def test_what_is_no_regular_file_is_never_opened(tmp_path: Path, film: Path, kind: str) -> None:
    path = tmp_path / "raw" / "media" / "lab-a_0001.mp4"
    path.parent.mkdir(parents=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(film)
    else:
        path.parent.rmdir()
        shutil.copytree(film.parent, tmp_path / "elsewhere")
        path.parent.symlink_to(tmp_path / "elsewhere")
        shutil.copy(film, tmp_path / "elsewhere" / path.name)
    (one,) = look(tmp_path, [sample.row()])
    assert one.code == ("M008" if "link" in kind else "M009")


def test_other_bytes_than_the_manifest_says(tmp_path: Path, film: Path) -> None:
    (one,) = found(tmp_path, [film], sha256="0" * 64)
    assert (one.code, one.field, one.value) == ("M010", "sha256", "'000000000000…'")
    assert hashlib.sha256(film.read_bytes()).hexdigest()[:12] in one.message


def test_the_same_bytes_are_told_once(tmp_path: Path, film: Path) -> None:
    findings = found(tmp_path, [film, film])
    assert codes(findings) == [("M036", 2)]
    assert findings[0].message.startswith("The same bytes are described already: sub_")


def test_the_same_bytes_under_a_wrong_sha256(tmp_path: Path, film: Path) -> None:
    row = sample.row(1, sha256=hashlib.sha256(film.read_bytes()).hexdigest())
    media = tmp_path / "raw" / "media"
    media.mkdir(parents=True)
    for number in (1, 2):
        shutil.copy(film, media / f"lab-a_000{number}.mp4")
    assert codes(look(tmp_path, [row, sample.row(2)])) == [("M010", 2), ("M011", 2)]


def test_a_copy_in_other_bytes(tmp_path: Path, film: Path) -> None:
    again = tmp_path / "again.mp4"
    frames = [one.frame.rgb(720, 800) for one in sample_frames(film, 0, 2.0)]
    sound = read_audio(film, 0, 2.0, 48_000) * 0.5
    write_movie(again, frames, [k / 25 for k in range(len(frames))], sound, 48_000)
    other = movie(tmp_path / "other.mp4", 2.0, seed=1)
    boxed = copy_as(film, tmp_path / "boxed.mp4", 1)
    findings = found(tmp_path, [film, other, again, boxed])
    assert codes(findings) == [("M011", 3), ("M011", 4)]
    assert {one.message for one in findings} == {
        "Item lab-a_0001 has almost the same picture and sound"
    }


BROKEN: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "no video": (
        lambda film, path: sound_only(path),
        "The file has no video stream. Got 'media/1.mp4'. Fix: give a file with a picture.",
    ),
    "no sound": (
        lambda film, path: movie(path, 2.0, sound=False),
        "The file has no sound stream. Got 'media/1.mp4'. Fix: send it with its sound.",
    ),
    "cut off": (
        lambda film, path: cut_off(film, path, 0.5),
        "The file has sound that is damaged at 0.81 s. Got 'media/1.mp4'. Fix: copy or export it",
    ),
    "end missing": (
        lambda film, path: cut_off(movie(path.with_suffix(".mkv"), 3.0), path, 0.7),
        "The file has sound that is damaged at 1.98 s. Got 'media/1.mp4'. Fix: copy or export it",
    ),
    "no media": (
        lambda film, path: Path(shutil.copy(__file__, path)),
        "The file is not a media file. Got 'media/1.mp4'. Fix: give a video file.",
    ),
    "empty": (
        lambda film, path: (path.touch(), path)[1],
        "The file is empty (0 bytes). Got 'media/1.mp4'. Fix: copy it again.",
    ),
    "one picture": (lambda film, path: one_picture(path, SIZE), "The file has one picture only."),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_decoded(tmp_path: Path, film: Path, kind: str) -> None:
    make, sentence = BROKEN[kind]
    (one,) = found(tmp_path, [make(film, tmp_path / "broken.mp4")])
    assert one.code == "M012"
    assert one.sentence.startswith(sentence)


def test_an_uneven_rate(tmp_path: Path) -> None:
    times_s = [k / 25 + 0.015 * (k % 3 == 1) for k in range(50)]
    findings = found(tmp_path, [movie(tmp_path / "a.mkv", 2.0, times_s=times_s)], fps=31.0)
    assert codes(findings) == [("M013", 1)]


def test_too_short_and_too_small(tmp_path: Path) -> None:
    short = movie(tmp_path / "a.mp4", 0.8)
    assert codes(found(tmp_path, [short])) == [("M014", 1)]
    shutil.rmtree(tmp_path / "manifests")
    small = movie(tmp_path / "b.mp4", 2.0, (640, 356))
    (one,) = found(tmp_path, [small])
    assert (one.code, one.severity, one.value) == ("M015", "warning", "'640x356'")


def facts(**changes: Any) -> Probe:
    known = {
        "container": "mp4", "size_bytes": 1, "duration_s": 60.0, "video_codec": "h264",
        "width": 1920, "height": 1080, "rotation_deg": 0, "fps": 29.97, "variable": False,
        "pixel_format": "yuv420p", "bit_depth": 8, "first_timestamp_s": 0.0, "audio_codec": "aac",
    }  # fmt: skip
    return Probe.model_validate(known | changes)


@pytest.mark.parametrize(
    ("changes", "stated", "wrong"),
    [
        ({"duration_s": 4 * 3600.0}, {}, []),
        ({"duration_s": 4 * 3600.1}, {}, ["M014"]),
        ({"width": 360, "height": 640}, {}, []),
        ({}, {"width": 1920, "height": 1080, "fps": 29.97, "duration_s": 60.03}, []),
        ({}, {"duration_s": 60.04}, ["M016"]),
        ({}, {"fps": 29.98}, []),
        ({}, {"fps": 30.0}, ["M016"]),
        ({"duration_s": 2.0}, {"fps": 30.0}, []),
        ({}, {"width": 1080, "height": 1920}, ["M016", "M016"]),
        ({"variable": True}, {"fps": 60.0}, ["M013"]),
        ({"fps": None, "variable": None}, {"fps": 60.0}, []),
    ],
)
def test_facts_are_compared_to_a_frame(
    changes: dict[str, Any], stated: dict[str, Any], wrong: list[str]
) -> None:
    from tthd_tools.manifest import ManifestItem
    from tthd_tools.manifest.media_checks import judge_facts

    item = ManifestItem.model_validate(sample.row(**stated))
    assert [one.code for one in judge_facts(item, facts(**changes))] == wrong


def test_a_wrong_fact_says_what_to_write(tmp_path: Path, film: Path) -> None:
    (one,) = found(tmp_path, [film], duration_s=3.0)
    assert (one.code, one.field, one.value) == ("M016", "duration_s", "3.0")
    assert one.fix == f"write {probe(film).duration_s:.3f}, or leave it empty"


def test_a_file_that_forbids_training(tmp_path: Path, film: Path) -> None:
    marked = tmp_path / "marked.mp4"
    marked.write_bytes(film.read_bytes() + credentials(STORE))
    (one,) = found(tmp_path, [marked])
    assert (one.code, one.severity) == ("M030", "error")


def test_credentials_that_cannot_be_read_are_told(tmp_path: Path, film: Path) -> None:
    marked = tmp_path / "marked.mp4"
    store = struct.pack(">I4s", 99, b"jumb")
    marked.write_bytes(film.read_bytes() + credentials(store))
    (one,) = found(tmp_path, [marked])
    assert (one.code, one.severity) == ("M017", "warning")
    assert "cannot be read: they are damaged" in one.message


def test_a_row_with_an_error_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    findings = look(tmp_path, [sample.row(path="../../secret.mp4")])
    assert codes(findings) == [("M008", 1)]


def test_the_submissions_own_folder_comes_first(tmp_path: Path, film: Path) -> None:
    own = tmp_path / "raw" / sample.NAME / "media"
    own.mkdir(parents=True)
    shutil.copy(film, own / "lab-a_0001.mp4")
    sha256 = hashlib.sha256(film.read_bytes()).hexdigest()
    assert look(tmp_path, [sample.row(sha256=sha256)]) == []


def test_a_wrong_raw_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist; give the folder"):
        MediaChecks(tmp_path / "none")


def test_how_much_there_is_to_look_at(tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(k) for k in range(1, 8)])
    assert count_lines([folder, tmp_path / "none"]) == 7
