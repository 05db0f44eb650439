"""``tthd weights``: which model weights there are, where from, and whether they are here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tthd_tools.cli.options import AsJson, Debug, Quiet, counted, megabytes, print_json, say, show

app = typer.Typer(help="Model weights: list, pull, add, verify.", no_args_is_help=True)


@app.command("list")
def list_(json: AsJson = False, debug: Debug = False) -> None:
    """Name, licence, size, sha256, where from, and whether it is here."""
    from tthd_tools.weights import CATALOGUE, find

    records = [
        {
            "name": one.name,
            "file": one.file_name,
            "license": one.licence,
            "free": one.free,
            "bytes": one.size_bytes,
            "sha256": one.sha256,
            "from": one.wheel or one.address or one.origin,
            "enables": one.enables,
            "path": str(path) if (path := find(one.name)) else None,
            "how_to_get": one.how_to_get,
        }
        for one in CATALOGUE
    ]
    if json:
        print_json(records)
        return
    for record in records:
        size = megabytes(float(str(record["bytes"])))
        where = record["path"] or f"not here: {record['how_to_get']}"
        show(f"{record['name']}: {record['enables']}")
        show(f"    {record['license']}; {size}; sha256 {record['sha256']}")
        show(f"    from {record['from']}")
        show(f"    {where}")


@app.command("pull")
def pull(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fetch weights from where they are published; without a name, the small default ones."""
    from tthd_tools.weights import CATALOGUE
    from tthd_tools.weights import pull as fetch

    for name in names or [one.name for one in CATALOGUE if one.wheel]:
        path = fetch(name)
        if not quiet:
            say(f"{name}: {path}")


@app.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Copy files that you have fetched yourself into the cache; they are known by their sha256."""
    from tthd_tools.weights import add as store

    for file in files:
        weight = store(file)
        if not quiet:
            say(f"{file} is {weight.name} ({weight.licence})")


@app.command("verify")
def verify(json: AsJson = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Check the sha256 of every file that is here."""
    from tthd_tools.errors import FindingsError
    from tthd_tools.weights import verify as check

    findings = check()
    if json:
        print_json(findings)
    elif not quiet:
        for sentence in findings:
            show(sentence)
    if findings:
        raise FindingsError(f"{counted(len(findings), 'finding')} among the weights")
    if not quiet and not json:
        say("all weights that are here are whole")
