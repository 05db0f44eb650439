"""``tthd text`` as a person types it: what is printed, written and returned."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli_run import Tthd

SRT = "1\n00:00:00,00 --> 00:00:02,50\nབཀྲ་ཤིས་ \u200bབདེ་ལེགས|\n\n2\n00:00:03,0 --> 00:00:04,0\nང\n"


@pytest.fixture
def subtitles(tmp_path: Path) -> Path:
    path = tmp_path / "a.srt"
    path.write_text(SRT, encoding="utf-16")
    return path


def type_in(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def test_import_prints_normal_text(tthd: Tthd, subtitles: Path) -> None:
    done = tthd("text", "import", subtitles)
    assert (done.code, done.out, done.err) == (0, "བཀྲ་ཤིས་ བདེ་ལེགས།\nང\n", "")


def test_import_gives_cues_as_json_with_the_text_as_sent(tthd: Tthd, subtitles: Path) -> None:
    data = tthd("text", "import", subtitles, "--json").json
    assert (data["file"], data["encoding"], data["language"]) == ("a.srt", "utf-16", "bo")
    assert data["cues"][0] == {
        "start_s": 0.0,
        "end_s": 2.5,
        "text": "བཀྲ་ཤིས་ བདེ་ལེགས།",
        "text_raw": "བཀྲ་ཤིས་ \u200bབདེ་ལེགས|",
    }


def test_import_writes_text_or_json(tthd: Tthd, subtitles: Path) -> None:
    text, data = subtitles.with_name("out.txt"), subtitles.with_name("out.json")
    done = tthd("text", "import", subtitles, "--out", text)
    assert (done.code, done.out) == (0, "")
    assert "2 lines" in done.err
    assert text.read_bytes() == "བཀྲ་ཤིས་ བདེ་ལེགས།\nང\n".encode()
    assert tthd("text", "import", subtitles, "--out", data, "--quiet").err == ""
    assert len(json.loads(data.read_bytes())["cues"]) == 2


def test_import_refuses_what_it_cannot_read_or_write(tthd: Tthd, subtitles: Path) -> None:
    binary = subtitles.with_name("a.bin")
    binary.write_bytes(b"\0\1\2")
    done = tthd("text", "import", binary)
    assert done.code == 2
    assert "is no text in UTF-8 or UTF-16" in done.err
    assert binary.read_bytes() == b"\0\1\2"
    done = tthd("text", "import", subtitles, "--out", subtitles.parent / "absent" / "out.txt")
    assert done.code == 4
    assert "cannot be written" in done.err


def test_import_tells_what_it_left_out(tthd: Tthd, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("0:01 --> 0:02\n\n0:02 --> 0:03\nང\n", encoding="utf-8")
    done = tthd("text", "import", path)
    assert done.out == "ང\n"
    assert "a.srt: line 1: the first of 1 cues without text; left out" in done.err


def test_normalise_takes_text_file_or_stdin(
    tthd: Tthd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tthd("text", "normalise", "ཀཾི |").out == "ཀིཾ །\n"
    assert tthd("text", "normalise", "--language", "de", "a\u200b  |").out == "a |\n"
    path = tmp_path / "a.txt"
    path.write_text("ཀ  ཁ\r\nག\r\n", encoding="utf-16")
    assert tthd("text", "normalise", "--file", path).out == "ཀ ཁ\nག\n"
    type_in(monkeypatch, "ཀ  ཁ\n".encode())
    assert tthd("text", "normalise", "--json").json == [{"text": "ཀ ཁ"}]
    done = tthd("text", "normalise", "ཀ", "--file", path)
    assert done.code == 2
    assert "give the text or --file, not both" in done.err


def test_no_terminal_obeys_what_is_printed(tthd: Tthd) -> None:
    assert "\x1b" not in tthd("text", "normalise", "ཀ\x1b[31m\x9b").out
    done = tthd("text", "check", "ཀ་ཁ hello there my\x1b[31m friend")
    assert "\x1b" not in done.out


def test_wylie_both_ways(tthd: Tthd, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyewts", reason="python -m pip install 'tthd-tools[tibetan]'")
    assert tthd("text", "to-wylie", "མི་ 2024 ལོ").out == "mi _[2024]_lo\n"
    assert tthd("text", "from-wylie", "mi _[2024]_lo").out == "མི་ 2024 ལོ\n"
    type_in(monkeypatch, b"bkra shis\nhello")
    done = tthd("text", "from-wylie")
    assert (done.code, done.out) == (0, "བཀྲ་ཤིས\nཧེལློ\n")
    assert 'line 2: "hello": Subjoined "l" not expected' in done.err


def test_check_names_line_column_what_and_fix(tthd: Tthd) -> None:
    done = tthd("text", "check", "ང\nཀ་ི་ bde legs")
    assert done.code == 1
    assert done.out.splitlines() == [
        "2:3: U+0F72 TIBETAN VOWEL SIGN I has no letter to stand on. "
        "Got U+0F72 TIBETAN VOWEL SIGN I. Fix: type the letter before it, or drop it. [M045]",
        "2:6: there is Wylie in the text. Got bde legs. "
        "Fix: run `tthd text from-wylie` on it. [M048]",
    ]
    assert "2 findings in the text" in done.err
    assert tthd("text", "check", "བཀྲ་ཤིས་", "--duration", "1").code == 0
    assert "[M047]" in tthd("text", "check", "བཀྲ་ཤིས་", "--duration", "0.1").out


def test_check_looks_at_each_cue_with_its_seconds(tthd: Tthd, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(SRT + "\n0:10,0 --> 0:10,5\n" + "ཀ་" * 10 + "\n", encoding="utf-8")
    done = tthd("text", "check", "--file", path, "--json")
    assert done.code == 1
    assert [(one["code"], one["line"], one["column"]) for one in done.json] == [
        ("M043", 3, 10),
        ("M043", 3, 19),
        ("M047", 10, 1),
    ]
