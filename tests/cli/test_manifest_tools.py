"""``tthd manifest new``, ``fix``, ``speaker-id`` and ``check --with-media`` as they are typed."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli_run import PROGRAM, Tthd, tthd_process
from tests.films import copy_as
from tests.manifest import sample

NEW = "--handle lab-a --kind lab --rights-basis open_licence --license CC-BY-4.0 --tier open"
NEW += " --submission-id sub_20260101_lab-a --language adx --dialect amdo"


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch):
    def put(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return put


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("0123456789abcdef0123456789abcdef\n")
    path.chmod(0o600)
    return path


def test_private_keys_become_ids_and_are_not_shown(tthd: Tthd, secret: Path, stdin) -> None:
    stdin("Tenzin 1\r\nTenzin 2\n")
    done = tthd("manifest", "speaker-id", "--secret", secret)
    assert done.code == 0
    first, second = done.out.split()
    assert first == "spk_thiph3ehwr2x"
    assert second != first
    assert "Tenzin" not in done.out + done.err


def test_the_secret_is_found_in_the_environment(
    tthd: Tthd, secret: Path, stdin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_SPEAKER_SECRET_FILE", str(secret))
    stdin("Tenzin 1")
    done = tthd("manifest", "speaker-id", "--consent", "--json")
    assert done.json == ["con_vut2s3pukvxs"]


def test_a_key_is_typed_unseen(tmp_path: Path, secret: Path) -> None:
    shown, code = typed(
        ["manifest", "speaker-id", "--secret", str(secret)], b"Tenzin 1\n", tmp_path
    )
    assert code == 0
    assert "private key (it is not shown)" in shown
    assert "spk_thiph3ehwr2x" in shown
    assert "Tenzin" not in shown


def typed(arguments: list[str], line: bytes, cwd: Path) -> tuple[str, int]:
    """What a terminal shows of a command whose two questions get one answer."""
    ours, its = pty.openpty()
    command = [*PROGRAM, *arguments]
    with subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, cwd=cwd, start_new_session=True
    ) as process:
        os.close(its)
        shown = b""
        asked = 0
        with suppress(OSError):  # the other side has closed it
            while piece := os.read(ours, 1024):
                shown += piece
                if shown.count(b": ") > asked:
                    asked += 1
                    os.write(ours, line)
        os.close(ours)
    return shown.decode(), process.returncode


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "stdin holds no private key"),
        ("Tenzin 1\n\nTenzin 2\n", "a private key is empty"),
        ("Tenzin\x1b[2J", "holds control characters"),
    ],
)
def test_a_list_of_keys_that_cannot_be_is_told(
    tthd: Tthd, secret: Path, stdin, text: str, sentence: str
) -> None:
    stdin(text)
    done = tthd("manifest", "speaker-id", "--secret", secret)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert "Tenzin" not in done.err


def test_a_key_has_no_place_on_the_command_line(tthd: Tthd, secret: Path) -> None:
    done = tthd("manifest", "speaker-id", "--secret", secret, "Tenzin")
    assert done.code == 2


def test_a_secret_is_made_once(tthd: Tthd, tmp_path: Path, stdin) -> None:
    path = tmp_path / "new"
    assert tthd("manifest", "speaker-id", "--new-secret", "--secret", path).code == 0
    made = path.read_text()
    again = tthd("manifest", "speaker-id", "--new-secret", "--secret", path)
    assert again.code == 2
    assert path.read_text() == made
    assert made.strip() not in again.err
    path.chmod(0o644)
    stdin("x")
    assert tthd("manifest", "speaker-id", "--secret", path).code == 5
    assert tthd("manifest", "speaker-id").code == 2


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def crlf(folder: Path) -> Path:
    path = folder / "items.jsonl"
    text = path.read_text(encoding="utf-8").replace("happy", "HAPPY")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    return path


def test_fix_shows_first_and_then_writes(here: Path, tthd: Tthd) -> None:
    path = crlf(sample.write(here / "manifests"))
    before = path.read_bytes()
    shown = tthd("manifest", "fix", "manifests", "--dry-run")
    assert shown.code == 1
    assert path.read_bytes() == before
    done = tthd("manifest", "fix", "manifests")
    assert (done.code, done.out) == (0, shown.out)
    assert "# manifests/sub_20260401_lab-a/items.jsonl: CRLF line ends become LF" in done.out
    assert path.read_bytes() == before.replace(b"\r\n", b"\n").replace(b"HAPPY", b"happy")
    assert tthd("manifest", "fix", "manifests", "--dry-run") == (
        0,
        "",
        "1 submission, 0 files mended\n",
    )
    assert tthd("manifest", "check", "manifests").code == 0


def test_in_ci_fix_only_shows_unless_told(
    here: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = crlf(sample.write(here / "manifests"))
    before = path.read_bytes()
    monkeypatch.setenv("CI", "true")
    done = tthd("manifest", "fix", "manifests", "--json")
    assert done.code == 1
    assert [one["file"] for one in json.loads(done.out)] == [
        "manifests/sub_20260401_lab-a/items.jsonl"
    ]
    assert path.read_bytes() == before
    assert tthd("manifest", "fix", "manifests", "--write").code == 0
    assert path.read_bytes() != before


def test_fix_tells_what_it_cannot_read_and_mends_the_rest(here: Path, tthd: Tthd) -> None:
    folder = sample.write(here / "manifests")
    (folder / "items.jsonl").write_bytes(b'{"notes": "caf\xe9"}\n')
    why = "manifests/sub_20260401_lab-a/items.jsonl:1: The file is not UTF-8: byte 14 does not fit."
    done = tthd("manifest", "fix", "manifests")
    assert (done.code, done.out) == (1, "")
    assert f'{why} Fix: save the sheet as "CSV UTF-8". [M001]' in done.err
    assert "1 submission, 0 files mended" in done.err
    assert "1 file cannot be read; mend that by hand" in done.err
    submission = folder / "submission.yaml"
    submission.write_text(submission.read_text().replace("CC-BY-4.0", "cc by 4.0"))
    done = tthd("manifest", "fix", "manifests", "--json")
    assert done.code == 1
    mended, unread = json.loads(done.out)
    assert (mended["finding"], unread["finding"]["code"], unread["diff"]) == (None, "M001", "")
    assert "license: CC-BY-4.0" in submission.read_text()


def test_a_diff_shows_what_nobody_sees(here: Path, tthd: Tthd) -> None:
    sample.write(here / "manifests", [sample.row(text_raw="བཀྲ་\u200bཤིས།\u202e")])
    done = tthd("manifest", "fix", "manifests", "--dry-run")
    assert "\u200b" not in done.out
    assert "\u202e" not in done.out
    assert "\\u200b" in done.out


def test_new_asks_what_it_was_not_told(here: Path) -> None:
    done = tthd_process("manifest", "new", *NEW.split()[4:], cwd=here)
    assert done.code == 2
    assert done.err.splitlines() == [
        "handle:",
        "tthd: handle is not known; answer the question, or give --handle",
    ]


def test_new_takes_answers(here: Path, tthd: Tthd, stdin) -> None:
    stdin("lab-b\nlab\n\nsub_20260101_lab-b\n\n\n\n\n")
    done = tthd("manifest", "new")
    assert done.code == 0, done.err
    assert done.out.strip() == ""
    assert "kind (individual, lab, archive, broadcaster) [individual]:" in done.err
    text = Path("manifests/sub_20260101_lab-b/submission.yaml").read_text()
    assert "rights_basis: unknown" in text
    assert "license: LicenseRef-unknown" in text
    assert "[M004]" in done.err  # it describes no video yet
    assert tthd("manifest", "check", "manifests", "--json").json["summary"]["codes"] == {"M004": 1}


def test_new_with_videos_says_what_is_left(here: Path, tthd: Tthd, talk_film: Path) -> None:
    own = here / "raw" / "sub_20260101_lab-a"
    own.mkdir(parents=True)
    copy_as(talk_film, own / "a.mp4", 1)
    (own / "a.json").write_text('{"emotion": "happy"}')
    copy_as(talk_film, here / "raw" / "elsewhere.mp4", 2)
    done = tthd("manifest", "new", *NEW.split(), "--raw", "raw")
    assert done.code == 0
    assert (
        "the emotion of 1 video is left out, since nothing beside it states emotion_or" in done.err
    )
    assert "[M050]" not in done.err
    assert "with 1 row" in done.err
    assert "items.csv:2 speaker_id: " in done.err
    assert "then run `tthd manifest check manifests/sub_20260101_lab-a`" in done.err
    again = tthd("manifest", "new", *NEW.split(), "--raw", "raw")
    assert again.code == 2
    assert "is not overwritten" in again.err


def test_new_tells_machines_what_it_wrote(here: Path, tthd: Tthd) -> None:
    done = tthd("manifest", "new", *NEW.split(), "--json")
    assert done.code == 0
    assert done.json["artifacts"] == [
        "manifests/sub_20260101_lab-a/items.csv",
        "manifests/sub_20260101_lab-a/submission.yaml",
    ]
    assert [one["code"] for one in done.json["findings"]] == ["M004"]  # no video yet


def test_a_wrong_answer_leaves_nothing_behind(here: Path, tthd: Tthd) -> None:
    done = tthd("manifest", "new", *NEW.split(), "--submission-id", "../../x")
    assert done.code == 2
    assert "submission_id cannot be '../../x'" in done.err
    assert list(here.iterdir()) == []


def test_check_looks_at_the_files_where_it_is_told_to(
    here: Path, tthd: Tthd, talk_film: Path
) -> None:
    (here / "raw").mkdir()
    copy_as(talk_film, here / "raw" / "a.mp4", 1)
    more = ["--adult", "--other-people", "none", "--synthetic", "no"]
    more += ["--speaker-id", "spk_rlibwhzfymsm", "--raw", "raw"]
    assert tthd("manifest", "new", *NEW.split(), *more).code == 0
    assert tthd("manifest", "check", "manifests").code == 0
    done = tthd("manifest", "check", "manifests", "--with-media", "raw", "--json")
    assert [one["code"] for one in done.json["findings"]] == ["M015"]
    (here / "raw" / "a.mp4").unlink()
    done = tthd("manifest", "check", "manifests", "--with-media", "raw", "--json")
    assert [one["code"] for one in done.json["findings"]] == ["M009"]
    assert tthd("manifest", "check", "manifests", "--with-media", "none").code == 2
