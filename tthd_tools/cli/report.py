"""A state as people read it: the funnel with its reasons, and a line for each file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tthd_tools.cli.options import hours, page, people, print_json
from tthd_tools.errors import ItemsFailedError

if TYPE_CHECKING:
    from rich.console import Console

    from tthd_tools.build import State

STEPS = ("items", "scenes", "tracks", "clips", "kept")
REASONS_OF = {"items": "items", "scenes": "scenes", "tracks": "tracks", "clips": "clips"}


def print_state(state: State, *, json: bool, quiet: bool, items: bool = False) -> None:
    """Print the funnel; ``items``: also what became of each file (then all of it to stdout)."""
    from tthd_tools.status import status_data

    data = status_data(state)
    if json:
        print_json(data)
        return
    if quiet:
        return
    console = page() if items else people()
    if items:
        print_files(state, page())
        console.print()
    console.print(_funnel(data["funnel"]), highlight=False, markup=False)


def print_files(state: State, console: Console) -> None:
    """Print a line for each file: its clips, or why there are none."""
    from tthd_tools.status import status_data

    for one in status_data(state)["items"]:
        console.print(_line(one), highlight=False, markup=False)


def end_with_failures(state: State) -> None:
    """Raise ItemsFailedError if anything has failed; its sentence names the first."""
    if not state.failed:
        return
    first = state.failed[0]
    raise ItemsFailedError(
        f"{len(state.failed)} of {len(state.items)} files failed, {first.source} first; "
        "`tthd status` says why, and everything else went on"
    )


def _line(item: dict[str, Any]) -> str:
    clips = item["clips"]
    kept = [clip for clip in clips if clip["keep"]]
    line = f"{item['source']}  "
    if not clips:
        why = f"{item['outcome']}: {item['reason']}" if item["reason"] else item["outcome"]
        return line + why + (f" ({item['message']})" if item["message"] else "")
    seconds = hours(sum(clip["duration_s"] for clip in kept))
    line += f"{len(kept)} of {len(clips)} clips kept, {seconds}"
    dropped = sorted({rule for clip in clips for rule in clip["dropped_by"] or ()})
    failed = sorted({clip["reason"] for clip in clips if clip["reason"]})
    flags = sorted({flag for clip in kept for flag in clip["flags"] or ()})
    for name, found in (("dropped by", dropped), ("failed", failed), ("flags", flags)):
        line += f"; {name} {', '.join(found)}" if found else ""
    return line


def _funnel(funnel: dict[str, Any]) -> str:
    lines = []
    for step in STEPS:
        line = f"{step:>8} {funnel[step]:>6}"
        if step in ("clips", "kept"):
            line += f"  {hours(funnel['clip_seconds' if step == 'clips' else 'kept_seconds']):>9}"
        else:
            line += " " * 11
        reasons = funnel["reasons"]["policy" if step == "kept" else step]
        word = "dropped by" if step == "kept" else "ended"
        if reasons:
            line += f"  {word}: " + ", ".join(f"{name} {n}" for name, n in reasons.items())
        lines.append(line)
    if funnel["reasons"]["flags"]:
        found = ", ".join(f"{name} {n}" for name, n in funnel["reasons"]["flags"].items())
        lines.append(f"   flags  {found}")
    if funnel["pending"]:
        lines.append(f" pending {funnel['pending']:>6} items: go on with `tthd measure`")
    return "\n".join(lines)
