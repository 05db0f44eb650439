"""Shared by the benchmarks: films to measure on, one pinned thread, interleaved runs, tables."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tthd_tools.clip import Clip
from tthd_tools.execute import Executor
from tthd_tools.ingest import ingest
from tthd_tools.ledger import Row
from tthd_tools.pipeline import Plan, Step, find_pipeline, load_pipeline, make_plan
from tthd_tools.walk import Leaf, Walk
from tthd_tools.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TALKERS = (
    "th06_woman_flags_tight_25fps.mp4",
    "th08_woman_webcam_720p_25fps.mp4",
    "th11_woman_ad_1080p_30fps.mp4",
)
SIZES = ((512, 512), (1280, 720), (1920, 1080))


class Cost(NamedTuple):
    """Seconds on the clock and of the processor, children included."""

    wall_s: float
    cpu_s: float


def arguments(what: str, *more: tuple[str, type, object, str]) -> argparse.Namespace:
    """The command line of a benchmark; pins this process and its children to one thread."""
    parser = argparse.ArgumentParser(description=what)
    default = ROOT.parent / "shared" / "media"
    parser.add_argument("--media", type=Path, default=default, help="talkers/ and expected.yaml")
    for name, kind, value, note in more:
        parser.add_argument(name, type=kind, default=value, help=f"{note} (default {value})")
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    import cv2

    cv2.setNumThreads(1)
    return parser.parse_args()


@contextmanager
def sources(media: Path, names: Sequence[str] = TALKERS) -> Iterator[list[Path]]:
    """Those talkers that are there; where none is, a synthetic film of 10 s in each usual size."""
    there = [media / "talkers" / name for name in names if (media / "talkers" / name).is_file()]
    if there:
        yield there
        return
    with TemporaryDirectory() as folder:
        print(f"no talkers in {media}: synthetic films\n")
        yield [synthetic(Path(folder), size) for size in SIZES]


def synthetic(folder: Path, size: tuple[int, int], seconds: float = 10.0) -> Path:
    """A drawn person who speaks for some seconds."""
    from tthd_tools.synth import Actor, Script, Take, invent_person, render

    path = folder / f"synthetic_{size[0]}x{size[1]}.mp4"
    render(Script((Take((Actor(invent_person(1)),), seconds, seed=1),), size=size), path)
    return path


def looped(film: Path, folder: Path, seconds: float) -> Path:
    """The film again and again, its packets copied, until it lasts ``seconds``."""
    import av

    path = folder / f"{film.stem}_{seconds:.0f}s{film.suffix}"
    with av.open(str(path), "w", format="mp4") as out:
        shift_s, streams, newest = 0.0, {}, {}
        while shift_s < seconds:
            with av.open(str(film)) as source:
                kinds = [s for s in source.streams if s.type in ("video", "audio")]
                streams = streams or {s.type: out.add_stream_from_template(s) for s in kinds}
                length_s = float(
                    source.streams.video[0].duration * source.streams.video[0].time_base
                )
                for packet in source.demux(kinds):
                    if packet.dts is None or packet.pts * packet.time_base >= length_s:
                        continue
                    ticks, kind = round(shift_s / packet.time_base), packet.stream.type
                    packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                    if packet.dts <= newest.get(kind, packet.dts - 1):
                        continue  # what an audio encoder puts before its first sample
                    newest[kind] = packet.dts
                    packet.stream = streams[kind]
                    out.mux(packet)
            shift_s += length_s
    return path


def interleaved(cases: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, Cost]:
    """Run the cases in turn, ``repeats`` times; medians of each."""
    runs: dict[str, list[Cost]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            began = now()
            case()
            ended = now()
            runs[name].append(Cost(ended.wall_s - began.wall_s, ended.cpu_s - began.cpu_s))
    return {
        name: Cost(median(run.wall_s for run in costs), median(run.cpu_s for run in costs))
        for name, costs in runs.items()
    }


def now() -> Cost:
    """The clock, and what this process and its children have used."""
    return Cost(time.perf_counter(), sum(os.times()[:4]))


class Run(NamedTuple):
    """What the chain made of one film."""

    rows: list[Row]
    leaves: list[Leaf]


def plan_of(*changes: str, until: str | None = None) -> Plan:
    """The default pipeline with its engines loaded in this process."""
    plan = make_plan(load_pipeline(find_pipeline("tthd"), changes), until)
    for step in plan.steps:
        step.stage.setup()
    return plan


@contextmanager
def workspace_of(*films: Path) -> Iterator[Workspace]:
    """A fresh workspace in which copies of these films are registered."""
    with TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        raw.mkdir()
        for film in films:
            shutil.copy(film, raw)
        workspace = Workspace.create(Path(folder) / "work", raw)
        with workspace.writing():
            ingest(workspace)
            yield workspace


def run_chain(workspace: Workspace, plan: Plan) -> Run:
    """All clip stages on all items, in this process, whatever was done before."""
    executor, rows, leaves = Executor(workspace), list[Row](), list[Leaf]()

    def execute(clip: Clip, steps: Sequence[Step]) -> list[Row]:
        made = executor(clip, steps)
        rows.extend(made)
        return made

    for item, _ in workspace.items():
        walk = Walk(plan, lambda _: None, workspace.folder, execute)
        leaves.extend(walk.leaves(workspace.clip_of(item)))
    for row in rows:
        if row.outcome == "failed":
            raise RuntimeError(f"{row.stage}: {row.message} {row.detail}")
    return Run(rows, leaves)


def tthd(*words: object) -> None:
    """Run the command line as a user would."""
    code = "import sys; from tthd_tools.cli import run; run()"
    subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True)


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    cells = [[f"{c:.2f}" if isinstance(c, float) else str(c) for c in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    for line in (list(header), ["-" * width for width in widths], *cells):
        first, *rest = zip(line, widths, strict=True)
        print("  ".join([first[0].ljust(first[1]), *(cell.rjust(w) for cell, w in rest)]))
    print(flush=True)
