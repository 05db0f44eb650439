"""Talkers go in; what measuring costs without networks, and the encoder, in bare decodes comes out.

    python benchmarks/measurement.py [--media DIR] [--repeats 5]

Every part runs on the film's own frames without decoding, and is given as a multiple of one bare
decode of the same film. Networks are replaced by what they said in a run before. `measurement` is
one decode and all parts but the encoder: what a single pass would cost; `two passes` is what is
run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from harness import arguments, plan_of, print_table, run_chain, sources, workspace_of

from tthd_tools.clip import Clip, ClipFrame
from tthd_tools.faces.cutting import Cutter
from tthd_tools.faces.tracker import FaceTracker, Track
from tthd_tools.media import Frame, read_frames
from tthd_tools.stages.audio_features import AudioFeatures
from tthd_tools.stages.encode import Encode
from tthd_tools.stages.masks import SIDE, Masks
from tthd_tools.stages.quality import Quality
from tthd_tools.stages.scenes import Scenes, _Look
from tthd_tools.stages.speech import Speech
from tthd_tools.stages.tracks import Tracks

PARTS = ("scenes", "jump cuts", "masks drawn", "quality", "sound", "encoder")


class DrawnMasks(Masks):
    """Masks of the mesh alone."""

    def _segment(self, frame: ClipFrame) -> Any:
        return np.zeros((SIDE, SIDE), np.bool_)


def thread_s(work: Callable[[], object]) -> float:
    """Processor time of this thread."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def decode_s(film: Path) -> float:
    def decode() -> None:
        for _ in read_frames(film):
            pass

    return thread_s(decode)


def watch_s(stage: Any, clip: Clip, folder: Path) -> float:
    """What a stage does with the frames of a clip, the decode between them left out."""
    watch, spent = stage.watch(clip, folder), 0.0
    began = time.thread_time()
    next(watch)
    spent += time.thread_time() - began
    for frame in (*clip.frames(), None):
        began = time.thread_time()
        with suppress(StopIteration):
            watch.send(frame)
        spent += time.thread_time() - began
    return spent


def frames_of(clip: Clip) -> Iterator[tuple[int, Frame]]:
    return ((one.k, one.frame) for one in clip.frames())


def scenes_s(item: Clip) -> float:
    look, spent = _Look(Scenes(), 1 / item.item.probe["fps"]), 0.0
    for frame in read_frames(item.source):
        began = time.thread_time()
        look.see(frame)
        spent += time.thread_time() - began
    return spent


def followed(clip: Clip, stage: Tracks) -> list[list[Track]]:
    """What the tracker said in each frame."""
    tracker, said = FaceTracker(*stage._loaded(), stage._tracker_options()), []
    for k, frame in frames_of(clip):
        tracker.step(k, frame)
        said.append([replace(track) for track in tracker.live])
    return said


def jumps_s(clip: Clip, stage: Tracks, said: list[list[Track]]) -> float:
    """Pixels and distances by which jump cuts are found."""
    picture = (int(clip.item.probe["width"]), int(clip.item.probe["height"]))
    cutter = Cutter(stage._cut_options(), picture, lambda a, b: (a + b) // 2, lambda piece: None)
    spent = 0.0
    for k, frame in frames_of(clip):
        began = time.thread_time()
        cutter.take(k, frame, said[k])
        spent += time.thread_time() - began
    return spent + thread_s(cutter.finish)


def sound_s(clip: Clip, folder: Path) -> float:
    stages = (AudioFeatures(), Speech())
    clip.audio()
    return thread_s(lambda: [list(stage.process(clip, folder)) for stage in stages])


def measure(film: Path, repeats: int) -> list[object]:
    """A line of the table: every part in bare decodes."""
    plan = plan_of("tracks.detector=litert", "tracks.landmarker=litert")
    (tracks,) = (step.stage for step in plan.steps if isinstance(step.stage, Tracks))
    with workspace_of(film) as workspace, TemporaryDirectory() as name:
        folder = Path(name)
        leaves = run_chain(workspace, plan).leaves
        clip = max((leaf.clip for leaf in leaves), key=lambda one: one.span.duration_s)
        item = workspace.clip_of(workspace.items()[0][0])
        said = followed(clip, tracks)
        share = clip.span.duration_s / item.span.duration_s
        runs = [
            {
                "scenes": scenes_s(item) * share,
                "jump cuts": jumps_s(clip, tracks, said),
                "masks drawn": watch_s(DrawnMasks(), clip, folder),
                "quality": watch_s(Quality(), clip, folder),
                "sound": sound_s(clip, folder),
                "encoder": watch_s(Encode(), clip, folder),
                "decode": decode_s(film) * share,
            }
            for _ in range(repeats)
        ]
    middle = {name: median(run[name] for run in runs) for name in runs[0]}
    parts = [middle[name] / middle["decode"] for name in PARTS]
    together = sum(parts[:-1])
    milliseconds = middle["decode"] / clip.frame_count * 1000
    return [film.stem, f"{milliseconds:.2f} ms", *parts, 1 + together, 2 + together]


def main() -> None:
    options = arguments(str(__doc__), ("--repeats", int, 5, "runs of each"))
    with sources(options.media) as films:
        rows = [measure(film, options.repeats) for film in films]
    print("multiples of one bare decode (processor time, medians)")
    print_table(("film", "decode", *PARTS, "measurement", "two passes"), rows)


if __name__ == "__main__":
    main()
