"""Faces and sounds that belong together or not go in; how well each backend tells them comes out.

    python benchmarks/active_speaker.py [--seconds 30] [--scenes 60]

Drawn scenes of two people of whom one speaks. Then every talker's face against every talker's
sound, each film's longest clip: how often the own sound scores higher than a foreign one (AUC), for
how many faces it scores highest, and how many of each are taken for a speaker; two films of one
recording are not foreign to each other. Then dubbed films, faces that are silent beside speech from
elsewhere, and two men of whom one speaks at a podium. Last the speed of each backend.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from harness import arguments, print_table, run_chain
from numpy.typing import NDArray

from tthd_tools.clip import AUDIO_RATE_HZ, FPS, Clip
from tthd_tools.errors import UsageError
from tthd_tools.ingest import ingest
from tthd_tools.media import read_audio
from tthd_tools.pipeline import load_pipeline, make_plan
from tthd_tools.speakers import (
    SCALES,
    SCORERS,
    Fits,
    contrast,
    fit_correlation,
    grey,
    moving,
    open_network,
    squares,
    total,
)
from tthd_tools.stages.audio_features import log_mel
from tthd_tools.stages.tracks import TracksPart
from tthd_tools.synth import Actor, Script, Take, Truth, invent_person, render
from tthd_tools.workspace import Workspace

if TYPE_CHECKING:
    from tthd_tools.speakers.published import NetworkScorer

Floats = NDArray[np.float64]
Sound = NDArray[np.float32]
PIPELINE = "name: asd\nstages: [scenes, tracks: {min_face_px: 20}]\npolicy: []\n"
DUBS = {"dub_for_th09": "th09", "dub_for_th10": "th10", "dub_speech_en_1": "th"}
SILENT = ("face_expressive_silent", "face_emotions_silent", "face_silent_audio")
SEGMENT_S = 2.0
WIDTH_PX = 640
FIRST_SEED = 2000  # of drawn scenes: none of these was looked at while numbers were chosen
SAME_RECORDING = 0.5  # correlation of two sounds at the best shift


class Face:
    """The longest track of a film, or one of its tracks, up to a length."""

    def __init__(self, clip: Clip, most_s: float = 60.0) -> None:
        self.clip, self.name = clip, clip.source.stem
        self.first = round(clip.span.start_s * FPS)
        self.frames = min(clip.frame_count, round(most_s * FPS))
        track = clip.arrays(TracksPart, "track.npz")
        self.box, self.valid = track["box"][: self.frames], track["valid"][: self.frames]
        self.mouth = clip.arrays(TracksPart)["mouth"][: self.frames]
        self.sound = clip.audio()[: self.frames * AUDIO_RATE_HZ // round(FPS)]

    @property
    def seconds(self) -> float:
        return self.frames / FPS


class Judge:
    """One backend; it looks at each face and listens to each sound once."""

    def __init__(self, name: str) -> None:
        self.name, self.scale, self.network = name, SCALES[name], open_network(name)
        self._seen: dict[int, Any] = {}
        self._heard: dict[int, tuple[NDArray[np.float16], Any]] = {}

    def scores(self, face: Face, sound: Sound) -> tuple[Floats, Floats]:
        """Scores (T,) of a face, and what it is compared by; a shorter sound is heard again."""
        log_mel_of, features = self._listen(sound)
        lips = lip_fits(face, np.resize(log_mel_of, (face.frames, log_mel_of.shape[1])))
        stir = moving(face.mouth, face.valid)
        if self.network is None:
            return contrast(lips), contrast(lips) + stir
        if id(face) not in self._seen:
            self._seen[id(face)] = self.network.see(pictures_of(face, self.network))
        times = -(-face.frames // features.shape[1])
        heard = features.repeat(1, times, 1)[:, : face.frames]
        scores, belief = self.network.compare(self._seen[id(face)], heard, lips)
        return scores, scores + stir + belief

    def total(self, face: Face, sound: Sound) -> float:
        """One score for the whole face."""
        return total(self.scores(face, sound)[0], self.scale)

    def _listen(self, sound: Sound) -> tuple[NDArray[np.float16], Any]:
        if id(sound) not in self._heard:
            frames = len(sound) * round(FPS) // AUDIO_RATE_HZ
            features = None if self.network is None else self.network.hear(sound, frames)
            self._heard[id(sound)] = log_mel(sound, frames).astype(np.float16), features
        return self._heard[id(sound)]

    def speed(self, face: Face) -> float:
        """Seconds of film per second of the processor, decoding and log-mel features left out."""
        heard = log_mel(face.sound, face.frames).astype(np.float16)
        if self.network is None:
            began = time.process_time()
            fit_correlation(face.mouth, face.valid, heard)
        else:
            pictures, lips = pictures_of(face, self.network), lip_fits(face, heard)
            began = time.process_time()
            self.network.score(pictures, face.sound, lips)
        return face.seconds / (time.process_time() - began)


def lip_fits(face: Face, heard: NDArray[np.float16]) -> Fits:
    """How the lips alone fit log-mel features of the face's length."""
    found = fit_correlation(face.mouth, face.valid, heard)
    if found is None:
        raise RuntimeError(f"{face.name} is too short")
    return found


