"""A folder with known emotions comes in; its clips with what each source says of them go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from tthd_tools.description import Describe, Description
from tthd_tools.emotion.fusion import Guess
from tthd_tools.emotion.labels import LABELS
from tthd_tools.emotion.score import Judged
from tthd_tools.errors import UsageError
from tthd_tools.strict_json import parse_json

if TYPE_CHECKING:
    from tthd_tools.pipeline import Plan
    from tthd_tools.runner import Observer

SOURCES = ("seen", "face", "fer", "voice")
NO_TRUTH = ("other", "unsure")
PIPELINE = """\
name: emotion
stages: [scenes, tracks, expression]
corpus: [emotion]
policy: []
"""


class Trial(NamedTuple):
    """Judged clips, files or clips that could not be judged, and sentences about them."""

    clips: list[Judged]
    left_out: int
    remarks: list[str]


def kind_of(folder: Path) -> str:
    """What a folder is: ``workspace``, ``release`` or ``videos``."""
    marks = {"workspace.json": "workspace", "shards.json": "release"}
    return next((kind for name, kind in marks.items() if (folder / name).is_file()), "videos")


def from_workspace(folder: Path, plan: Plan) -> Trial:
    """What has been measured in a workspace, where its items state an emotion.

    Raises UsageError where the plan has no emotion.
    """
    from tthd_tools.stages.emotion import EmotionPart
    from tthd_tools.survey import survey
    from tthd_tools.workspace import Workspace

    if "emotion" not in [step.name for step in plan.corpus]:
        raise UsageError(f"the pipeline {plan.pipeline.name!r} has no stage emotion; name another")
    clips, left_out = [], 0
    for state in survey(Workspace(folder, ledger=True), plan):
        if state.item is None or not _is_truth(state.item.emotion):
            continue
        parts = [leaf.clip.part(EmotionPart) for leaf in state.clips if leaf.clip.has(EmotionPart)]
        left_out += not parts
        truth, speaker = str(state.item.emotion), state.item.speaker_id
        clips += [Judged(truth, speaker, guesses_of(one.model_dump())) for one in parts]
    return Trial(clips, left_out, [])


def from_release(folder: Path) -> Trial:
    """What the samples of a release say of themselves, where they state an emotion.

    Raises UsageError where a shard is not as it was written.
    """
    from tthd_tools.shards.read import shard_paths

    clips, left_out = [], 0
    for path in shard_paths(folder):
        for record in _records(Path(path)):
            if not _is_truth(record.get("emotion")):
                continue
            guesses = guesses_of(record["parts"].get("emotion") or {})
            left_out += not guesses
            if guesses:
                clips.append(Judged(record["emotion"], record["speaker_id"], guesses))
    return Trial(clips, left_out, [])


def _records(shard: Path) -> Iterator[dict[str, Any]]:
    """The ``json`` of each sample, with the fields that are looked at."""
    from tthd_tools.shards.tar import read, scan, split_name

    try:
        with shard.open("rb") as file:
            for member in scan(file):
                if split_name(member.name)[1] == "json":
                    record = parse_json(read(file, member).decode())
                    yield _Stated.model_validate(record).model_dump()
    except (OSError, ValueError) as error:  # a damaged tar, and JSON that is none of ours
        raise UsageError(f"{shard} cannot be read; `tthd verify` says what is wrong") from error


class _Stated(BaseModel):
    """What is looked at in the ``json`` of a sample."""

    emotion: str | None
    speaker_id: str
    parts: dict[str, dict[str, Any]]


def from_videos(
    folder: Path,
    labels: Path | None,
    changes: Sequence[str] = (),
    workers: int = 0,
    observer: Observer | None = None,
) -> Trial:
    """Measure the videos of a folder in a workspace that is thrown away.

    Their emotions stand in ``labels``, a CSV file with the columns path, label and perhaps
    speaker, else in the names of the folders that they lie in. Raises UsageError where nothing is
    labelled.
    """
    from tthd_tools.build import measure
    from tthd_tools.ingest import ingest
    from tthd_tools.pipeline import load_pipeline, make_plan
    from tthd_tools.videos import require_videos
    from tthd_tools.workspace import Workspace

    require_videos(folder)
    describe, remarks = by_folder(), list[str]()
    if labels is not None:
        describe, remarks = by_list(folder, labels)
    with TemporaryDirectory(prefix="tthd-bench-") as place:
        file = Path(place) / "emotion.yaml"
        file.write_text(PIPELINE, encoding="utf-8")
        plan = make_plan(load_pipeline(file, changes))
        workspace = Workspace.create(Path(place) / "work", folder)
        with workspace.writing():
            summary = ingest(workspace, describe=describe)
            known = [item.item_id for item, _ in workspace.items() if _is_truth(item.emotion)]
            if not known:
                raise UsageError(
                    f"no video of {str(folder)!r} has a known emotion: put them into folders named "
                    "by one (happy/, sad/), or name a CSV of path and label with --labels"
                )
            measure(workspace, plan, only=known, workers=workers, observer=observer)
        trial = from_workspace(workspace.root, plan)
    remarks += [row.message for row in summary.failed]
    return Trial(trial.clips, trial.left_out + len(summary.failed), remarks)


def by_folder() -> Describe:
    """The emotion of a video is the name of the nearest folder that is one."""
    from tthd_tools.manifest.lists.fields import emotion_of

    def describe(path: str) -> Description | None:
        words = (emotion_of(name) for name in reversed(Path(path).parts[:-1]))
        label = next((word for word in words if word is not None), None)
        return Description(path, path, {"emotion": label} if label else {})

    return describe


def by_list(folder: Path, labels: Path) -> tuple[Describe, list[str]]:
    """The emotions and speakers that a CSV file says, and sentences about what it says wrongly."""
    from tthd_tools.manifest.lists.gather import gather
    from tthd_tools.manifest.lists.mapping import ListMapping
    from tthd_tools.manifest.lists.read import read_csv
    from tthd_tools.manifest.lists.table import rows_of
    from tthd_tools.manifest.lists.videos import Videos

    records = list(read_csv(labels))
    columns = {"emotion": "label"} if any("label" in one.values for one in records) else {}
    rows = rows_of(records, labels.name, "bench", ListMapping(columns=columns))
    listing = gather(Videos(folder), rows)
    return listing.describe, [*(one.sentence for one in listing.missing), *listing.remarks]


def guesses_of(part: dict[str, Any]) -> dict[str, Guess]:
    """What each source says, from the fields of an EmotionPart."""
    return {
        source: Guess(part[f"{source}_label"], part[f"{source}_confidence"])
        for source in SOURCES
        if part.get(f"{source}_label") is not None
    }


def sources_of(clips: Iterable[Judged]) -> Iterator[str]:
    """The sources that have judged any of the clips, all together first."""
    judged = {source for one in clips for source in one.guesses}
    return (source for source in SOURCES if source in judged)


def _is_truth(label: str | None) -> bool:
    return label in LABELS and label not in NO_TRUTH
