"""Single takes of talkers go in, tables of jump cuts found and false divisions come out.

    python benchmarks/jump_cuts.py [--media DIR] [--edits 24]

Jump cuts are made: 0.2-3 s are taken out of a single take, half of them joined hard, the others
with a punch-in of 105-120 % or a dissolve of 2-6 frames; the film is encoded anew (x264, crf 18 or
28) and judged as any other, by us and by PySceneDetect's detectors. The pose jump is the mean
displacement of the mesh between the last frame before and the first one after, in % of the distance
of the outer eye corners. The weights were fitted on one half of the persons; the other is held out.
Takes about ten minutes on one core.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import yaml
from scenedetect import FrameTimecode
from scenedetect.detectors import AdaptiveDetector, ContentDetector

from tthd_tools.faces import interocular_px, mesh_box, mesh_roll_deg, open_detector, open_landmarker
from tthd_tools.faces.jumps import PATCH_SIDE, JumpFeatures, find_jumps, patch_square
from tthd_tools.faces.records import Detector, Landmarker
from tthd_tools.faces.tracker import FaceTracker, TrackerOptions
from tthd_tools.media import Crop, probe, read_frames, sample_frames
from tthd_tools.media.mux import write_movie
from tthd_tools.synth import Actor, Script, Take, invent_person, render

CONTEXT_S = 1.2
NEAR_S = 0.06
NAMES = ("ours", "adaptive", "content", "adaptive, 2")
MOST_PX = 1280  # an edited film is exported no larger
BINS = (0.0, 1.0, 3.0, 6.0, 12.0, np.inf)
TUNED_ON = ("th01", "th03", "th05", "th06", "th08", "th10", "th12", "th15", "synth0", "synth1")
TUNED_ON += ("face_emotions", "talking_no")
# People seen in one shot without any cut; of two crops of one shot the first.
OTHERS = (
    "face_emotions_silent.mp4",
    "face_expressive_silent.mp4",
    "face_silent_audio.mp4",
    "talking_no_audio_stream.mp4",
    "synthetic_talker_pip.mp4",
    "sync_example_ref.avi",
    "twopeople_home_22s.mp4",
    "twopeople_podium_12fps.mp4",
    "crowd_street_1080p.mp4",
)
REMNANT_S = {"th14": (0.04,)}  # its first frame is a remnant of another moment
Picture = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class Film:
    """A file, what it is called, and its known jump cuts."""

    path: Path
    jumps_s: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def tuned_on(self) -> bool:
        return self.name.startswith(TUNED_ON)


class Edit(NamedTuple):
    """A made jump cut: pictures, their times, and frames [start, end) that belong to neither."""

    pictures: list[Picture]
    times_s: list[float]
    start: int
    end: int
    kind: str
    pose_jump: float
    crf: int


class Verdict(NamedTuple):
    """Who has found a made jump cut, and how many that are not there."""

    film: Film
    kind: str
    pose_jump: float
    found: dict[str, bool]
    false: dict[str, int]


class Engines(NamedTuple):
    """What finds faces."""

    detector: Detector
    landmarker: Landmarker


def films(media: Path, folder: Path) -> tuple[list[Film], list[Film]]:
    """Films to cut jumps into, and further ones that hold no cut."""
    expected = yaml.safe_load((media / "expected.yaml").read_text(encoding="utf-8"))["talkers"]
    talkers = [
        Film(media / "talkers" / name, tuple(facts.get("jump_cuts_s", REMNANT_S.get(name[:4], ()))))
        for name, facts in sorted(expected.items())
    ]
    drawn = []
    for seed in range(4):
        actor = Actor(invent_person(900 + seed), liveliness=1.0 + 0.5 * (seed % 2))
        path = folder / f"synth{seed}.mp4"
        render(Script((Take((actor,), 12.0, background=seed, seed=seed),), sound=False), path)
        drawn.append(Film(path))
    others = [Film(media / "edge_cases" / name) for name in OTHERS]
    return talkers + drawn, others


def observe(path: Path, engines: Engines) -> list[JumpFeatures]:
    """Follow the faces of a file as the stage does; what is known of each track of a second."""
    tracker = FaceTracker(*engines, TrackerOptions(least_px=12.0))
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for k, _, frame in sample_frames(path, 0.0, probe(path).duration_s):
        tracker.step(k, frame)
        thumb = frame.luma(96, 96)
        for track in tracker.live:
            seen = rows.setdefault(track.number, [])
            square = patch_square(track.last.mesh.points, seen[-1][2] if seen else None)
            points = np.full((468, 3), np.nan, np.float32)
            if track.now is not None:
                points = track.now.mesh.points
            patch = frame.crop_luma(Crop(*square), PATCH_SIDE)
            seen.append((points, patch, square, thumb, frame.t_s))
    columns = (zip(*seen, strict=True) for seen in rows.values() if len(seen) >= 25)
    return [
        JumpFeatures(
            np.stack(points),
            np.stack(patches),
            np.array(squares, np.float32),
            np.stack(thumbs),
            np.array(source_s),
        )
        for points, patches, squares, thumbs, source_s in columns
    ]


def edits(film: Film, count: int, engines: Engines) -> Iterator[Edit]:
    """Cut ``count`` jumps into the single takes of a film, the same on every run."""
    dice = np.random.default_rng([count, *film.name.encode()])
    frames = [_scaled(frame.rgb()) for frame in read_frames(film.path)]
    times_s = [frame.t_s for frame in read_frames(film.path)]
    edges = [0.0, *film.jumps_s, times_s[-1]]
    takes = [(a + 0.1, b - 0.1) for a, b in pairwise(edges) if b - a > 2 * CONTEXT_S]
    lengths = np.array([b - a for a, b in takes])
    while count:
        first, last = takes[dice.choice(len(takes), p=lengths / lengths.sum())]
        gap_s = float(np.exp(dice.uniform(np.log(0.2), np.log(3.0))))
        room_s = last - first - gap_s - 2 * CONTEXT_S
        if room_s <= 0:
            continue
        cut_s = first + CONTEXT_S + dice.uniform(0, room_s)
        a, b = (int(np.searchsorted(times_s, t)) for t in (cut_s, cut_s + gap_s))
        yield _edit(frames, times_s, a, max(b, a + 2), dice, engines)
        count -= 1


def _edit(
    frames: Sequence[Picture],
    times_s: Sequence[float],
    a: int,
    b: int,
    dice: np.random.Generator,
    engines: Engines,
) -> Edit:
    """Join frames before ``a`` to those from ``b`` on."""
    kind = str(dice.choice(["hard", "punch-in", "dissolve"], p=[0.5, 0.2, 0.3]))
    zoom, mixed, crf = dice.uniform(1.05, 1.2), int(dice.integers(2, 7)), int(dice.choice([18, 28]))
    step_s = float(np.median(np.diff(times_s)))
    length = round(CONTEXT_S / step_s)
    left, right = list(frames[max(0, a - length) : a]), list(frames[b : b + length])
    before, after = (_mesh(picture, engines) for picture in (left[-1], right[0]))
    if kind == "punch-in":
        x, y = after[:, :2].mean(axis=0)
        turn = np.array([[zoom, 0, x * (1 - zoom)], [0, zoom, y * (1 - zoom)]])
        size = right[0].shape[1::-1]
        edge = cv2.BORDER_REPLICATE
        right = [np.asarray(cv2.warpAffine(p, turn, size, borderMode=edge)) for p in right]
        after = after * zoom + np.array([*turn[:, 2], 0.0])
    start = end = len(left)
    if kind == "dissolve":
        end = start + mixed
        shares = [(k + 1) / (mixed + 1) for k in range(mixed)]
        blend = [
            np.asarray(cv2.addWeighted(frames[a + k], 1 - share, right[k], share, 0))
            for k, share in enumerate(shares)
        ]
        right = blend + right[mixed:]
    apart = np.linalg.norm((after - before)[:, :2], axis=1).mean()
    times = [t - times_s[a - len(left)] for t in times_s[a - len(left) : a]]
    shift = times[-1] + step_s - times_s[b]
    times += [t + shift for t in times_s[b : b + len(right)]]
    pose_jump = float(apart / interocular_px(before) * 100)
    return Edit(left + right, times, start, end, kind, pose_jump, crf)


def _scaled(rgb: Picture) -> Picture:
    scale = min(1.0, MOST_PX / max(rgb.shape[:2]))
    width, height = (2 * round(side * scale / 2) for side in rgb.shape[1::-1])
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _mesh(rgb: Picture, engines: Engines) -> np.ndarray[Any, Any]:
    face = max(engines.detector.detect(rgb), key=lambda one: one.box[2] - one.box[0])
    box, roll = face.box, 0.0
    for _ in range(2):
        mesh = engines.landmarker.locate(rgb, box, roll)
        if mesh is None:
            raise SystemExit("the landmarker loses a talker's face")
        box, roll = mesh_box(mesh.points), mesh_roll_deg(mesh.points)
    return mesh.points


def our_jumps_s(path: Path, engines: Engines) -> list[float]:
    """Where the tracks of a file are divided by us."""
    tracks = observe(path, engines)
    return [float(one.source_s[jump.end]) for one in tracks for jump in find_jumps(one)]


def scene_cuts_s(path: Path) -> dict[str, list[float]]:
    """Where PySceneDetect's detectors cut a file, by detector."""
    detectors: dict[str, Any] = {
        "adaptive": AdaptiveDetector(),
        "content": ContentDetector(),
        "adaptive, 2": AdaptiveDetector(adaptive_threshold=2.0),
    }
    cuts: dict[str, list[float]] = {name: [] for name in detectors}
    times_s = []
    for k, frame in enumerate(read_frames(path)):
        times_s.append(frame.t_s)
        scale = 256 / max(frame.width, frame.height)
        small = frame.rgb(round(frame.width * scale), round(frame.height * scale))
        picture, number = cv2.cvtColor(small, cv2.COLOR_RGB2BGR), FrameTimecode(k, fps=25.0)
        for name, detector in detectors.items():
            found = detector.process_frame(number, picture)
            cuts[name] += [times_s[one.frame_num] for one in found]
    return cuts


