"""What lies beside a video: what is understood, what is refused, and what is said about it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tthd_tools.sidecar import make_speaker_id, read_sidecars, sidecar_stamp


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return tmp_path / "talk.mp4"


def test_a_video_alone_has_no_fields_and_no_remarks(video: Path) -> None:
    assert read_sidecars(video) == ({}, [])


def test_transcript_and_metadata_become_fields(video: Path) -> None:
    video.with_suffix(".txt").write_text("\ufeffབཀྲ་ཤིས།\n", encoding="utf-8")
    video.with_suffix(".json").write_text(
        '{"speaker": "Tenzin", "language": "bo", "dialect": " amdo ", "emotion": "sad", "take": 3}'
    )
    fields, remarks = read_sidecars(video)
    assert fields == {
        "text": "བཀྲ་ཤིས།",
        "language": "bo",
        "dialect": "amdo",
        "emotion": "sad",
        "speaker_id": "spk_local_" + make_speaker_id("Tenzin")[10:],
        "extra": {"take": 3},
    }
    assert remarks == []


@pytest.mark.parametrize("names", [("speaker", "speaker_id"), ("speaker_id", "speaker")])
def test_a_speaker_id_wins_over_a_name(video: Path, names: tuple[str, str]) -> None:
    data = {"speaker": "Tenzin", "speaker_id": "spk_007"}
    video.with_suffix(".json").write_text(json.dumps({name: data[name] for name in names}))
    assert read_sidecars(video).fields == {"speaker_id": "spk_007", "extra": {}}


def test_text_of_the_metadata_wins_over_the_transcript(video: Path) -> None:
    video.with_suffix(".txt").write_text("one")
    video.with_suffix(".json").write_text('{"text": "two"}')
    assert read_sidecars(video).fields["text"] == "two"


def test_fields_that_are_no_words_stay_as_they_are_in_extra(video: Path) -> None:
    video.with_suffix(".json").write_text('{"speaker": 7, "language": ["bo"], "emotion": ""}')
    fields, remarks = read_sidecars(video)
    assert fields == {"extra": {"speaker": 7, "language": ["bo"], "emotion": ""}}
    assert remarks == []


@pytest.mark.parametrize(
    ("name", "content", "remark"),
    [
        ("talk.json", b"[1, 2]", "'talk.json' is not used: it must hold one object {…}, not list"),
        (
            "talk.json",
            b"{",
            "'talk.json' is not used: no JSON at character 2 (expecting property name",
        ),
        ("talk.json", b'{"a": NaN}', "'talk.json' is not used: NaN is no JSON number"),
        ("talk.json", b'{"a": "\\ud800"}', "'talk.json' is not used: it holds half characters"),
        ("talk.json", b'{"a":' * 25 + b"1" + b"}" * 25, "'talk.json' is not used: it is nested"),
        ("talk.json", b"[" * 100_000, "'talk.json' is not used: "),
        ("talk.json", b"9" * 5000, "'talk.json' is not used: "),
        ("talk.json", b"{}" + b" " * (1 << 20), "'talk.json' is larger than 1 MB"),
        ("talk.txt", b"a" * (1 + (1 << 20)), "'talk.txt' is larger than 1 MB"),
        ("talk.txt", "text".encode("utf-16"), "'talk.txt' is no UTF-8 text; save it as UTF-8"),
        ("talk.txt", "text".encode("utf-16-le"), "'talk.txt' is no UTF-8 text; save it as UTF-8"),
    ],
)
def test_a_hostile_file_is_told_and_not_used(
    video: Path, name: str, content: bytes, remark: str
) -> None:
    (video.parent / name).write_bytes(content)
    fields, remarks = read_sidecars(video)
    assert fields == {}
    assert len(remarks) == 1
    assert remarks[0].startswith(remark)


def test_links_and_folders_are_not_read(video: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    video.with_suffix(".txt").symlink_to(secret)
    video.with_suffix(".json").mkdir()
    fields, remarks = read_sidecars(video)
    assert fields == {}
    assert remarks == [
        "'talk.txt' is a link; put the file itself there",
        "'talk.json' is no file",
    ]
    assert sidecar_stamp(video) == []


def test_a_pipe_is_not_opened(video: Path) -> None:
    os.mkfifo(video.with_suffix(".txt"))
    assert read_sidecars(video).remarks == ["'talk.txt' is no file"]


def test_the_stamp_changes_with_the_content(video: Path) -> None:
    video.with_suffix(".txt").write_text("one")
    before = sidecar_stamp(video)
    video.with_suffix(".txt").write_text("other")
    assert before[0][:2] == [".txt", 3]
    assert sidecar_stamp(video)[0][:2] == [".txt", 5]


def test_a_speaker_id_does_not_tell_the_name() -> None:
    assert make_speaker_id("spk_ab-1_x") == "spk_ab-1_x"
    assert make_speaker_id("Tenzin") == make_speaker_id("Tenzin")
    assert make_speaker_id("Tenzin") != make_speaker_id("Dolma")
    assert "enzin" not in make_speaker_id("Tenzin")
    assert make_speaker_id("spk_Böse/../x").startswith("spk_local_")
