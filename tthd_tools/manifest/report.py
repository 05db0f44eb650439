"""Findings go in as they come; counts, an exit code and the envelope ``tthd.report/1`` come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from tthd_tools import __version__
from tthd_tools.manifest.findings import Finding
from tthd_tools.manifest.schema import Model

MOST_OF_ONE_CODE = 1000
"""Findings of one code that are kept; the rest is counted, so that memory stays flat."""
REPORT_SCHEMA = "tthd.report/1"
WITHDRAWN = "M027"


class ReportFinding(Model):
    """One finding; ``pointer`` is a JSON pointer to the field, ``hint`` the one thing to do."""

    code: Annotated[str, Field(pattern=r"^[A-Z]\d{3}$")]
    severity: Literal["error", "warning"]
    file: str
    line: Annotated[int, Field(ge=0, description="the line; 0 for the file as a whole")]
    pointer: str
    value: str
    item_id: str | None
    message: str
    hint: str
    fixable: bool


class Envelope(Model):
    """What a command prints with ``--json``."""

    schema_: Literal["tthd.report/1"] = Field(alias="schema")
    command: str
    version: str
    ok: bool
    exit_code: Annotated[int, Field(ge=0, le=255)]
    summary: dict[str, Any]
    findings: list[ReportFinding]
    artifacts: list[str]


@dataclass
class Report:
    """What a check has found; ``codes`` counts every finding, ``findings`` has the first ones."""

    submissions: int = 0
    items: int = 0
    findings: list[Finding] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)

    def add(self, findings: Iterable[Finding]) -> None:
        """Count findings and keep them while there are not too many of their code."""
        for one in findings:
            self.codes[one.code] += 1
            self.severities[one.severity] += 1
            if self.codes[one.code] <= MOST_OF_ONE_CODE:
                self.findings.append(one)

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self.severities["error"]

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return self.severities["warning"]

    @property
    def left_out(self) -> int:
        """How many findings were counted and not kept."""
        return sum(self.codes.values()) - len(self.findings)

    def exit_code(self, strict: bool = False) -> int:
        """5 where somebody has withdrawn, 1 for errors (with ``strict`` for warnings too), or 0."""
        if self.codes[WITHDRAWN]:
            return 5
        return 1 if self.errors or (strict and self.warnings) else 0

    def as_dict(self, command: str, exit_code: int) -> dict[str, Any]:
        """Plain data for machines."""
        return {
            "schema": REPORT_SCHEMA,
            "command": command,
            "version": __version__,
            "ok": exit_code == 0,
            "exit_code": exit_code,
            "summary": {
                "submissions": self.submissions,
                "items": self.items,
                "errors": self.errors,
                "warnings": self.warnings,
                "codes": dict(sorted(self.codes.items())),
                "left_out": self.left_out,
            },
            "findings": [one.as_dict() for one in self.findings],
            "artifacts": [],
        }