def detections(path: Path, engines: Engines) -> dict[str, list[float]]:
    """Times of all divisions of a file, by detector."""
    return {"ours": our_jumps_s(path, engines), **scene_cuts_s(path)}


def judge_edits(film: Film, count: int, folder: Path, engines: Engines) -> list[Verdict]:
    """Make edits of a film; say who finds them and who finds what is not there."""
    verdicts = []
    for edit in edits(film, count, engines):
        path = folder / "edit.mp4"
        quality = {"crf": str(edit.crf), "preset": "veryfast"}
        write_movie(path, edit.pictures, edit.times_s, options=quality)
        first_s, last_s = edit.times_s[edit.start], edit.times_s[edit.end]
        found, false = {}, {}
        for name, times_s in detections(path, engines).items():
            found[name] = any(first_s - NEAR_S <= t <= last_s + NEAR_S for t in times_s)
            false[name] = sum(not first_s - 0.25 <= t <= last_s + 0.25 for t in times_s)
        verdicts.append(Verdict(film, edit.kind, edit.pose_jump, found, false))
    return verdicts


def print_recall(title: str, verdicts: Sequence[Verdict]) -> None:
    """One line per bin of the pose jump and one for all above 3 %."""
    print(f"\n{title}\n{'pose jump %':>12} {'edits':>6}", *(f"{name:>12}" for name in NAMES))
    bins = [*pairwise(BINS), (3.0, np.inf)]
    for low, high in bins:
        some = [one for one in verdicts if low <= one.pose_jump < high]
        label = f"{low:g}-{high:g}" if np.isfinite(high) else f"> {low:g}"
        if some:
            shares = (float(np.mean([one.found[name] for one in some])) for name in NAMES)
            print(f"{label:>12} {len(some):6}", *(f"{share:12.3f}" for share in shares))


