"""Files that are mended: shown as a diff, written whole or not at all, and nothing else touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest import sample
from tthd_tools.errors import AccessError
from tthd_tools.manifest import check
from tthd_tools.manifest.fix import apply_fix, find_fixes, find_unreadable


def windows(folder: Path) -> Path:
    """A table as a spreadsheet on Windows writes it; ``items.csv``."""
    rows = [sample.row(1, emotion="Happy"), sample.row(2, device="=cmd", notes="one, two")]
    rows = [{"device": "", "notes": ""} | row for row in rows]
    table = sample.as_csv(folder, rows, ";")
    text = table.read_text(encoding="utf-8").replace("\n", "\r\n")
    table.write_bytes(b"\xef\xbb\xbf" + text.encode())
    return table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sample.write(tmp_path / "manifests")


def codes(folder: Path) -> list[str]:
    return sorted(one.code for one in check([folder]).findings)


def test_a_table_of_a_spreadsheet_passes_after_one_fix(folder: Path) -> None:
    table = windows(folder)
    assert codes(folder) == ["M002", "M005", "M060"]
    (fix,) = find_fixes(folder)
    assert fix.path == table
    assert fix.remarks == ["the byte order mark goes", "CRLF line ends become LF"]
    apply_fix(fix)
    assert codes(folder) == []
    assert find_fixes(folder) == []
    assert b"'=cmd" in table.read_bytes()


def test_utf_16_is_mended(folder: Path) -> None:
    table = windows(folder)
    table.write_bytes(table.read_bytes().decode("utf-8-sig").encode("utf-16"))
    assert codes(folder) == ["M001"]
    (fix,) = find_fixes(folder)
    assert fix.remarks == ["UTF-16 becomes UTF-8", "CRLF line ends become LF"]
    apply_fix(fix)
    assert codes(folder) == []


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("M005", {"emotion": "Happy"}),
        ("M005", {"other_people_visible": "NONE", "dialect_source": "Self-Reported"}),
        ("M005", {"dialect": "Amdo", "language": "adx"}),
        ("M005", {"dialect": "U Tsang"}),
        ("M043", {"text_raw": "བཀྲ་ཤིས་\u200bབདེ་ལེགས།"}),
        ("M044", {"text_raw": "ཀ\u0f77་"}),
        ("M060", {"device": "=1+1"}),
    ],
)
def test_what_is_called_fixable_is_gone_afterwards(
    folder: Path, code: str, change: dict[str, str]
) -> None:
    sample.as_csv(folder, [sample.row(**change)])
    found = check([folder]).findings
    assert {(one.code, one.fixable) for one in found} == {(code, True)}
    for fix in find_fixes(folder):
        apply_fix(fix)
    assert check([folder]).findings == []


@pytest.mark.parametrize("licence", ["cc-by-4.0", "cc by 4.0", "CC.BY 4.0"])
def test_a_licence_in_other_letters_is_fixable(folder: Path, licence: str) -> None:
    path = folder / "submission.yaml"
    path.write_text(path.read_text().replace("CC-BY-4.0", licence).replace("lab\n", "LAB\n", 2))
    found = {(one.code, one.field, one.fixable) for one in check([folder]).findings}
    assert ("M005", "contributor.kind", True) in found
    (fix,) = find_fixes(folder)
    apply_fix(fix)
    assert codes(folder) == []


def test_what_is_not_called_fixable_stays(folder: Path) -> None:
    path = folder / "submission.yaml"
    path.write_text(path.read_text().replace("CC-BY-4.0", "CC BY"))
    row = sample.row(emotion="hapy", emotion_segments=[{"label": "Happy"}], dialect="Amdoo")
    sample.as_csv(folder, [row])
    assert not any(one.fixable for one in check([folder]).findings)
    assert find_fixes(folder) == []


def test_the_diff_shows_what_changes_and_no_line_more(folder: Path) -> None:
    items = folder / "items.jsonl"
    text = items.read_text(encoding="utf-8")
    items.write_text(text + text.replace("happy", "Happy"), encoding="utf-8")
    (fix,) = find_fixes(folder)
    lines = list(fix.lines())
    assert lines[:2] == [f"--- {items.as_posix()}", f"+++ {items.as_posix()}"]
    assert [line[0] for line in lines[2:]] == ["@", " ", "-", "+", " "]
    assert fix.as_dict()["diff"].count("\n") == 7


def test_a_huge_table_is_mended_without_a_diff(folder: Path) -> None:
    table = windows(folder)
    row = table.read_bytes().split(b"\r\n")[1] + b"\r\n"
    table.write_bytes(table.read_bytes() + row * 20_000)
    (fix,) = find_fixes(folder)
    assert list(fix.diff()) == [f"# {table.as_posix()}: more than 20000 lines, too many for a diff"]
    assert fix.after.count(b"\n") == 20_003


def test_what_needs_nothing_is_left_alone(folder: Path) -> None:
    assert find_fixes(folder) == []


def test_what_cannot_be_mended_stays_as_it_is(folder: Path) -> None:
    (folder / "submission.yaml").write_bytes("license: caf\xe9".encode("latin-1"))
    (folder / "items.jsonl").write_text('{"emotion": "hapy"\n{"item_id": "Lab.1"}\n')
    assert find_fixes(folder) == []


@pytest.mark.parametrize(
    "content",
    [
        '{"notes": "a"}\n{"notes": "café"}\n'.encode("cp1252"),
        b"\xef\xbb\xbf{}\ncaf\xe9\n",
        b"PK\x03\x04\x14\x00\xff\xfe",
        b"\x00\x01\x02\x03",
        "{}\n".encode("utf-16-le"),
    ],
)
def test_a_file_that_is_no_text_is_told_as_the_check_tells_it(folder: Path, content: bytes) -> None:
    (folder / "items.jsonl").write_bytes(content)
    assert find_fixes(folder) == []
    (finding,) = find_unreadable(folder)
    assert finding in check([folder]).findings
    assert (finding.code, finding.fixable) == ("M001", False)
    assert "tthd manifest fix" not in finding.fix


def test_half_a_file_in_utf_16_is_told(folder: Path) -> None:
    (folder / "items.jsonl").write_bytes("{}\n".encode("utf-16")[:-1])
    (finding,) = find_unreadable(folder)
    assert str(finding) == (
        f"{folder}/items.jsonl:1: The file begins as UTF-16 does, and goes on as none. "
        'Fix: save the sheet as "CSV UTF-8". [M001]'
    )


def test_what_can_be_read_is_not_told_as_unreadable(folder: Path) -> None:
    table = windows(folder)
    assert find_unreadable(folder) == []
    table.write_bytes(table.read_bytes().decode("utf-8-sig").encode("utf-16"))
    assert find_unreadable(folder) == []


def test_no_link_is_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(b"\xef\xbb\xbf{}\n")
    (folder / "items.jsonl").unlink()
    (folder / "items.jsonl").symlink_to(outside)
    assert find_fixes(folder) == []
    assert find_unreadable(folder) == check([folder]).findings
    link = tmp_path / "manifests" / "sub_20260101_link"
    link.symlink_to(folder)
    windows(folder)
    assert find_fixes(link) == []
    assert [one.code for one in find_unreadable(link)] == ["M062"]


def test_the_new_file_has_the_old_ones_mode_and_nothing_is_left_beside(folder: Path) -> None:
    table = windows(folder)
    table.chmod(0o640)
    before = set(folder.iterdir())
    (folder / "items.csv.tmp").symlink_to("nowhere")
    (fix,) = find_fixes(folder)
    apply_fix(fix)
    assert table.stat().st_mode & 0o777 == 0o640
    assert set(folder.iterdir()) == before | {folder / "items.csv.tmp"}


def test_a_large_submission_file_is_not_parsed(folder: Path) -> None:
    path = folder / "submission.yaml"
    path.write_text("license: mit\n" + "# x\n" * 20_000)
    assert find_fixes(folder) == []
    assert [one.code for one in find_unreadable(folder)] == ["M064"]


def test_a_file_that_is_gone_is_told(folder: Path) -> None:
    windows(folder)
    (fix,) = find_fixes(folder)
    fix.path.unlink()
    with pytest.raises(AccessError, match=r"items\.csv cannot be written"):
        apply_fix(fix)
