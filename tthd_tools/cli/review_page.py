"""``tthd review export`` and ``serve``: a workspace goes in, a page for reviewers comes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tthd_tools.cli.options import (
    WORK,
    AsJson,
    Changes,
    Debug,
    Manifests,
    PipelineName,
    Quiet,
    ReviewsDir,
    Work,
    counted,
    megabytes,
    open_plan,
    print_json,
    say,
)

if TYPE_CHECKING:
    from tthd_tools.pipeline import Plan
    from tthd_tools.review.queue import Queue
    from tthd_tools.workspace import Workspace

EXPORT = Path("review")
HERE = "127.0.0.1"

OnlyItems = Annotated[
    list[str] | None, typer.Option("--item", metavar="ID", help="Only this item; repeatable.")
]
States = Annotated[
    list[str] | None,
    typer.Option("--state", help="Only clips in this state of review; repeatable."),
]
Reviewer = Annotated[
    str | None,
    typer.Option("--reviewer", metavar="HANDLE", help="For one reviewer; the page asks without."),
]
Gold = Annotated[
    Path | None,
    typer.Option("--gold", metavar="FILE", help="Known answers: mix in some of their clips."),
]
Keymap = Annotated[
    Path | None, typer.Option("--keymap", metavar="FILE", help="Other keys, as JSON.")
]


def export(
    work: Work = WORK,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The page.")] = EXPORT,
    pipeline: PipelineName = None,
    changes: Changes = None,
    reviews: ReviewsDir = None,
    manifests: Manifests = None,
    item: OnlyItems = None,
    state: States = None,
    reviewer: Reviewer = None,
    gold: Gold = None,
    keymap: Keymap = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write a folder that opens in a browser without server and network, to review the clips."""
    from tthd_tools.cli.progress import count_progress
    from tthd_tools.review.bundle import read_keymap
    from tthd_tools.review.export import Earlier
    from tthd_tools.review.export import export as write
    from tthd_tools.review.gold import read_gold
    from tthd_tools.workspace import Workspace

    keys = read_keymap(keymap)
    _check_handle(reviewer)
    earlier = Earlier(out)
    with earlier.told():
        queue = _open(
            Workspace(work),
            open_plan(pipeline, changes, work=work),
            reviews=reviews,
            manifests=manifests,
            only=item or (),
            states=state or (),
            gold=[one.clip_id for one in read_gold(gold)] if gold else (),
            reviewer=reviewer,
            on_allowed=earlier.keep,
        )
    with count_progress("writing clips", quiet) as progress:
        done = write(queue.bundle, out, keys, reviewer, progress)
    removed = done.removed + (earlier.removed or 0)
    if json:
        print_json(
            {
                "folder": str(done.folder),
                "page": str(done.folder / "index.html"),
                "clips": done.clips,
                "written": done.written,
                "removed": removed,
                "bytes": done.size_bytes,
            }
        )
    elif not quiet:
        say(
            f"{out / 'index.html'}: {counted(done.clips, 'clip')} ({done.written} written, "
            f"{removed} removed), {megabytes(done.size_bytes)}; it holds faces and voices, so "
            "give it to nobody but its reviewers, and take their decisions in with "
            "`tthd review merge`"
        )


def serve(
    work: Work = WORK,
    pipeline: PipelineName = None,
    changes: Changes = None,
    reviews: ReviewsDir = None,
    manifests: Manifests = None,
    item: OnlyItems = None,
    state: States = None,
    reviewer: Reviewer = None,
    gold: Gold = None,
    keymap: Keymap = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")
    ] = 8321,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Another address; needs --i-know.")
    ] = HERE,
    i_know: Annotated[
        bool, typer.Option("--i-know", help="Others may then watch the clips, unencrypted.")
    ] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Serve the same page to this machine alone; decisions go into the logs at once."""
    import tempfile

    from tthd_tools.errors import UsageError
    from tthd_tools.review.bundle import read_keymap
    from tthd_tools.review.desk import Desk, files_of_rights
    from tthd_tools.review.gold import read_gold
    from tthd_tools.review.queue import open_queue
    from tthd_tools.review.seen import note_seen
    from tthd_tools.review.serve import (
        interrupted_by_any_end,
        require_server,
        run_server,
    )
    from tthd_tools.workspace import Workspace

    require_server()
    if host not in (HERE, "localhost", "::1") and not i_know:
        raise UsageError(
            f"--host {host} lets others on the network see faces and voices, unencrypted; add "
            "--i-know if they may"
        )
    keys = read_keymap(keymap)
    _check_handle(reviewer)
    workspace = Workspace(work)
    if reviews is not None:
        workspace.remember(reviews=reviews)
    plan = open_plan(pipeline, changes, work=work)
    queue = _open(
        workspace,
        plan,
        reviews=None,
        manifests=manifests,
        only=item or (),
        states=state or (),
        gold=[one.clip_id for one in read_gold(gold)] if gold else (),
        reviewer=reviewer,
    )

    def look_again() -> Queue:
        return open_queue(Workspace(work), plan, manifests=manifests, only=item or ())

    def watched() -> list[Path]:
        return list(files_of_rights(work, manifests))

    def tell(address: str) -> None:
        if json:
            print_json({"address": address, "clips": len(queue.bundle.clips)})
        else:
            print(address, flush=True)
        if not quiet:
            say(f"{counted(len(queue.bundle.clips), 'clip')} to review; Ctrl-C ends it")

    cached = tempfile.TemporaryDirectory(prefix="tthd-review-")
    with interrupted_by_any_end(), cached as cache:
        logs = workspace.reviews
        desk = Desk(queue, look_again, watched, logs, Path(cache), keys, reviewer)
        run_server(desk, host, port, tell)
    note_seen(workspace)
    if not quiet:
        say(f"{counted(desk.taken, 'decision')} taken")


def _open(workspace: Workspace, plan: Plan, **chosen: Any) -> Queue:
    """The queue of these options; what is amiss with it is said."""
    from tthd_tools.review.queue import open_queue

    queue = open_queue(workspace, plan, **chosen)
    for finding in queue.findings:
        say(str(finding))
    if queue.withheld:
        say(f"{counted(queue.withheld, 'clip')} left out: the consent is withdrawn or has expired")
    return queue


def _check_handle(handle: str | None) -> None:
    """Raises UsageError for what cannot be a reviewer's handle."""
    from tthd_tools.review.log import log_path

    if handle is not None:
        log_path(Path(), None, handle)
