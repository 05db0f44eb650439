"""Facts of a file, and one clear sentence for every file that is none."""

from __future__ import annotations

import os
import socket
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from tests.media.movie import RATE_HZ, write_movie
from tthd_tools.errors import MediaError
from tthd_tools.media import Probe, probe, read_audio, read_frames


def even(rate: Fraction | int, count: int, start_s: float = 0.0) -> list[float]:
    return [start_s + float(i / Fraction(rate)) for i in range(count)]


def silence(length_s: float, channels: int = 1) -> np.ndarray:
    return np.zeros((channels, round(length_s * RATE_HZ)), np.float32)


def test_facts_of_a_plain_file(tmp_path: Path) -> None:
    path = write_movie(
        tmp_path / "a.mp4", even(25, 50), size=(96, 64), sound=silence(2, 2), layout="stereo"
    )
    facts = probe(path)
    assert facts.container.startswith("mov,mp4")
    assert facts.size_bytes == path.stat().st_size
    assert (facts.width, facts.height, facts.rotation_deg) == (96, 64, 0)
    assert (facts.video_codec, facts.pixel_format, facts.bit_depth) == ("h264", "yuv420p", 8)
    assert (facts.duration_s, facts.fps, facts.variable) == (2.0, 25.0, False)
    assert facts.first_timestamp_s == 0.0
    assert (facts.audio_codec, facts.audio_rate_hz, facts.audio_channels) == ("aac", 48000, 2)
    assert facts.audio_start_s == pytest.approx(0.0, abs=0.001)
    assert facts.audio_duration_s == pytest.approx(2.0, abs=0.03)


def test_a_probe_is_frozen_and_survives_json(tmp_path: Path) -> None:
    facts = probe(write_movie(tmp_path / "a.mp4", even(25, 5)))
    assert Probe.model_validate_json(facts.model_dump_json()) == facts
    assert facts.audio_codec is None
    assert facts.audio_rate_hz is None
    with pytest.raises(ValidationError):
        facts.width = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("rate", "fps"), [("24000/1001", 23.976), ("30000/1001", 29.97), ("12", 12.0), ("60", 60.0)]
)
def test_even_rates(tmp_path: Path, rate: str, fps: float) -> None:
    facts = probe(write_movie(tmp_path / "a.mp4", even(Fraction(rate), 80)))
    assert facts.fps == pytest.approx(fps, abs=0.001)
    assert facts.variable is False
    assert facts.duration_s == pytest.approx(80 / float(Fraction(rate)), abs=0.001)


def test_an_uneven_rate_is_noticed(tmp_path: Path) -> None:
    facts = probe(write_movie(tmp_path / "a.mp4", [0, 0.033, 0.1, 0.133, 0.2, 0.233, 0.3]))
    assert facts.variable is True
    late = even(25, 80) + even(10, 60, 3.2)
    assert probe(write_movie(tmp_path / "b.mp4", late)).variable is True


@pytest.mark.parametrize(("turn", "shown"), [(90, (64, 96)), (180, (96, 64)), (270, (64, 96))])
def test_rotation_gives_the_upright_size(tmp_path: Path, turn: int, shown: tuple[int, int]) -> None:
    facts = probe(write_movie(tmp_path / "a.mp4", even(25, 5), size=(96, 64), rotation_deg=turn))
    assert (facts.width, facts.height, facts.rotation_deg) == (*shown, turn)


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    wide = write_movie(tmp_path / "a.mp4", even(25, 5), aspect=Fraction(4, 3))
    tall = write_movie(tmp_path / "b.mp4", even(25, 5), aspect=Fraction(1, 2))
    assert (probe(wide).width, probe(wide).height) == (85, 64)
    assert (probe(tall).width, probe(tall).height) == (64, 128)


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_a_browser_recording_without_duration_is_read_through(tmp_path: Path, codec: str) -> None:
    times_s = [round(t, 3) for t in even(30, 100)]
    times_s[50:] = [t + 0.4 for t in times_s[50:]]
    path = write_movie(
        tmp_path / "a.webm",
        times_s,
        codec=codec,
        tick=Fraction(1, 1000),
        sound=silence(3.7),
        sound_codec="libopus",
        muxer_options={"live": "1"},
    )
    facts = probe(path)
    assert facts.duration_s == pytest.approx(3.733, abs=0.002)
    assert facts.fps == pytest.approx(99 / 3.7, abs=0.01)
    assert facts.variable is True
    assert facts.audio_codec in ("opus", "libopus")
    assert len(list(read_frames(path))) == 100


def test_ten_bits_are_told(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 5), pixel_format="yuv422p10le")
    assert (probe(path).pixel_format, probe(path).bit_depth) == ("yuv422p10le", 10)


def test_starts_are_relative_to_the_first_picture(tmp_path: Path) -> None:
    path = write_movie(
        tmp_path / "a.mkv", even(25, 50, 0.84), tick=Fraction(1, 1000), sound=silence(2)
    )
    facts = probe(path)
    assert facts.first_timestamp_s == pytest.approx(0.84, abs=0.03)
    assert facts.audio_start_s == pytest.approx(-0.84, abs=0.03)


