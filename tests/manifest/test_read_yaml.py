"""submission.yaml becomes text by field, with the line of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.manifest import Unreadable
from tthd_tools.manifest.read_yaml import Document, read_yaml


def read(folder: Path, text: str) -> Document:
    path = folder / "submission.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)


def test_fields_have_their_lines(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "# a comment\nlicense: MIT  # another\ncontributor:\n  handle: lab\n  kind: 'lab'\n"
        "consent_policy: {version: v1,\n  languages: [bo, en]}\nnotes: |\n  two\n  lines\n",
    )
    assert document.data == {
        "license": "MIT",
        "contributor": {"handle": "lab", "kind": "lab"},
        "consent_policy": {"version": "v1", "languages": ["bo", "en"]},
        "notes": "two\nlines\n",
    }
    fields = {field: line for field, line in document.lines.items() if field}
    assert fields == {
        "license": 2,
        "contributor": 3,
        "contributor.handle": 4,
        "contributor.kind": 5,
        "consent_policy": 6,
        "consent_policy.version": 6,
        "consent_policy.languages": 7,
        "consent_policy.languages.0": 7,
        "consent_policy.languages.1": 7,
        "notes": 8,
    }


@pytest.mark.parametrize("value", ["no", "Off", "2026-01-01", "0x10", "1_000", "1:30", "1e3", "٣"])
def test_every_value_is_the_text_that_stands_there(value: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"a: {value}\n").data == {"a": value}


@pytest.mark.parametrize("value", ["", "~", "null", "''", '""'])
def test_an_empty_value_is_none(value: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"a: {value}\nb: c\n").data == {"b": "c"}


def test_windows_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(b"\xef\xbb\xbfa: b\r\nc: d\r\n")
    document = read_yaml(tmp_path / "s.yaml")
    assert document.data == {"a": "b", "c": "d"}
    assert document.windows == ["a byte order mark", "CRLF line ends"]


@given(st.text(st.sampled_from(list("ab:-[]{}&*!|>'\"%@`#?,\n \t<~")), max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_there_is_a_mapping_or_one_refusal(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        try:
            document = read(Path(folder), text)
        except Unreadable as error:
            codes = {"M063", "M064", "M065", "M066", "M067"}
            if error.problem.code not in codes or error.problem.line is None:
                raise AssertionError(error.problem) from error
        else:
            assert isinstance(document.data, dict)
