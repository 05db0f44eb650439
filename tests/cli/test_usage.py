"""What a person can type wrong: one sentence, the documented exit code, nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_run import PROGRAM, Tthd, tthd_process
from tests.films import grey_film
from tthd_tools import build
from tthd_tools.errors import TthdError


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    """A folder with a raw folder and its workspace; nothing is measured."""
    (tmp_path / "raw").mkdir()
    grey_film(tmp_path / "raw" / "a.mp4", 25)
    done = tthd_process("ingest", "raw", cwd=tmp_path)
    assert done.code == 0, done.err
    return tmp_path


def last(text: str) -> str:
    return text.splitlines()[-1]


def test_raw_must_be_a_folder_with_videos(tmp_path: Path, tthd: Tthd) -> None:
    work = tmp_path / "work"
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name, sentence in (
        ("absent", "does not exist; give the folder that holds the raw videos"),
        ("file", "is a file, not a folder; give the folder that holds the raw videos"),
        ("empty", "; a video's name ends in .3gp, .avi"),
    ):
        done = tthd("ingest", tmp_path / name, "--work", work)
        assert done.code == 2
        assert done.out == ""
        assert done.err.startswith("tthd: ")
        assert sentence in done.err
        assert len(done.err.splitlines()) == 1
        assert not work.exists()


def test_a_workspace_must_be_one_and_belong_to_raw(grey: Path, tthd: Tthd) -> None:
    other = grey / "other"
    other.mkdir()
    grey_film(other / "b.mp4", 25)
    done = tthd("ingest", other, "--work", grey / "work")
    assert (done.code, last(done.err)[:6]) == (2, "tthd: ")
    assert f"belongs to the raw folder {grey / 'raw'}, not {other}" in done.err
    done = tthd("ingest", grey / "raw", "--work", other)
    assert done.code == 2
    assert "is not empty and no workspace; give another folder with --work" in done.err
    done = tthd("ingest", grey / "raw", "--work", grey / "raw" / "work")
    assert done.code == 2
    assert "lies in the raw folder" in done.err
    assert not (grey / "raw" / "work").exists()


@pytest.mark.parametrize("verb", ["measure", "status", "select", "gc", "build-shards"])
def test_every_verb_asks_for_a_workspace(tmp_path: Path, tthd: Tthd, verb: str) -> None:
    work = tmp_path / "absent"
    done = tthd(verb, "--work", work)
    sentence = f"tthd: {work} is no workspace; make one with `tthd ingest RAW --work {work}`\n"
    assert (done.code, done.out, done.err[-len(sentence) :]) == (2, "", sentence)
    assert not work.exists()


def test_the_nearest_name_is_suggested(grey: Path, tthd: Tthd) -> None:
    work = ("--work", grey / "work")
    policy = grey / "mine.yaml"
    policy.write_text("name: mine\nstages: [scenes]\npolicy:\n  - short: {drop: duration < 3}\n")
    stages = grey / "stages.yaml"
    stages.write_text("name: mine\nstages: [scene]\n")
    for arguments, sentence in (
        (("build-shards", "--tier", "intern"), "no tier 'intern'; did you mean 'internal'?"),
        (("status", "--pipeline", "quik"), "packaged pipeline: 'quik'; did you mean 'quick'?"),
        (("status", "--pipeline", stages), "unknown stage 'scene'; did you mean 'scenes'?"),
        (("status", "--pipeline", policy), "unknown column 'duration'; did you mean 'duration_s'?"),
        (("status", "--set", "track.min_face_px=1"), "no stage 'track'; did you mean 'tracks'?"),
        (
            ("status", "--set", "tracks.min_face=1"),
            "stage tracks has no option 'min_face'; did you mean 'min_face_px'?",
        ),
        (("status", "--set", "tracks"), "--set takes STAGE.OPTION=VALUE, got 'tracks'"),
        (("measure", "--until", "mask"), "did you mean 'masks'?"),
        (("measure", "--item", "nobody"), "no item 'nobody'; `tthd status` lists the items"),
        (("fit", "synk"), "no corpus stage 'synk'; did you mean 'sync'?"),
    ):
        done = tthd(*arguments, *work)
        assert (arguments, done.code, done.out) == (arguments, 2, "")
        assert sentence in last(done.err)


def test_options_and_verbs_that_are_unknown_are_refused(tthd: Tthd) -> None:
    assert tthd("mesure").code == 2
    assert tthd("status", "--wrok", "x").code == 2
    assert tthd("measure", "--workers", "-1").code == 2
    assert tthd("measure", "--workers", "many").code == 2
    assert tthd("ingest").code == 2
    assert "--work" in tthd("status", "--wrok", "x").err


def test_a_folder_with_other_things_is_no_place_for_a_release(corpus: Path, tthd: Tthd) -> None:
    other = corpus / "precious"
    other.mkdir()
    (other / "thesis.txt").write_text("ten years")
    done = tthd("build-shards", "--work", corpus / "work", "--out", other)
    assert (done.code, (other / "thesis.txt").read_text()) == (2, "ten years")
    assert last(done.err).startswith("tthd: ")
    done = tthd("build-shards", "--work", corpus / "work", "--out", corpus / "raw" / "release")
    assert done.code == 2
    assert "lies in the raw folder; give another folder with --out" in done.err


def test_a_wider_tier_refuses_what_nobody_has_reviewed(corpus: Path, tthd: Tthd) -> None:
    out = corpus / "open"
    done = tthd("build-shards", "--work", corpus / "work", "--out", out, "--tier", "open")
    assert done.code == 5
    assert "none of the 2 kept clips may go into a release of tier open" in last(done.err)
    assert not out.exists()


def test_nothing_to_write_is_told(grey: Path, tthd: Tthd) -> None:
    done = tthd("build-shards", "--work", grey / "work", "--out", grey / "release")
    assert done.code == 2
    assert "no clip is kept, so there is nothing to write; `tthd status` says why" in done.err
    assert not (grey / "release").exists()


def test_verify_asks_for_a_release(tmp_path: Path, grey: Path, tthd: Tthd) -> None:
    for folder in (tmp_path / "absent", grey / "work", grey / "raw"):
        done = tthd("verify", folder)
        assert done.code in (1, 2)
        assert done.err.splitlines()[-1].startswith("tthd: ")


def test_explain_knows_codes_and_reasons_in_any_case(tthd: Tthd) -> None:
    done = tthd("explain", "s003")
    assert done.code == 0
    assert done.out.splitlines()[0] == "S003 no_video"
    assert tthd("explain", "No_Face").out.startswith("no_face\n")
    assert set(tthd("explain", "V001", "--json").json) == {"code", "title", "meaning", "action"}
    done = tthd("explain", "no_fase")
    assert (done.code, done.out) == (2, "")
    assert done.err == "tthd: nothing is known as 'no_fase'; did you mean 'no_face'?\n"
    assert tthd("explain", "S8").err.endswith("did you mean 'S008'?\n")
    assert tthd("explain", "s8").err.endswith("did you mean 'S008'?\n")
    assert "codes look like S003" in tthd("explain", "xyzzy").err


def test_weights_are_listed(tthd: Tthd) -> None:
    records = tthd("weights", "list", "--json").json
    assert {"name", "license", "bytes", "sha256", "from", "path", "enables", "how_to_get"} <= set(
        records[0]
    )
    assert "blazeface_full_range: face detection" in tthd("weights", "list").out
    done = tthd("weights", "pull", "face_msh")
    assert done.code == 2
    assert "face_mesh" in done.err


def test_an_error_of_ours_is_70_and_shows_a_traceback_on_request(
    grey: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("so\nmuch")

    monkeypatch.setattr(build, "look", broken)
    done = tthd("status", "--work", grey / "work")
    assert done.code == TthdError.exit_code == 70
    assert done.err.startswith("tthd: tthd itself failed: ZeroDivisionError: so\\nmuch; this is a")
    assert len(done.err.splitlines()) == 1
    done = tthd("status", "--work", grey / "work", "--debug")
    assert done.code == 70
    assert "Traceback (most recent call last):" in done.err
    assert "in broken" in done.err


def test_debug_shows_where_a_users_error_was_found(tmp_path: Path, tthd: Tthd) -> None:
    done = tthd("status", "--work", tmp_path / "absent", "--debug")
    assert done.code == 2
    assert "Traceback (most recent call last):" in done.err
    assert last(done.err).startswith("tthd: ")


def test_an_interrupt_is_130(grey: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "look", interrupted)
    done = tthd("status", "--work", grey / "work")
    assert done.code == 130
    assert (
        last(done.err) == "tthd: interrupted; what was done is kept, and the same command goes on"
    )


def test_a_second_writer_is_refused_with_the_process(grey: Path, tthd: Tthd) -> None:
    from tthd_tools.workspace import Workspace

    with Workspace(grey / "work").writing():
        done = tthd_process("measure", cwd=grey)
        assert done.code == 4
        assert last(done.err).startswith("tthd: work is being written by process ")
        assert tthd("status", "--work", grey / "work").code == 0
        assert tthd("select", "--work", grey / "work", "--dry-run").code == 0


def test_help_lists_the_verbs(tthd: Tthd) -> None:
    done = tthd("--help")
    assert done.code == 0
    for verb in (
        "ingest", "measure", "status", "select", "build-shards", "verify", "fit", "gc", "weights",
        "doctor", "explain", "demo",
    ):  # fmt: skip
        assert f" {verb} " in done.out


def test_a_reader_that_goes_away_is_no_fault(built: Path) -> None:
    command = f"{sys.executable} -c '{PROGRAM[2]}' status --columns | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=built, check=False
    )
    assert done.stdout.startswith("item_id")
    assert "Traceback" not in done.stderr
