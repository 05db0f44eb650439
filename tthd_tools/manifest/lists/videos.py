"""A raw folder goes in; its videos by path and by name, and what is wrong with a path, go out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

LONGEST_PATH = 1000


class Videos:
    """The videos below a raw folder, as ``tthd ingest`` finds them: no links, nothing hidden."""

    def __init__(self, raw: Path) -> None:
        from tthd_tools.videos import find_videos

        self.raw = raw
        found = [path for path in find_videos(raw) if not path.is_dir()]
        self.paths = sorted(path.relative_to(raw).as_posix() for path in found)
        self._known = frozenset(self.paths)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            self._by_stem[PurePosixPath(path).stem].append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def named(self, *stems: str) -> Sequence[str]:
        """Paths of the videos of the first of these names, without suffix, that there is."""
        return next((self._by_stem[stem] for stem in stems if stem in self._by_stem), ())

    def absence(self, path: str) -> str:
        """Why there is no video at a listed path; empty where there is one."""
        if path in self:
            return ""
        flaw = path_flaw(path)
        if flaw:
            return flaw
        place = self.raw / path
        try:
            if place.is_symlink() or any(
                parent.is_symlink() for parent in place.parents if parent.is_relative_to(self.raw)
            ):
                return "is a link; put the file itself there"
            if place.exists():
                return "is no video by its name, or lies in a hidden folder"
        except OSError:
            return "is no name that a file can have"
        return "is listed but not there"


def path_flaw(path: str) -> str:
    """What is wrong with a path of a list, as the end of a sentence; empty if nothing is."""
    if not path or len(path) > LONGEST_PATH:
        return f"is no path of 1 to {LONGEST_PATH} characters"
    if not path.isprintable():
        return "holds control characters"
    if "\\" in path:
        return "has a backslash; write the path with /"
    if path.startswith("/") or path[1:2] == ":":
        return "is absolute; write it from the raw folder on"
    if ".." in path.split("/"):
        return "leaves the raw folder; write it from there without .."
    return ""


def plain_path(path: str) -> str:
    """``./a//b.mp4`` as ``a/b.mp4``; a path with a flaw stays as it is."""
    return path if path_flaw(path) else PurePosixPath(path).as_posix()
