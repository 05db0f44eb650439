"""What people see while it runs, on a terminal and elsewhere; and the lists of columns, weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_run import Tthd
from tthd_tools.cli import progress
from tthd_tools.cli.options import counted, hours, megabytes, plain
from tthd_tools.clip import Clip, Span
from tthd_tools.ledger import Row
from tthd_tools.testing import dummy_item


def rows() -> list[Row]:
    return [
        Row("a", "a", "scenes", "f", "ok", span_s=10.0),
        Row("a", "a", "tracks", "f", "ok", span_s=10.0),
        Row("a_0000", "a", "encode", "f", "ok", span_s=10.0),
        Row("a_0000", "a", "masks", "f", "failed", code="S010", message="'a\x1b' cannot"),
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_items_clips_speed_and_failures_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool
) -> None:
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "LINE_EVERY_S", -1.0)
    clip = Clip("a", "item", dummy_item(), Path("a.mp4"), Span(0.0, 10.0))
    with progress.run_progress(False) as observer:
        observer.begin([clip])
        for row in rows():
            observer.row(row)
        observer.item_done(clip)
    out, err = capsys.readouterr()
    assert out == ""
    assert "S010 'a\\x1b' cannot" in err
    if not terminal:
        assert err.splitlines()[-1].startswith("1/1 items, 1 clip, ")
        assert "× real time, 0 s left" in err


def test_a_full_disk_is_left_to_the_error_that_ends_the_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress.run_progress(False) as observer:
        observer.row(Row("a", "a", "tracks", "f", "failed", "disk_full", "S012", message="full"))
    assert "S012" not in capsys.readouterr().err


def test_a_count_is_a_bar_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.count_progress("drawing", False) as count:
        count(1, 2)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress.count_progress("drawing", False) as count:
        count(1, 2)
    assert "drawing" in capsys.readouterr().err


def test_numbers_are_written_for_people() -> None:
    assert [hours(one) for one in (0.4, 59.4, 90.0, 7200.0)] == ["0 s", "59 s", "1.5 min", "2.0 h"]
    assert [megabytes(one) for one in (5e4, 2.5e9)] == ["0.1 MB", "2.5 GB"]
    assert [counted(one, "clip") for one in (0, 1, 2)] == ["0 clips", "1 clip", "2 clips"]
    assert plain("བཀྲ་ཤིས། a\n\x1b[0m\udce9") == "བཀྲ་ཤིས། a\\n\\x1b[0m\\udce9"


def test_columns_are_named_with_their_types(tthd: Tthd) -> None:
    lines = tthd("status", "--columns").out.splitlines()
    assert lines[0].split() == ["item_id", "str"]
    assert ["sync_offset_ms", "float"] in [line.split() for line in lines]
    assert tthd("status", "--columns", "--json").json["sync_offset_ms"] == "float"


def test_a_file_that_is_no_known_weight_is_not_added(tmp_path: Path, tthd: Tthd) -> None:
    file = tmp_path / "model.task"
    file.write_bytes(b"nothing known")
    done = tthd("weights", "add", file)
    assert done.code == 2
    assert str(file) in done.err


def test_weights_that_are_here_are_checked(embedded_weights: None, tthd: Tthd) -> None:
    done = tthd("weights", "verify")
    assert (done.code, done.out) == (0, "")
    assert done.err == "all weights that are here are whole\n"
    assert tthd("weights", "verify", "--json").json == []
    done = tthd("weights", "pull", "face_mesh")
    assert done.code == 0
    assert done.err.startswith("face_mesh: ")
