"""``tthd doctor``: what is installed, what is missing, what that would enable, how to get it."""

from __future__ import annotations

from dataclasses import asdict

from tthd_tools.cli.options import WORK, AsJson, Debug, Work, print_json, show


def doctor(work: Work = WORK, json: AsJson = False, debug: Debug = False) -> None:
    """Look at packages, weights and disk; say what each missing thing enables and how to get it."""
    from tthd_tools.doctor import examine
    from tthd_tools.errors import FindingsError

    checks = examine(work)
    if json:
        print_json([asdict(one) for one in checks])
    else:
        width = max(len(one.name) for one in checks)
        for one in checks:
            show(f"{one.status:<8}{one.name:<{width}}  {one.detail}")
            if one.status != "ok" and one.command:
                show(f"{'':<{width + 10}}{one.command}")
    bad = [one for one in checks if one.status == "broken" or (one.needed and one.status != "ok")]
    if bad:
        raise FindingsError(f"{bad[0].name} must be mended first: {bad[0].command}")
