"""What fix writes: what has one right spelling, and nothing else."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.manifest.mend import decode, mend_lines, mend_submission, mend_table

TABLE = "item_id,language,dialect,emotion,text_raw,notes\n"


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    "content",
    [
        b"a\nb\n",
        b"a\r\nb\r\n",
        b"\xef\xbb\xbfa\nb\n",
        "\ufeffa\r\nb\r\n".encode("utf-16-le"),
        "\ufeffa\nb\n".encode("utf-16-be"),
    ],
)
def test_every_encoding_of_a_spreadsheet_is_the_same_text(content: bytes) -> None:
    assert decode(content) == "a\nb\n"


def test_another_encoding_is_none() -> None:
    with pytest.raises(UnicodeDecodeError):
        decode("é".encode("latin-1"))


@pytest.mark.parametrize(
    "text",
    [
        "item_id;notes\na_1;one, two\nb_2;\n",
        "item_id\tnotes\na_1\tone, two\nb_2\t\n",
        "sep=;\nitem_id;notes\na_1;one, two\nb_2;\n",
        "item_id\tnotes\na_1\tone, two\nb_2\t",
    ],
)
def test_a_table_gets_commas(text: str) -> None:
    assert mend_table(text) == 'item_id,notes\na_1,"one, two"\nb_2,\n'


def test_an_empty_row_of_another_separator_becomes_an_empty_line() -> None:
    assert mend_table("item_id\tnotes\n\t\na_1\tx\n") == "item_id,notes\n\na_1,x\n"


@pytest.mark.parametrize("cell", ["=1+1", "+86 1", "-", "@x", "\ttab", "\rcr"])
def test_a_formula_becomes_text_once(cell: str) -> None:
    line = io.StringIO()
    csv.writer(line).writerow(["a_1", "bo", "amdo", "", "", cell])
    once = mend_table(decode((TABLE + line.getvalue()).encode()))
    assert cells(once)[1][5] == f"'{cell}"
    assert mend_table(once) == once


def test_names_and_words_are_spelt_as_the_schema_has_them() -> None:
    text = "Item ID,Language,DIALECT,Emotion,sha256\na_1,bo,U-Tsang,Happy ,ABCDEF\n"
    expected = "item_id,language,dialect,emotion,sha256\na_1,bo,u-tsang,happy,abcdef\n"
    assert mend_table(text) == expected


def test_what_nobody_can_know_stays() -> None:
    text = (
        "item_id,emotion,dialekt,language,text_raw\n"
        "Lab.1,hapy,x,bo,no tibetan here\n"
        '  b ,"happy","kept ""as"" it is",de,"two\nlines"\n'
        "short,row\n"
        "\n"
        "too,long,a,row,of,cells\n"
    )
    assert mend_table(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        'item_id;notes\na_1;"open\n',
        "item_id,item_id\na,Happy\n",
        "Emotion,emotion\nA,B\n",
    ],
)
def test_a_table_that_cannot_be_told_stays(text: str) -> None:
    assert mend_table(text) == text


def test_tibetan_loses_what_nobody_sees() -> None:
    text = TABLE + "a_1,bo,amdo,,བཀྲ་\u200bཤིས།,\na_2,bo,amdo,,བཀྲ་ཤིས།,\na_3,de,,,Auf\u200blage,\n"
    assert mend_table(text) == text.replace("་\u200b", "་")
    assert "\u0f77" not in mend_table(TABLE + "a_1,bo,amdo,,ཀ\u0f77་,\n")


def test_a_line_of_json_is_written_anew_only_where_something_changes() -> None:
    kept = '{"item_id" : "a_1",  "emotion":"happy","x_Note":"Happy"}'
    broken = '{"item_id": "a_2", "emotion": "Happy"'
    wrong = '{"item_id": "a_3", "Emotion": "HAPPY", "language": "bo", "text_raw": "བཀྲ་\\u200bཤིས།"}'
    twice = '{"Item ID": "a_4", "item id": "a_5"}'
    lines = mend_lines("\n".join([kept, broken, wrong, twice, ""])).split("\n")
    assert lines[:2] + lines[3:] == [kept, broken, twice, ""]
    assert json.loads(lines[2]) == {
        "item_id": "a_3",
        "emotion": "happy",
        "language": "bo",
        "text_raw": "བཀྲ་ཤིས།",
    }


def test_a_submission_keeps_its_comments_and_its_order() -> None:
    text = """\
# ours
schema: tthd-manifest/1.0
license: "cc-by-4.0"   # the usual one
contributor: {handle: A, kind: Lab}
rights_basis: Speaker Consent
access_tier_max: GATED
notes: |
  license: mit
  kind: Lab
"""
    expected = (
        text.replace('"cc-by-4.0"', "CC-BY-4.0")
        .replace("kind: Lab}", "kind: lab}")
        .replace("Speaker Consent", "speaker_consent")
        .replace("GATED", "gated")
    )
    assert mend_submission(text) == expected
    assert mend_submission(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "license: [mit]",
        "license: no such licence",
        "license: *a",
        "a: &a [*a]",
        "license: !!python/object:os.system mit\0",
        "[" * 3000,
    ],
)
def test_a_submission_that_cannot_be_told_stays(text: str) -> None:
    assert mend_submission(text) == text


CELL = st.one_of(
    st.text(st.sampled_from("aB=+-@'\",;\t\r\n \u200bཀ་\u0f77\u2028"), max_size=8),
    st.sampled_from(["Happy", "amdo ", "bo", "'=x", "''=x"]),
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=6), max_size=5), st.sampled_from(",;\t"))
@settings(max_examples=150, deadline=None)
def test_mending_a_table_twice_changes_nothing_more(rows: list[list[str]], separator: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(["Item ID", "language", "notes", "emotion", "text_raw"])
    writer.writerows(rows)
    once = mend_table(decode(text.getvalue().encode()))
    assert mend_table(once) == once
    for cell in (cell for row in cells(once)[1:] for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(
    st.dictionaries(st.sampled_from(["emotion", "Emotion", "x_a", "text_raw", "language"]), CELL)
)
@settings(max_examples=100, deadline=None)
def test_mending_a_line_twice_changes_nothing_more(row: dict[str, str]) -> None:
    once = mend_lines(json.dumps(row))
    assert mend_lines(once) == once
