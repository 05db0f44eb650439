"""Lists of consents and withdrawals: folders go in, what all of them together say comes out.

They are looked for beside the submissions in the raw folder, in ``manifests`` of the current
folder, beside the workspace and beside the raw folder, in the folder that is named, and in the one
that the workspace remembers. All of them count.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
from tthd_tools.manifest.safe_path import path_problem, raw_path
from tthd_tools.manifest.schema import ITEMS_FILES, SUBMISSION_FILE
from tthd_tools.manifest.settings import settings_for
from tthd_tools.manifest.unread import refuse_unread
from tthd_tools.manifest.withdrawals import WITHDRAWALS_FILE, Withdrawal, read_withdrawals
from tthd_tools.workspace import storage_errors

MANIFESTS = Path("manifests")


@dataclass(frozen=True)
class Lists:
    """What the lists say now: consents as the strictest of them has them, and who has withdrawn.

    ``rows`` are those of all submissions beside them; ``sent`` are the same without those of a
    table alone, in a folder without ``submission.yaml`` and not called ``sub_…``: that may be
    somebody's own list. In the folders ``without_consents`` that list is to lie and does not.
    """

    consents: Mapping[str, Consent]
    withdrawals: tuple[Withdrawal, ...]
    rows: tuple[NamedRow, ...]
    without_consents: tuple[Path, ...] = ()
    sent: tuple[NamedRow, ...] = ()

    def sent_in(self, raw: Path) -> Callable[[str, str], frozenset[str]]:
        """By the path of a file below ``raw`` and its sha256: the submissions that name either."""
        hashes: dict[str, frozenset[str]] = {}
        paths: dict[str, frozenset[str]] = {}
        nobody: frozenset[str] = frozenset()
        for row in self.sent:
            sender = {row.submission}
            if row.sha256 is not None:
                hashes[row.sha256] = hashes.get(row.sha256, nobody) | sender
            if row.path is not None and path_problem("path", row.path) is None:
                path = raw_path(raw, row.submission, row.path)
                paths[path] = paths.get(path, nobody) | sender
        return lambda path, sha256: hashes.get(sha256, nobody) | paths.get(path, nobody)


def places_for(raw: Path, work: Path) -> list[Path]:
    """Where submissions and lists may lie where nobody says it, each folder once, nearest first:
    in the raw folder, in ``./manifests``, and in ``manifests`` beside the workspace or ``raw``."""
    beside = [Path(os.path.relpath(one.absolute().parent / MANIFESTS)) for one in (work, raw)]
    there = [one for one in (raw, MANIFESTS, *beside) if one.is_dir()]
    return list(_once(there).values())


def read_lists(
    raw: Path, work: Path, manifests: Path | None = None, remembered: Path | None = None
) -> Lists:
    """Read every list there is.

    ``manifests`` is the folder that somebody has named, ``remembered`` the one that the workspace
    ``work`` knows. Raises RefusedError where that is gone and no other is named, UsageError for a
    list that cannot be used, and for a list or a submission that lies where nobody would read it.
    """
    for folder in (manifests, remembered if manifests is None else None):
        if folder is not None and not folder.is_dir():
            raise RefusedError(
                f"the folder of manifests {str(folder)!r} is not there, and who has consented or "
                "withdrawn is looked up in it; bring it back, or name it with --manifests DIR"
            )
    private = settings_for(work).suppressions
    named = [_home(one) for one in (manifests, remembered) if one is not None and one.is_dir()]
    others = places_for(raw, work)
    known = {path.resolve() for path in private}
    _refuse_unread_submissions(raw, [*named, *others], known)
    others = [_home(one) for one in others]
    places = _once([*named, *others])
    found = [_read(one) for one in places.values()]
    _refuse_unlike_copies(folder for _, groups in found for folder in groups)
    above = _once([Path(), work.absolute().parent, raw.absolute().parent])
    _refuse_other_case(above.values(), places.keys())
    for folder in {*above, work.resolve()} - places.keys():
        _refuse_unread_list(folder, places, known)
    consents: dict[str, Consent] = {}
    for beside, _ in found:
        for name, consent in (beside.consents or {}).items():
            consents[name] = stricter(consents.get(name, consent), consent)
    withdrawals = [one for beside, _ in found for one in beside.withdrawals]
    withdrawals += [one for file in private for one in read_withdrawals(file)]
    return Lists(
        consents,
        tuple(dict.fromkeys(withdrawals)),
        tuple(row for _, groups in found for rows in groups.values() for row in rows),
        tuple(one for one in named or others or [MANIFESTS] if not (one / CONSENTS_FILE).exists()),
        tuple(
            row
            for _, groups in found
            for folder, rows in groups.items()
            if (folder / SUBMISSION_FILE).is_file() or folder.name.startswith("sub_")
            for row in rows
        ),
    )


def find_manifests(raw: Path, work: Path) -> list[Path]:
    """Where there are submissions where nobody says where: of ``places_for`` those with one."""
    folders: list[Path] = []
    for folder in places_for(raw, work):
        try:
            found = find_submissions(folder)
        except UsageError:
            continue
        if any(is_submission(one) for one in found):  # videos alone may be sorted by submission
            folders.append(folder)
    return folders


def _refuse_unread_submissions(raw: Path, folders: Sequence[Path], known: set[Path]) -> None:
    """Raise UsageError for a submission or a list in one of them that is neither read nor told."""
    real = _once(one for one in (raw, *folders) if one.is_dir())
    for place, folder in real.items():
        refuse_unread(folder, real.keys() - {place}, known, is_raw=place == raw.resolve())


def _refuse_unlike_copies(folders: Iterable[Path]) -> None:
    """Raise UsageError for a submission of which two folders say different things, since one of
    them alone is read."""
    known: dict[str, Path] = {}
    for folder in folders:
        if is_submission(folder):
            first = known.setdefault(folder.name, folder)
            if first != folder and _content(first) != _content(folder):
                raise UsageError(
                    f"{str(first)!r} and {str(folder)!r} are one submission and do not say the "
                    "same; keep the one that is right, and leave the videos alone in the other"
                )


def _content(folder: Path) -> list[str | None]:
    """The hashes of a submission's files."""
    with storage_errors(folder):
        files = [folder / name for name in (SUBMISSION_FILE, *ITEMS_FILES)]
        return [_sha256(one) if one.is_file() else None for one in files]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _once(folders: Iterable[Path]) -> dict[Path, Path]:
    """Each folder once, as it is written first, by where it really lies."""
    found: dict[Path, Path] = {}
    for one in folders:
        found.setdefault(one.resolve(), one)
    return found