def pictures_of(face: Face, network: NetworkScorer) -> NDArray[np.uint8]:
    """What a network is shown of a face, (T, 112, 112)."""
    places = squares(face.box, face.valid, network.recipe.framing)
    frames = zip(face.clip.frames(), places, strict=False)
    return np.stack([grey(frame, place) for frame, place in frames])


def tracks_of(films: Sequence[Path], folder: Path, most_s: float) -> list[Face]:
    """All tracks of some films, in order of film and track."""
    pipeline = folder / "pipeline.yaml"
    pipeline.write_text(PIPELINE)
    plan = make_plan(load_pipeline(pipeline))
    for step in plan.steps:
        step.stage.setup()
    raw, work = folder / "raw", folder / "work"
    raw.mkdir()
    for film in films:
        shutil.copy(film, raw)
    workspace = Workspace.create(work, raw)
    with workspace.writing():
        ingest(workspace)
        leaves = run_chain(workspace, plan).leaves
    return [Face(leaf.clip, most_s) for leaf in leaves if leaf.state == "clip"]


def pair_table(judge: Judge, faces: Sequence[Face], same: NDArray[np.bool_]) -> list[object]:
    """AUC of own against foreign sound, faces whose own sound scores highest, false positives."""
    found = np.array([[judge.total(face, other.sound) for other in faces] for face in faces])
    own, foreign = np.diag(found).copy(), found[~same]
    found[same] = -np.inf
    area = (own[:, None] > foreign).mean() + (own[:, None] == foreign).mean() / 2
    first = int((own > found.max(axis=1)).sum())
    least = judge.scale.active_from
    shares = [f"{(values >= least).mean():.0%}" for values in (own, foreign)]
    return [judge.name, f"{area:.3f}", f"{first} of {len(faces)}", *shares]


def same_recording(a: Sound, b: Sound) -> bool:
    """Whether one sound lies in the other one, by the peak of their correlation."""
    from scipy.signal import correlate

    shared = np.abs(correlate(a, b)).max()
    return bool(shared > SAME_RECORDING * np.sqrt(np.square(a).sum() * np.square(b).sum()))


def segments_right(judge: Judge, speaker: Face, other: Face, spoken: Floats) -> list[bool]:
    """For each segment with speech in which both are seen whether the speaker is ahead."""
    first = max(speaker.first, other.first)
    last = min(face.first + face.frames for face in (speaker, other))
    own, theirs = (
        judge.scores(face, face.sound)[1][first - face.first : last - face.first]
        for face in (speaker, other)
    )
    step = round(SEGMENT_S * FPS)
    starts = range(0, last - first - step + 1, step)
    said = spoken[first:last]
    return [
        bool((own - theirs)[s : s + step].mean() > 0)
        for s in starts
        if said[s : s + step].mean() > 0.3
    ]


def drawn_scenes(folder: Path, count: int, seconds: float) -> list[tuple[Path, Truth]]:
    """Films of two people, of whom the left or the right one speaks."""
    made = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        people = [invent_person(2 * seed + k + 500) for k in range(2)]
        first = seed % 2 == 0
        actors = (
            Actor(people[0], 0.3, 0.45, 0.17, speaks=first),
            Actor(people[1], 0.72, 0.45, 0.17, speaks=not first),
        )
        script = Script((Take(actors, seconds, seed, seed=seed),), size=(WIDTH_PX, 360))
        path = folder / f"scene{seed}.mp4"
        made.append((path, render(script, path)))
    return made


def spoken_frames(truth: Truth, frames: int) -> Floats:
    """1 where a syllable is spoken, (T,)."""
    spoken = np.zeros(frames)
    for syllable in truth.syllables:
        spoken[round(syllable.start_s * FPS) : round(syllable.end_s * FPS)] = 1
    return spoken


