"""``tthd demo``: a small synthetic corpus is made, and the whole chain is run on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tthd_tools.cli.options import Debug, Quiet, Workers, people


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder.")] = Path(
        "tthd-demo"
    ),
    workers: Workers = 0,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make a small synthetic corpus and run the whole chain on it, as a user would."""
    from tthd_tools import demo as steps
    from tthd_tools.cli.progress import count_progress, run_progress
    from tthd_tools.cli.report import print_files, print_state

    say = _silent if quiet else people().print
    say(f"[bold]1. Drawing talking heads into {out}/raw[/] (no real person is in them)")
    with count_progress("drawing", quiet) as progress:
        steps.make_corpus(out, progress)
    say(f"[bold]2. tthd ingest {out}/raw --work {out}/work[/]")
    workspace, summary = steps.register(out)
    for row in summary.failed:
        say(f"   {row.code} {row.message}", highlight=False)
    say(f"[bold]3. tthd build-shards --work {out}/work --out {out}/release[/]")
    with run_progress(quiet) as observer:
        plan, state = steps.measure_all(workspace, workers, observer)
    with count_progress("writing shards", quiet) as progress:
        release = steps.write(workspace, plan, state, out, progress)
    say(f"[bold]4. tthd verify {out}/release[/]")
    steps.check(out)
    say(f"   whole: {release.shards} shards, {release.samples} clips")
    sheets = steps.contact_sheets(out)
    if not quiet:
        say("[bold]What became of each file[/]")
        print_files(state, people())
        print_state(state, json=False, quiet=quiet)
        say("[bold]Where to look[/]")
        for sheet in sheets:
            say(f"   {sheet}  crops with mesh and masks", highlight=False)
        say(f"   {out}/work/table/clips.parquet  one row a clip, every measurement a column")
        say(f"   tthd status --work {out}/work; tthd select --work {out}/work")


def _silent(text: str, highlight: bool = False) -> None:
    """Say nothing."""
