"""A state as people read it: the funnel with its reasons, and a line for each file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tthd_tools.cli.options import counted, hours, plain, print_json, say, show
from tthd_tools.errors import ItemsFailedError

if TYPE_CHECKING:
    from tthd_tools.build import State

STEPS = ("items", "scenes", "tracks", "clips", "kept")


def print_state(state: State, *, json: bool, quiet: bool, items: bool = False) -> None:
    """Print the funnel; ``items``: also what became of each file (then all of it to stdout)."""
    from tthd_tools.status import status_data

    data = status_data(state)
    if json:
        print_json(data)
    elif not quiet:
        write = show if items else say
        if items:
            print_files(data["items"], write)
            write("")
        print_funnel(data["funnel"], write)


def print_files(items: list[dict[str, Any]], write: Callable[[str], None]) -> None:
    """Print a line for each file: its clips, or why there are none."""
    width = min(40, max((len(plain(one["source"])) for one in items), default=0))
    for one in items:
        write(f"{plain(one['source']):<{width}}  {what_became(one)}")


def end_with_failures(state: State) -> None:
    """Raise ItemsFailedError if anything has failed; its sentence names the first."""
    if not state.failed:
        return
    first = state.failed[0]
    raise ItemsFailedError(
        f"{len(state.failed)} of {counted(len(state.items), 'file')} failed, "
        f"{first.source!r} first; `tthd status` says why, and everything else went on"
    )


def what_became(item: dict[str, Any]) -> str:
    """One file in a few words: its clips and what the policy says of them, or why it has none."""
    clips = item["clips"]
    if not clips:
        parts = [item["outcome"], item["reason"], item["message"]]
        return ": ".join(part for part in parts if part)
    kept = [clip for clip in clips if clip["keep"]]
    line = f"{counted(len(clips), 'clip')}, {len(kept)} kept"
    line += f" ({hours(sum(clip['duration_s'] for clip in kept))})" if kept else ""
    dropped = [rule for clip in clips for rule in clip["dropped_by"] or ()]
    failed = [clip["reason"] for clip in clips if clip["reason"]]
    flags = [flag for clip in kept for flag in clip["flags"] or ()]
    for name, found in (("dropped by", dropped), ("failed:", failed), ("flagged", flags)):
        line += f"; {name} {', '.join(sorted(set(found)))}" if found else ""
    return line


def print_funnel(funnel: dict[str, Any], write: Callable[[str], None]) -> None:
    """Print how many came to each step, and why the others ended there."""
    reasons = funnel["reasons"]
    for step in STEPS:
        seconds = {"clips": funnel["clip_seconds"], "kept": funnel["kept_seconds"]}.get(step)
        length = hours(seconds) if seconds is not None else ""
        why = reasons["policy" if step == "kept" else step]
        word = "dropped: " if step == "kept" else "ended: "
        told = word + _counts(why) if why else ""
        write(f"{step:<8}{funnel[step]:>6}  {length:>8}  {told}".rstrip())
    if reasons["flags"]:
        write(f"{'flagged':<26}{_counts(reasons['flags'])}")
    if funnel["pending"]:
        write(f"{'pending':<8}{funnel['pending']:>6}  files: go on with `tthd measure`")


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items())
