"""Lists of consents and withdrawals: folders go in, what all of them together say comes out.

They are looked for beside the submissions in the raw folder, in ``./manifests``, in the folder that
is named, and in the one that the workspace remembers. All of them count.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.manifest.beside import (
    Beside,
    NamedRow,
    candidates,
    find_submissions,
    is_meant_as,
    is_submission,
    named_rows,
    names_in,
    read_beside,
)
from tthd_tools.manifest.consent import CONSENTS_FILE, Consent, stricter
from tthd_tools.manifest.settings import SETTINGS_FILE, read_settings
from tthd_tools.manifest.withdrawals import WITHDRAWALS_FILE, Withdrawal

MANIFESTS = Path("manifests")


@dataclass(frozen=True)
class Lists:
    """What the lists say now: consents as the strictest of them has them, and who has withdrawn.

    ``rows`` are those of all submissions beside them; ``without_consents`` are folders in which a
    list of consents is to lie and does not.
    """

    consents: Mapping[str, Consent]
    withdrawals: tuple[Withdrawal, ...]
    rows: tuple[NamedRow, ...]
    without_consents: tuple[Path, ...] = ()


def read_lists(
    raw: Path, work: Path, manifests: Path | None = None, remembered: Path | None = None
) -> Lists:
    """Read every list there is.

    ``manifests`` is the folder that somebody has named, ``remembered`` the one that the workspace
    ``work`` knows. Raises RefusedError where that is gone and no other is named, UsageError for a
    list that cannot be used, or that lies where nobody would read it.
    """
    for folder in (manifests, remembered if manifests is None else None):
        if folder is not None and not folder.is_dir():
            raise RefusedError(
                f"the folder of manifests {str(folder)!r} is not there, and who has consented or "
                "withdrawn is looked up in it; bring it back, or name it with --manifests DIR"
            )
    settings = read_settings(work.absolute().parent / SETTINGS_FILE)
    named = [_home(one) for one in (manifests, remembered) if one is not None and one.is_dir()]
    others = [_home(one) for one in (raw, MANIFESTS) if one.is_dir()]
    places = {one.resolve(): one for one in reversed([*named, *others])}
    found = [_read(one, settings.suppression) for one in reversed(places.values())]
    for folder in {work.absolute().parent.resolve(), Path.cwd().resolve()} - places.keys():
        _refuse_unread(folder, settings.suppression)
    consents: dict[str, Consent] = {}
    for beside, _ in found:
        for name, consent in (beside.consents or {}).items():
            consents[name] = stricter(consents.get(name, consent), consent)
    return Lists(
        consents,
        tuple(dict.fromkeys(one for beside, _ in found for one in beside.withdrawals)),
        tuple(row for _, rows in found for row in rows),
        tuple(one for one in named or others or [MANIFESTS] if not (one / CONSENTS_FILE).exists()),
    )


def find_manifests(raw: Path) -> Path | None:
    """Where submissions lie where nobody says it: in the raw folder, else in ``./manifests``."""
    for folder in (raw, MANIFESTS):
        try:
            found = find_submissions(folder)
        except UsageError:
            continue
        if any(is_submission(one) for one in found):  # videos alone may be sorted by submission
            return folder
    return None


def _home(folder: Path) -> Path:
    """The folder of submissions, as a person here would write it: the one above a submission."""
    found = folder.absolute().parent if is_submission(folder) else folder
    return Path(os.path.relpath(found))


def _refuse_unread(folder: Path, suppression: Path | None) -> None:
    """Raise UsageError for a list of withdrawals in a folder in which nobody looks for one."""
    for path in (folder / name for name in names_in(folder)):
        is_known = suppression is not None and path == suppression.resolve()
        if is_meant_as(path.name, WITHDRAWALS_FILE) and path.is_file() and not is_known:
            raise UsageError(
                f"{path} is not read where it lies; put it into the folder of submissions, "
                f"{MANIFESTS} where there is none yet, or move it away"
            )


def _read(folder: Path, suppression: Path | None) -> tuple[Beside, list[NamedRow]]:
    submissions = [one for one in candidates(folder) if not one.is_symlink()]
    checked = frozenset(one.resolve() for one in submissions)
    rows = [row for one in submissions for row in named_rows(one)]
    return read_beside(folder, checked, suppression=suppression), rows
