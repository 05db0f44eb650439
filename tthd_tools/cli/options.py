"""Options that several verbs share, and what opens a workspace with a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from tthd_tools.pipeline import Plan

Work = Annotated[Path, typer.Option("--work", metavar="DIR", help="The workspace.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The release.")]
PipelineName = Annotated[
    str | None,
    typer.Option(
        "--pipeline",
        metavar="FILE",
        help="A pipeline file, or tthd or quick; the one that measured the workspace without.",
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="STAGE.OPTION=VALUE", help="Change an option of the pipeline; repeatable."
    ),
]
Workers = Annotated[
    int, typer.Option("--workers", min=0, help="Worker processes; 0 is one for each core.")
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        min=0.1,
        help="Seconds a stage may take on a clip, and 60 more per second of it.",
    ),
]
ReviewsDir = Annotated[
    Path | None,
    typer.Option(
        "--reviews", metavar="DIR", help="Logs of decisions; reviews in the workspace without."
    ),
]
Manifests = Annotated[
    Path | None,
    typer.Option(
        "--manifests", metavar="DIR", help="Folder of submissions; RAW, then manifests, without."
    ),
]
Retry = Annotated[bool, typer.Option("--retry", help="Try again what has failed before.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback where something fails.")]

WORK = Path("work")
PIPELINE = "tthd"
RELEASE = Path("release")


def open_plan(
    name: str | None,
    changes: list[str] | None,
    until: str | None = None,
    *,
    quiet: bool = True,
    work: Path | None = None,
) -> Plan:
    """Read a pipeline, prove it, and say which engines were chosen.

    Without a name it is the pipeline that the workspace ``work`` was measured with last.
    """
    from tthd_tools.pipeline import find_pipeline, load_pipeline, make_plan
    from tthd_tools.select import check_policy
    from tthd_tools.workspace import Workspace

    if name is None and work is not None and (work / "workspace.json").is_file():
        name = Workspace(work, ledger=False).pipeline
        if name is not None and not quiet:
            say(f"pipeline {name}, as before (--pipeline names another)", "dim")
    pipeline = load_pipeline(find_pipeline(name or PIPELINE), changes or ())
    check_policy(pipeline.policy)
    plan = make_plan(pipeline, until)
    if not quiet:
        for step in (*plan.steps, *plan.corpus):
            chosen = [
                f"{seam} {engine.split()[0]}"  # all without a version
                for seam, engine in step.facts.items()
                if " " not in seam and seam not in ("weights", "version")
            ]
            if chosen:
                say(f"{step.name}: {', '.join(chosen)}", "dim")
    return plan


def say(text: str, style: str | None = None) -> None:
    """Say one line to people, on stderr."""
    people().print(plain(text), style=style, highlight=False, markup=False)


def show(text: str) -> None:
    """Print one line of what was asked for, on stdout."""
    page().print(plain(text), highlight=False, markup=False)


def plain(text: str) -> str:
    """Text that no terminal obeys: control characters of a hostile file name as escapes."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def people() -> Console:
    """Where words for people go: stderr."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True)


def page() -> Console:
    """Where what was asked for goes, as text: stdout."""
    from rich.console import Console

    return Console(soft_wrap=True)


def print_json(data: Any) -> None:
    """Print data to stdout as JSON."""
    print(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False))


def hours(seconds: float) -> str:
    """Seconds as people read them: ``59 s``, ``12.5 min``, ``3.2 h``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 clip``, ``2 clips``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def megabytes(size_bytes: float) -> str:
    """Bytes as people read them."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes < 1e9 else f"{size_bytes / 1e9:.1f} GB"
