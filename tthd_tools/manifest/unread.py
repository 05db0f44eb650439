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
from tthd_tools.manifest.beside import NO_SUBMISSIONS, is_submission
from tthd_tools.manifest.schema import ITEMS_FILES, SUBMISSION_FILE

DEEPEST = 6
WORKSPACE_FILE = "workspace.json"
COPY = r"( ?\(\d+\))?"  # as browsers name what was fetched twice
TABLE = r"\.(csv|json|jsonl|ndjson|ods|tsv|xls|xlsx)(\.txt)?"
ITEMS = re.compile(f"items{COPY}{TABLE}", re.IGNORECASE)
MATTERS = re.compile(f"items|submission|{WORKSPACE_FILE}", re.IGNORECASE)
SUBMISSION = re.compile(rf"submission{COPY}\.ya?ml(\.txt)?", re.IGNORECASE)


def refuse_unread(
    folder: Path, read_elsewhere: Collection[Path] = (), *, is_raw: bool = False
) -> None:
    """Raise UsageError for a file of a submission where or as it is not read, six folders deep.

    Hidden folders, TEMPLATE, links and workspaces are passed over, and folders ``read_elsewhere``
    (absolute, without links). Among raw videos (``is_raw``) a table may be somebody's own list: it
    is a submission's where it, or a folder above it in ``folder``, has a ``submission.yaml`` in any
    letters beside it or lies in a folder called ``sub_…``.
    """
    is_one = is_submission(folder)
    for place, names, depth, is_near in _walk(folder, frozenset(read_elsewhere), not is_raw):
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
                    if not one.name.startswith(".") and one.name not in NO_SUBMISSIONS:
                        folders.append(one.name)
                elif MATTERS.match(one.name) and not one.is_symlink():
                    names.append(one.name)
    except OSError:  # a folder that is closed is told where its files are asked for
        pass
    return sorted(names), sorted(folders, reverse=True)
