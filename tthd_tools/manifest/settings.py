"""A project's rules: the tables ``[rules]`` and ``[manifests]`` of ``tthd.toml`` go in.

[rules]
M014 = "warn"           # error, warn or off

[manifests]
hosts = ["archive.org"]         # where source_url may lead
suppression = "private.jsonl"   # more withdrawals, outside git; relative to this file
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tthd_tools.errors import UsageError
from tthd_tools.manifest.codes import RULES
from tthd_tools.manifest.findings import Finding, Problem, Severity, Unreadable
from tthd_tools.manifest.read_text import TextFile
from tthd_tools.pipeline import suggest

SETTINGS_FILE = "tthd.toml"
LIMIT_BYTES = 1 << 20
LEVELS: Mapping[str, Severity | None] = {
    "error": "error",
    "warn": "warning",
    "warning": "warning",
    "off": None,
}
HOSTS = (
    "archive.org", "bilibili.com", "dailymotion.com", "flickr.com", "vimeo.com", "wikimedia.org",
    "youtu.be", "youtube.com",
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What a project has decided; ``moved`` severities by code, None for a rule that is off."""

    moved: Mapping[str, Severity | None] = field(default_factory=lambda: MappingProxyType({}))
    hosts: tuple[str, ...] = HOSTS
    suppressions: tuple[Path, ...] = ()

    def finding(
        self, problem: Problem, file: str, line: int, item_id: str | None = None
    ) -> Finding | None:
        """The problem in its place, with this project's severity; None where the rule is off."""
        rule = RULES[problem.code]
        severity = self.moved.get(problem.code, rule.severity)
        if severity is None:
            return None
        return Finding(
            code=problem.code,
            severity=severity,
            file=file,
            line=line if problem.line is None else problem.line,
            field=problem.field,
            value=problem.value,
            message=problem.message,
            fix=problem.fix,
            item_id=item_id,
            fixable=problem.fixable,
        )


def read_settings(path: Path) -> Settings:
    """The settings of that file; the defaults where there is none.

    Raises UsageError for a file that cannot be used, an unknown rule or level, and a rule that no
    project may move: rights, and what keeps a row from being read.
    """
    if not path.exists():
        return Settings()
    try:
        lines = [line for _, line in TextFile(path, LIMIT_BYTES)]
        data = tomllib.loads("\n".join(lines))
    except Unreadable as error:
        raise UsageError(f"{path} cannot be used: {error.problem.message}") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no TOML: {error}; correct that place") from None
    table = _table(path, data, "manifests")
    unknown = sorted(set(table) - {"hosts", "suppression"})
    if unknown:
        raise UsageError(
            f"{path}: unknown setting manifests.{unknown[0]}"
            f"{suggest(unknown[0], ['hosts', 'suppression'])}"
        )
    hosts, suppression = table.get("hosts", list(HOSTS)), table.get("suppression")
    if not isinstance(hosts, list) or not all(isinstance(one, str) for one in hosts):
        raise UsageError(f'{path}: manifests.hosts is a list of names, such as ["archive.org"]')
    if not isinstance(suppression, str | None):
        raise UsageError(f"{path}: manifests.suppression is the name of a file")
    places = () if suppression is None else (path.parent / suppression,)
    return Settings(_moved(path, data), tuple(hosts), places)


def settings_for(work: Path) -> Settings:
    """What counts for a workspace: the file beside it, else that of the current folder.

    The suppression lists of both count. Raises UsageError as ``read_settings`` does.
    """
    files = (work.absolute().parent / SETTINGS_FILE, Path(SETTINGS_FILE))
    there = {one.resolve(): one for one in reversed(files) if one.exists()}
    found = [read_settings(one) for one in reversed(there.values())]
    lists = {one.resolve(): one for settings in found for one in settings.suppressions}
    return replace(found[0] if found else Settings(), suppressions=tuple(lists.values()))


def _moved(path: Path, data: Mapping[str, Any]) -> dict[str, Severity | None]:
    moved: dict[str, Severity | None] = {}
    for code, level in _table(path, data, "rules").items():
        if code not in RULES:
            raise UsageError(f"{path}: unknown rule {code!r}{suggest(code, list(RULES))}")
        if not isinstance(level, str) or level not in LEVELS:
            raise UsageError(f'{path}: {code} = {level!r}; write "error", "warn" or "off"')
        if RULES[code].fixed and LEVELS[level] != "error":
            raise UsageError(f"{path}: {code} is an error in every project; remove that line")
        moved[code] = LEVELS[level]
    return moved


def _table(path: Path, data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {name} is a table; write [{name}] above its lines")
    return table
