"""What lies beside submissions: ids that are taken and people who have withdrawn, from small files.

In the folder of submissions, all of them optional:

- ``consents.csv``: the public list of consents (``consent.py``);
- ``used_ids.txt``: ids that may not be used again, one a line, then anything, such as the release;
- ``WITHDRAWALS.jsonl``: one object a line with ``item_id``, ``key`` (of a clip), ``speaker_id``,
  ``consent_id`` or ``sha256``.

The project's private suppression list has the form of ``WITHDRAWALS.jsonl``; ``tthd.toml`` names it
(``[manifests] suppression = "FILE"``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tthd_tools.errors import UsageError
from tthd_tools.manifest.consent import CONSENTS_FILE, Consent, read_consents
from tthd_tools.manifest.findings import Unreadable
from tthd_tools.manifest.read_items import open_items
from tthd_tools.manifest.read_json import read_json
from tthd_tools.manifest.read_text import TextFile
from tthd_tools.manifest.schema import ITEMS_FILES, SUBMISSION_FILE
from tthd_tools.workspace import storage_errors

USED_IDS_FILE = "used_ids.txt"
WITHDRAWALS_FILE = "WITHDRAWALS.jsonl"
LIMIT_BYTES = 256 << 20
NO_SUBMISSIONS = frozenset(["TEMPLATE"])
NAMED = ("item_id", "key", "speaker_id", "consent_id", "sha256")
"""What an entry of a list of withdrawals can name."""


@dataclass(frozen=True)
class Beside:
    """``used``: item_id → where it is used. ``withdrawn``: ids and sha256 that are out."""

    consents: Mapping[str, Consent] | None = None
    used: Mapping[str, str] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()


def is_submission(folder: Path) -> bool:
    """Whether a folder holds a submission, or is meant to; one that is closed does not."""
    try:
        return any((folder / name).is_file() for name in (SUBMISSION_FILE, *ITEMS_FILES))
    except PermissionError:
        return False


def find_submissions(path: Path) -> list[Path]:
    """The submission at ``path`` (its folder, or a file in it), else those below it, sorted.

    Raises UsageError where there is none.
    """
    if path.name in (SUBMISSION_FILE, *ITEMS_FILES):
        path = path.parent
    if not path.is_dir():
        what = "is no submission" if path.exists() else "does not exist"
        raise UsageError(f"{str(path)!r} {what}; give a submission's folder or the one above")
    if is_submission(path):
        return [path]
    with storage_errors(path):
        found = [one for one in sorted(path.iterdir()) if is_candidate(one)]
    if not found:
        raise UsageError(
            f"there is no submission in {str(path)!r}; a submission is a folder with "
            f"{SUBMISSION_FILE}, which `tthd manifest new` makes"
        )
    return found


def is_candidate(folder: Path) -> bool:
    """Whether a folder among submissions is to be checked as one: a link is, and is told."""
    if folder.name.startswith(".") or folder.name in NO_SUBMISSIONS or not folder.is_dir():
        return False
    return is_submission(folder) or folder.name.startswith("sub_")


def read_beside(
    manifests: Path,
    checked: frozenset[Path],
    consents: Path | None = None,
    suppression: Path | None = None,
) -> Beside:
    """Read what lies in a folder of submissions, and the ids of those that are not ``checked``.

    Raises UsageError for a file that cannot be used, RefusedError for a private registry.
    """
    listed = manifests / CONSENTS_FILE
    path = consents or (listed if listed.exists() else None)
    used = dict(_used_ids(manifests / USED_IDS_FILE))
    for folder in sorted(manifests.iterdir()) if manifests.is_dir() else ():
        if is_candidate(folder) and folder.resolve() not in checked and not folder.is_symlink():
            used.update(_ids_of(folder))
    withdrawn: set[str] = set()
    for file in (manifests / WITHDRAWALS_FILE, suppression):
        if file is None or (file is not suppression and not file.exists()):
            continue
        for entry in _withdrawals(file):
            withdrawn.update(entry[name] for name in NAMED if name in entry)
            if "item_id" in entry:
                used[entry["item_id"]] = WITHDRAWALS_FILE
    return Beside(None if path is None else read_consents(path), used, frozenset(withdrawn))


def _used_ids(path: Path) -> Iterator[tuple[str, str]]:
    if not path.exists():
        return
    try:
        for _, text in TextFile(path, LIMIT_BYTES):
            name, _, more = text.strip().partition(" ")
            if name and not name.startswith("#"):
                yield name, f"{path.name} ({more.strip()})" if more.strip() else path.name
    except Unreadable as error:
        raise _unusable(path, error) from None


def _withdrawals(path: Path) -> Iterator[dict[str, str]]:
    try:
        for line, text in TextFile(path, LIMIT_BYTES):
            if not text.strip():
                continue
            entry: Any = read_json(text)
            if not isinstance(entry, dict):
                raise UsageError(f"{path}:{line} is no object; write {{…}} with an item_id")
            named = {name: value for name, value in entry.items() if isinstance(value, str)}
            if not any(named.get(name) for name in NAMED):
                names = ", ".join(NAMED)
                raise UsageError(f"{path}:{line} names nobody; write one of {names} into it")
            yield named | ({"sha256": named["sha256"].lower()} if "sha256" in named else {})
    except Unreadable as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: Unreadable) -> UsageError:
    return UsageError(f"{path} cannot be used: {error.problem.message}; {error.problem.fix}")


def _ids_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Ids of another submission, as far as it can be read; its own check tells the rest."""
    for name in ITEMS_FILES:
        try:
            for row in open_items(folder / name):
                item_id = row.values.get("item_id")
                if isinstance(item_id, str):
                    yield item_id, folder.name
        except Unreadable:
            continue
