"""A report goes in; lines for people, annotations of a code forge, or a Markdown table come out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tthd_tools.manifest.findings import Finding
from tthd_tools.manifest.report import Report

MOST_LINES = 20
"""Lines of one code in one file that people are shown."""
MOST_ROWS = 300
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+.!|~@:$-])")


def human_lines(report: Report) -> Iterator[str]:
    """Findings by file, errors first; of many alike, the first ones."""
    files: dict[str, list[Finding]] = {}
    for one in report.findings:
        files.setdefault(one.file, []).append(one)
    for file, group in files.items():
        group.sort(key=lambda one: (one.severity, one.line))
        counts = Counter[str](one.severity for one in group)
        yield f"{file}: {_counted(counts)}"
        of_code: Counter[str] = Counter()
        for one in group:
            of_code[one.code] += 1
            if of_code[one.code] <= MOST_LINES:
                yield f"  {one}"
        for code, number in of_code.items():
            if number > MOST_LINES:
                yield f"  … {number - MOST_LINES} more {code}"


def github_lines(report: Report) -> Iterator[str]:
    """Workflow commands that show each finding at its line. Nothing sent can end a command."""
    for one in report.findings:
        place = f"file={_property(one.file)},line={max(one.line, 1)}"
        field = f"{one.field}: " if one.field else ""
        yield f"::{one.severity} {place},title={one.code}::{_data(field + one.sentence)}"


def markdown_lines(report: Report) -> Iterator[str]:
    """A summary with a table of findings; all that was sent is escaped."""
    counts = Counter({"error": report.errors, "warning": report.warnings})
    yield f"### Manifests: {_counted(counts)}"
    yield ""
    yield f"{_number(report.submissions, 'submission')}, {_number(report.items, 'item')}."
    if not report.findings:
        return
    yield ""
    yield "| code | place | what is wrong | what to do |"
    yield "|---|---|---|---|"
    for one in report.findings[:MOST_ROWS]:
        yield "| " + " | ".join(_cell(text) for text in _texts(one)) + " |"
    left = sum(report.codes.values()) - MOST_ROWS
    if left > 0:
        yield ""
        yield f"… {left} more."


def _texts(one: Finding) -> tuple[str, str, str, str]:
    got = f" Got {one.value}." if one.value else ""
    return f"{one.code} {one.severity}", one.place, f"{one.message}.{got}", one.fix


def _counted(counts: Counter[str]) -> str:
    words = [_number(counts[name], name) for name in ("error", "warning") if counts[name]]
    return ", ".join(words) or "nothing found"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _data(text: str) -> str:
    """A value of a workflow command, as the toolkit of its authors escapes it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", plain).replace("\r", " ").replace("\n", " ")
