"""Copies are found whatever was done to the file, and other takes of the same person are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.films import cut_off, studio, talk, write_studio
from tthd_tools.errors import MediaError
from tthd_tools.manifest.fingerprint import (
    HOP,
    RATE_HZ,
    Copies,
    Fingerprint,
    fingerprint,
    picture_hash,
    sound_words,
)
from tthd_tools.media import probe, read_audio, sample_frames, write_movie

Samples = NDArray[np.float32]


def look(path: Path) -> Fingerprint:
    return fingerprint(path, probe(path))


def recode(
    film: Path, path: Path, size: int, *, start_s: float = 0.0, fps: float = 25.0, gain: float = 0.6
) -> Path:
    """The film smaller, quieter and by other codecs; its beginning may be cut off."""
    end_s = probe(film).duration_s
    frames = [one.frame.rgb(size, size) for one in sample_frames(film, start_s, end_s, fps)]
    sound = read_audio(film, start_s, end_s, 48_000) * gain
    times_s = [k / fps for k in range(len(frames))]
    web = {"video_codec": "libvpx", "audio_codec": "libopus"} if path.suffix == ".webm" else {}
    write_movie(path, frames, times_s, sound, 48_000, **web)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return talk(tmp_path_factory.mktemp("film") / "film.mp4", 4.0)


def test_a_smaller_and_a_shortened_copy_are_found(tmp_path: Path, film: Path) -> None:
    copies = Copies()
    assert copies.add("film", look(film)) is None
    small = recode(film, tmp_path / "small.mp4", 128)
    assert copies.add("small", look(small)) == "film"
    cut = recode(film, tmp_path / "cut.webm", 160, start_s=1.3, fps=20.0)
    assert copies.add("cut", look(cut)) in ("film", "small")


def test_other_words_in_the_same_studio_are_no_copy(tmp_path: Path, film: Path) -> None:
    """The picture is the same one; the sound is that of another take."""
    copies = Copies()
    copies.add("film", look(film))
    other = probe(talk(tmp_path / "other.mp4", 0.5, 4.0))
    frames = [one.frame.rgb(128, 128) for one in sample_frames(film, 0, 4.0)]
    sound = read_audio(tmp_path / "other.mp4", 0.5, other.duration_s, 48_000)
    again = tmp_path / "again.mp4"
    write_movie(again, frames, [k / 25 for k in range(100)], sound, 48_000)
    assert copies.add("again", look(again)) is None


def test_the_same_sound_with_another_picture_is_no_copy(tmp_path: Path, film: Path) -> None:
    """Several cameras of one take, or a voice over."""
    copies = Copies()
    copies.add("film", look(film))
    scene = studio(0.2, 4.0, sound=False)
    frames = [np.ascontiguousarray(one[:, ::-1]) for one in list(scene.frames())[5:105]]
    view = tmp_path / "view.mp4"
    sound = read_audio(film, 0, 4.0, 48_000)
    write_movie(view, frames, [k / 25 for k in range(len(frames))], sound, 48_000)
    assert copies.add("view", look(view)) is None


def test_silence_and_hum_are_nobodys_copy(tmp_path: Path) -> None:
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    hum = np.sin(2 * np.pi * 400 * time_s).astype(np.float32) * 0.1
    rng = np.random.default_rng(0)
    copies = Copies()
    for k, sound in enumerate([hum * 0, hum * 0, noisy(hum, rng), noisy(hum, rng)]):
        picture = np.zeros(1, np.uint64)
        one = Fingerprint(sound_words([sound]), np.zeros(1), picture)
        assert copies.add(str(k), one) is None


def noisy(sound: Samples, rng: np.random.Generator) -> Samples:
    return sound + rng.normal(0, 1e-3, len(sound)).astype(np.float32)


def test_many_takes_are_told_apart() -> None:
    """Words of 300 random sounds; each is found again, shifted, a quarter of its bits off."""
    rng = np.random.default_rng(1)
    copies = Copies()
    takes = [rng.integers(1, 2**32, 200, dtype=np.uint32) for _ in range(300)]
    none = np.zeros(1), np.zeros(1, np.uint64)
    for k, words in enumerate(takes):
        assert copies.add(f"take {k}", Fingerprint(words, *none)) is None
    for k in (0, 17, 299):
        shifted = takes[k][40:].copy()
        hit = rng.random(len(shifted)) < 0.5
        shifted[hit] ^= rng.integers(1, 2**32, int(hit.sum()), dtype=np.uint32)
        assert copies.add("again", Fingerprint(shifted, *none)) == f"take {k}"


def test_chunks_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    sound = rng.normal(0, 0.1, 3 * RATE_HZ).astype(np.float32)
    whole = sound_words([sound])
    assert len(whole) == (len(sound) - 2048) // HOP + 1
    pieces: Iterator[Samples] = iter(np.split(sound, [100, 2047, 2048, 9000, 9001]))
    assert np.array_equal(sound_words(pieces), whole)
    assert not sound_words([np.zeros(5000, np.float32)]).any()
    assert len(sound_words([sound[:2000]])) == len(sound_words([])) == 0


def test_brightness_and_contrast_do_not_change_a_picture() -> None:
    rng = np.random.default_rng(3)
    ramp = np.linspace(0, 90, 32)[None, :] + np.linspace(0, 60, 32)[:, None] ** 1.2
    one = np.clip(ramp + rng.normal(0, 2, (32, 32)), 0, 255).astype(np.uint8)
    paler = np.clip(one * 0.8 + 30, 0, 255).astype(np.uint8)
    assert (picture_hash(one) ^ picture_hash(paler)).bit_count() <= 8
    assert (picture_hash(one) ^ picture_hash(one[::-1].copy())).bit_count() > 16


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    write_studio(studio(3.0), film)
    facts = probe(film)
    cut = cut_off(film, tmp_path / "cut.mkv", 0.6)
    with pytest.raises(MediaError, match="is damaged"):
        fingerprint(cut, facts)


@pytest.mark.real
def test_real_talkers_are_no_copies_of_each_other(shared: Path, tmp_path: Path) -> None:
    copies = Copies()
    names = ("th01", "th05", "th13", "th14", "th15")
    films = [next((shared / "media" / "talkers").glob(f"{name}*")) for name in names]
    for film in films:
        assert copies.add(film.name, look(film)) is None
    small = recode(films[-1], tmp_path / "small.mp4", 160)
    assert copies.add("small", look(small)) == films[-1].name
