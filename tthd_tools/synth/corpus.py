"""An empty folder comes in; a small corpus as contributors would send it goes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tthd_tools.synth.person import Person, invent_person
from tthd_tools.synth.render import render
from tthd_tools.synth.script import Actor, Jump, Script, Take
from tthd_tools.synth.speech import Emotion

BROKEN_BYTES = 1000  # an upload that broke off within the header


def write_corpus(
    folder: Path,
    seed: int = 0,
    scale: float = 1.0,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the demo corpus: seven files, three speakers, about a minute; return their paths.

    A cut, a jump cut, two people in one picture, a sound 320 ms late, a file without sound and a
    corrupt one are in it. Beside a film lie its transcript (``NAME.txt``), its metadata
    (``NAME.json``, not everywhere) and its ground truth (``NAME.truth.json``). ``scale`` shortens
    all takes. ``progress`` is called with the number of films drawn and of all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    scripts = corpus_scripts(seed, scale)
    for name, script in scripts.items():
        if progress is not None:
            progress(len(written), len(scripts))
        path = folder / f"{name}.mp4"
        truth = render(script, path)
        if script.sound:
            path.with_suffix(".txt").write_text(truth.text + "\n", encoding="utf-8")
        actor = script.takes[0].actors[0]
        # Two people speak in the interview; and contributors forget things.
        if name not in {"interview", "talk"}:
            _write_metadata(path, actor.person.name, actor.emotion)
        written.append(path)
    if progress is not None:
        progress(len(scripts), len(scripts))
    broken = folder / "broken_upload.mp4"
    broken.write_bytes(written[-1].read_bytes()[:BROKEN_BYTES])
    return [*written, broken]


def corpus_scripts(seed: int = 0, scale: float = 1.0) -> dict[str, Script]:
    """The films of the demo corpus by name, without the corrupt one."""
    tenzin, dolma, pema = cast(seed)

    def take(background: int, seconds: float, *actors: Actor, jumps: tuple[Jump, ...] = ()) -> Take:
        shot_seed = 100 * seed + 10 * background + len(actors)
        seconds = round(seconds * scale * 2) / 2
        return Take(actors, seconds, 100 * seed + background, jumps=jumps, seed=shot_seed)

    wide, close = 0.17, 0.22
    jump = Jump(at_s=round(8.0 * scale), skip_s=1.2, zoom=1.0)  # what is after it is short
    return {
        "interview": Script(
            (take(1, 8, Actor(tenzin, size=close)), take(2, 6, Actor(dolma, 0.4, size=wide))),
            noise_db=35,
        ),
        "story": Script(
            (take(3, 10, Actor(dolma, size=close, emotion="happy"), jumps=(jump,)),),
            fps=30000 / 1001,
        ),
        "late_sound": Script(
            (take(4, 10, Actor(pema, size=close)),), offset_ms=320, audio_rate_hz=44_100
        ),
        "talk": Script((take(5, 10, Actor(pema, 0.55, size=wide, emotion="surprised")),)),
        "two_people": Script(
            (
                take(
                    6,
                    8,
                    Actor(tenzin, 0.3, 0.42, 0.2, emotion="sad"),
                    Actor(dolma, 0.72, 0.45, 0.18, speaks=False),
                ),
            ),
            size=(768, 512),
        ),
        "no_sound": Script((take(7, 5, Actor(tenzin, size=close)),), sound=False),
    }


def cast(seed: int = 0) -> tuple[Person, Person, Person]:
    """The three speakers of the demo corpus."""
    names = ("tenzin", "dolma", "pema")
    people = [invent_person(3 * seed + k, name) for k, name in enumerate(names)]
    return people[0], people[1], people[2]


def _write_metadata(path: Path, speaker: str, emotion: Emotion) -> None:
    metadata = {
        "speaker": speaker,
        "language": "bo",
        "dialect": "u-tsang",
        "emotion": emotion,
        "synthetic": "both",
    }
    path.with_suffix(".json").write_text(json.dumps(metadata) + "\n", encoding="utf-8")
