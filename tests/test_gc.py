"""Files that nothing needs: only they are listed, only they are removed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.cli_run import Tthd


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def folders(found: list[dict[str, object]], work: Path) -> list[str]:
    """Stage names of the folders that can go."""
    return sorted(
        Path(str(one["folder"])).relative_to(work / "clips").parts[1].split(".")[0] for one in found
    )


def test_after_a_run_nothing_can_go(built: Path, tthd: Tthd) -> None:
    done = tthd("gc", "--work", built / "work")
    assert (done.code, done.out) == (0, "nothing can go\n")
    assert tthd("gc", "--work", built / "work", "--json").json == []


def test_after_an_option_change_the_old_files_can_go(corpus: Path, tthd: Tthd) -> None:
    work, release = corpus / "work", corpus / "release"
    change = ("--set", "masks.mouth_margin=0.3")
    build = tthd("build-shards", "--work", work, "--out", release, *change)
    assert build.code == 3, build.err
    raw, shards, before = tree(corpus / "raw"), tree(release), tree(work / "clips")
    listed = tthd("gc", "--work", work, *change, "--json").json
    assert folders(listed, work) == ["masks", "masks", "masks"]
    assert all(one["bytes"] > 0 for one in listed)
    assert tree(work / "clips") == before
    assert "3 folders" in tthd("gc", "--work", work, *change).out

    done = tthd("gc", "--work", work, *change, "--apply")
    assert done.code == 0
    assert done.out.splitlines()[-1].endswith("MB, removed")
    gone = set(before) - set(tree(work / "clips"))
    assert {name.split("/")[1].split(".")[0] for name in gone} == {"masks"}
    assert len({name.split("/")[0] for name in gone}) == 3
    assert tthd("gc", "--work", work, *change, "--json").json == []
    assert tree(corpus / "raw") == raw

    again = tthd("build-shards", "--work", work, "--out", release, *change, "--json")
    assert again.json["written"] == []
    assert tree(release) == shards


def test_what_a_gone_item_has_left_can_go(corpus: Path, tthd: Tthd) -> None:
    (corpus / "raw" / "talk.mp4").unlink()
    tthd("ingest", corpus / "raw", "--work", corpus / "work", "--quiet")
    work = corpus / "work"
    listed = tthd("gc", "--work", work, "--apply", "--json").json
    assert {Path(one["folder"]).parent.name.split("-")[0] for one in listed} == {"talk"}
    assert not any(path.name.startswith("talk") for path in (work / "clips").iterdir())
    assert tthd("status", "--work", work, "--json").json["funnel"]["kept"] == 1
