"""A film with hard cuts goes in; our stage against the ``scenedetect`` command line comes out.

    python benchmarks/scene_detection.py [--media DIR] [--seconds 60] [--repeats 3]

The film is made of shots of 2-6 s of the talkers (else of drawn people), at 720p and 1080p. Both
look for cuts with PySceneDetect's adaptive detector; the command line decodes with OpenCV. What
it takes to start the command line is measured by itself and subtracted.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from harness import (
    TALKERS,
    arguments,
    interleaved,
    print_table,
    sources,
    synthetic,
    workspace_of,
)

from tthd_tools.clip import Clip
from tthd_tools.media import read_frames
from tthd_tools.media.mux import write_movie
from tthd_tools.stages.scenes import Scenes, ScenesPart

SHOTS = (*TALKERS, "th05_woman_blond_25fps.mp4", "th10_man_sofa_portrait_hevc_30fps.mp4")
FPS = 25.0


def shots(films: list[Path], size: tuple[int, int], frames: int) -> Iterator[np.ndarray]:
    """Pictures of one film after the other, 2-6 s of each in turn."""
    rng = np.random.default_rng(5)
    starts = dict.fromkeys(films, 0.0)
    for film in cycle(films):
        length = int(rng.integers(50, 150))
        for count, frame in enumerate(read_frames(film, starts[film])):
            if count == length or frames == 0:
                break
            frames -= 1
            yield frame.rgb(*size)
        starts[film] = (starts[film] + 2.0) % 4.0
        if frames == 0:
            return


def made_film(films: list[Path], size: tuple[int, int], seconds: float, folder: Path) -> Path:
    """The film, encoded."""
    path = folder / f"{size[1]}p.mp4"
    count = round(seconds * FPS)
    write_movie(path, shots(films, size, count), [k / FPS for k in range(count)])
    return path


def command_line(film: Path, folder: Path) -> list[float]:
    """Cuts in seconds, as the command line finds them."""
    run_scenedetect("-i", film, "-o", folder, "detect-adaptive", "list-scenes", "--skip-cuts")
    with next(folder.glob(f"{film.stem}*.csv")).open() as table:
        return [float(row["Start Time (seconds)"]) for row in csv.DictReader(table)][1:]


def run_scenedetect(*words: object) -> None:
    program = Path(sys.executable).with_name("scenedetect")
    subprocess.run(
        [program, *map(str, words)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def ours(item: Clip, folder: Path) -> list[float]:
    """Cuts in seconds, as the stage finds them."""
    found = list(Scenes().process(item, folder))
    return [s.span.start_s for s in found if s.part(ScenesPart).start_kind == "cut"]


def main() -> None:
    seconds = ("--seconds", float, 60.0, "length of the film")
    options = arguments(str(__doc__), seconds, ("--repeats", int, 3, "runs of each"))
    rows = []
    for size in ((1280, 720), (1920, 1080)):
        with TemporaryDirectory() as name, sources(options.media, SHOTS) as films:
            folder = Path(name)
            if len(films) < 2:
                films = [*films, synthetic(folder, size)]
            film = made_film(films, size, options.seconds, folder)
            rows.append(compare(film, folder, options.repeats))
    header = ("film", "cuts", "same cuts", "ours CPU s", "peer CPU s", "start CPU s", "peer / ours")
    print(
        "scene detection against `scenedetect detect-adaptive` (processor time, start subtracted)"
    )
    print_table((*header, "on the clock"), rows)


def compare(film: Path, folder: Path, repeats: int) -> list[object]:
    """A line of the table."""
    with workspace_of(film) as workspace:
        item = workspace.clip_of(workspace.items()[0][0])
        mine, theirs = ours(item, folder), command_line(film, folder)
        same = len(mine) == len(theirs) and np.allclose(mine, theirs, atol=0.5 / FPS)
        costs = interleaved(
            {
                "ours": lambda: ours(item, folder),
                "peer": lambda: command_line(film, folder),
                "start": lambda: run_scenedetect("version"),
            },
            repeats,
        )
    mine_s, theirs_s, start_s = (costs[name].cpu_s for name in ("ours", "peer", "start"))
    wall = (costs["peer"].wall_s - costs["start"].wall_s) / costs["ours"].wall_s
    cuts = f"{len(mine)} / {len(theirs)}"
    ratio = (theirs_s - start_s) / mine_s
    return [film.stem, cuts, "yes" if same else "NO", mine_s, theirs_s, start_s, ratio, wall]


if __name__ == "__main__":
    main()
