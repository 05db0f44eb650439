"""What lies beside submissions: ids that are taken and people who have withdrawn, from small files.

In the folder of submissions, all of them optional:

- ``consents.csv``: the public list of consents (``consent.py``);
- ``used_ids.txt``: ids that may not be used again, one a line, then anything, such as the release;
- ``WITHDRAWALS.jsonl``: one object a line with ``item_id``, ``key`` (of a clip), ``speaker_id``,
  ``consent_id`` or ``sha256`` (``withdrawals.py``).

A list that somebody would take for one of these, and that would not be read, stops the run: under
almost that name, in a submission, or a link. The project's private suppression list has the form of
``WITHDRAWALS.jsonl``; ``tthd.toml`` names it (``[manifests] suppression = "FILE"``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tthd_tools.errors import UsageError
from tthd_tools.manifest.consent import CONSENTS_FILE, Consent, read_consents
from tthd_tools.manifest.findings import Unreadable
from tthd_tools.manifest.read_items import open_items
from tthd_tools.manifest.read_text import TextFile
from tthd_tools.manifest.schema import ITEMS_FILES, SUBMISSION_FILE
from tthd_tools.manifest.withdrawals import WITHDRAWALS_FILE, Withdrawal, read_withdrawals
from tthd_tools.workspace import storage_errors

USED_IDS_FILE = "used_ids.txt"
LIMIT_BYTES = 256 << 20
NO_SUBMISSIONS = frozenset(["TEMPLATE"])
LISTS = (CONSENTS_FILE, USED_IDS_FILE, WITHDRAWALS_FILE)
TABLES = frozenset(["csv", "json", "jsonl", "ndjson", "ods", "tsv", "txt", "xls", "xlsx"])


class NamedRow(NamedTuple):
    """Whose bytes a row of a submission says it has, as far as it can be read; nothing is checked.

    ``sha256`` is None where the row has none of its form.
    """

    submission: str
    path: str | None
    item_id: str | None
    speaker_id: str | None
    consent_id: str | None
    sha256: str | None


@dataclass(frozen=True)
class Beside:
    """``used``: item_id → where it is used. ``withdrawals``: what is out, as it is listed."""

    consents: Mapping[str, Consent] | None = None
    used: Mapping[str, str] = field(default_factory=dict)
    withdrawals: tuple[Withdrawal, ...] = ()

    @cached_property
    def withdrawn(self) -> frozenset[str]:
        """All names that are withdrawn: ids and hashes."""
        return frozenset(one.name for one in self.withdrawals)


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
    found = candidates(path)
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
    suppressions: Sequence[Path] = (),
) -> Beside:
    """Read what lies in a folder of submissions, and the ids of those that are not ``checked``.

    Raises UsageError for a file that cannot be used, RefusedError for a private registry.
    """
    _check_places(manifests)
    beside = manifests / CONSENTS_FILE
    path = consents or (beside if beside.exists() else None)
    used = dict(_used_ids(manifests / USED_IDS_FILE))
    for folder in candidates(manifests):
        if folder.resolve() not in checked and not folder.is_symlink():
            used.update(
                (row.item_id, folder.name) for row in named_rows(folder) if row.item_id is not None
            )
    withdrawals: list[Withdrawal] = []
    listed = manifests / WITHDRAWALS_FILE
    for file in (*([listed] if listed.exists() else []), *suppressions):
        withdrawals += read_withdrawals(file)
    used |= {one.name: WITHDRAWALS_FILE for one in withdrawals if one.kind == "item_id"}
    return Beside(None if path is None else read_consents(path), used, tuple(withdrawals))


def named_rows(folder: Path) -> Iterator[NamedRow]:
    """The rows of a submission as far as they can be read; its own check tells the rest."""
    for name in ITEMS_FILES:
        try:
            for row in open_items(folder / name):
                words = {key: one for key, one in row.values.items() if isinstance(one, str)}
                yield NamedRow(
                    folder.name,
                    words.get("path"),
                    _plain(words.get("item_id")),
                    _plain(words.get("speaker_id")),
                    _plain(words.get("consent_id")),
                    plain_sha256(words.get("sha256")),
                )
        except Unreadable:
            continue


def plain_sha256(value: object) -> str | None:
    """The hash that a cell holds in some spelling; None where it holds none."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return text if re.fullmatch(r"[0-9a-f]{64}", text) else None


def _plain(name: str | None) -> str | None:
    """A name in one spelling: a slip of the finger hides nobody."""
    return name and name.strip().lower()


def candidates(manifests: Path) -> list[Path]:
    """The folders among submissions that are to be checked as one, sorted."""
    if not manifests.is_dir():
        return []
    with storage_errors(manifests):
        return [folder for folder in sorted(manifests.iterdir()) if is_candidate(folder)]


def _check_places(manifests: Path) -> None:
    """Raises UsageError for a list that would not be read where or as it lies."""
    for folder in (manifests, *candidates(manifests)):
        names = names_in(folder)
        for listed in LISTS:
            for name in names:
                place = folder / name
                if not is_meant_as(name, listed) or (name != listed and place.is_dir()):
                    continue
                if folder is not manifests:
                    why = f"lies in a submission, where it is not read; put it into {manifests}"
                elif name != listed:
                    why = f"is not read under that name; call it {listed}, or move it away"
                elif place.is_symlink():
                    why = "is a link; put the list itself there"
                else:
                    continue
                raise UsageError(f"{place} {why}")


def is_meant_as(name: str, listed: str) -> bool:
    """Whether somebody who gives a file that name may mean that list: ``withdrawals (1).json``."""
    head, _, suffix = name.casefold().partition(".")
    is_list = not suffix or not TABLES.isdisjoint(suffix.split("."))
    return is_list and _letters(head) == _letters(Path(listed).stem.casefold())


def _letters(name: str) -> str:
    """What is said by a name, without what marks a copy."""
    said = re.sub(r"[^a-z]", "", name)
    return re.sub(r"^(copyof)*(.*?)(copy)*$", r"\2", said).removesuffix("s")


def names_in(folder: Path) -> list[str]:
    """What lies in a folder, sorted; nothing where it is closed or none."""
    try:
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    except OSError:  # a submission that is closed is told by its own check
        return []


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


def _unusable(path: Path, error: Unreadable) -> UsageError:
    return UsageError(f"{path} cannot be used: {error.problem.message}; {error.problem.fix}")
