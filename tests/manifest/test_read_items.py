"""Rows of tables and of JSON lines, as contributors' programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.manifest import sample
from tthd_tools.manifest import Unreadable, check
from tthd_tools.manifest.read_items import RawRow, open_items

ROWS = [sample.row(1), sample.row(2, notes='one, two; "three"\nfour', text_raw="ཀ་\nཁ་")]


def read(path: Path, content: bytes | str, name: str = "items.csv") -> list[RawRow]:
    file = path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(open_items(file))


def test_cells_become_values_by_their_column(tmp_path: Path) -> None:
    (row,) = read(
        tmp_path,
        "item_id,speaker_is_adult,emotion_intensity,fps,width,segments,notes,device\n"
        'a,TRUE,2,29.97,1280,"[{""start_pts"": 1}]",1,\n',
    )
    assert row == RawRow(
        2,
        {
            "item_id": "a",
            "speaker_is_adult": True,
            "emotion_intensity": 2,
            "fps": 29.97,
            "width": 1280,
            "segments": [{"start_pts": 1}],
            "notes": "1",
        },
    )


@pytest.mark.parametrize("cell", ["WAHR", "1,5", "12,0", "[not json", "1e3", "2.", "٣"])
def test_a_cell_that_is_no_value_stays_text(cell: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path, f'emotion_intensity,fps,segments\n"{cell}","{cell}","{cell}"\n')
    assert set(row.values.values()) == {cell}


@pytest.mark.parametrize(
    ("cell", "left"),
    [("'=a", "=a"), ("'-1", "-1"), ("'a", "'a"), ("''", "''"), ("./=a.mp4", "./=a.mp4")],
)
def test_an_apostrophe_before_a_formula_is_taken_away(cell: str, left: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"notes\n{cell}\n")
    assert (row.values["notes"], row.problems) == (left, [])


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@a", '"\t=a"', '"\n=a"'])
def test_a_formula_is_told_with_its_cell(cell: str, tmp_path: Path) -> None:
    (row,) = read(tmp_path, f"item_id,notes\na,{cell}\n")
    if cell == '"\n=a"':  # a spreadsheet runs only what begins with the sign
        assert row.problems == []
    else:
        assert [(one.code, one.field) for one in row.problems] == [("M060", "notes")]


def test_rows_have_the_line_they_begin_on(tmp_path: Path) -> None:
    rows = read(tmp_path, 'item_id,notes\na,"1\n2\n3"\n\nb,4\n,\nc,5')
    assert [(row.line, row.values["item_id"]) for row in rows] == [(2, "a"), (6, "b"), (8, "c")]


def test_lines_of_json_have_theirs(tmp_path: Path) -> None:
    rows = read(tmp_path, '{"item_id": "a", "notes": ""}\n\n[]\n{"item_id": null}\n', "items.jsonl")
    assert [(row.line, row.values, row.whole) for row in rows] == [
        (1, {"item_id": "a"}, True),
        (3, {}, False),
        (4, {}, True),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_spreadsheets_write_is_read_the_same(
    separator: str, end: str, mark: str, tmp_path: Path
) -> None:
    folder = sample.write(tmp_path)
    table = sample.as_csv(folder, ROWS, separator)
    table.write_bytes((mark + table.read_text("utf-8").replace("\n", end)).encode())
    plain = (separator, end, mark) == (",", "\n", "")
    report = check([folder])
    assert report.codes == ({} if plain else {"M002": 1})
    assert report.items == 2
    read_rows = [dict(row.values) for row in open_items(table)]
    assert read_rows == ROWS


def test_all_that_windows_did_is_one_finding(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    table = sample.as_csv(folder, ROWS, ";")
    text = "\ufeffsep=;\n" + table.read_text("utf-8")
    table.write_bytes(text.replace("\n", "\r\n").encode())
    (finding,) = check([folder]).findings
    assert finding.message == (
        "The file has a byte order mark, CRLF line ends, a line `sep=` and semicolons between the "
        "columns"
    )
    assert (finding.severity, finding.fixable) == ("warning", True)


def test_empty_columns_and_rows_at_the_end_are_no_fault(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    table = sample.as_csv(folder, [sample.row()])
    lines = table.read_text("utf-8").splitlines()
    text = "".join(f"{line},,\n" for line in lines) + "," * len(lines[0].split(",")) + ",\n"
    table.write_text(text, encoding="utf-8")
    report = check([folder])
    assert ([str(one) for one in report.findings], report.items) == ([], 1)


def test_an_unknown_column_is_told_once_for_all_rows(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    sample.as_csv(folder, [sample.row(n, emotoin="sad", face="x") for n in range(50)])
    assert [(one.code, one.line, one.field, one.fix) for one in check([folder]).findings] == [
        ("M003", 1, "emotoin", "write emotion"),
        ("M061", 1, "face", "remove it"),
    ]


def test_a_missing_column_is_told_once_for_all_rows(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    sample.as_csv(folder, [sample.row(n, synthetic=None) for n in range(50)])
    (finding,) = check([folder]).findings
    assert str(finding).endswith(
        "items.csv:1 synthetic: The column is missing. Fix: add the column synthetic. [M004]"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_text_of_a_spreadsheet_is_explained(encoding: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, "item_id\ta\n".encode(encoding))
    assert caught.value.problem.code == "M001"
    assert "UTF-16" in caught.value.problem.message
    assert caught.value.problem.fixable == (encoding == "utf-16")


def test_the_first_byte_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, b"item_id\n" + "caf\u00e9".encode("latin-1") + b"\n")
    assert caught.value.problem.message == "The file is not UTF-8: byte 11 does not fit"
    assert caught.value.problem.line == 2


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_rows_or_one_refusal(content: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        made = sample.write(Path(folder))
        (made / "items.jsonl").write_bytes(content)
        report = check([made])
        assert report.codes.keys() <= {"M001", "M002", "M003", "M004", "M005", "M063", "M067"}
        sample.as_csv(made, [{"item_id": "a"}]).write_bytes(content)
        report = check([made])
        assert report.codes.keys() <= {
            "M001",
            "M002",
            "M003",
            "M004",
            "M060",
            "M063",
            "M065",
            "M067",
        }


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20), min_size=1))
@settings(max_examples=100, deadline=None)
def test_any_text_comes_back_from_a_table(texts: list[str]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        rows = [{"item_id": "a", "notes": text} for text in texts if text]
        made = sample.write(Path(folder))
        table = sample.as_csv(made, [{"item_id": "a", "notes": "b"}, *rows])
        for raw, row in zip(list(open_items(table))[1:], rows, strict=True):
            assert (
                raw.problems
                or raw.values["notes"] == row["notes"].removeprefix("'")
                or (raw.values["notes"] == row["notes"])
            )
