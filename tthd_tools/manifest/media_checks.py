"""An item and its file in the raw folder go in, what is wrong with the file comes out."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tthd_tools.errors import MediaError, UsageError
from tthd_tools.manifest.c2pa import read_terms
from tthd_tools.manifest.findings import Problem, shown
from tthd_tools.manifest.safe_path import is_linked, raw_path
from tthd_tools.manifest.schema import ITEMS_FILES, ManifestItem, Submission

if TYPE_CHECKING:
    from tthd_tools.media import Probe

SHORTEST_S, LONGEST_S = 1.0, 4 * 3600.0
SMALLEST_SIDE_PX = 360
RATE_TOLERANCE_HZ = 0.01  # rates are written as 29.97 and 23.976
AGAIN = "copy or export it again"


class MediaChecks:
    """The checks behind ``--with-media``: M009 to M017 and M030, one file after the other.

    ``on_file`` is told how many files are done. Fingerprints of all files stay in memory, 2.3 MB
    an hour of sound; of the files only a window is held. Raises UsageError if ``raw`` is no folder.
    """

    def __init__(self, raw: Path, on_file: Callable[[int], None] = lambda done: None) -> None:
        from tthd_tools.manifest.fingerprint import Copies

        if not raw.is_dir():
            what = "is a file, not a folder" if raw.exists() else "does not exist"
            raise UsageError(f"{str(raw)!r} {what}; give the folder that holds the raw videos")
        self._raw = raw
        self._on_file = on_file
        self._done = 0
        self._copies = Copies()
        self._item_of: dict[str, str] = {}

    def __call__(self, submission: Submission, item: ManifestItem) -> Iterator[Problem]:
        """What is wrong with the item's file; nothing for an item without one (``url_crop``)."""
        if item.path is None:
            return
        relative = raw_path(self._raw, submission.submission_id, item.path)
        path = self._raw / relative
        self._on_file(self._done)
        self._done += 1
        absence = self._absence(path, relative)
        if absence is not None:
            yield absence
            return
        try:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            yield from self._bytes(item, sha256)
            yield from _terms(path)
        except OSError as error:
            why = f"The file cannot be read: {(error.strerror or str(error)).lower()}"
            yield _problem("M009", "path", why, relative, "mend its permissions")
            return
        yield from self._media(path, item, self._item_of.setdefault(sha256, item.item_id))

    def _absence(self, path: Path, relative: str) -> Problem | None:
        if is_linked(self._raw, relative):
            message = "The file is reached by a link"
            return _problem("M008", "path", message, relative, "put the file itself there")
        try:
            mode = path.lstat().st_mode
        except OSError:
            message = "The file is not in the raw folder"
            fix = "put it there, or correct the path"
            return _problem("M009", "path", message, relative, fix)
        if stat.S_ISREG(mode):
            return None
        message = "This is no regular file"
        return _problem("M009", "path", message, relative, "put the video itself there")

    def _bytes(self, item: ManifestItem, sha256: str) -> Iterator[Problem]:
        if item.sha256 == sha256:  # then the manifest alone tells which rows are the same
            return
        first = self._item_of.get(sha256, item.item_id)
        if item.sha256 is not None:
            message = f"The file's sha256 is another one, {sha256[:12]}…"
            fix = "send the file that was described, or correct sha256"
            yield _problem("M010", "sha256", message, f"{item.sha256[:12]}…", fix)
        if first != item.item_id:
            message = f"Item {first} has the same file"
            yield _problem("M011", "path", message, item.path, "keep one of the two rows")

    def _media(self, path: Path, item: ManifestItem, first: str) -> Iterator[Problem]:
        from tthd_tools.manifest.fingerprint import fingerprint
        from tthd_tools.media import probe

        copy_of = None
        try:
            facts = probe(path)
            has_sound = facts.audio_codec is not None
            if has_sound and facts.duration_s <= LONGEST_S and first == item.item_id:
                copy_of = self._copies.add(item.item_id, fingerprint(path, facts))
        except MediaError as error:  # and nothing of its facts: they are those of a part
            yield _undecodable(path, item, error)
            return
        yield from judge_facts(item, facts)
        if copy_of is not None:
            message = f"Item {copy_of} has almost the same picture and sound"
            yield _problem("M011", "path", message, item.path, "keep one of the two rows")


