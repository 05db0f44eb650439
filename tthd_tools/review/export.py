"""A bundle goes in; a folder that opens from disk in any browser comes out, one file set a clip."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tthd_tools.errors import TthdError, UsageError
from tthd_tools.review.bundle import PAGE, Bundle, read_script, script
from tthd_tools.review.proxies import write_proxy, write_still
from tthd_tools.stages.encode import EncodePart
from tthd_tools.workspace import canonical_json, storage_errors, write_atomically

MARKER = "review.json"
SCHEMA = "tthd.review/1"
SUFFIXES = (".js", ".mp4", ".jpg")


@dataclass(frozen=True)
class Exported:
    """What an export has done: clips in it, those whose video was made anew, those removed."""

    folder: Path
    clips: int
    written: int
    removed: int
    size_bytes: int


def export(
    bundle: Bundle,
    out: Path,
    keymap: Mapping[str, Sequence[str]],
    reviewer: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Exported:
    """Write the page with all clips of a bundle into a folder.

    The folder may hold an earlier export: videos that are still right stay, and what belongs to
    clips that are gone is removed. Raises UsageError for a folder with anything else in it,
    AccessError, MediaError.
    """
    before = _before(out)
    with storage_errors(out):
        (out / "clips").mkdir(parents=True, exist_ok=True)
        (out / "data").mkdir(exist_ok=True)
        # Before anything else: a killed export is still known as one, and promises no video.
        _mark(out, {})
        copy_page(out)
    settings = bundle.settings(keymap, reviewer, served=False)
    removed = _remove_others(out / "clips", set(bundle.clips))
    made: dict[str, str] = {}
    written = 0
    with storage_errors(out):
        write_atomically(out / "data" / "settings.js", script("settings", settings))
        for done, (clip_id, clip) in enumerate(bundle.clips.items()):
            progress(done, len(bundle.clips))
            video = out / "clips" / f"{clip_id}.mp4"
            fingerprint = clip.fingerprints.get(EncodePart.stage, "")
            if before.get(clip_id) != fingerprint or not video.is_file():
                write_proxy(clip, video)
                write_still(clip, video.with_suffix(".jpg"))
                written += 1
            made[clip_id] = fingerprint
            write_atomically(video.with_suffix(".js"), script("clip", bundle.sheet(clip_id)))
        progress(len(bundle.clips), len(bundle.clips))
        write_atomically(out / "data" / "queue.js", script("queue", bundle.queue(reviewer)))
        _mark(out, made)
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Exported(out, len(made), written, removed, size)


@dataclass
class Earlier:
    """An export that a folder may hold, and how many of its clips were taken out since.

    It may hold clips that nobody may see any more, and must not keep them where the next export
    comes to nothing.
    """

    folder: Path
    removed: int | None = None

    def keep(self, clip_ids: Set[str]) -> None:
        """Take all other clips out, so that the page still works; raises AccessError."""
        if not is_export(self.folder):
            return
        self.removed = _remove_others(self.folder / "clips", clip_ids)
        if self.removed:
            with storage_errors(self.folder):
                _keep_in_queue(self.folder / "data" / "queue.js", clip_ids)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Adds to whatever ends an export what has become of the earlier one."""
        try:
            yield
        except TthdError as error:
            what = ""
            if self.removed:
                noun = "1 clip is" if self.removed == 1 else f"{self.removed} clips are"
                what = f"{noun} removed from the earlier export in {self.folder}"
            elif self.removed is None and is_export(self.folder):
                what = (
                    f"{self.folder} still holds an earlier export: remove it, since it may hold "
                    "clips that nobody may see any more"
                )
            if what:
                error.args = (f"{error}; {what}",)
            raise


def page_files() -> dict[str, Path]:
    """Every file of the page by its path in the folder: ``index.html``, ``page/…``."""
    found = {
        f"page/{path.relative_to(PAGE).as_posix()}": path
        for path in sorted(PAGE.rglob("*"))
        if path.is_file() and path.name not in ("index.html", "keymap.json")
    }
    return {"index.html": PAGE / "index.html", **found}


def copy_page(out: Path) -> None:
    """Put the files of the page into a folder."""
    for name, path in page_files().items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, out / name)


def _before(out: Path) -> dict[str, str]:
    """Fingerprint of the video of each clip of an earlier export; empty for a new folder."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return {}
    try:
        data = json.loads((out / MARKER).read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError
        return {str(name): str(fingerprint) for name, fingerprint in data["clips"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{out} is not empty and no export of a review; give another folder with --out"
        ) from error


def is_export(folder: Path) -> bool:
    """Whether a folder holds an export, whole or not."""
    try:
        _before(folder)
    except UsageError:
        return False
    return (folder / MARKER).is_file()


def _mark(out: Path, clips: Mapping[str, str]) -> None:
    write_atomically(out / MARKER, canonical_json({"schema": SCHEMA, "clips": clips}) + "\n")


def _remove_others(folder: Path, clip_ids: Set[str]) -> int:
    """Remove the files of clips that are no longer to be reviewed; returns how many clips."""
    with storage_errors(folder):
        if not folder.is_dir():
            return 0
        gone = [path for path in folder.iterdir() if path.stem not in clip_ids]
        for path in gone:
            if path.suffix in SUFFIXES:
                path.unlink()
    return len({path.stem for path in gone})


def _keep_in_queue(path: Path, clip_ids: Set[str]) -> None:
    """Leave in the queue what is left of the clips; without a queue that is whole there is none."""
    try:
        queue = read_script("queue", path.read_text(encoding="utf-8"))
        clips = [entry for entry in queue["clips"] if entry["clip_id"] in clip_ids]
        own = {name: one for name, one in queue["own"].items() if name in clip_ids}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        path.unlink(missing_ok=True)
    else:
        write_atomically(path, script("queue", {"clips": clips, "own": own}))
