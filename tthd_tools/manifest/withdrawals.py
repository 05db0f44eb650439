"""A list of withdrawals goes in; who and what it names comes out, each with the place of its entry.

An entry that cannot be understood stops the run: nobody knows whom it was to take out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tthd_tools.errors import UsageError
from tthd_tools.manifest.findings import Unreadable, shown
from tthd_tools.manifest.read_json import read_json
from tthd_tools.manifest.read_text import TextFile
from tthd_tools.manifest.schema import FREE_PREFIX
from tthd_tools.pipeline import suggest

WITHDRAWALS_FILE = "WITHDRAWALS.jsonl"
LIMIT_BYTES = 256 << 20
FORMS: Mapping[str, re.Pattern[str]] = {
    "item_id": re.compile(r"[a-z0-9][a-z0-9_-]{2,62}"),
    "key": re.compile(r"[a-z0-9][a-z0-9_-]{2,62}_[0-9]{4,}"),
    "speaker_id": re.compile(r"spk_[a-z0-9_-]{1,80}"),
    "consent_id": re.compile(r"con_[a-z2-7]{12}"),
    "sha256": re.compile(r"[0-9a-fA-F]{64}"),
}
"""What an entry can name, and the form of each; ``key`` is that of a clip."""
BESIDES = ("removed_in", "withdrawn_on", "reason")


class Withdrawal(NamedTuple):
    """One name that is withdrawn: its kind, such as ``item_id``, and ``file:line``."""

    kind: str
    name: str
    place: str


def read_withdrawals(path: Path) -> Iterator[Withdrawal]:
    """All names of a list. Raises UsageError for one that cannot be understood to its last word."""
    try:
        for line, text in TextFile(path, LIMIT_BYTES):
            if text.strip():
                yield from _named(f"{path}:{line}", read_json(text))
    except Unreadable as error:
        problem = error.problem
        raise UsageError(f"{path} cannot be used: {problem.message}; {problem.fix}") from None


def _named(place: str, entry: Any) -> Iterator[Withdrawal]:
    if not isinstance(entry, dict):
        raise UsageError(f"{place} is no object; write {{…}} with an item_id")
    known = (*FORMS, *BESIDES)
    for key in entry:
        if key not in known and not key.startswith(FREE_PREFIX):
            raise UsageError(f"{place} has an unknown field {shown(key)}{suggest(key, known)}")
    found = [key for key in FORMS if key in entry]
    if not found:
        raise UsageError(f"{place} names nobody; write one of {', '.join(FORMS)} into it")
    for key in found:
        value = entry[key]
        if not isinstance(value, str) or not FORMS[key].fullmatch(value):
            raise UsageError(
                f"{place}: {key} cannot be {shown(value)}, so nobody knows who has withdrawn; "
                "write it as it stands in the manifest or the release"
            )
        yield Withdrawal(key, value.lower() if key == "sha256" else value, place)