def drawn_share(judges: Sequence[Judge], count: int, seconds: float) -> list[list[object]]:
    """How many segments of drawn scenes each backend gets right."""
    right: dict[str, list[bool]] = {judge.name: [] for judge in judges}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "films").mkdir()
        scenes = drawn_scenes(folder / "films", count, seconds)
        faces = tracks_of([path for path, _ in scenes], folder, 60.0)
        for path, truth in scenes:
            seen = [face for face in faces if face.name == path.stem]
            left = [face for face in seen if np.median(face.box[:, [0, 2]]) < WIDTH_PX / 2]
            rest = [face for face in seen if face not in left]
            speakers, others = (left, rest) if truth.faces[0].speaks else (rest, left)
            spoken = spoken_frames(truth, round(seconds * FPS) + 1)
            for judge, one, other in product(judges, speakers, others):
                right[judge.name] += segments_right(judge, one, other, spoken)
    return [
        [name, f"{np.mean(found):.1%}", f"{sum(found)} of {len(found)}"]
        for name, found in right.items()
    ]


def verdicts(judge: Judge, faces: Sequence[Face], sounds: dict[str, Sound]) -> list[float]:
    """Scores of faces that do not speak what is heard."""
    return [
        judge.total(face, sound)
        for name, sound in sounds.items()
        for face in faces
        if face.name.startswith(DUBS[name])
    ]


def opened() -> list[Judge]:
    """Every backend that can run here."""
    judges = []
    for engine in SCORERS:
        try:
            judges.append(Judge(engine.name))
        except UsageError as error:
            print(f"{engine.name} left out: {error}\n")
    return judges


def main() -> None:
    seconds = ("--seconds", float, 30.0, "longest piece of a talker")
    options = arguments(str(__doc__), seconds, ("--scenes", int, 60, "drawn scenes of 8 s"))
    judges = opened()
    print("drawn scenes of two people: segments of 2 s with speech, the right face ahead")
    print_table(("backend", "right", "segments"), drawn_share(judges, options.scenes, 8.0))
    talkers, edges = options.media / "talkers", options.media / "edge_cases"
    if talkers.is_dir():
        with TemporaryDirectory() as folder:
            real_films(judges, talkers, edges, Path(folder), options.seconds)


def real_films(
    judges: Sequence[Judge], talkers: Path, edges: Path, folder: Path, most_s: float
) -> None:
    films = [*sorted(talkers.glob("*.mp4")), *(edges / f"{name}.mp4" for name in SILENT)]
    found = tracks_of([*films, edges / "twopeople_podium_12fps.mp4"], folder, most_s)
    longest = {face.name: face for face in sorted(found, key=lambda face: face.frames)}
    faces = [longest[film.stem] for film in films[: -len(SILENT)]]
    silent = [longest[name] for name in SILENT]
    podium = [face for face in found if face.name.startswith("twopeople")]
    same = np.array([[same_recording(a.sound, b.sound) for b in faces] for a in faces])
    twice = int(same.sum() - len(faces))
    print(
        f"{len(faces)} talkers, all pairs but {twice} of one recording: own sound against foreign"
    )
    header = ("backend", "AUC", "own first", "own", "foreign")
    print_table(header, [pair_table(judge, faces, same) for judge in judges])

    sounds = {
        name: read_audio(talkers.parent / "audio" / f"{name}.wav", 0, most_s) for name in DUBS
    }
    rows = []
    for judge in judges:
        dubbed = verdicts(judge, faces, sounds)
        elsewhere = [judge.total(face, sounds["dub_speech_en_1"]) for face in silent]
        both = [judge.scores(face, face.sound) for face in podium]
        ahead = total(both[0][1] - both[1][1], judge.scale)
        least = judge.scale.active_from
        told = [
            f"{sum(one >= least for one in ones)} of {len(ones)}" for ones in (dubbed, elsewhere)
        ]
        scores = " / ".join(f"{total(one, judge.scale):.2f}" for one, _ in both)
        rows.append([judge.name, *told, scores, f"{ahead:.2f}"])
    print("dubbed talkers and silent faces beside speech that are taken for a speaker; the podium")
    print_table(("backend", "dubbed", "off-screen", "speaker / listener", "margin"), rows)
    print("real time over processor time, without decoding")
    print_table(("backend", "speed"), [[j.name, f"{j.speed(faces[4]):.1f}×"] for j in judges])


if __name__ == "__main__":
    main()
