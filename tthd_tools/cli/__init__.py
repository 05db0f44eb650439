"""The command line: verbs and options go in, data goes to stdout, words for people to stderr."""

from __future__ import annotations

import sys
import traceback
from io import TextIOWrapper
from typing import Annotated

import typer

from tthd_tools import __version__
from tthd_tools.cli import (
    align,
    bench,
    build,
    demo,
    doctor,
    explain,
    fit,
    gc,
    ingest,
    manifest,
    manifest_tools,
    measure,
    review,
    select,
    status,
    text,
    verify,
    weights,
)
from tthd_tools.cli.options import plain
from tthd_tools.errors import TthdError

INTERRUPTED = 130

app = typer.Typer(
    help="Build, curate, review and release talking-head video corpora.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tthd-tools {__version__}")
        raise typer.Exit()


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    """Build, curate, review and release talking-head video corpora."""


app.command("ingest")(ingest.ingest)
app.command("measure")(measure.measure)
app.command("status")(status.status)
app.command("select")(select.select)
app.command("build-shards")(build.build_shards)
app.command("verify")(verify.verify)
app.command("fit")(fit.fit)
app.command("gc")(gc.gc)
app.add_typer(weights.app, name="weights")
app.add_typer(text.app, name="text")
app.add_typer(align.app, name="align")
manifest.app.command("new")(manifest_tools.new)
manifest.app.command("fix")(manifest_tools.fix)
manifest.app.command("speaker-id")(manifest_tools.speaker_id)
app.add_typer(manifest.app, name="manifest")
app.add_typer(review.app, name="review")
app.add_typer(bench.app, name="bench")
app.command("doctor")(doctor.doctor)
app.command("explain")(explain.explain)
app.command("demo")(demo.demo)


def run() -> None:
    """Run ``tthd``: a user's error becomes one sentence and the exit code of its class."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name in Tibetan must not stop any terminal
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(prog_name="tthd")
    except (KeyboardInterrupt, SystemExit) as error:
        if isinstance(error, SystemExit) and error.code != INTERRUPTED:
            raise
        _end("interrupted; what was done is kept, and the same command goes on", INTERRUPTED)
    except TthdError as error:
        _end(str(error), error.exit_code)
    except Exception as error:
        _end(
            f"tthd itself failed: {type(error).__name__}: {error}; this is a bug, please report it "
            "with what the same command prints with --debug",
            TthdError.exit_code,
        )


def _end(sentence: str, code: int) -> None:
    if "--debug" in sys.argv:
        traceback.print_exc()
    print(f"tthd: {plain(sentence)}", file=sys.stderr)
    sys.exit(code)
