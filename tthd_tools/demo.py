"""The steps of ``tthd demo``: a folder goes in, a synthetic corpus and a release are in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tthd_tools.build import State, build, measure
from tthd_tools.errors import FindingsError, UsageError
from tthd_tools.ingest import IngestSummary, ingest
from tthd_tools.pipeline import Plan, find_pipeline, load_pipeline, make_plan
from tthd_tools.runner import Observer
from tthd_tools.standing import read_standings
from tthd_tools.workspace import Workspace, storage_errors

if TYPE_CHECKING:
    from tthd_tools.shards import ReleaseSummary

Progress = Callable[[int, int], None]

CONTENTS = {
    "broken_upload.mp4": "an upload that broke off",
    "interview.mp4": "a man, then a woman: one hard cut",
    "late_sound.mp4": "the sound comes 320 ms late",
    "no_sound.mp4": "a face, but no sound",
    "story.mp4": "a jump cut 2 s before the end; 29.97 fps",
    "talk.mp4": "one take, without metadata",
    "two_people.mp4": "two people in one picture, one of them speaks",
}
"""What is in the raw videos that ``make_corpus`` draws."""


def make_corpus(out: Path, progress: Progress) -> None:
    """Draw the raw videos. Raises UsageError if ``out`` holds something already."""
    from tthd_tools.synth import write_corpus

    with storage_errors(out):
        taken = out.exists() and any(out.iterdir())
        out.mkdir(parents=True, exist_ok=True)
    if taken:
        raise UsageError(f"{out} is not empty; remove it, or give a new folder with --out")
    write_corpus(out / "raw", progress=progress)


def register(out: Path) -> tuple[Workspace, IngestSummary]:
    """Make the workspace and register the raw videos."""
    workspace = Workspace.create(out / "work", out / "raw")
    with workspace.writing():
        return workspace, ingest(workspace)


def measure_all(workspace: Workspace, workers: int, observer: Observer) -> tuple[Plan, State]:
    """Run every stage of the default pipeline."""
    plan = make_plan(load_pipeline(find_pipeline("tthd")))
    with workspace.writing():
        return plan, measure(workspace, plan, workers=workers, observer=observer)


def write(
    workspace: Workspace, plan: Plan, state: State, out: Path, progress: Progress
) -> ReleaseSummary:
    """Write the release."""
    clips = [leaf.clip for item in state.items for leaf in item.clips]
    with workspace.writing():
        standings = read_standings(workspace, clips)
        return build(workspace, plan, state, standings, out / "release", progress).release


def check(out: Path) -> None:
    """Verify the release. Raises FindingsError with the first finding."""
    from tthd_tools.shards.verify import verify

    findings = verify(out / "release")
    if findings:
        raise FindingsError(f"{findings[0].where}: {findings[0].sentence}")


def contact_sheets(out: Path) -> list[Path]:
    """One picture per shard beside the release: crops with mesh and masks."""
    from tthd_tools.shards.sheet import write_sheet

    sheets = []
    for shard in sorted((out / "release" / "data").rglob("*.tar")):
        sheet = out / "sheets" / f"{shard.stem}.png"
        sheet.parent.mkdir(exist_ok=True)
        write_sheet(shard, sheet)
        sheets.append(sheet)
    return sheets
