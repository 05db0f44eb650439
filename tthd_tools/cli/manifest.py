"""``tthd manifest``: submissions go in, what is wrong with them comes out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tthd_tools.cli.options import AsJson, Debug, Quiet, counted, print_json, say, show

if TYPE_CHECKING:
    from tthd_tools.manifest.report import Report
    from tthd_tools.manifest.settings import Settings

Format = Literal["human", "json", "github"]

app = typer.Typer(help="Manifests of contributed videos.", no_args_is_help=True)


@app.callback()
def _manifest() -> None:
    """Manifests of contributed videos."""


@app.command("check")
def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="A submission, or the folder of many.")
    ],
    format: Annotated[
        Format, typer.Option("--format", help="For whom the findings are.")
    ] = "human",
    json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Findings do not fail; a withdrawal does.")
    ] = False,
    consents: Annotated[
        Path | None, typer.Option("--consents", metavar="FILE", help="The public consents.csv.")
    ] = None,
    with_media: Annotated[
        Path | None,
        typer.Option("--with-media", metavar="RAW", help="The folder of videos: decode them too."),
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Check submissions against all rules; nothing is fetched or changed, nor decoded unasked."""
    from tthd_tools.manifest.beside import find_submissions
    from tthd_tools.manifest.settings import SETTINGS_FILE, read_settings
    from tthd_tools.manifest.unread import refuse_unread

    settings = read_settings(Path(SETTINGS_FILE))
    lists = [*settings.suppressions, *([] if consents is None else [consents])]
    known = {path.resolve() for path in lists}
    for path in paths:
        if path.is_dir():
            refuse_unread(path, known=known)
    folders = [folder for path in paths for folder in find_submissions(path)]
    report = _checked(folders, settings, consents, with_media, quiet)
    code = report.exit_code(strict)
    code = 0 if exit_zero and code == 1 else code
    _print(report, "json" if json else format, code, quiet)
    _end(report, code, quiet)


def _checked(
    folders: list[Path], settings: Settings, consents: Path | None, raw: Path | None, quiet: bool
) -> Report:
    from tthd_tools.cli.progress import count_progress
    from tthd_tools.manifest.check import check as check_submissions

    if raw is None:
        return check_submissions(folders, settings, consents=consents)
    from tthd_tools.manifest.media_checks import MediaChecks, count_lines

    total = count_lines(folders)
    with count_progress("looking at videos", quiet) as advance:
        media = MediaChecks(raw, lambda done: advance(done, max(done, total)))
        return check_submissions(folders, settings, consents=consents, media=media)


def _print(report: Report, format: Format, code: int, quiet: bool) -> None:
    from tthd_tools.manifest.formats import github_lines, human_lines, markdown_lines
    from tthd_tools.workspace import storage_errors

    if format == "json":
        print_json(report.as_dict("manifest check", code))
    elif format == "human":
        for line in () if quiet else human_lines(report):
            show(line)
    else:
        for line in github_lines(report):
            print(line)
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            place = Path(summary)
            with storage_errors(place), place.open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in markdown_lines(report))


def _end(report: Report, code: int, quiet: bool) -> None:
    from tthd_tools.errors import FindingsError, RefusedError

    found = f"{counted(report.errors, 'error')}, {counted(report.warnings, 'warning')}"
    checked = f"{counted(report.submissions, 'submission')}, {counted(report.items, 'item')}"
    if code == RefusedError.exit_code:
        raise RefusedError(f"refused: somebody has withdrawn (M027); {found} in {checked}")
    if code == FindingsError.exit_code:
        raise FindingsError(f"{found} in {checked}; `tthd explain CODE` says more of a code")
    if not quiet:
        say(f"{checked}: {found}")
