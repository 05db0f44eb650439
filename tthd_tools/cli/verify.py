"""``tthd verify``: a release goes in, what is wrong with it comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tthd_tools.cli.options import RELEASE, AsJson, Debug, Quiet, counted, print_json, say, show


def verify(
    release: Annotated[Path, typer.Argument(metavar="[RELEASE]")] = RELEASE,
    fast: Annotated[bool, typer.Option("--fast", help="Checksums and index only.")] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Check a release: checksums, index, and every sample, complete and decodable."""
    from tthd_tools.cli.progress import count_progress
    from tthd_tools.errors import FindingsError
    from tthd_tools.shards.release import read_release
    from tthd_tools.shards.verify import verify as check

    with count_progress("verifying", quiet) as progress:
        findings = check(release, quick=fast, progress=progress)
    if json:
        print_json(
            [{"code": one.code, "where": one.where, "why": one.sentence} for one in findings]
        )
    elif not quiet:
        for one in findings:
            show(f"{one.code} {one.where}: {one.sentence}")
    if findings:
        raise FindingsError(
            f"{counted(len(findings), 'finding')} in {release}; `tthd explain CODE` says more"
        )
    if not quiet and not json:
        facts = read_release(release)
        shards, samples = counted(len(facts.shards), "shard"), counted(facts.samples, "sample")
        say(f"{release} is whole: {shards}, {samples}")
