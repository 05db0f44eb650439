"""Drawn faces with known expressions and real talkers go in; how good the stage is comes out.

    python benchmarks/emotion.py [--people 8] [--first 40] [--face auto] [--landmarker litert]

Every drawn person speaks for four seconds with each of five expressions. `none` are clips of which
the stage is too unsure for a label. What a speaker's other clips tell is varied: all five of them,
neutral and one other, or none at all. The talkers mostly just speak: other labels than neutral are
printed. In `face_emotions_silent.mp4` a woman weeps, worries and laughs in turn.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from harness import arguments, print_table

from tthd_tools.build import measure
from tthd_tools.clip import Clip
from tthd_tools.emotion.bench import PIPELINE, guesses_of
from tthd_tools.emotion.evidence import RATE_HZ
from tthd_tools.emotion.face import NAMES
from tthd_tools.emotion.fusion import odds_of
from tthd_tools.emotion.score import Judged, average_recall, calibration_error
from tthd_tools.emotion.speaker import usual
from tthd_tools.ingest import ingest
from tthd_tools.pipeline import Plan, load_pipeline, make_plan
from tthd_tools.stages.emotion import Emotion, EmotionFit, EmotionPart, evidence_of
from tthd_tools.stages.expression import ExpressionPart
from tthd_tools.survey import survey
from tthd_tools.synth import Actor, Script, Take, invent_person, render
from tthd_tools.synth.motion import EXPRESSIONS
from tthd_tools.testing import run_stage
from tthd_tools.workspace import Workspace

SECONDS = 4.0
STATES = (("weeps", 0.0, 6.0), ("worries", 6.0, 9.4), ("laughs", 10.0, 19.6))


def draw(folder: Path, first: int, people: int) -> None:
    """A film for each person and expression: ``<expression>/<person>.mp4``."""
    for number in range(first, first + people):
        for step, expression in enumerate(EXPRESSIONS):
            path = folder / expression / f"{number}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            actor = Actor(invent_person(number), size=0.22, emotion=expression)
            take = Take((actor,), SECONDS, background=number, seed=1000 * step + number)
            render(Script((take,), size=(384, 384), audio_rate_hz=16_000), path)


def clips_of(raw: Path, plan: Plan, work: Path) -> Iterator[Clip]:
    """The measured clips of a folder."""
    workspace = Workspace.create(work, raw)
    with workspace.writing():
        ingest(workspace)
        measure(workspace, plan)
    for state in survey(workspace, plan):
        yield from (leaf.clip for leaf in state.clips if leaf.clip.has(ExpressionPart))


def judged(clips: Sequence[Clip], folder: Path) -> list[EmotionPart]:
    """What the stage says of clips of one speaker, knowing no others."""
    habit = usual([evidence_of(one) for one in clips])
    fit = EmotionFit(speakers={one.item.speaker_id: habit for one in clips})
    return [Emotion().process(one, fit, folder).part(EmotionPart) for one in clips]


def drawn_rows(clips: Sequence[Clip], folder: Path) -> Iterator[list[object]]:
    """A line for each way in which a person's other clips are known."""
    people: dict[str, list[tuple[str, Clip]]] = {}
    for clip in clips:
        expression, file = clip.item.path.split("/")
        people.setdefault(file, []).append((expression, clip))
    ways = {
        "all five": list(people.values()),
        "neutral and one other": [
            [neutral, other]
            for some in people.values()
            for neutral in some
            for other in some
            if neutral[0] == "neutral" and other[0] != "neutral"
        ],
        "the only clip": [[one] for some in people.values() for one in some],
    }
    for name, groups in ways.items():
        pairs = []
        for group in groups:
            parts = judged([clip for _, clip in group], folder)
            pairs += [(truth, part) for (truth, _), part in zip(group, parts, strict=True)]
        yield [name, len(pairs), *shares(pairs)]


def shares(pairs: Sequence[tuple[str, EmotionPart]]) -> Iterator[str]:
    """Labels that are right, wrong and not given; recall and calibration of each source."""
    right = np.mean([part.label == truth for truth, part in pairs])
    none = np.mean([part.label is None for _, part in pairs])
    yield from (f"{right:.0%}", f"{1 - right - none:.0%}", f"{none:.0%}")
    found = [Judged(truth, "", guesses_of(part.model_dump())) for truth, part in pairs]
    for source in ("seen", "face", "fer"):
        seen = [(one.truth, one.guesses[source]) for one in found if source in one.guesses]
        if not seen:
            yield "-"
            continue
        recall = average_recall([(truth, guess.label) for truth, guess in seen])
        error = calibration_error([(g.confidence, truth == g.label) for truth, g in seen])
        yield f"{recall:.0%} / {error:.2f}"


def state_rows(clip: Clip) -> Iterator[list[object]]:
    """Mean odds of what a woman shows in turn."""
    evidence = evidence_of(clip)
    odds = odds_of(evidence, usual([evidence]))
    for name, start_s, end_s in STATES:
        mean = odds[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)].mean(axis=0)
        yield [name, *(float(one) for one in mean)]


def main() -> None:
    options = arguments(
        str(__doc__),
        ("--people", int, 8, "drawn people"),
        ("--first", int, 40, "the first of their seeds"),
        ("--face", str, "auto", "engine of the face"),
        ("--landmarker", str, "litert", "engine of the mesh"),
    )
    changes = (f"expression.face={options.face}", f"tracks.landmarker={options.landmarker}")
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "emotion.yaml"
        file.write_text(PIPELINE, encoding="utf-8")
        plan = make_plan(load_pipeline(file, changes))
        print("; ".join(f"{step.name}: {step.facts}" for step in plan.steps if step.facts)[:400])
        draw(folder / "drawn", options.first, options.people)
        clips = list(clips_of(folder / "drawn", plan, folder / "work"))
        header = ("known of a person", "clips", "right", "wrong", "none")
        both = [f"{source}: recall / ECE" for source in ("all", "mesh", "network")]
        print_table((*header, *both), list(drawn_rows(clips, folder)))
        print_real(options.media, plan, folder)


def speed_of(clips: Sequence[Clip], plan: Plan, folder: Path) -> float:
    """Seconds of film per second of the processor, without the decode that stages share."""
    stage = next(step.stage for step in plan.steps if step.name == "expression")
    run_stage(stage, clips[0], folder / "first")  # loads libraries
    spent = 0.0
    for number, clip in enumerate(clips):
        began = time.process_time()
        for _ in clip.frames():
            pass
        between = time.process_time()
        run_stage(stage, clip, folder / f"{number}")
        spent += (time.process_time() - between) - (between - began)
    return sum(clip.span.duration_s for clip in clips) / spent


def print_real(media: Path, plan: Plan, folder: Path) -> None:
    if not (media / "talkers").is_dir():
        return
    talkers = list(clips_of(media / "talkers", plan, folder / "talkers"))
    parts = [Emotion().process(clip, Emotion().fit(talkers, folder), folder) for clip in talkers]
    print(f"expression: {speed_of(talkers, plan, folder / 'speed'):.0f} times real time")
    labels = Counter(str(one.part(EmotionPart).label) for one in parts)
    print(f"{len(parts)} clips of talkers: {dict(labels.most_common())}\n")
    single = folder / "single"
    single.mkdir()
    film = media / "edge_cases" / "face_emotions_silent.mp4"
    (single / film.name).write_bytes(film.read_bytes())
    (clip,) = clips_of(single, plan, folder / "states")
    print_table(("a woman", *NAMES), list(state_rows(clip)))


if __name__ == "__main__":
    main()
