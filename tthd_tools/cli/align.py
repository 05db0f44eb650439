"""``tthd align``: sound with transcripts goes in; an aligner, or the time of each syllable, out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tthd_tools.cli.options import AsJson, Debug, Quiet, counted, plain, print_json, say

if TYPE_CHECKING:
    from tthd_tools.alignment.folder import Recording
    from tthd_tools.alignment.train import Utterance

app = typer.Typer(
    help="Transcripts in time: train an aligner on a folder, and use it.", no_args_is_help=True
)

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="Sound or video files, NAME.txt beside each.")
]
Language = Annotated[str, typer.Option("--language", metavar="TAG", help="Its BCP-47 tag.")]


@app.command("train")
def train(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The aligner's new folder.")],
    language: Language = "bo",
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.1, help="Train on so much at most.")
    ] = 30.0,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Train an aligner on nothing but sound and its text; a subfolder is a speaker."""
    from tthd_tools.alignment.folder import learn_from
    from tthd_tools.cli.progress import count_progress

    found = [utterance for _, utterance in _heard(folder, language)]
    with count_progress("training", quiet=quiet) as progress:
        facts = learn_from(found, out, {"language": language}, minutes, progress)
    if json:
        print_json(facts)
    elif not quiet:
        say(
            f"{plain(str(out))}: learned from {counted(facts['recordings'], 'recording')}, "
            f"{facts['minutes']:g} minutes, {counted(facts['speakers'], 'speaker')}; use it with "
            "`tthd align run` or the option alignment.aligner"
        )


@app.command("run")
def run(
    folder: Folder,
    aligner: Annotated[
        Path, typer.Option("--aligner", metavar="DIR", help="What `tthd align train` has written.")
    ],
    language: Language = "bo",
    json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Print each recording's confidence and its least sure syllable; times with --json."""
    from tthd_tools.alignment.folder import aligned, open_aligner

    engine = open_aligner(aligner)
    records = [
        {"file": one.path.relative_to(folder).as_posix()} | aligned(one, utterance, engine)
        for one, utterance in _heard(folder, language)
    ]
    if json:
        print_json({"recordings": records})
    else:
        for record in records:
            print(_line(record))


def _heard(folder: Path, language: str) -> Iterator[tuple[Recording, Utterance]]:
    """The recordings that can be used, with a word about each of the others."""
    from tthd_tools.alignment.folder import recordings, usable

    found, alone = recordings(folder, language)
    for path in alone:
        say(f"left out: {plain(str(path))} has no transcript beside it")
    yield from usable(found, lambda problem: say(f"left out: {plain(problem)}"))


def _line(record: dict[str, Any]) -> str:
    sure = [one for one in record["syllables"] if one["confidence"] is not None]
    worst = min(sure, key=lambda one: one["confidence"], default=None)
    whole = "   -" if record["confidence"] is None else f"{record['confidence']:.2f}"
    least = "" if worst is None else f"{worst['text']} {worst['confidence']:.2f}"
    return f"{whole}  {plain(record['file'])}  {plain(least)}".rstrip()