def refused(path: Path) -> MediaError:
    with pytest.raises(MediaError) as caught:
        probe(path)
    sentence = str(caught.value)
    assert sentence.startswith(repr(path.name))
    assert "\n" not in sentence
    assert ": " in sentence
    return caught.value


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    loop = tmp_path / "loop.mp4"
    loop.symlink_to(loop)
    fifo = tmp_path / "fifo.mp4"
    os.mkfifo(fifo)
    plug = socket.socket(socket.AF_UNIX)
    plug.bind(str(tmp_path / "s"))
    plug.close()
    empty = tmp_path / "empty.mp4"
    empty.touch()
    codes = {
        path.name: (refused(path).code, refused(path).reason)
        for path in (tmp_path / "absent.mp4", tmp_path, loop, fifo, tmp_path / "s", empty)
    }
    assert codes == {
        "absent.mp4": ("S004", "unreadable"),
        tmp_path.name: ("S001", "undecodable"),
        "loop.mp4": ("S004", "unreadable"),
        "fifo.mp4": ("S001", "undecodable"),
        "s": ("S001", "undecodable"),
        "empty.mp4": ("S007", "empty"),
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 5))
    path.chmod(0)
    assert refused(path).code == "S004"


def test_a_refused_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 5))

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    error = refused(path)
    assert (error.code, error.reason) == ("S004", "unreadable")
    assert str(error) == "'a.mp4' may not be read (permission denied): allow reading it"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("text.mp4", b"Dear diary, this is not a video.\n" * 50, "S001"),
        ("zeros.mp4", bytes(5000), "S001"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\nother.mp4\n#EXT-X-ENDLIST\n", "S001"),
        ("concat.mp4", b"ffconcat version 1.0\nfile other.mp4\n", "S001"),
        ("head.mp4", b"\x00\x00\x00\x20ftypisom" + bytes(3000), "S002"),
        ("head.webm", b"\x1aE\xdf\xa3" + bytes(3000), "S002"),
    ],
)
def test_files_that_are_no_media(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    write_movie(tmp_path / "other.mp4", even(25, 5))
    path = tmp_path / name
    path.write_bytes(content)
    assert refused(path).code == code


def test_an_mp4_cut_off_before_its_index(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 50), muxer_options={"movflags": "0"})
    path.write_bytes(path.read_bytes()[:500])
    error = refused(path)
    assert error.code == "S002"
    assert "cut off" in str(error)
    with pytest.raises(MediaError):
        list(read_frames(path))
    with pytest.raises(MediaError):
        read_audio(path, 0, 1)


def test_absurd_pictures(tmp_path: Path) -> None:
    assert refused(write_movie(tmp_path / "one.mp4", [0.0])).code == "S005"
    tiny = write_movie(tmp_path / "tiny.mkv", even(25, 5), size=(8, 8), codec="ffv1")
    assert "8x8 px" in str(refused(tiny))
    fast = write_movie(tmp_path / "fast.mp4", even(5000, 40))
    assert refused(fast).reason == "absurd"
    assert "5000 pictures a second" in str(refused(fast))


def test_a_one_pixel_video(tmp_path: Path) -> None:
    path = tmp_path / "dot.mkv"
    write_movie(
        path,
        even(25, 5),
        size=(1, 1),
        codec="ffv1",
        pixel_format="gray",
        picture_format="gray",
        pictures=lambda _: np.full((1, 1), 128, np.uint8),
    )
    assert refused(path).code == "S005"


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", ""))
        out.writeframes(bytes(32000))
    error = refused(path)
    assert (error.code, error.reason) == ("S003", "no_video")
    with pytest.raises(MediaError, match="no video stream"):
        list(read_frames(path))


@pytest.mark.parametrize(
    "name",
    [
        "two words.mp4",
        'it\'s "quoted".mp4',
        "two\nlines.mp4",
        "བོད་སྐད།.mp4",
        "concat:a|b.mp4",
        "http:%2F.mp4",
        "n" * 200 + ".mp4",
        b"latin \xe9\xff.mp4".decode("utf-8", "surrogateescape"),
    ],
)
def test_any_file_name_opens_and_is_told_on_one_line(tmp_path: Path, name: str) -> None:
    plain = write_movie(tmp_path / "plain.mp4", even(25, 6), sound=silence(0.24))
    path = plain.rename(tmp_path / name)
    assert probe(path).duration_s == pytest.approx(0.24)
    assert len(list(read_frames(path))) == 6
    assert len(read_audio(path, 0, 0.2)) == 3200
    path.write_bytes(path.read_bytes()[:300])
    assert refused(path).code == "S002"
    str(refused(path)).encode()


def test_foreign_letters_in_the_metadata_do_no_harm(tmp_path: Path) -> None:
    path = write_movie(
        tmp_path / "a.avi", even(25, 20), codec="mpeg4", tick=Fraction(1, 25), metadata="title here"
    )
    path.write_bytes(path.read_bytes().replace(b"title here", b"titl\xe9 \xff\xfe\x80"))
    assert probe(path).video_codec == "mpeg4"


def test_nothing_is_written_to_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write_movie(tmp_path / "a.mp4", even(25, 50))
    capfd.readouterr()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)
    with pytest.raises(MediaError):
        list(read_frames(path))
    assert capfd.readouterr() == ("", "")
