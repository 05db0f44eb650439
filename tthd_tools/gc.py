"""Files that nothing needs any more: a workspace and its state go in, folders come out."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tthd_tools.build import State
from tthd_tools.pipeline import Plan
from tthd_tools.workspace import Workspace, storage_errors


@dataclass(frozen=True)
class Waste:
    """A folder that no current fingerprint names."""

    folder: Path
    size_bytes: int


def find_waste(workspace: Workspace, plan: Plan, state: State) -> list[Waste]:
    """Stage folders and fits that the plan does not name, largest first."""
    needed = {
        folder
        for item in state.items
        for leaf in item.leaves
        for folder in _stage_folders(leaf.clip.folders.values(), workspace.clips)
    }
    fits = {workspace.fits / step.name for step in plan.corpus}
    waste = [
        Waste(folder, _size(folder))
        for clip in sorted(workspace.clips.iterdir())
        for folder in sorted(clip.iterdir())
        if folder not in needed
    ]
    waste += [
        Waste(folder, _size(folder))
        for folder in sorted(workspace.fits.iterdir())
        if folder not in fits
    ]
    return sorted(waste, key=lambda one: (-one.size_bytes, one.folder))


def remove_waste(waste: Iterable[Waste]) -> None:
    """Remove the folders; the caller holds the workspace. Raises AccessError if one stays."""
    for one in waste:
        with storage_errors(one.folder):
            shutil.rmtree(one.folder)
            if one.folder.parent.exists() and not any(one.folder.parent.iterdir()):
                one.folder.parent.rmdir()


def _stage_folders(folders: Iterable[Path], clips: Path) -> Iterable[Path]:
    """Each folder's ancestor two below ``clips``: a child's folder lies inside its parent's."""
    for folder in folders:
        relative = folder.relative_to(clips)
        yield clips.joinpath(*relative.parts[:2])


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
