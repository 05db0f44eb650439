"""``tthd demo``: a small synthetic corpus is made, and the whole chain is run on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tthd_tools.cli.options import AsJson, Debug, Quiet, Workers, counted, hours, print_json, say

if TYPE_CHECKING:
    from tthd_tools.build import State


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder.")] = Path(
        "tthd-demo"
    ),
    workers: Workers = 0,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make a small synthetic corpus and run the whole chain on it, as a user would."""
    from tthd_tools import demo as steps
    from tthd_tools.cli.ingest import print_summary
    from tthd_tools.cli.progress import count_progress, run_progress
    from tthd_tools.status import status_data

    tell = (lambda *words: None) if quiet else say
    _draw(out, quiet)
    tell(f"2. tthd ingest {out / 'raw'} --work {out / 'work'}", "bold")
    workspace, summary = steps.register(out)
    if not quiet:
        print_summary(summary)
    tell(f"3. tthd build-shards --work {out / 'work'} --out {out / 'release'}", "bold")
    with run_progress(quiet) as observer:
        plan, state = steps.measure_all(workspace, workers, observer)
    with count_progress("writing shards", quiet) as progress:
        release = steps.write(workspace, plan, state, out, progress)
    clips, shards = counted(release.samples, "clip"), counted(release.shards, "shard")
    tell(f"{clips}, {hours(release.seconds)}, in {shards}")
    tell(f"4. tthd verify {out / 'release'}", "bold")
    steps.check(out)
    tell("whole: every checksum is right, every sample complete and decodable")
    sheets = steps.contact_sheets(out)
    if json:
        print_json(status_data(state))
    elif not quiet:
        _summary(out, state, sheets)


def _draw(out: Path, quiet: bool) -> None:
    from tthd_tools.cli.progress import count_progress
    from tthd_tools.demo import make_corpus

    with count_progress("drawing", quiet) as progress:

        def drawing(done: int, total: int) -> None:
            if not done and not quiet:  # only now is the folder known to be a new one
                say(f"1. Drawing talking heads into {out / 'raw'}: nobody real is in them", "bold")
            progress(done, total)

        make_corpus(out, drawing)


def _summary(out: Path, state: State, sheets: list[Path]) -> None:
    from tthd_tools.cli.report import print_funnel, what_became
    from tthd_tools.demo import CONTENTS
    from tthd_tools.status import status_data

    data = status_data(state)
    say("")
    say("What went in, and what came out", "bold")
    for one in data["items"]:
        say(f"{one['source']:<20}{CONTENTS[one['source']]}")
        say(f"{'':<20}-> {what_became(one)}")
    say("")
    say("How many got how far", "bold")
    print_funnel(data["funnel"], say)
    say("")
    say("Where to look", "bold")
    for path, what in (
        (sheets[0].parent, f"{len(sheets)} pictures: the crops of each shard, meshes and masks"),
        (out / "release", "the release: WebDataset shards, index, checksums"),
        (out / "work" / "table" / "clips.parquet", "one row a clip, every measurement a column"),
    ):
        say(f"{path!s:<36}  {what}")
    say("")
    say("What to try", "bold")
    for command, what in (
        (
            f"tthd select --work {out / 'work'}",
            "what each rule costs, what a looser one would gain",
        ),
        (f"tthd status --work {out / 'work'}", "the list above, from the workspace"),
        ("tthd explain too_short", "what a reason or a code means"),
    ):
        say(f"{command:<36}  {what}")
