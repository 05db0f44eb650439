"""A folder goes in; a file in it that is meant as a submission's and is not read stops the run.

Submissions are read one folder deep. A row that nobody reads keeps no file out, and nobody would
learn of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from tthd_tools.errors import UsageError
from tthd_tools.manifest.beside import NO_SUBMISSIONS, is_candidate, is_meant_as, is_submission
from tthd_tools.manifest.consent import CONSENTS_FILE
from tthd_tools.manifest.schema import ITEMS_FILES, SUBMISSION_FILE
from tthd_tools.manifest.withdrawals import WITHDRAWALS_FILE

DEEPEST = 6
WORKSPACE_FILE = "workspace.json"
AGAIN = "(copy of )*"
COPY = r"([ _-]*copy( \d+)?| ?\(\d+\))*"  # as what was fetched or put there twice is called
TABLE = r"\.(csv|json|jsonl|ndjson|ods|tsv|xls|xlsx)(\.txt)?"
ITEMS = re.compile(f"{AGAIN}items{COPY}{TABLE}", re.IGNORECASE)
LISTED = re.compile(".*(consent|withdrawal)", re.IGNORECASE)
MATTERS = re.compile(f"{AGAIN}(items|submission)|{WORKSPACE_FILE}", re.IGNORECASE)
SUBMISSION = re.compile(rf"{AGAIN}submission{COPY}\.ya?ml(\.txt)?", re.IGNORECASE)


def refuse_unread(
    folder: Path,
    read_elsewhere: Collection[Path] = (),
    known: Collection[Path] = (),
    *,
    is_raw: bool = False,
) -> None:
    """Raise UsageError for a file of a submission where or as it is not read, six folders deep, and
    for a list of consents or withdrawals that lies below ``folder`` and is none of the ``known``.

    Hidden folders, links and workspaces are passed over, submissions in TEMPLATE, and folders
    ``read_elsewhere`` (absolute and without links, as ``known`` are). Among raw videos (``is_raw``)
    a table may be somebody's own list: it is a submission's where it, or a folder above it in
    ``folder``, has a ``submission.yaml`` in any letters beside it or lies in a folder called
    ``sub_…``.
    """
    is_one = is_submission(folder)
    lists: list[Path] = []
    for place, names, depth, is_near in _walk(folder, frozenset(read_elsewhere), not is_raw):
        if depth > 0:
            lists += [place / name for name in names if _is_list(name, is_raw)]
        if not NO_SUBMISSIONS.isdisjoint(place.relative_to(folder).parts):
            continue
        if is_near and set(names).issuperset(ITEMS_FILES):
            raise UsageError(
                f"{str(place)!r} holds {' and '.join(ITEMS_FILES)}, and one of them alone is read; "
                "keep the one that is meant"
            )
        for name in names:
            is_head = SUBMISSION.fullmatch(name) is not None
            if not is_head and not (is_near and ITEMS.fullmatch(name)):
                continue
            if is_one and depth > 0:
                raise UsageError(
                    f"{str(place)!r} holds a submission that nobody reads, since {str(folder)!r} "
                    "has the files of one itself; move one of the two away"
                )
            if depth > 1:
                raise UsageError(
                    f"{str(place)!r} holds a submission where nobody looks for one; move that "
                    f"folder into {str(folder)!r}, or out of it"
                )
            if name not in (SUBMISSION_FILE, *ITEMS_FILES):
                ours = SUBMISSION_FILE if is_head else " or ".join(ITEMS_FILES)
                raise UsageError(
                    f"{place / name} is not read under that name; make it {ours}, or move it away"
                )
    for path in lists:
        if path.resolve() not in known:
            is_in_one = is_candidate(path.parent)
            why = "lies in a submission, where it is not read" if is_in_one else "is not read there"
            raise UsageError(f"{path} {why}; put it into {str(folder)!r} itself, or move it away")


def _is_list(name: str, is_raw: bool) -> bool:
    """Among videos a text may be a form that somebody has signed, or what is said in one."""
    is_text = is_raw and re.fullmatch(r"[^.]*(\.json|\.txt)?", name, re.IGNORECASE) is not None
    is_consents = is_meant_as(name, CONSENTS_FILE) and not is_text
    return is_consents or is_meant_as(name, WITHDRAWALS_FILE)


def _walk(
    folder: Path, passed_over: frozenset[Path], is_near: bool
) -> Iterator[tuple[Path, list[str], int, bool]]:
    """Each folder with its files, how deep it lies, and whether it may belong to a submission."""
    waiting = [(folder, Path(os.path.realpath(folder)), 0, is_near)]
    while waiting:
        place, real, depth, is_near = waiting.pop()
        names, folders = _look(place)
        if depth and WORKSPACE_FILE in names and "ledger" in folders:
            continue
        is_near = is_near or any(map(SUBMISSION.fullmatch, names))
        yield place, names, depth, is_near
        for name in folders if depth < DEEPEST else ():
            if real / name not in passed_over:
                is_called = name.casefold().startswith("sub_")
                waiting.append((place / name, real / name, depth + 1, is_near or is_called))


def _look(place: Path) -> tuple[list[str], list[str]]:
    """Files that may matter and folders to look into, of a folder with perhaps very many videos."""
    names: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(place) as found:
            for one in found:
                if one.is_dir(follow_symlinks=False):
                    if not one.name.startswith("."):
                        folders.append(one.name)
                elif _may_matter(one):
                    names.append(one.name)
    except OSError:  # a folder that is closed is told where its files are asked for
        pass
    return sorted(names), sorted(folders, reverse=True)


def _may_matter(one: os.DirEntry[str]) -> bool:
    """A file of a submission is read nowhere behind a link; a list there would be missed."""
    is_list = LISTED.match(one.name) is not None and not one.is_dir()
    return is_list or (MATTERS.match(one.name) is not None and not one.is_symlink())