def count_lines(folders: Iterable[Path]) -> int:
    """Lines of the submissions' items, which tell about how many files there are to look at."""
    files = [folder / name for folder in folders for name in ITEMS_FILES]
    total = 0
    for path in files:
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                total += sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    return total


def judge_facts(item: ManifestItem, facts: Probe) -> Iterator[Problem]:
    """What the probe of a file says against it, or against what its row states."""
    if facts.audio_codec is None:
        message = "The file has no sound stream"
        yield _problem("M012", "path", message, item.path, "send it with its sound")
    if facts.variable:
        message = "The frame rate varies; clips will be re-timed to 25 fps"
        rate = "" if facts.fps is None else f"{facts.fps:.3f}"
        yield _problem("M013", "path", message, rate, "nothing, or send a constant rate")
    if not SHORTEST_S <= facts.duration_s <= LONGEST_S:
        short = facts.duration_s < SHORTEST_S
        message = f"The video is {'shorter than 1 s' if short else 'longer than 4 hours'}"
        fix = "leave it out" if short else "cut it into several files"
        yield _problem("M014", "path", message, f"{facts.duration_s:.2f} s", fix)
    if min(facts.width, facts.height) < SMALLEST_SIDE_PX:
        message = f"The short side of the picture is under {SMALLEST_SIDE_PX} px"
        size = f"{facts.width}x{facts.height}"
        yield _problem("M015", "path", message, size, "send the original, if this is a smaller one")
    yield from _stated(item, facts)


def _stated(item: ManifestItem, facts: Probe) -> Iterator[Problem]:
    """M016: facts of the row that are not those of the file, by more than one frame."""
    frame_s = 1 / facts.fps if facts.fps else 0.04
    slack_hz = max(RATE_TOLERANCE_HZ, 1 / facts.duration_s) if facts.duration_s > 0 else 0.0
    compared = [
        ("width", item.width, facts.width, 0.0),
        ("height", item.height, facts.height, 0.0),
        ("duration_s", item.duration_s, facts.duration_s, frame_s + 1e-6),
        ("fps", item.fps, None if facts.variable else facts.fps, slack_hz),
    ]
    for field, stated, real, slack in compared:
        if stated is None or real is None or abs(stated - real) <= slack:
            continue
        fix = f"write {real:g}" if field != "duration_s" else f"write {real:.3f}"
        message = "The file says otherwise (its picture upright, in square pixels)"
        yield Problem("M016", field, message, shown(stated), f"{fix}, or leave it empty")


def _terms(path: Path) -> Iterator[Problem]:
    """M030 and M017: what the file's own credentials say of training."""
    terms = read_terms(path)
    if terms.forbidden:
        message = "The file's Content Credentials say that training or mining is notAllowed"
        fix = "remove the row, or ask who made the file"
        yield _problem("M030", "path", message, path.name, fix)
    elif terms.unchecked or terms.constrained:
        why = f"cannot be read: {terms.unchecked}" if terms.unchecked else "set conditions"
        message = f"The file's Content Credentials {why}"
        fix = "look whether they allow training, with a C2PA viewer"
        yield _problem("M017", "path", message, path.name, fix)


def _undecodable(path: Path, item: ManifestItem, error: MediaError) -> Problem:
    """M012 with what the decoder says: ``'a.mp4' is damaged at 2 s: copy or export it again``."""
    sentence = str(error).removeprefix(f"{path.name!r} ")
    what, fix = sentence.removesuffix(AGAIN).rstrip(":, "), AGAIN
    if not sentence.endswith(AGAIN):
        what, _, fix = sentence.partition(": ")
    return _problem("M012", "path", f"The file {what}", item.path, fix or AGAIN)


def _problem(code: str, field: str, message: str, value: str | None, fix: str) -> Problem:
    return Problem(code, field, message, shown(value) if value else "", fix)
