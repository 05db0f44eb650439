"""Transcript files as people have them: encodings, odd subtitles, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.errors import AccessError, UsageError
from tthd_tools.text import Cue, parse_cues, read_transcript
from tthd_tools.text.subtitles import LIMIT_BYTES, decode

LINE = "བཀྲ་ཤིས་བདེ་ལེགས།"
SRT = f"""1
00:00:00,00 --> 00:00:07,43
{LINE}

2
00:00:07,43 --> 00:00:13,750
ང་ཚོ་
འགྲོ།

"""


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_subtitles_become_cues(tmp_path: Path) -> None:
    found = read_transcript(write(tmp_path, "a.srt", SRT))
    assert found.cues == (Cue(0.0, 7.43, LINE, 2), Cue(7.43, 13.75, "ང་ཚོ་\nའགྲོ།", 6))
    assert found.text == f"{LINE}\nང་ཚོ་\nའགྲོ།"
    assert (found.encoding, found.remarks) == ("utf-8", ())


def test_a_file_without_times_is_text(tmp_path: Path) -> None:
    found = read_transcript(write(tmp_path, "a.stt", f"\n{LINE}\n2 -> 3 --> 4\n\n"))
    assert found == (f"\n{LINE}\n2 -> 3 --> 4", (), "utf-8", ())
    assert read_transcript(write(tmp_path, "b.txt", "")).text == ""


@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [SRT, LINE, "ཀ་ཁ་ག།"])
def test_every_usual_encoding_is_read(tmp_path: Path, text: str, codec: str, bom: bool) -> None:
    typed = ("\ufeff" if bom else "") + text.replace("\n", "\r\n")
    path = write(tmp_path, "a.txt", typed.encode(codec))
    expected = read_transcript(write(tmp_path, "plain.txt", text))
    found = read_transcript(path)
    assert found[:2] == expected[:2]
    assert found.encoding == ("utf-16" if bom and codec != "utf-8" else codec)


def test_utf_32_and_doubled_marks_are_read() -> None:
    assert decode(LINE.encode("utf-32"), "a") == (LINE, "utf-32")
    assert decode(f"\ufeff\ufeff{LINE}".encode("utf-16"), "a") == (LINE, "utf-16")


@pytest.mark.parametrize(
    "times",
    [
        "00:00:01,50 --> 00:00:02,250",
        "0:0:1.5-->0:0:2.25",
        " 00 : 00 : 01 , 5  -- >  00:00:02:25",
        "00:01,500 –> 00:02,25",
        "00:00:01.500 → 00:00:02.250",
        "00:01.500 --> 00:02.250 align:start position:0%",
        "000:00:01,5 --> 000:00:02,25\t",
    ],
)
def test_odd_time_codes_are_read(times: str) -> None:
    assert parse_cues(f"{times}\nཀ")[0] == (Cue(1.5, 2.25, "ཀ", 1),)


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("0:01 --> 0:02\nཀ\n0:02 --> 0:03\nཁ", ["ཀ", "ཁ"]),  # no numbers, no blank lines
        ("7\n\n0:01 --> 0:02\n\nཀ\n\n\n8\n\n0:02 --> 0:03\n\nཁ", ["ཀ", "ཁ"]),
        ("1\n0:01 --> 0:02\n2024\n\n2\n0:02 --> 0:03\n15", ["2024", "15"]),
        ("1\n0:01 --> 0:02\nཀ\n2024\n\n0:02 --> 0:03\nཁ", ["ཀ\n2024", "ཁ"]),
        ("0:01 --> 0:02\n<i>ཀ</i> <font color='red'>{\\an8}ཁ</font>", ["ཀ ཁ"]),
        ("0:01 --> 0:02\n{སྦག་སུ་}ལ <3 <ཀ>", ["{སྦག་སུ་}ལ <3 <ཀ>"]),  # a corpus's own marks
        ("WEBVTT\n\n00:01.0 --> 00:02.0\nཀ", ["ཀ"]),
    ],
)
def test_what_belongs_to_a_cue(text: str, cues: list[str]) -> None:
    found, remarks = parse_cues(text)
    assert [one.text for one in found] == cues
    assert remarks == ()


def test_what_is_left_out_is_told() -> None:
    found, remarks = parse_cues(
        "Title\n\n1\n0:01 --> 0:02\n\n2\n0:02 --> 0:03\n\n3\n0:05 --> 0:04\nཀ\n\n0:06 --> 0:07\nཁ\n"
    )
    assert [one.text for one in found] == ["ཁ"]
    assert remarks == (
        "line 1: text before the first time code is left out: 'Title'",
        "line 10: a cue that ends before it begins is left out",
        "line 4: the first of 2 cues without text; left out",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0:01 --> 0:02\nཀ\n\nx --> 0:04\nཁ", "'a.srt' line 4: 'x --> 0:04' is no pair of time"),
        ("0:01 --> 0:02\nཀ\n\n0:03 --> end\nཁ", "line 4: '0:03 --> end' is no pair of time codes"),
        ("ཀ་ཁ", "'a.srt' has no time codes; save it as .txt"),
        ("0:01 --> 0:02\nཀ\n" * 100_001, "has 100001 cues, more than 100000; split it"),
    ],
)
def test_subtitles_that_cannot_be_read_say_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_transcript(write(tmp_path, "a.srt", text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"abc\0def",
        b"\xed\xa0\x80abc",  # half a surrogate pair as UTF-8
        b"\xff\xfe\x00\xd8ab",  # and as UTF-16
        b"\xff\xfea",  # cut off in a character
        "Grüße aus Köln".encode("latin-1"),
        b"\x1b[31mred",
        bytes(range(256)),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError, match="is no text in UTF-8 or UTF-16; save it as UTF-8"):
        read_transcript(write(tmp_path, "a.txt", content))


def test_files_that_cannot_be_taken(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.txt"):
        with pytest.raises(UsageError, match="is no file"):
            read_transcript(path)
    with pytest.raises(UsageError, match=r"'big.txt' is larger than 8 MB; split it"):
        read_transcript(write(tmp_path, "big.txt", b"a" * (LIMIT_BYTES + 1)))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, "a.txt", LINE)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AccessError, match="permission denied"):
        read_transcript(path)


@pytest.mark.parametrize(
    "text",
    ["1:1 " * 500_000, "0:1" + " " * 2_000_000, "<i " * 500_000, "\n" * 2_000_000, "1:" * 900_000],
)
def test_hostile_files_of_megabytes_are_no_trouble(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "a.txt", f"0:01 --> 0:02\n{text}\n")
    assert read_transcript(path).text == text.strip()


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-16")))
@settings(max_examples=200)
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text, _ = decode(data, "a")
    except UsageError:
        return
    assert "\0" not in text
    assert "\r" not in text
    text.encode("utf-8")


@given(st.text(st.sampled_from("01:,.-> \nཀa<i>{\\}")))
@settings(max_examples=200)
def test_any_lines_are_cues_or_refused(text: str) -> None:
    try:
        cues, _ = parse_cues(text)
    except UsageError:
        return
    assert all(0 <= one.start_s < one.end_s and one.text for one in cues)


@pytest.mark.real
def test_real_files_are_read(real_files: list[Path]) -> None:
    found = {path.name: read_transcript(path) for path in real_files}
    for path in real_files:
        one = found[path.name]
        assert one.encoding == ("utf-16" if path.parent.name == "nanhai_utf16" else "utf-8")
        assert bool(one.cues) == (path.suffix == ".srt")
        assert all(0 <= cue.start_s < cue.end_s < 7200 for cue in one.cues)
        assert all("without text" in remark for remark in one.remarks)
    assert sum(len(one.cues) for one in found.values()) > 750
