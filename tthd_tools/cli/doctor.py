"""``tthd doctor``: what is installed, what is missing, what that would enable, how to get it."""

from __future__ import annotations

from dataclasses import asdict

from tthd_tools.cli.options import WORK, AsJson, Debug, Work, page, print_json


def doctor(work: Work = WORK, json: AsJson = False, debug: Debug = False) -> None:
    """Look at packages, weights and disk; say what each missing thing enables and how to get it."""
    from tthd_tools.doctor import examine
    from tthd_tools.errors import FindingsError

    checks = examine(work)
    if json:
        print_json([asdict(one) for one in checks])
    else:
        for one in checks:
            mark = {"ok": "+", "missing": "-", "broken": "!"}[one.status]
            line = f"{mark} {one.name}: {one.detail}"
            if one.status != "ok" and one.command:
                line += f"\n      {one.command}"
            page().print(line, highlight=False, markup=False)
    bad = [one for one in checks if one.status == "broken" or (one.needed and one.status != "ok")]
    if bad:
        raise FindingsError(f"{bad[0].name} must be mended first: {bad[0].command}")
