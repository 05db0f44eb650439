"""What a rule has seen in a manifest goes in, a finding that can be printed comes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning"]
LONGEST_VALUE = 80


class Problem(NamedTuple):
    """What a rule has seen, wherever it stands: ``line`` is None for the line of the row.

    ``message`` and ``fix`` are half sentences without a full stop; ``value`` is what ``shown`` made
    of what was sent, empty where there is nothing to show.
    """

    code: str
    field: str
    message: str
    value: str
    fix: str
    line: int | None = None
    fixable: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and where: ``line`` 0 stands for the file as a whole.

    ``fixable``: whether ``tthd manifest fix`` mends it.
    """

    code: str
    severity: Severity
    file: str
    line: int
    field: str
    value: str
    message: str
    fix: str
    item_id: str | None = None
    fixable: bool = False

    @property
    def place(self) -> str:
        """``file:line field``, as far as they are known."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where} {self.field}" if self.field else where

    @property
    def sentence(self) -> str:
        """What is wrong, what was sent, and the one thing to do."""
        got = f" Got {self.value}." if self.value else ""
        return f"{self.message}.{got} Fix: {self.fix}."

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence} [{self.code}]"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for machines, as in ``tthd.report/1``."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "pointer": pointer(self.field),
            "value": self.value,
            "item_id": self.item_id,
            "message": self.message,
            "hint": self.fix,
            "fixable": self.fixable,
        }


class Unreadable(Exception):
    """A file, or the rest of it, cannot be read: carries the problem that ends the reading."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def shown(value: Any) -> str:
    """A value as a finding shows it: quoted, short, and nothing that a terminal obeys."""
    if isinstance(value, str):
        short = value[: LONGEST_VALUE + 1]
        text = "".join(one if one.isprintable() else _escape(one) for one in short)
        more = "…" if len(text) > LONGEST_VALUE else ""
        return f"'{text[:LONGEST_VALUE]}{more}'"
    if isinstance(value, list | dict) and len(value) > LONGEST_VALUE:
        return f"a {'list' if isinstance(value, list) else 'mapping'} of {len(value)}"
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def pointer(field: str) -> str:
    """JSON pointer (RFC 6901) of a dotted field: ``a.b`` → ``/a/b``."""
    steps = field.replace("~", "~0").replace("/", "~1").split(".") if field else []
    return "".join(f"/{step}" for step in steps)


def _escape(one: str) -> str:
    return one.encode("unicode_escape").decode()
