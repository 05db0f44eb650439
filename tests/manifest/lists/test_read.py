"""Files of lists: what of them is read, with which line, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists import read
from tthd_tools.manifest.lists.read import (
    find_files,
    parse_json,
    read_csv,
    read_json_list,
    read_json_object,
    read_jsonl,
    read_text,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.lists(st.dictionaries(st.text(), values, max_size=4)), st.sampled_from([None, 1]))
def test_a_list_read_in_pieces_is_the_list(
    tmp_path_factory: pytest.TempPathFactory, items: list[Any], indent: int | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "list.json"
    text = json.dumps(items, indent=indent, ensure_ascii=False, allow_nan=True)
    finite = "Infinity" not in text
    path.write_text(text.encode("utf-8", "replace").decode(), encoding="utf-8", newline="")
    if finite and items == json.loads(path.read_text(encoding="utf-8")):
        assert [one.values for one in read_json_list(path)] == items


def test_items_across_the_edge_of_a_chunk_keep_their_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "CHUNK", 7)
    path = tmp_path / "list.json"
    path.write_text('\ufeff [\n {"a": "long enough"},\n {"b": [1,\n 2]}, 3\n,{"c": null}]\n')
    found = [(one.line, one.values, one.flaw) for one in read_json_list(path)]
    assert found == [
        (2, {"a": "long enough"}, ""),
        (3, {"b": [1, 2]}, ""),
        (4, {}, "is no object {…}"),
        (5, {"c": None}, ""),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "list.json:1 is no list"),
        ("", "list.json:1 is no list"),
        ('[{"a": 1}\n', r"list.json:2 is no JSON list"),
        ('[{"a": 1},\n{"a" 2}]', r"list.json:2 is no JSON list \(expecting ':' delimiter\)"),
        ('[{"a": NaN}]', "NaN is no JSON number"),
        ('[{"a": 1, "a": 2}]', "names the key 'a' twice"),
        ("[" * 100_000, "is no JSON list|is nested too deep|recursion"),
    ],
)
def test_a_list_that_is_none_is_an_error(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "list.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=why):
        list(read_json_list(path))


def test_an_item_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LARGEST_ITEM", 1000)
    monkeypatch.setattr(read, "CHUNK", 100)
    path = tmp_path / "list.json"
    path.write_text('[{"a": "' + "x" * 100_000)
    with pytest.raises(UsageError, match=r"list.json:1 is no JSON list"):
        list(read_json_list(path))


def test_a_json_object_is_one_with_finite_numbers_and_single_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for text, why in [
        ("[]", "must hold one object"),
        ('{"a": Infinity}', "Infinity is no JSON number"),
        ('{"a": 1, "a": 1}', "the key 'a' twice"),
        ("{" * 3, "no JSON at character 2"),
        ('{"a":' * 50_000, "nested more than 20 deep"),
    ]:
        path.write_text(text)
        with pytest.raises(UsageError, match=why):
            read_json_object(path)
    with pytest.raises(ValueError, match="half characters"):
        parse_json('"\\udc00"')


def test_rows_of_a_csv_have_the_line_they_begin_in(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('path\ttext\r\na\t"x\r\ny"\r\n\r\nb\tz\r\n', newline="")
    assert [(one.line, one.values) for one in read_csv(path)] == [
        (2, {"path": "a", "text": "x\r\ny"}),
        (5, {"path": "b", "text": "z"}),
    ]


def test_what_is_no_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "utf16.csv").write_bytes("path\n".encode("utf-16"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_text("x" * 21)
    for name, why in [
        ("utf16.csv", "is no UTF-8 text; save it as UTF-8"),
        ("folder", "is no file"),
        ("absent", "does not exist"),
        ("large", "is larger than"),
    ]:
        with pytest.raises(UsageError, match=why):
            read_text(tmp_path / name, 20)


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LARGEST_ITEM", 100)
    path = tmp_path / "a.csv"
    path.write_text("path,text\na.mp4," + "x" * 1000)
    for reader in (read_csv, read_jsonl):
        with pytest.raises(UsageError, match="has a line of"):
            list(reader(path))


def test_lists_in_hidden_folders_and_behind_links_are_not_found(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.txt").touch()
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert find_files(tmp_path, lambda name: name.endswith(".txt")) == [tmp_path / "a.txt"]
