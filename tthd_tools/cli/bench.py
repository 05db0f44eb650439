"""``tthd bench``: material with known labels goes in, how good our judgement is comes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tthd_tools.cli.options import (
    AsJson,
    Changes,
    Debug,
    PipelineName,
    Quiet,
    Workers,
    counted,
    open_plan,
    print_json,
    say,
    show,
)

if TYPE_CHECKING:
    from tthd_tools.emotion.bench import Trial
    from tthd_tools.emotion.score import Score

app = typer.Typer(help="How good our judgement is on labelled material.", no_args_is_help=True)


@app.callback()
def _main() -> None:
    """How good our judgement is on labelled material."""


@app.command("emotion")
def emotion(
    folder: Annotated[
        Path,
        typer.Option("--on", metavar="DIR", help="Labelled videos, a workspace or a release."),
    ],
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="CSV of path, label and perhaps speaker."),
    ] = None,
    least: Annotated[
        float, typer.Option("--min-confidence", min=0, max=1, help="Sure enough for a label.")
    ] = 0.5,
    pipeline: PipelineName = None,
    changes: Changes = None,
    workers: Workers = 0,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Recall, F1 and calibration of each source of an emotion, beside the majority class."""
    from tthd_tools.cli.progress import run_progress
    from tthd_tools.emotion import bench
    from tthd_tools.errors import ItemsFailedError, UsageError

    kind = bench.kind_of(folder)
    if labels is not None and kind != "videos":
        raise UsageError(f"--labels goes with a folder of videos, and {folder} is a {kind}")
    if kind == "workspace":
        plan = open_plan(pipeline, changes, quiet=quiet, work=folder)
        trial = bench.from_workspace(folder, plan)
    elif kind == "release":
        trial = bench.from_release(folder)
    else:
        with run_progress(quiet) as observer:
            trial = bench.from_videos(folder, labels, changes or (), workers, observer)
    if not trial.clips:
        raise UsageError(
            f"no clip of {folder} has both a known emotion and a measured one; state emotions, and "
            "run `tthd measure`"
        )
    data = report(trial, least)
    if json:
        print_json(data | {"on": str(folder)})
    else:
        print_report(data, trial, quiet=quiet)
    if trial.left_out:
        raise ItemsFailedError(f"{counted(trial.left_out, 'labelled file')} could not be judged")


def report(trial: Trial, least: float) -> dict[str, Any]:
    """The scores of all sources as plain data."""
    from tthd_tools.emotion.bench import sources_of
    from tthd_tools.emotion.score import confusion, majority, score

    scores = [score(trial.clips, source, least) for source in sources_of(trial.clips)]
    truths = sorted({one.truth for one in trial.clips})
    return {
        "clips": len(trial.clips),
        "speakers": len({one.speaker for one in trial.clips}),
        "left_out": trial.left_out,
        "labels": {label: sum(one.truth == label for one in trial.clips) for label in truths},
        "min_confidence": least,
        "fitted": [],  # nothing learns from the labels, so no folds of speakers are needed
        "scores": [one._asdict() for one in (*scores, majority(trial.clips))],
        "confusion": {one.source: confusion(trial.clips, one.source) for one in scores},
        "remarks": trial.remarks,
    }


def print_report(data: dict[str, Any], trial: Trial, *, quiet: bool) -> None:
    """Print a line for each source; what the columns mean goes to people."""
    from tthd_tools.emotion.score import Score

    if not quiet:
        for remark in trial.remarks:
            say(remark)
        found = ", ".join(f"{count} {label}" for label, count in data["labels"].items())
        speakers = counted(data["speakers"], "speaker")
        say(f"{counted(data['clips'], 'clip')} of {speakers}: {found}")
        say("recall and F1 are means over emotions; nothing is fitted to these labels")
    show(f"{'source':<18}{'clips':>6}{'recall':>8}{'F1':>7}{'ECE':>7}{'sure':>7}{'right':>7}")
    for one in data["scores"]:
        show(line_of(Score(**one)))


def line_of(one: Score) -> str:
    """One source in a line."""
    cells = (one.recall, one.f1, one.error, one.sure, one.right)
    numbers = ["-" if cell is None else f"{cell:.0%}" for cell in cells]
    widths = (8, 7, 7, 7, 7)
    told = "".join(f"{text:>{width}}" for text, width in zip(numbers, widths, strict=True))
    return f"{one.source:<18}{one.clips:>6}{told}"
