"""A clip's row of the table and the policy go in; a score card comes out, one line a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tthd_tools.pipeline import Rule

_SIMPLE = re.compile(r"(abs\()?\s*(\w+)\s*\)?\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)")
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_OTHERWISE = {"<": "≥", "<=": ">", ">": "≤", ">=": "<"}
_UNITS = {"_ms": " ms", "_db": " dB", "_px": " px", "_s": " s", "_lufs": " LUFS", "_per_s": " /s"}
_ANGLES = ("yaw", "pitch", "roll")


def score_card(row: Mapping[str, Any], rules: Iterable[Rule]) -> list[dict[str, str]]:
    """What each drop and flag rule sees in a clip: value, limit, and pass, warn or fail.

    ``row`` is the clip's row after ``apply_policy``. A line has ``rule``, ``value``, ``limit``
    (what would pass), ``when`` (the rule as it stands) and ``state``: ``fail`` where the rule
    drops, ``warn`` where it flags, ``unmeasured`` where a value is null. What fails comes first.
    """
    lines = [_line(row, rule) for rule in rules if rule.action != "keep"]
    order = ("fail", "warn", "unmeasured", "pass")
    return sorted(lines, key=lambda line: order.index(line["state"]))


def _line(row: Mapping[str, Any], rule: Rule) -> dict[str, str]:
    names = [name for name in dict.fromkeys(_WORD.findall(rule.when)) if name in row]
    values = [row[name] for name in names]
    if rule.name in (row.get("dropped_by") or ()):
        state = "fail"
    elif rule.name in (row.get("flags") or ()):
        state = "warn"
    else:
        state = "unmeasured" if not values or None in values else "pass"
    shown = [_with_unit(name, row[name]) for name in names if row[name] is not None]
    return {
        "rule": rule.name,
        "value": ", ".join(shown),
        "limit": _limit(rule.when),
        "when": f"{rule.action}: {rule.when}",
        "state": state,
    }


def _limit(when: str) -> str:
    """What would pass, of the first comparison: ``duration_s < 3`` passes with ``≥ 3``."""
    match = _SIMPLE.search(when)
    if match is None:
        return ""
    absolute, _, sign, number = match.groups()
    return f"{_OTHERWISE[sign]} {'±' if absolute else ''}{number}"


def _with_unit(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
    if any(angle in name for angle in _ANGLES):
        unit = "°"
    number = f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{number}{unit}".replace("-", "−")