def print_names(title: str) -> None:
    """Head of a table of ``print_false``."""
    print(f"\n{title}\n{'':>35}", *(f"{name:>12}" for name in NAMES))


def print_false(title: str, minutes: float, counts: dict[str, int]) -> None:
    """Divisions where there is no cut."""
    per_ten = (f"{counts[name]:4} ({10 * counts[name] / minutes:5.1f})" for name in NAMES)
    print(f"{title:>24} {minutes:6.1f} min", *(f"{text:>12}" for text in per_ten))


def print_uncut(uncut: Sequence[Film], engines: Engines) -> None:
    """Labelled jump cuts found, and divisions of films where they hold none."""
    minutes = {True: 0.0, False: 0.0}
    false = {half: dict.fromkeys(NAMES, 0) for half in (True, False)}
    labelled, found, remarks = 0, dict.fromkeys(NAMES, 0), []
    for film in uncut:
        minutes[film.tuned_on] += probe(film.path).duration_s / 60
        labelled += len(film.jumps_s)
        for name, times_s in detections(film.path, engines).items():
            found[name] += sum(any(abs(t - j) < NEAR_S for t in times_s) for j in film.jumps_s)
            wrong = [t for t in times_s if all(abs(t - j) >= NEAR_S for j in film.jumps_s)]
            false[film.tuned_on][name] += len(wrong)
            remarks += [f"{film.name} {t:.2f} s" for t in wrong if name == "ours"]
    print("\nLabelled jump cuts of the talkers found,", labelled, "in all:", found)
    print(
        "\nDivisions where there is no cut (in 10 minutes)\n",
        " " * 33,
        *(f"{n:>12}" for n in NAMES),
    )
    print_false("persons tuned on", minutes[True], false[True])
    print_false("persons held out", minutes[False], false[False])
    print("ours:", ", ".join(remarks) or "none")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    shared = Path(__file__).parents[2] / "shared" / "media"
    parser.add_argument("--media", type=Path, default=shared)
    parser.add_argument("--edits", type=int, default=24, help="jump cuts per film")
    options = parser.parse_args()
    engines = Engines(open_detector("litert", 0.3, 24.0), open_landmarker("litert"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        talkers, others = films(options.media, folder)
        print_uncut(talkers + others, engines)
        verdicts: list[Verdict] = []
        for film in talkers:
            if probe(film.path).duration_s > 2 * CONTEXT_S + 1:
                verdicts += judge_edits(film, options.edits, folder, engines)
    for kind in ("hard", "punch-in", "dissolve"):
        print_recall(f"Recall, {kind}", [one for one in verdicts if one.kind == kind])
    print_recall("Recall, persons tuned on", [one for one in verdicts if one.film.tuned_on])
    print_recall("Recall, persons held out", [one for one in verdicts if not one.film.tuned_on])
    calm = [one for one in verdicts if not one.film.name.startswith("th13")]
    print_recall("Recall, without th13 (a comic who moves 10-50 % a frame)", calm)
    print_recall("Recall, all", verdicts)
    false = {name: sum(one.false[name] for one in verdicts) for name in NAMES}
    print_names("Divisions of the edited films elsewhere (in 10 minutes)")
    print_false("all", len(verdicts) * 2 * CONTEXT_S / 60, false)


if __name__ == "__main__":
    main()
