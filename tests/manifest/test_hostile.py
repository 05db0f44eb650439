"""Files that were made to do harm are refused by a code before they cost or leave anything."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.manifest import sample
from tthd_tools.manifest import check
from tthd_tools.manifest.describe import read_manifests
from tthd_tools.manifest.report import Report

MEGABYTE = b"x" * 1_000_000


def codes(report: Report) -> set[str]:
    return set(report.codes)


def with_items(manifests: Path, content: bytes, name: str = "items.jsonl") -> Report:
    folder = sample.write(manifests)
    if name == "items.csv":
        sample.as_csv(folder, [sample.row()])
    (folder / name).write_bytes(content)
    return check([folder])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n", "M066"),
        ("x_a: &" + "a" * 60_000 + " b\n", "M066"),
        ("x_a: *nothing\n", "M066"),
        ("x_a: !!python/object/apply:os.system ['touch owned']\n", "M066"),
        ("!!python/object/new:os.system [touch owned]\n", "M066"),
        ("x_a: !custom b\n", "M066"),
        ("<<: {license: MIT}\n", "M066"),
        ("--- {}\n--- {}\n", "M066"),
        ("%TAG ! tag:example.org,2026:\n--- {}\n", "M066"),
        ("x_a: " + "[" * 30_000, "M064"),
        ("x_a: " + "{a: " * 10_000, "M064"),
        ("x_a:\n  " + "- " * 20_000, "M064"),
        ("? " * 20_000, "M063"),
        ("".join(f"x_{n}: 1\n" for n in range(5000)), "M064"),
        ("x_a: [" + "1," * 20_000 + "]\n", "M064"),
        ("license: MIT\nlicense: CC0-1.0\n", "M065"),
        ("contributor: {kind: lab, kind: lab}\n", "M065"),
        ("x_a: b\0c\n", "M067"),
        ("x_a: b\x1b[2Jc\n", "M067"),
        ('x_a: "b\\u001b[2Jc"\n', "M067"),
        ('x_a: "b\\u202ec"\n', "M067"),
        ('"x_\\ud800": c\n', "M067"),
        ("x_a: " + "a" * 100_000, "M064"),
        ("- a\n- b\n", "M063"),
        ("just words", "M063"),
        ("", "M063"),
        ("a: [1, 2\n", "M063"),
        ("a: 'b\n", "M063"),
    ],
)
def test_a_submission_that_is_no_plain_mapping(tmp_path: Path, text: str, code: str) -> None:
    folder = sample.write(tmp_path, submission=text)
    assert code in codes(check([folder]))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["consents.csv", sample.NAME]
    assert not Path("owned").exists()


def test_yaml_has_no_values_but_text(tmp_path: Path) -> None:
    text = sample.SUBMISSION.replace("version: v1", "version: 2024-01-01").replace(
        "lab-a\n", "no\n"
    )
    folder = sample.write(tmp_path, submission=text.replace("sub_20260401_no", sample.NAME))
    assert [str(one) for one in check([folder]).findings] == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{" * 100_000, "M063"),
        ("[" * 100_000, "M064"),
        ('{"x_a":' * 100_000, "M064"),
        ('{"fps": ' + "9" * 100_000 + "}", "M064"),
        ('{"fps": NaN}', "M063"),
        ('{"fps": Infinity}', "M063"),
        ('{"fps": 1e999}', "M005"),
        ('{"item_id": "a", "item_id": "b"}', "M065"),
        ('{"x_a": {"b": 1, "b": 2}}', "M065"),
        ('{"x_a": "\\ud800"}', "M067"),
        ('{"x_a": [{"\\u202e": 1}]}', "M067"),
        ('{"x_a": "\\u0000"}', "M067"),
        ('{"x_a": "one\\u2028two"}', "M067"),
        ('{"x_a": "' + "\u0f72" * 40 + '"}', "M067"),
        ('{"notes": {"a": "b"}}', "M005"),
        ('{"speaker_is_adult": 1}', "M005"),
        ('{"segments": [' + "{}," * 50_000 + "{}]}", "M064"),
        (json.dumps({f"k{number}": 1 for number in range(300)}), "M064"),
        ('"text"', "M063"),
        ("null", "M063"),
        ("{'a': 1}", "M063"),
        ("", "M001"),
    ],
)
def test_a_line_that_is_no_row(tmp_path: Path, line: str, code: str) -> None:
    content = line.encode() if line else b"\xff\xff"
    report = with_items(tmp_path, content + b"\n")
    assert code in codes(report)
    assert all(one.line == 1 for one in report.findings)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"item_id,notes\na," + MEGABYTE * 2, "M064"),
        (b"a," * 1_000_000, "M064"),
        (b"x_a," * 300 + b"x_b\n", "M064"),
        (b'item_id,notes\na,"' + b"x\n" * 200_000, "M064"),
        (b'item_id,notes\na,"never closed\nb,c\n', "M063"),
        (b'item_id,notes\na,"b"c\n', "M063"),
        (b"item_id,notes\na,b,c\n", "M063"),
        (b"item_id,notes\na\n", "M063"),
        (b"item_id,item_id\na,b\n", "M065"),
        (b"item_id,x_\x1b[2J\na,b\n", "M067"),
        (b"item_id\rnotes\ra\rb\r", "M063"),
        (b"", "M063"),
        (b"\n", "M063"),
        (b",,,\n", "M063"),
        (b"\n" * 600_000, "M063"),
        (b"item_id\n" + b"\n" * 600_000, "M064"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, content: bytes, code: str) -> None:
    assert code in codes(with_items(tmp_path, content, "items.csv"))


def test_a_cell_of_100_mb_is_not_read(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    with (folder / "items.jsonl").open("wb") as file:  # sparse: no disk is filled
        file.seek(100 << 20)
        file.write(b"\n")
    report = check([folder])
    assert str(report.findings[0]).startswith(
        f"{folder}/items.jsonl: The file is larger than 64 MB."
    )
    assert codes(report) == {"M064"}


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../a.mp4", "a/../../b.mp4", "a\\b.mp4", "C:/a.mp4", "c:a.mp4", "~/a.mp4",
        "a//b.mp4", "a/./b.mp4", ".", "..", "a/", ".hidden/a.mp4", "media/.a.mp4", "བོད.mp4",
        "a\u202eb.mp4", "\\\\host\\share", "a/.. /b.mp4", "./../a.mp4",
    ],
)  # fmt: skip
def test_a_path_that_does_not_stay_below(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside").mkdir()
    folder = sample.write(tmp_path, [sample.row(path=path)])
    assert codes(check([folder])) <= {"M008", "M067"}
    assert check([folder]).errors == 1
    assert read_manifests(tmp_path, tmp_path / "outside").said == {}


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = sample.write(tmp_path / "real")
    linked = tmp_path / "linked" / sample.NAME
    linked.parent.mkdir()
    linked.symlink_to(folder)
    assert codes(check([linked])) == {"M062"}
    items = folder / "items.jsonl"
    items.rename(tmp_path / "elsewhere.jsonl")
    items.symlink_to(tmp_path / "elsewhere.jsonl")
    assert codes(check([folder])) == {"M062"}
    items.unlink()
    os.mkfifo(items)  # would block whoever opens it for reading
    assert codes(check([folder])) == {"M062"}
    items.unlink()
    items.mkdir()
    assert codes(check([folder])) == {"M062"}


def test_a_licence_file_that_is_a_link_is_none(tmp_path: Path) -> None:
    text = sample.SUBMISSION.replace("CC-BY-4.0", "LicenseRef-Ours\nlicense_file: L.txt")
    folder = sample.write(tmp_path, submission=text)
    (folder / "L.txt").symlink_to("/etc/hostname")
    assert codes(check([folder])) == {"M021"}
    (folder / "L.txt").unlink()
    (folder / "L.txt").write_text("You may.")
    assert codes(check([folder])) == set()


def test_items_lie_beside_their_submission(tmp_path: Path) -> None:
    text = sample.SUBMISSION.replace("items: items.jsonl", "items: ../items.jsonl")
    assert codes(check([sample.write(tmp_path, submission=text)])) == {"M005"}


def test_html_is_text_like_any_other(tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    folder = sample.write(tmp_path, [sample.row(notes=script, locality=script, x_note=script)])
    assert codes(check([folder])) == set()


def test_a_finding_shows_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    row = sample.row(synthetic="\x1b]0;owned\x07", **{"x_\u202e": "a", "fo\x9bo": "b"})
    for one in check([sample.write(tmp_path, [row])]).findings:
        assert str(one).isprintable()
        assert one.code == "M067"


def test_a_finding_is_short_whatever_was_sent(tmp_path: Path) -> None:
    row = sample.row(emotion="a" * 90_000, **{"y" * 90_000: 1})
    for one in check([sample.write(tmp_path, [row])]).findings:
        assert len(str(one)) < 600
