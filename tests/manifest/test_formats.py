"""Findings as people, a code forge and a summary page see them, whatever was sent."""

from __future__ import annotations

import pytest

from tthd_tools.manifest.findings import Finding, pointer, shown
from tthd_tools.manifest.formats import github_lines, human_lines, markdown_lines
from tthd_tools.manifest.report import Report

HOSTILE = "a%b\r\n::error file=x::owned,|<script>[x](javascript:1) `c` @you"


def finding(line: int = 3, code: str = "M005", **changes: object) -> Finding:
    fields = {
        "code": code,
        "severity": "error",
        "file": "sub_a/items.csv",
        "line": line,
        "field": "emotion",
        "value": "'hapy'",
        "message": "This is none of them",
        "fix": "write happy",
    } | changes
    return Finding(**fields)  # type: ignore[arg-type]


def report_of(*findings: Finding) -> Report:
    report = Report(submissions=1, items=2)
    report.add(findings)
    return report


def test_a_finding_is_one_line_with_one_action() -> None:
    assert str(finding()) == (
        "sub_a/items.csv:3 emotion: This is none of them. Got 'hapy'. Fix: write happy. [M005]"
    )
    bare = finding(line=0, field="", value="")
    assert str(bare) == "sub_a/items.csv: This is none of them. Fix: write happy. [M005]"


def test_people_read_errors_first_and_of_many_alike_a_few() -> None:
    warning = finding(1, "M043", severity="warning")
    report = report_of(warning, *(finding(line) for line in range(2, 32)), finding(9, "M050"))
    lines = list(human_lines(report))
    assert lines[0] == "sub_a/items.csv: 31 errors, 1 warning"
    assert lines[1].startswith("  sub_a/items.csv:2 emotion: ")
    assert "[M050]" in lines[9]
    assert lines[-2:] == [f"  {warning}", "  … 10 more M005"]
    assert len(lines) == 1 + 20 + 1 + 1 + 1


def test_an_annotation_is_one_command_whatever_was_sent() -> None:
    hostile = finding(file=HOSTILE, field=HOSTILE, value=HOSTILE, message=HOSTILE)
    (line,) = github_lines(report_of(hostile))
    assert line.startswith("::error file=a%25b%0D%0A%3A%3Aerror file=x%3A%3Aowned%2C|<script>")
    assert ",line=3,title=M005::a%25b%0D%0A::error" in line
    assert not set(line) & {"\r", "\n"}
    assert list(github_lines(report_of(finding(0, severity="warning")))) == [
        "::warning file=sub_a/items.csv,line=1,title=M005::emotion: This is none of them. "
        "Got 'hapy'. Fix: write happy."
    ]


def test_a_summary_is_a_table_whatever_was_sent() -> None:
    hostile = finding(file=HOSTILE, field=HOSTILE, value=HOSTILE, message=HOSTILE)
    lines = list(markdown_lines(report_of(finding(), hostile)))
    assert lines[0] == "### Manifests: 2 errors"
    assert lines[2] == "1 submission, 2 items."
    assert lines[6] == (
        "| M005 error | sub\\_a/items\\.csv\\:3 emotion | This is none of them\\. Got 'hapy'\\. | "
        "write happy |"
    )
    assert "<" not in lines[7]
    assert "\\[x\\]\\(javascript\\:1\\) \\`c\\` \\@you" in lines[7]
    assert lines[7].replace("\\|", "").count("|") == 5
    assert len(lines) == 8
    assert next(markdown_lines(report_of())) == "### Manifests: nothing found"


def test_a_long_table_is_cut() -> None:
    lines = list(markdown_lines(report_of(*(finding(line) for line in range(1, 400)))))
    assert (len(lines), lines[-1]) == (6 + 300 + 2, "… 99 more.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("a\x1b[2J\u202e\n", "'a\\x1b[2J\\u202e\\n'"),
        ("བོད", "'བོད'"),
        ("x" * 100, f"'{'x' * 80}…'"),
        ("\x00" * 100, "'" + "\\x00" * 20 + "…'"),
        (1.5, "1.5"),
        (None, "null"),
        ({"a": ["\x1b"]}, '{"a": ["\\u001b"]}'),
        ([0] * 100, "a list of 100"),
        (float("nan"), "NaN"),
    ],
)
def test_values_are_shown_short_and_harmless(value: object, text: str) -> None:
    assert shown(value) == text


def test_fields_become_pointers() -> None:
    assert pointer("contributor.handle") == "/contributor/handle"
    assert pointer("a/b~c") == "/a~1b~0c"
    assert pointer("") == ""


def test_the_exit_code_is_that_of_the_worst() -> None:
    warning = finding(severity="warning")
    assert report_of().exit_code(strict=True) == 0
    assert report_of(warning).exit_code() == 0
    assert report_of(warning).exit_code(strict=True) == 1
    assert report_of(warning, finding()).exit_code() == 1
    assert report_of(finding(), finding(code="M027")).exit_code() == 5
