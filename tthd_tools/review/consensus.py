"""What fields of a clip should be: corrections of several people go in, one value comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tthd_tools.review.corrections import Correctable
from tthd_tools.review.voice import Voice

CONFLICT = object()
"""Stands for the value of a field that nobody has settled."""


def agreed(
    voices: Iterable[Voice], sent: Mapping[str, Any], duration_s: float
) -> dict[Correctable, Any]:
    """What is wanted of each field that somebody corrects; ``CONFLICT`` where it is open.

    Of a field that most want otherwise than it was sent, what most of them say; of trims what
    nobody wants away. What one person says in two logs counts once.
    """
    wanted: dict[Correctable, dict[tuple[str, Any], None]] = {}
    for voice in voices:
        for name, (value, _) in voice.corrected.items():
            if not _is_as_sent(name, value, sent, duration_s):
                wanted.setdefault(name, {})[voice.person, value] = None
    found: dict[Correctable, Any] = {}
    for name, said in sorted(wanted.items()):
        values = [value for _, value in said]
        found[name] = _narrowest(values) if name == "trim_s" else _most_wanted(values)
    return found


def fitted(name: Correctable, value: Any, duration_s: float) -> Any:
    """A value as it is used: a trim ends with its clip."""
    return (value[0], min(value[1], duration_s)) if name == "trim_s" else value


def _is_as_sent(name: Correctable, value: Any, sent: Mapping[str, Any], duration_s: float) -> bool:
    if name == "trim_s":
        return bool(value[0] <= 0 and value[1] >= duration_s)
    return bool(value == sent.get(name))


def _most_wanted(values: Sequence[Any]) -> Any:
    counts = Counter(values).most_common(2)
    is_tie = len(counts) == 2 and counts[0][1] == counts[1][1]
    return CONFLICT if is_tie else counts[0][0]


def _narrowest(trims: Sequence[tuple[float, float]]) -> Any:
    """Nothing stays that anybody wants away."""
    start_s, end_s = max(trim[0] for trim in trims), min(trim[1] for trim in trims)
    return (start_s, end_s) if start_s < end_s else CONFLICT
