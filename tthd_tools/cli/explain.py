"""``tthd explain``: a code or a reason goes in, what it means and what to do comes out."""

from __future__ import annotations

from typing import Annotated

import typer

from tthd_tools.cli.options import AsJson, Debug, print_json, show


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Such as S003, M024 or no_face.")],
    json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what a code or a reason means, and what to do about it."""
    from tthd_tools.codes import explain as find

    code, text = find(code)
    if json:
        print_json({"code": code, **text._asdict()})
        return
    show(code if code == text.title else f"{code} {text.title}")
    show(text.meaning)
    show(text.action)
