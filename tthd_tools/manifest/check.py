"""Folders of submissions go in, a report of all that is wrong with them comes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tthd_tools.manifest.beside import read_beside
from tthd_tools.manifest.desk import Desk, MediaCheck
from tthd_tools.manifest.report import Report
from tthd_tools.manifest.settings import Settings


def check(
    folders: Sequence[Path],
    settings: Settings | None = None,
    *,
    consents: Path | None = None,
    media: MediaCheck | None = None,
) -> Report:
    """Check submissions, each with what lies beside it.

    ``consents``: the public list, instead of ``consents.csv`` beside the submissions. Raises
    UsageError where that or another list cannot be used.
    """
    settings = settings or Settings()
    report = Report()
    for manifests, group in _by_parent(folders).items():
        checked = frozenset(one.resolve() for one in group)
        beside = read_beside(manifests, checked, consents, settings.suppressions)
        desk = Desk(settings, beside, media)
        for folder in group:
            submission = desk.open(folder)
            for row in submission.rows():
                report.items += 1
                report.add(row.findings)
            report.add(submission.findings)
            report.submissions += 1
    return report


def _by_parent(folders: Sequence[Path]) -> dict[Path, list[Path]]:
    groups: dict[Path, list[Path]] = {}
    for folder in dict.fromkeys(folders):
        groups.setdefault(folder.absolute().parent, []).append(folder)
    return groups
