"""``tthd text``: a transcript goes in; its normal form, its Wylie or what is wrong comes out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tthd_tools.cli.options import AsJson, Debug, Quiet, counted, print_json, say, show

if TYPE_CHECKING:
    from tthd_tools.text import Transcript

app = typer.Typer(
    help="Transcripts: import, normalise, check, to and from Wylie.", no_args_is_help=True
)

Text = Annotated[
    str | None, typer.Argument(metavar="TEXT", help="The text; without it, a file or stdin.")
]
File = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Read it from a file instead.")
]
Language = Annotated[str, typer.Option("--language", metavar="TAG", help="Its BCP-47 tag.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .srt, .txt or .stt file.")],
    language: Language = "bo",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there, as UTF-8.")
    ] = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read a transcript or subtitles in any common encoding; print normal text, or cues as JSON."""
    from tthd_tools.text import read_transcript

    transcript = read_transcript(file)
    for remark in () if quiet else transcript.remarks:
        say(f"{file.name}: {remark}")
    data = _cues(transcript, language)
    if out is not None:
        _write(out, data)
    if json:
        facts = {"file": file.name, "encoding": transcript.encoding, "language": language}
        print_json(facts | data)
    elif out is None:
        print(data["text"])
    elif not quiet:
        say(f"{out}: {counted(len(data['text'].splitlines()), 'line')}")


@app.command("normalise")
def normalise(
    text: Text = None,
    file: File = None,
    language: Language = "bo",
    json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Print the normal form of each line."""
    from tthd_tools.text import normalise as make_normal

    _print_lines([{"text": make_normal(line, language)} for line in _lines(text, file)], json)


@app.command("to-wylie")
def to_wylie(
    text: Text = None, file: File = None, json: AsJson = False, debug: Debug = False
) -> None:
    """Print the extended Wylie of each line; what is not Tibetan stands in brackets."""
    from tthd_tools.errors import FindingsError
    from tthd_tools.text import to_wylie as transliterate

    records = [{"text": transliterate(line)} for line in _lines(text, file)]
    _print_lines(records, json)
    lost = [str(at) for at, one in enumerate(records, 1) if one["text"] is None]
    if lost:
        raise FindingsError(
            f"line {', '.join(lost)} cannot be written in Wylie so that it comes back; "
            "keep it in Tibetan script"
        )


@app.command("from-wylie")
def from_wylie(
    text: Text = None,
    file: File = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Print the Tibetan text of each line of extended Wylie."""
    from tthd_tools.text import from_wylie as read

    found = [read(line) for line in _lines(text, file)]
    for at, one in enumerate(found, 1):
        for problem in () if quiet else one.problems:
            say(f"line {at}: {problem}")
    _print_lines([{"text": one.text, "problems": list(one.problems)} for one in found], json)


@app.command("check")
def check(
    text: Text = None,
    file: File = None,
    language: Language = "bo",
    duration: Annotated[
        float | None, typer.Option("--duration", min=0.001, help="Seconds it was spoken in.")
    ] = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say what is wrong with a transcript: rules M042 to M048; each cue of subtitles by itself."""
    from tthd_tools.errors import FindingsError
    from tthd_tools.text import check_text

    found = [
        _place(line, said, one.position) | vars(one)
        for line, said, seconds in _parts(text, file, duration)
        for one in check_text(said, language, seconds)
    ]
    if json:
        print_json(found)
    else:
        for one in () if quiet else found:
            show("{line}:{column}: {message}. Got {got}. Fix: {fix}. [{code}]".format(**one))
    if found:
        raise FindingsError(f"{counted(len(found), 'finding')} in the text")


def _parts(
    text: str | None, file: Path | None, duration_s: float | None
) -> list[tuple[int, str, float | None]]:
    """What is checked by itself: its first line in the file, its text, and its seconds."""
    from tthd_tools.text import read_transcript

    if text is None and file is not None:
        cues = read_transcript(file).cues
        if cues:
            return [(one.line + 1, one.text, one.end_s - one.start_s) for one in cues]
    return [(1, "\n".join(_lines(text, file)), duration_s)]


def _place(line: int, text: str, position: int) -> dict[str, int]:
    """Line and column, from 1, of a position in a text that begins in that line."""
    before = text[:position].split("\n")
    return {"line": line + len(before) - 1, "column": len(before[-1]) + 1}


def _lines(text: str | None, file: Path | None) -> list[str]:
    """The lines to work on: given by hand, of a file, or from stdin."""
    from tthd_tools.errors import UsageError
    from tthd_tools.text import read_transcript
    from tthd_tools.text.subtitles import LIMIT_BYTES, decode

    if text is not None and file is not None:
        raise UsageError("give the text or --file, not both")
    if file is not None:
        text = read_transcript(file).text
    elif text is None:
        text = decode(sys.stdin.buffer.read(LIMIT_BYTES + 1), "stdin")[0]
    return text.rstrip("\n").split("\n")


def _cues(transcript: Transcript, language: str) -> dict[str, Any]:
    """Normal text, a line a cue or a line; the cues with their text as sent beside it."""
    from tthd_tools.text import normalise as make_normal

    cues = [
        {
            "start_s": one.start_s,
            "end_s": one.end_s,
            "text": make_normal(one.text, language),
            "text_raw": one.text,
        }
        for one in transcript.cues
    ]
    lines = [one["text"] for one in cues] or [
        make_normal(line, language) for line in transcript.text.split("\n")
    ]
    return {"text": "\n".join(line for line in map(str, lines) if line), "cues": cues}


def _write(out: Path, data: dict[str, Any]) -> None:
    from json import dumps

    from tthd_tools.errors import AccessError
    from tthd_tools.workspace import write_atomically

    content = dumps(data, ensure_ascii=False, indent=1) if out.suffix == ".json" else data["text"]
    try:
        write_atomically(out, f"{content}\n")
    except OSError as error:
        raise AccessError(f"{str(out)!r} cannot be written: {error.strerror}") from error


def _print_lines(records: list[dict[str, Any]], json: bool) -> None:
    if json:
        print_json(records)
        return
    for record in records:
        print(record["text"] or "")
