"""A folder of a submission goes in; its rows, each with what is wrong with it, come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tthd_tools.manifest.beside import Beside, plain_sha256
from tthd_tools.manifest.fields import form
from tthd_tools.manifest.findings import Finding, Problem, Unreadable
from tthd_tools.manifest.read_items import ItemsFile, RawRow, open_items
from tthd_tools.manifest.read_text import windows_problem
from tthd_tools.manifest.read_yaml import read_yaml
from tthd_tools.manifest.rules_item import judge_labels, judge_rights, judge_source, judge_words
from tthd_tools.manifest.rules_submission import (
    ITEM_TEXTS,
    SUBMISSION_TEXTS,
    judge_free_texts,
    judge_submission,
    without_personal_data,
)
from tthd_tools.manifest.safe_path import path_problem, plain_path
from tthd_tools.manifest.schema import (
    ITEMS_FILES,
    SUBMISSION_FILE,
    ManifestItem,
    Submission,
)
from tthd_tools.manifest.settings import Settings
from tthd_tools.manifest.withdrawals import WITHDRAWALS_FILE

MOST_FINDINGS = 10_000
"""In the rows of one submission: after so many the rest is not read."""
MediaCheck = Callable[[Submission, ManifestItem], Iterable[Problem]]
"""Looks at the file of an item whose row has no error: M009 to M016 and M030."""


@dataclass(frozen=True)
class Row:
    """One row that was checked; ``item`` is None where its fields have not their form.

    ``item_id``, ``path`` (a safe one) and ``sha256`` are what it says all the same.
    """

    line: int
    item: ManifestItem | None
    findings: tuple[Finding, ...]
    item_id: str | None = None
    path: str | None = None
    sha256: str | None = None


class Desk:
    """Checks one submission after the other, and remembers the ids and files it has seen."""

    def __init__(self, settings: Settings, beside: Beside, media: MediaCheck | None = None) -> None:
        self.settings = settings
        self._beside = beside
        self._media = media
        self._ids: dict[str, tuple[str, int]] = {}
        self._files: dict[bytes, tuple[str, str, int]] = {}

    def open(self, folder: Path) -> CheckedSubmission:
        """Read ``submission.yaml`` of a folder; its rows are read as they are asked for."""
        return CheckedSubmission(self, folder)

    def row(self, raw: RawRow, place: CheckedSubmission, items: ItemsFile, name: str) -> Row:
        """One row with all that is wrong with it."""
        problems = list(raw.problems)
        item: ManifestItem | None = None
        if raw.whole:
            formed = form(ManifestItem, raw.values)
            item = formed.record
            told = {one.field for one in problems} | items.absent
            problems += [one for one in formed.problems if one.field not in told]
        if item is not None:
            problems += self._judged(item, place, raw.line)
        else:
            problems += judge_free_texts(raw.values, ITEM_TEXTS)
        problems = without_personal_data(problems)
        item_id = _word(raw.values.get("item_id"), 63)
        path = _word(raw.values.get("path"), 200)
        findings = place.findings_of(problems, name, raw.line, item_id)
        if self._media is not None and item is not None and place.submission is not None:
            sound = not any(one.severity == "error" for one in findings)
            seen = self._media(place.submission, item) if sound else ()
            findings += place.findings_of(seen, name, raw.line, item_id)
        safe = path is not None and path_problem("path", path) is None
        sha256 = plain_sha256(raw.values.get("sha256"))
        return Row(raw.line, item, tuple(findings), item_id, path if safe else None, sha256)

    def _judged(self, item: ManifestItem, place: CheckedSubmission, line: int) -> list[Problem]:
        unsafe = path_problem("path", item.path) if item.path is not None else None
        problems = [] if unsafe is None else [unsafe]
        if place.submission is not None:
            problems += judge_source(item, place.submission, self.settings.hosts)
            problems += judge_rights(item, place.submission, self._beside)
        problems += judge_words(item)
        problems += judge_labels(item)
        problems += self._repeated(item, place, line)
        return problems

    def _repeated(
        self, item: ManifestItem, place: CheckedSubmission, line: int
    ) -> Iterator[Problem]:
        used = self._beside.used.get(item.item_id)
        is_withdrawn = used == WITHDRAWALS_FILE
        if item.item_id in self._ids and not is_withdrawn:
            used = "{}:{}".format(*self._ids[item.item_id])
        if used is not None:
            message, fix = f"The item_id is already used: {used}", "give it a new id"
            if is_withdrawn:
                message, fix = f"The item was withdrawn: {used}", "take the row out"
            yield Problem("M007", "item_id", message, f"'{item.item_id}'", fix)
        self._ids.setdefault(item.item_id, (place.items_file, line))
        if item.path is not None:
            path = plain_path(item.path)
            first_line = place.paths.setdefault(path, line)
            if first_line != line:
                message = f"The file is described already: {place.items_file}:{first_line}"
                yield Problem("M035", "path", message, f"'{path}'", "keep one of the two rows")
                return
        if item.sha256 is not None:
            here = (item.item_id, place.items_file, line)
            first_id, file, first_line = self._files.setdefault(bytes.fromhex(item.sha256), here)
            if first_id != item.item_id:
                message = f"The same bytes are described already: {file}:{first_line}"
                value = f"'{item.sha256[:12]}…'"
                yield Problem("M036", "sha256", message, value, "keep one of the two rows")


class CheckedSubmission:
    """One submission: ``submission`` is None where it cannot be read.

    ``name`` is that of its folder, ``items_name`` that of its file of items, empty where there is
    none. ``findings`` are those of its files as wholes, complete after the last of ``rows``.
    """

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk = desk
        self.folder = folder
        self.findings: list[Finding] = []
        self.submission: Submission | None = None
        self.paths: dict[str, int] = {}
        self.name = folder.resolve().name
        if folder.is_symlink():
            message, fix = "The folder is a link", "put the folder itself there"
            self._add([Problem("M062", "", message, "", fix)], "")
        else:
            self._read()
        self.items_name = self._find_items()
        self.items_file = f"{self.name}/{self.items_name}"

    def rows(self) -> Iterator[Row]:
        """Its rows, checked as they are read."""
        name = self.items_name
        if not name:
            return
        items = open_items(self.folder / name)
        found, is_empty = 0, True
        try:
            for raw in items:
                is_empty = False
                row = self._desk.row(raw, self, items, name)
                yield row
                found += len(row.findings)
                if found > MOST_FINDINGS:
                    message = f"There are more than {MOST_FINDINGS} findings; the rest is not read"
                    raise Unreadable(Problem("M064", "", message, "", "mend these first", row.line))
            if is_empty:
                fix = "write a row for each video"
                what = "rows without any value alone" if items.has_blank else "no rows"
                raise Unreadable(Problem("M004", "", f"The file has {what}", "", fix))
        except Unreadable as error:
            self._add([error.problem], name)
        self._add(items.problems, name)

    def findings_of(
        self, problems: Iterable[Problem], name: str, line: int, item_id: str | None = None
    ) -> list[Finding]:
        """Problems as findings of one of its files."""
        file = str(self.folder / name)
        made = (self._desk.settings.finding(one, file, line, item_id) for one in problems)
        return [one for one in made if one is not None]

    def _read(self) -> None:
        try:
            document = read_yaml(self.folder / SUBMISSION_FILE)
        except Unreadable as error:
            self._add([error.problem], SUBMISSION_FILE)
            return
        windows = windows_problem(document.windows)
        problems = [] if windows is None else [windows]
        formed = form(Submission, document.data)
        self.submission = formed.record
        problems += formed.problems
        if self.submission is not None:
            problems += judge_submission(self.submission, self.folder)
        else:
            problems += judge_free_texts(document.data, SUBMISSION_TEXTS)
        problems = without_personal_data(problems)
        self._add([_placed(one, document.lines) for one in problems], SUBMISSION_FILE)

    def _find_items(self) -> str:
        if self.submission is not None:
            return self.submission.items
        there = [name for name in ITEMS_FILES if (self.folder / name).is_file()]
        return there[0] if there and not self.folder.is_symlink() else ""

    def _add(self, problems: Iterable[Problem], name: str) -> None:
        self.findings += self.findings_of(problems, name, 0)


def _word(value: Any, longest: int) -> str | None:
    return value if isinstance(value, str) and len(value) <= longest else None


def _placed(problem: Problem, lines: dict[str, Any]) -> Problem:
    """The problem with the line of its field, or of the nearest field around it."""
    steps = problem.field.split(".") if problem.field else []
    while steps and ".".join(steps) not in lines:
        steps.pop()
    if problem.line is not None:
        return problem
    return problem._replace(line=lines.get(".".join(steps), 1) if steps else 1)
