"""A 1080p film of 1, 3 and 10 minutes goes in; the peak memory of the process that measures it
comes out.

    python benchmarks/memory.py [--minutes 1,3,10] [--take 40] [--until STAGE]

The film is a drawn person at 1920 x 1080, its packets repeated. Each length runs through
all clip stages in a process of its own, as a worker would do it. What a worker needs
before it has seen any film, its libraries and networks, is the first line.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import arguments, looped, plan_of, print_table, run_chain, synthetic, workspace_of

MEGABYTE = 1024  # the kernel counts in kB


def main() -> None:
    minutes = ("--minutes", str, "1,3,10", "lengths")
    until = ("--until", str, "", "last stage; all of them without it")
    take = ("--take", float, 40.0, "seconds of the film that is repeated")
    one = ("--one", str, "", "measure this film alone, or `nothing`")
    options = arguments(str(__doc__), minutes, until, take, one)
    if options.one:
        measure_one(options.one, options.until or None)
        return
    with TemporaryDirectory() as folder:
        film = synthetic(Path(folder), (1920, 1080), options.take)
        rows = [in_its_own_process("nothing", options.until)]
        for text in options.minutes.split(","):
            longer = looped(film, Path(folder), 60 * float(text))
            rows.append(in_its_own_process(str(longer), options.until))
            longer.unlink()
            header = ("film", "seconds", "clips", "peak MB", "CPU s")
            print_table(header, rows)


def in_its_own_process(film: str, until: str) -> list[object]:
    """A line of the table."""
    words = [sys.executable, __file__, "--one", film, "--until", until]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    line: list[object] = json.loads(done.stdout)
    return line


def measure_one(film: str, until: str | None) -> None:
    """Print the line of one film as JSON."""
    plan = plan_of(until=until)
    name, seconds, clips = "nothing", 0.0, 0
    if film != "nothing":
        with workspace_of(Path(film)) as workspace:
            ((item, _),) = workspace.items()
            run = run_chain(workspace, plan)
            clips = sum(leaf.state == "clip" for leaf in run.leaves)
        name, seconds = Path(film).stem, item.duration_s
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = round(used.ru_maxrss / MEGABYTE)
    print(json.dumps([name, round(seconds, 1), clips, peak, round(used.ru_utime)]))


if __name__ == "__main__":
    main()
