"""``tthd manifest new``, ``fix`` and ``speaker-id``: what makes and mends a submission."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tthd_tools.cli.options import AsJson, Debug, Quiet, counted, print_json, say, show

if TYPE_CHECKING:
    from tthd_tools.manifest.findings import Finding
    from tthd_tools.manifest.new import Answers

LIMIT_BYTES = 64 << 20
Text = str | None
SECRET = "TTHD_SPEAKER_SECRET_FILE"  # noqa: S105 (its name, not the secret)


def speaker_id(
    secret: Annotated[
        Path | None,
        typer.Option("--secret", metavar="FILE", envvar=SECRET, help="The project's secret."),
    ] = None,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Make the secret, once for a project.")
    ] = False,
    consent: Annotated[bool, typer.Option("--consent", help="Make con_ ids instead.")] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Turn private keys, one a line of stdin or typed unseen, into public speaker ids."""
    from tthd_tools.errors import UsageError
    from tthd_tools.manifest.speaker_id import make_id, read_secret, write_new_secret

    if secret is None:
        raise UsageError(f"there is no secret; give --secret FILE, or set {SECRET}")
    if new_secret:
        write_new_secret(secret)
        if not quiet:
            say(f"{secret} holds the new secret; keep it, and a copy where it is safe")
        return
    known = read_secret(secret)
    ids = [make_id(known, key, "con" if consent else "spk") for key in _private_keys()]
    if json:
        print_json(ids)
        return
    for one in ids:
        show(one)


def fix(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="A submission, or the folder of many.")
    ],
    dry_run: Annotated[
        bool | None,
        typer.Option("--dry-run/--write", help="Show it alone; the default where CI is set."),
    ] = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Mend what has one right spelling, and show it as a diff; the rest is for a person."""
    from tthd_tools.errors import FindingsError
    from tthd_tools.manifest.beside import find_submissions
    from tthd_tools.manifest.fix import apply_fix, find_fixes, find_unreadable

    dry = os.environ.get("CI", "") not in ("", "0", "false") if dry_run is None else dry_run
    folders = dict.fromkeys(folder for path in paths for folder in find_submissions(path))
    fixes = [one for folder in folders for one in find_fixes(folder)]
    unreadable = [one for folder in folders for one in find_unreadable(folder)]
    if json:
        print_json([one.as_dict() for one in fixes] + [_unmended(one) for one in unreadable])
    elif not quiet:
        for line in (line for one in fixes for line in one.lines()):
            show(line)
    for finding in unreadable:
        say(str(finding))
    left = []
    if dry and fixes:
        left.append(f"{counted(len(fixes), 'file')} would change; run it with --write")
    else:
        for one in fixes:
            apply_fix(one)
        if not quiet:
            say(f"{counted(len(folders), 'submission')}, {counted(len(fixes), 'file')} mended")
    if unreadable:
        left.append(f"{counted(len(unreadable), 'file')} cannot be read; mend that by hand")
    if left:
        raise FindingsError("; ".join(left))


def _unmended(finding: Finding) -> dict[str, Any]:
    """A file that stays as it is, in the form of a fix."""
    return {"file": finding.file, "remarks": [], "diff": "", "finding": finding.as_dict()}


def new(
    manifests: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the submission's folder is made.")
    ] = Path("manifests"),
    handle: Annotated[Text, typer.Option("--handle", help="Yours or your lab's; public.")] = None,
    submission_id: Annotated[
        Text, typer.Option("--submission-id", help="sub_YYYYMMDD_name; also its folder.")
    ] = None,
    kind: Annotated[Text, typer.Option("--kind", help="What the contributor is.")] = None,
    rights_basis: Annotated[
        Text, typer.Option("--rights-basis", help="Why they may be used.")
    ] = None,
    license: Annotated[Text, typer.Option("--license", help="An SPDX expression.")] = None,
    tier: Annotated[Text, typer.Option("--tier", help="The widest tier.")] = None,
    language: Annotated[Text, typer.Option("--language", help="Such as bo, adx or de.")] = None,
    dialect: Annotated[Text, typer.Option("--dialect", help="Needed for Tibetan.")] = None,
    dialect_source: Annotated[
        str, typer.Option("--dialect-source", help="Who says so.")
    ] = "contributor",
    speaker: Annotated[str, typer.Option("--speaker-id", help="If all are one's.")] = "",
    consent: Annotated[str, typer.Option("--consent-id", help="If all have one.")] = "",
    adult: Annotated[bool, typer.Option("--adult", help="All speakers are adults.")] = False,
    other_people: Annotated[
        str, typer.Option("--other-people", help="none, blurred or consented.")
    ] = "",
    synthetic: Annotated[
        str, typer.Option("--synthetic", help="no, voice, face, both or unknown.")
    ] = "",
    consent_form: Annotated[
        Path | None,
        typer.Option("--consent-form", metavar="FILE", help="What the speakers agreed to."),
    ] = None,
    consent_version: Annotated[str, typer.Option("--consent-version", help="Of the form.")] = "v1",
    raw: Annotated[
        Path | None, typer.Option("--raw", metavar="DIR", help="The videos; one row for each.")
    ] = None,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Begin a submission: ask what is not given, and write its two files with comments."""
    from tthd_tools.manifest.new import Answers

    handle = _asked("handle", handle, None)
    kind = _asked("kind", kind, "individual")
    rights_basis = _asked("rights-basis", rights_basis, "unknown")
    unknown = rights_basis == "unknown"
    answers = Answers(
        submission_id=_asked("submission-id", submission_id, _proposed_id(handle)),
        handle=handle,
        kind=kind,
        rights_basis=rights_basis,
        license=_asked("license", license, "LicenseRef-unknown" if unknown else None),
        tier=_asked("tier", tier, "internal"),
        rows={
            "speaker_id": speaker or ("spk_unknown" if unknown else ""),
            "consent_id": consent,
            "speaker_is_adult": "true" if adult else "",
            "other_people_visible": other_people,
            "synthetic": synthetic,
            "language": (language := _asked("language", language, "bo")),
            "dialect": _asked_dialect(language, dialect),
            "dialect_source": dialect_source,
        },
        consent_form=consent_form,
        consent_version=consent_version,
    )
    folder = _write(manifests, answers, raw, quiet)
    _tell_what_is_left(folder, json, quiet)


