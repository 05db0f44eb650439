"""``tthd weights``: which model weights there are, where from, and whether they are here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tthd_tools.cli.options import AsJson, Debug, Quiet, megabytes, page, people, print_json

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
        }
        for one in CATALOGUE
    ]
    if json:
        print_json(records)
        return
    for record in records:
        size = megabytes(float(str(record["bytes"])))
        here = "here" if record["path"] else "not here"
        page().print(f"[bold]{record['name']}[/]  {here}", highlight=False)
        page().print(
            f"    {record['enables']}; {record['license']}; {size}"
            f"\n    from {record['from']}\n    sha256 {record['sha256']}",
            highlight=False,
            markup=False,
        )


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
            people().print(f"{name}: {path}", highlight=False, markup=False)


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
            people().print(f"{file} is {weight.name} ({weight.licence})", highlight=False)


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
            page().print(sentence, highlight=False, markup=False)
    if findings:
        raise FindingsError(f"{len(findings)} findings among the weights")
    if not quiet and not json:
        people().print("all weights that are here are whole")
