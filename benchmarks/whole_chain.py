"""Talkers go in; what sharing decodes saves, and the whole chain against a lab's script, come out.

    python benchmarks/whole_chain.py [--media DIR] [--repeats 3] [--model face_landmarker.task]

First table: the chain as it is (two decodes) against the same measurements each reading the
source by themselves, as scripts put together from parts do: cuts, black, detector, mesh, pixels for
jump cuts, encoder, person mask, face quality, background motion. Both do the same work with the
same code; `planes` adds a bare decode for each that shares one in the first, `pictures` gives each
the BGR frames of OpenCV's reader, as such scripts get them. Second table: against ``home_made.py``,
both as fresh processes, from the raw file to the tar. Processor time, medians.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import (
    arguments,
    interleaved,
    plan_of,
    print_table,
    run_chain,
    sources,
    tthd,
    workspace_of,
)

from tthd_tools.media import read_frames

SHARED_BY_US = {"scenes": ("cuts", "black", "detector", "mesh", "jump pixels")}
SHARED_BY_US |= {"clips": ("encoder", "person mask", "face quality", "background")}
DECODES = sum(len(names) for names in SHARED_BY_US.values())


def decode(film: Path) -> None:
    for _ in read_frames(film):
        pass


def decode_bgr(film: Path) -> None:
    """What a script's ``while capture.read()`` costs before it has looked at anything."""
    import cv2

    capture = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)
    while capture.read()[0]:
        pass
    capture.release()


def sharing(film: Path, repeats: int) -> list[object]:
    """Shared against separate decodes, and what share of our time is decoding."""
    plan = plan_of("tracks.detector=litert", "tracks.landmarker=litert")
    with workspace_of(film) as workspace:
        run_chain(workspace, plan)

        def separate() -> None:
            run_chain(workspace, plan)
            for _ in range(DECODES - len(SHARED_BY_US)):
                decode(film)

        costs = interleaved(
            {
                "chain": lambda: run_chain(workspace, plan),
                "separate": separate,
                "decode": lambda: decode(film),
                "bgr": lambda: decode_bgr(film),
            },
            repeats,
        )
    chain_s, decode_s, bgr_s = (costs[name].cpu_s for name in ("chain", "decode", "bgr"))
    share = f"{len(SHARED_BY_US) * decode_s / chain_s:.0%}"
    rest_s = chain_s - len(SHARED_BY_US) * decode_s
    most = (rest_s + DECODES * decode_s) / (rest_s + decode_s)
    planes = costs["separate"].cpu_s / chain_s
    pictures = (rest_s + DECODES * bgr_s) / chain_s
    return [film.stem, decode_s, bgr_s, chain_s, share, planes, pictures, most]


def against_script(film: Path, model: Path | None, repeats: int) -> list[list[object]]:
    """Ours with the embedded landmarker, and with the script's own, against the script."""
    if model is None:
        return []
    engines = ("litert", "mediapipe")
    with TemporaryDirectory() as name:
        folder = Path(name)
        raw = folder / "raw"
        raw.mkdir()
        shutil.copy(film, raw)
        cases = {engine: lambda engine=engine: from_raw(raw, folder, engine) for engine in engines}
        script = Path(__file__).with_name("home_made.py")
        words = [sys.executable, str(script), str(film), str(folder / "home.tar"), str(model)]
        cases["script"] = lambda: subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
        costs = interleaved(cases, repeats)
    theirs = costs["script"]
    return [
        [
            *(film.stem, engine, costs[engine].cpu_s, theirs.cpu_s),
            *(theirs.cpu_s / costs[engine].cpu_s, theirs.wall_s / costs[engine].wall_s),
        ]
        for engine in engines
    ]


def from_raw(raw: Path, folder: Path, landmarker: str) -> None:
    """Ingest and build into fresh folders."""
    with TemporaryDirectory(dir=folder) as name:
        work = Path(name) / "work"
        tthd("ingest", raw, "--work", work, "--quiet")
        choice = ("--set", f"tracks.landmarker={landmarker}", "--workers", 1, "--quiet")
        tthd("build-shards", "--work", work, "--out", Path(name) / "release", *choice)


def landmarker_file(path: str) -> Path | None:
    """The model for MediaPipe: as given, or among the weights that are at hand."""
    folders = [Path(p) for p in os.environ.get("TTHD_WEIGHTS", "").split(os.pathsep) if p]
    found: Sequence[Path] = [Path(path)] if path else []
    found = found or [p for folder in folders for p in folder.rglob("face_landmarker.task")]
    if not found:
        print("no face_landmarker.task: give --model or TTHD_WEIGHTS for the second table\n")
        return None
    os.environ["TTHD_WEIGHTS"] = str(found[0].parent)
    return found[0]


def main() -> None:
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "threads;1"
    repeats = ("--repeats", int, 3, "runs of each")
    options = arguments(str(__doc__), repeats, ("--model", str, "", "face_landmarker.task"))
    model = landmarker_file(options.model)
    with sources(options.media) as films:
        rows = [sharing(film, options.repeats) for film in films]
        print(f"{len(SHARED_BY_US)} shared decodes against {DECODES} separate ones, CPU seconds")
        header = (
            "film",
            "one decode",
            "to BGR",
            "chain",
            "decoding",
            "planes / chain",
            "pictures / chain",
            "1 decode would be",
        )
        print_table(header, rows)
        compared = [row for film in films for row in against_script(film, model, options.repeats)]
    if compared:
        print("raw file to tar against benchmarks/home_made.py")
        header = (
            "film",
            "landmarker",
            "ours CPU s",
            "script CPU s",
            "script / ours",
            "on the clock",
        )
        print_table(header, compared)


if __name__ == "__main__":
    main()