def _write(manifests: Path, answers: Answers, raw: Path | None, quiet: bool) -> Path:
    from tthd_tools.cli.progress import count_progress
    from tthd_tools.manifest.new import ORIGINS, submission_text, video_rows, write_submission
    from tthd_tools.videos import find_videos, require_videos

    submission_text(answers)  # a wrong answer is told before any file is hashed
    folder = manifests / answers.submission_id
    rows: list[dict[str, str]] = []
    lost: list[Path] = []
    if raw is not None:
        own = raw / answers.submission_id
        place = own if own.is_dir() else raw
        require_videos(place)
        total = sum(1 for _ in find_videos(place))
        with count_progress("hashing", quiet) as advance:
            found = video_rows(place, answers, lambda path: advance(len(rows), total), lost.append)
            rows = list(found)
    write_submission(folder, answers, rows)
    if not quiet:
        say(f"{folder} is there, with {counted(len(rows), 'row')}")
        if lost:
            say(
                f"the emotion of {counted(len(lost), 'video')} is left out, since nothing beside "
                f"it states emotion_origin ({', '.join(ORIGINS)}): {lost[0].name!r}"
                f"{', …' if len(lost) > 1 else ''}"
            )
    return folder


def _tell_what_is_left(folder: Path, json: bool, quiet: bool) -> None:
    from tthd_tools.manifest.check import check
    from tthd_tools.manifest.formats import human_lines

    report = check([folder])
    if json:
        files = [path.as_posix() for path in sorted(folder.iterdir())]
        print_json(report.as_dict("manifest new", 0) | {"artifacts": files})
    elif not quiet:
        for line in human_lines(report):
            say(line)
        if report.findings:
            say(f"fill that in, then run `tthd manifest check {folder}`")


def _asked(name: str, given: str | None, default: str | None) -> str:
    """What was given as an option, else the answer to a question on stderr."""
    from tthd_tools.errors import UsageError
    from tthd_tools.manifest.columns import choices

    if given is not None:
        return given
    words = choices(name)
    text = f"{name} ({', '.join(words)})" if words else name
    try:
        answer: Any = typer.prompt(text, default=default, err=True)
    except typer.Abort:
        typer.echo(err=True)  # the question stands in the line
        raise UsageError(f"{name} is not known; answer the question, or give --{name}") from None
    return str(answer).strip()


def _asked_dialect(language: str, dialect: str | None) -> str:
    from tthd_tools.text import is_tibetan

    if dialect is None and not is_tibetan(language):
        return ""
    return _asked("dialect", dialect, "unknown")


def _proposed_id(handle: str) -> str:
    import re

    slug = re.sub(r"[^a-z0-9]+", "-", handle.lower()).strip("-")[:32]
    return f"sub_{date.today():%Y%m%d}_{slug if len(slug) > 2 else f'from-{slug}'}"


def _private_keys() -> list[str]:
    """Keys from stdin, never shown: one a line, or one that is typed unseen."""
    from tthd_tools.errors import UsageError

    if sys.stdin.isatty():
        question = "private key (it is not shown)"
        return [typer.prompt(question, hide_input=True, confirmation_prompt=True, err=True)]
    try:
        text = sys.stdin.buffer.read(LIMIT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("stdin is not UTF-8; give one private key a line, as UTF-8") from None
    if not text:
        raise UsageError("stdin holds no private key; give one a line")
    return text.removesuffix("\n").split("\n")
