"""``tthd review``: decisions of reviewers come in; where each clip stands goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tthd_tools.cli import review_page
from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Changes,
    Debug,
    PipelineName,
    Quiet,
    ReviewsDir,
    Work,
    counted,
    open_plan,
    print_json,
    say,
    show,
)

app = typer.Typer(
    help="Review of clips: merge decisions, show where it stands.", no_args_is_help=True
)

app.command("export")(review_page.export)
app.command("serve")(review_page.serve)


@app.command("merge")
def merge(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    work: Work = WORK,
    reviews: ReviewsDir = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Take downloaded decisions.HANDLE.jsonl files into the logs; known decisions are left out."""
    from tthd_tools.errors import FindingsError
    from tthd_tools.review.merge import merge_file
    from tthd_tools.review.seen import note_seen
    from tthd_tools.review.sources import read_sources
    from tthd_tools.standing import read_rights
    from tthd_tools.workspace import Workspace

    workspace = Workspace(work)
    if reviews is not None:
        workspace.remember(reviews=reviews)
    sources = read_sources(workspace)
    merged = [merge_file(file, workspace.reviews, sources) for file in files]
    note_seen(workspace)
    refused = [finding for one in merged for finding in one.refused]
    if json:
        print_json([_merged(one) for one in merged])
    for one in () if quiet or json else merged:
        say(f"{one.file}: {counted(one.added, 'new decision')}, {one.known} known")
    for finding in () if json else refused:
        say(str(finding))
    read_rights(workspace)  # who has withdrawn by now is noted with it
    if refused:
        raise FindingsError(f"{counted(len(refused), 'refusal')}; all else is merged")


@app.command("status")
def status(
    work: Work = WORK,
    pipeline: PipelineName = None,
    changes: Changes = None,
    reviews: ReviewsDir = None,
    gold: Annotated[
        Path | None,
        typer.Option("--gold", metavar="FILE", help="Known answers: how each reviewer meets them."),
    ] = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Clips by state, what each reviewer has done, how far they agree, and damage of the logs."""
    from tthd_tools.build import look
    from tthd_tools.errors import FindingsError
    from tthd_tools.review.fold import review_clips
    from tthd_tools.review.gold import read_gold
    from tthd_tools.review.settings import settings_for
    from tthd_tools.review.sources import read_sources
    from tthd_tools.review.summary import summary, summary_lines
    from tthd_tools.workspace import Workspace

    workspace = Workspace(work)
    state = look(workspace, open_plan(pipeline, changes, work=work))
    clips = [leaf.clip for item in state.items for leaf in item.clips]
    sources = read_sources(workspace)
    found = review_clips(reviews or workspace.reviews, clips, settings_for(work), sources)
    data = summary(found, read_gold(gold) if gold else ())
    if json:
        print_json(data)
    for line in () if quiet or json else summary_lines(data):
        show(line)
    if found.findings:
        raise FindingsError(f"{counted(len(found.findings), 'finding')} in the logs")


def _merged(one: Any) -> dict[str, Any]:
    return {
        "file": one.file,
        "added": one.added,
        "known": one.known,
        "refused": [finding._asdict() for finding in one.refused],
    }
