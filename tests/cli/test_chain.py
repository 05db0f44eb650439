"""The README's commands on a small corpus: what they leave, say and print as data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.cli_run import Tthd, tthd_process
from tests.films import copy_as

CLIP_KEYS = {
    "clip_id", "start_s", "end_s", "duration_s", "outcome", "reason", "keep", "dropped_by", "flags",
}  # fmt: skip


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder with the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def by_source(status: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["source"]: one for one in status["items"]}


@pytest.fixture
def status(built: Path, tthd: Tthd) -> dict[str, Any]:
    done = tthd("status", "--work", built / "work", "--json")
    assert done.code == 0
    found: dict[str, Any] = done.json
    return found


def test_status_json_has_the_documented_shape(status: dict[str, Any]) -> None:
    assert set(status) == {"items", "funnel"}
    assert [one["source"] for one in status["items"]] == [
        "broken.mp4",
        "mute.mp4",
        "talk.mp4",
        "two.mp4",
    ]
    for item in status["items"]:
        assert {"item_id", "source", "outcome", "reason", "cuts_s", "clips"} <= set(item)
        for clip in item["clips"]:
            assert set(clip) == CLIP_KEYS


def test_status_says_what_became_of_each_file(status: dict[str, Any]) -> None:
    files = by_source(status)
    assert [(one["outcome"], one["reason"]) for one in status["items"]] == [
        ("failed", "undecodable"),
        ("rejected", "no_audio"),
        ("clip", None),
        ("clip", None),
    ]
    (talk,) = files["talk.mp4"]["clips"]
    assert (talk["start_s"], talk["end_s"], talk["duration_s"]) == (0.0, 3.2, 3.2)
    assert (talk["outcome"], talk["reason"]) == ("clip", None)
    assert (talk["keep"], talk["dropped_by"]) == (True, [])
    assert files["two.mp4"]["cuts_s"] == [3.4]
    kept, short = files["two.mp4"]["clips"]
    assert (kept["keep"], kept["dropped_by"]) == (True, [])
    assert (short["keep"], short["dropped_by"]) == (False, ["too_short"])
    assert short["clip_id"] == f"{files['two.mp4']['item_id']}_0001"


def test_the_funnel_counts_every_step_and_reason(status: dict[str, Any]) -> None:
    funnel = status["funnel"]
    counts = {name: funnel[name] for name in ("items", "scenes", "tracks", "clips", "kept")}
    assert counts == {"items": 4, "scenes": 4, "tracks": 3, "clips": 3, "kept": 2}
    assert (funnel["pending"], funnel["failed"]) == (0, 1)
    assert (funnel["clip_seconds"], funnel["kept_seconds"]) == (8.2, 6.6)
    assert {name: found for name, found in funnel["reasons"].items() if name != "flags"} == {
        "items": {"undecodable": 1},
        "scenes": {"no_audio": 1},
        "tracks": {},
        "clips": {},
        "policy": {"too_short": 1},
    }


def test_status_for_people_names_each_file_and_why(built: Path, tthd: Tthd) -> None:
    done = tthd("status", "--work", built / "work")
    lines = done.out.splitlines()
    assert done.err == ""
    assert lines[0].startswith(
        "broken.mp4  failed: undecodable: 'broken.mp4' is damaged or was cut"
    )
    assert lines[1] == "mute.mp4    rejected: no_audio"
    assert lines[2].startswith("talk.mp4    1 clip, 1 kept (3 s)")
    assert lines[3].startswith("two.mp4     2 clips, 1 kept (3 s); dropped by too_short")
    assert lines[5] == "items        4            ended: 1 undecodable"
    assert lines[9] == "kept         2       7 s  dropped: 1 too_short"


def test_the_table_is_written_with_the_verdict(built: Path) -> None:
    table = pl.read_parquet(built / "work" / "table" / "clips.parquet")
    assert table["source"].to_list() == ["broken.mp4", "mute.mp4", "talk.mp4", "two.mp4", "two.mp4"]
    assert table["outcome"].to_list() == ["failed", "rejected", "clip", "clip", "clip"]
    assert table["keep"].to_list() == [False, False, True, True, False]
    assert table.filter(table["keep"])["sync_peak"].null_count() == 0
    talk = table.row(2, named=True)
    assert (talk["speaker_id"], talk["dialect"], talk["emotion"]) == ("spk_t", "amdo", "calm")
    assert (talk["rights"], talk["tier"]) == ("unknown", "internal")


def test_the_release_holds_the_kept_clips_and_is_whole(built: Path, tthd: Tthd) -> None:
    done = tthd("verify", built / "release")
    assert done.code == 0
    assert done.out == ""
    assert done.err.endswith("release is whole: 2 shards, 2 samples\n")
    assert tthd("verify", built / "release", "--json").json == []
    assert tthd("verify", built / "release", "--fast", "--quiet") == (0, "", "")


def test_a_flipped_byte_is_a_finding(corpus: Path, tthd: Tthd) -> None:
    shard = next((corpus / "release" / "data").rglob("*.tar"))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    done = tthd("verify", corpus / "release", "--json")
    assert done.code == 1
    assert done.json[0]["where"].startswith("data/all/")
    assert set(done.json[0]) == {"code", "where", "why"}
    assert "`tthd explain CODE`" in done.err
    code = done.json[0]["code"]
    assert tthd("explain", code).code == 0


def test_a_second_build_with_nothing_new_changes_no_byte(corpus: Path, tthd: Tthd) -> None:
    before = tree(corpus / "release")
    done = tthd("build-shards", "--work", corpus / "work", "--out", corpus / "release", "--json")
    assert done.code == 3
    assert done.json["written"] == []
    assert done.json["removed"] == []
    assert (done.json["shards"], done.json["samples"], done.json["seconds"]) == (2, 2, 6.6)
    assert tree(corpus / "release") == before


def test_a_rerun_of_ingest_and_measure_finds_nothing_to_do(corpus: Path, tthd: Tthd) -> None:
    raw = tree(corpus / "raw")
    done = tthd("ingest", corpus / "raw", "--work", corpus / "work", "--json")
    assert done.code == 3
    assert (done.json["added"], done.json["known"]) == (0, 3)
    assert [one["reason"] for one in done.json["failed"]] == ["undecodable"]
    assert done.json["free_bytes"] > 0
    done = tthd("measure", "--work", corpus / "work", "--json")
    assert (done.code, done.json["funnel"]["kept"]) == (3, 2)
    assert tree(corpus / "raw") == raw


def test_changing_a_rule_recuts_without_measuring(corpus: Path, tthd: Tthd) -> None:
    policy = corpus / "mine.yaml"
    text = Path("pipelines/tthd.yaml").read_text(encoding="utf-8")
    policy.write_text(text.replace("duration_s < 3}", "duration_s < 1}"), encoding="utf-8")
    where = ("--work", corpus / "work", "--pipeline", policy)
    done = tthd("select", *where, "--dry-run", "--json")
    assert done.code == 0
    assert done.json[0]["rule"] == "too_short"
    assert done.json[0]["clips"] == 0
    ledger = tree(corpus / "work" / "ledger")
    done = tthd("build-shards", *where, "--out", corpus / "release", "--json")
    assert done.json["samples"] == 3
    assert tree(corpus / "work" / "ledger") == ledger
    assert tthd("verify", corpus / "release").code == 0


def test_select_prints_costs_for_people_and_machines(built: Path, tthd: Tthd) -> None:
    done = tthd("select", "--work", built / "work", "--dry-run")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0] == "2 of 3 clips kept: 7 s of 8 s"
    assert lines[3] == "  too_short              1       2 s            1  duration_s < 3"
    assert lines[4] == "      looser: duration_s < 1.6 would give back 1 clip, 2 s"
    data = tthd("select", "--work", built / "work", "--dry-run", "--json").json
    assert [one["rule"] for one in data][:3] == ["too_short", "no_speech", "low_face_ratio"]
    assert set(data[0]) == {
        "rule", "action", "when", "clips", "seconds", "alone_clips", "alone_seconds",
        "looser", "looser_clips", "looser_seconds", "by",
    }  # fmt: skip
    assert (data[0]["seconds"], data[0]["alone_seconds"]) == (1.6, 1.6)


def test_select_writes_the_verdict_unless_it_is_dry(corpus: Path, tthd: Tthd) -> None:
    policy = corpus / "mine.yaml"
    text = Path("pipelines/tthd.yaml").read_text(encoding="utf-8")
    policy.write_text(text.replace("duration_s < 3}", "duration_s < 9}"), encoding="utf-8")
    table = corpus / "work" / "table" / "clips.parquet"
    where = ("--work", corpus / "work", "--pipeline", policy, "--quiet")
    before = table.read_bytes()
    assert tthd("select", *where, "--dry-run") == (0, "", "")
    assert table.read_bytes() == before
    assert tthd("select", *where) == (0, "", "")
    assert pl.read_parquet(table)["keep"].sum() == 0


def test_quiet_prints_nothing_where_all_is_well(corpus: Path, tthd: Tthd) -> None:
    (corpus / "raw" / "broken.mp4").unlink()
    work = ("--work", corpus / "work")
    assert tthd("ingest", corpus / "raw", *work, "--quiet") == (0, "", "")
    assert tthd("measure", *work, "--quiet") == (0, "", "")
    out = ("--out", corpus / "release")
    assert tthd("build-shards", *work, *out, "--quiet") == (0, "", "")
    assert tthd("status", *work, "--quiet") == (0, "", "")
    assert tthd("gc", *work, "--quiet") == (0, "", "")
    assert tthd("fit", "sync", *work, "--quiet") == (0, "", "")


def test_a_removed_file_leaves_the_corpus_and_comes_back_measured(corpus: Path, tthd: Tthd) -> None:
    film = corpus / "raw" / "talk.mp4"
    film.rename(corpus / "talk.mp4")
    done = tthd("ingest", corpus / "raw", "--work", corpus / "work")
    assert "S016 'talk.mp4' is no longer there" in done.err
    where = ("--work", corpus / "work", "--out", corpus / "release")
    assert tthd("build-shards", *where, "--json").json["samples"] == 1
    assert tthd("verify", corpus / "release").code == 0
    (corpus / "talk.mp4").rename(film)
    tthd("ingest", corpus / "raw", "--work", corpus / "work")
    ledger = tree(corpus / "work" / "ledger")
    assert tthd("build-shards", *where, "--json").json["samples"] == 2
    assert tree(corpus / "work" / "ledger") == ledger


@pytest.mark.parametrize("change", ["vanish", "change"])
def test_a_file_that_changes_between_ingest_and_measure_costs_itself(
    talk_film: Path, tmp_path: Path, embedded_weights: None, tthd: Tthd, change: str
) -> None:
    raw, work = tmp_path / "raw", tmp_path / "work"
    raw.mkdir()
    film = copy_as(talk_film, raw / "a.mp4", 1)
    assert tthd("ingest", raw, "--work", work).code == 0
    film.unlink()
    if change == "change":
        film.write_bytes(b"something else")
    done = tthd("measure", "--work", work, "--json", "--workers", 1)
    assert done.code == 3
    (item,) = done.json["items"]
    code, reason = {"vanish": ("S004", "unreadable"), "change": ("S011", "changed")}[change]
    assert (item["outcome"], item["reason"]) == ("failed", reason)
    assert code in done.err
    copy_as(talk_film, film, 1)
    done = tthd("measure", "--work", work, "--json", "--retry", "--until", "scenes")
    assert done.code == 0
    assert (done.json["funnel"]["scenes"], done.json["funnel"]["failed"]) == (1, 0)


def test_stdout_is_data_while_stderr_speaks(corpus: Path) -> None:
    copy_as(corpus / "raw" / "mute.mp4", corpus / "raw" / "mute2.mp4", 1)
    tthd_process("ingest", "raw", cwd=corpus)
    done = tthd_process("build-shards", "--json", cwd=corpus)
    assert done.code == 3
    assert json.loads(done.out)["samples"] == 2
    assert "tracks: detector litert" in done.err
    assert done.err.splitlines()[-1].startswith("tthd: 1 of 5 files failed, 'broken.mp4' first")
