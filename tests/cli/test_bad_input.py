"""A raw folder full of trouble: each file ends with one sentence, and the good ones go through."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import Done, Tthd, tthd_process
from tests.films import (
    browser_recording,
    copy_as,
    cut_off,
    grey_film,
    one_picture,
    one_pixel,
    sound_only,
    studio,
    talk,
)

NAMES = (
    "with space.mp4",
    'quo\'te "and" $(touch x).mp4',
    "new\nline \x1b[31m.mp4",
    "བཀྲ་ཤིས་བདེ་ལེགས།.mp4",
    "x" * 196 + ".mp4",
)
PIPELINE = """
name: all
stages: [scenes, tracks, encode, masks, quality, audio_features, speech]
corpus: [sync]
policy: []
"""


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, talk_film: Path, embedded_weights: None
) -> tuple[Path, Done, Done]:
    """The folder, and what ``ingest`` and ``build-shards`` have left."""
    folder = tmp_path_factory.mktemp("bad")
    raw = folder / "raw"
    raw.mkdir()
    shutil.copy(talk_film, raw / "good.mp4")
    brief = talk(folder / "brief.mp4", 1.2)
    for number, name in enumerate(NAMES):
        copy_as(brief, raw / name, number)
    copy_as(brief, raw / os.fsdecode(b"caf\xe9.mp4"), 90)
    copy_as(brief, raw / "with sidecars.mp4", 91)
    (raw / "with sidecars.json").write_bytes(b'{"a":' * 5000 + b"1" + b"}" * 5000)
    (raw / "with sidecars.txt").write_bytes("text".encode("utf-16"))
    shutil.copy(talk_film, raw / "twin.mp4")
    browser_recording(studio(1.4), raw / "browser8.webm")
    browser_recording(studio(1.2), raw / "browser9.webm", "libvpx-vp9")
    cut_off(talk_film, raw / "cut_off.mp4", 0.6)
    cut_off(talk_film, raw / "truncated.mp4", 0.02)
    (raw / "empty.mp4").touch()
    (raw / "text.mp4").write_text("no video\n" * 99)
    one_picture(raw / "one.mp4")
    sound_only(raw / "sound.mp4")
    grey_film(raw / "fast.mp4", 60, fps=5000.0)
    one_pixel(raw / "pixel.mkv")
    os.mkfifo(raw / "pipe.mp4")
    (raw / "loop.mp4").symlink_to("loop.mp4")
    (raw / "folders").symlink_to(raw)
    (raw / ".hidden.mp4").touch()
    (folder / "all.yaml").write_text(PIPELINE)
    first = tthd_process("ingest", "raw", cwd=folder)
    second = tthd_process("build-shards", "--pipeline", "all.yaml", cwd=folder)
    return folder, first, second


@pytest.fixture
def items(ran: tuple[Path, Done, Done], tthd: Tthd) -> dict[str, Any]:
    folder = ran[0]
    done = tthd("status", "--work", folder / "work", "--pipeline", folder / "all.yaml", "--json")
    return {one["source"]: one for one in done.json["items"]}


def test_the_run_ends_with_the_code_of_failed_items(ran: tuple[Path, Done, Done]) -> None:
    _, first, second = ran
    assert (first.code, second.code) == (3, 3)
    assert first.err.splitlines()[-1] == (
        "tthd: 9 of 20 files cannot be used, `tthd status` says why; the rest is registered: "
        "go on with `tthd build-shards`"
    )
    assert second.err.splitlines()[-1].startswith("tthd: 10 of 20 files failed, ")


def test_each_bad_file_has_its_reason_in_the_ledger(items: dict[str, Any]) -> None:
    ended = {
        source: (one["outcome"], one["reason"])
        for source, one in items.items()
        if one["outcome"] != "clip"
    }
    assert ended == {
        "caf\\xe9.mp4": ("failed", "bad_name"),
        "cut_off.mp4": ("failed", "undecodable"),
        "empty.mp4": ("failed", "empty"),
        "fast.mp4": ("failed", "absurd"),
        "one.mp4": ("failed", "absurd"),
        "pipe.mp4": ("failed", "unreadable"),
        "pixel.mkv": ("failed", "absurd"),
        "sound.mp4": ("failed", "no_video"),
        "text.mp4": ("failed", "undecodable"),
        "truncated.mp4": ("failed", "undecodable"),
        "twin.mp4": ("rejected", "duplicate"),
    }
    for source, one in items.items():
        if one["outcome"] == "failed":
            assert one["message"].startswith(f"'{source}' ")
            assert "\n" not in one["message"]


def test_each_good_file_beside_them_is_a_clip(items: dict[str, Any]) -> None:
    clips = {source: one["clips"] for source, one in items.items() if one["outcome"] == "clip"}
    assert sorted(clips) == sorted(
        ["good.mp4", *NAMES, "with sidecars.mp4", "browser8.webm", "browser9.webm"]
    )
    assert {len(found) for found in clips.values()} == {1}
    assert clips["browser8.webm"][0]["duration_s"] == pytest.approx(1.4, abs=0.05)


def test_their_samples_are_whole_and_keep_the_names(
    ran: tuple[Path, Done, Done], tthd: Tthd
) -> None:
    release = ran[0] / "release"
    assert tthd("verify", release).code == 0
    paths, keys = set(), set()
    for shard in (release / "data").rglob("*.tar"):
        with tarfile.open(shard) as tar:
            for member in tar:
                if member.name.endswith("0.json"):
                    keys.add(Path(member.name).name.removesuffix(".json"))
                    paths.add(json.load(tar.extractfile(member) or io.BytesIO())["source"]["path"])
    assert paths == {"good.mp4", *NAMES, "with sidecars.mp4", "browser8.webm", "browser9.webm"}
    assert all(key.isascii() and "." not in key for key in keys)


def test_no_terminal_is_told_what_a_name_says(ran: tuple[Path, Done, Done], tthd: Tthd) -> None:
    folder, first, second = ran
    done = tthd("status", "--work", folder / "work", "--pipeline", folder / "all.yaml")
    for text in (first.err, second.err, done.out):
        assert "\x1b[31m" not in text
    (line,) = [line for line in done.out.splitlines() if line.startswith("new")]
    assert line.startswith("new\\nline \\x1b[31m.mp4")
    assert "S014 'caf\\xe9.mp4' has a name that is not UTF-8; give it another name" in first.err
    assert "S013 'twin.mp4' holds the same bytes as 'good.mp4'" in first.err


def test_unusable_sidecars_are_told(ran: tuple[Path, Done, Done]) -> None:
    first = ran[1]
    assert "'with sidecars.mp4': 'with sidecars.txt' is no UTF-8 text; save it" in first.err
    assert "'with sidecars.mp4': 'with sidecars.json' is not used: " in first.err


def test_nothing_half_written_is_left(ran: tuple[Path, Done, Done]) -> None:
    folder = ran[0]
    assert list((folder / "work" / "tmp").iterdir()) == []
    assert sorted(path.name for path in folder.iterdir()) == [
        "all.yaml",
        "brief.mp4",
        "raw",
        "release",
        "work",
    ]
    assert [path.name for path in (folder / "work").rglob("*.tmp")] == []
    assert not (folder / "x").exists()


def test_where_no_file_can_be_used_nobody_is_told_to_go_on(
    tmp_path: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.mp4").write_bytes(b"no video")
    done = tthd("ingest", "raw")
    assert done.code == 3
    assert done.err.endswith("`tthd status` says why; no file is registered\n")