def _home(folder: Path) -> Path:
    """The folder of submissions, as a person here would write it: the one above a submission."""
    found = folder.absolute().parent if is_submission(folder) else folder
    return Path(os.path.relpath(found))


def _refuse_other_case(folders: Iterable[Path], places: Collection[Path]) -> None:
    """Raise UsageError for ``Manifests`` where ``manifests`` is looked for."""
    for path in (folder / name for folder in folders for name in names_in(folder)):
        is_one = path.name.casefold() == MANIFESTS.name and path.is_dir()
        if is_one and not any(path.samefile(place) for place in places):
            raise UsageError(
                f"{path} is not read under that name; call it {MANIFESTS}, name it with "
                "--manifests DIR, or move it away"
            )


def _refuse_unread_list(folder: Path, places: Iterable[Path], known: Collection[Path]) -> None:
    """Raise UsageError for a list in a folder in which nobody looks for one.

    It may be one that settings name, or a copy of consents that are read.
    """
    for path in (folder / name for name in names_in(folder)):
        if not path.is_file() or path.resolve() in known:
            continue
        is_consents = is_meant_as(path.name, CONSENTS_FILE)
        if is_consents and any(_is_same(path, place / CONSENTS_FILE) for place in places):
            continue
        if is_consents or is_meant_as(path.name, WITHDRAWALS_FILE):
            raise UsageError(
                f"{path} is not read where it lies; put it into the folder of submissions, "
                f"{MANIFESTS} where there is none yet, or move it away"
            )


def _is_same(path: Path, other: Path) -> bool:
    with storage_errors(path):
        return other.is_file() and path.read_bytes() == other.read_bytes()


def _read(folder: Path) -> tuple[Beside, dict[Path, list[NamedRow]]]:
    """What lies beside the submissions of a folder, and the rows of each of those."""
    submissions = [one for one in candidates(folder) if not one.is_symlink()]
    checked = frozenset(one.resolve() for one in submissions)
    return read_beside(folder, checked), {one: list(named_rows(one)) for one in submissions}
