"""``tthd review merge`` and ``status`` on a workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from tests.cli_run import Tthd
from tests.review.made import line, lines_of, vote
from tthd_tools.build import look
from tthd_tools.cli.options import open_plan
from tthd_tools.pipeline import find_pipeline
from tthd_tools.review.content import subject_of
from tthd_tools.review.votes import State
from tthd_tools.workspace import Workspace


@pytest.fixture
def clip(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What an event about the clip of ``talk.mp4`` says, in a copy of the corpus."""
    monkeypatch.chdir(corpus)
    state = look(Workspace(Path("work")), open_plan("tthd", None))
    (leaf,) = next(one for one in state.items if one.source == "talk.mp4").clips
    found = subject_of(leaf.clip)
    return {
        "item_id": found.item_id,
        "clip_id": found.clip_id,
        "content_sha256": found.content_sha256,
    }


def test_two_downloads_make_an_accepted_clip(tthd: Tthd, clip: dict[str, str]) -> None:
    for name in ("tashi", "dolma"):
        Path(f"decisions.{name}.jsonl").write_bytes(lines_of([vote(name, 1, **clip)]))
    files = ["decisions.tashi.jsonl", "decisions.dolma.jsonl"]
    done = tthd("review", "merge", *files)
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [f"{name}: 1 new decision, 0 known" for name in files]
    again = tthd("review", "merge", *files, "--json")
    assert again.json == [{"file": name, "added": 0, "known": 1, "refused": []} for name in files]
    data = tthd("review", "status", "--json").json
    assert data["states"]["accepted"] == 1
    (accepted,) = [one for one in data["clips"] if one["state"] == "accepted"]
    assert accepted["clip_id"] == clip["clip_id"]
    told = tthd("review", "status").out.splitlines()
    assert told[1] == "dolma: 1 accepted, 0 rejected, 0 to change, 0 skipped, 0 corrected"
    gold = Path("gold.jsonl")
    gold.write_text(json.dumps({"clip_id": clip["clip_id"], "verdict": "accept"}))
    assert "tashi: 1 of 1 known answers" in tthd("review", "status", "--gold", gold).out

    log = Path("work/reviews/local/decisions.tashi.jsonl")
    log.write_bytes(log.read_bytes().replace(b"accept", b"reject"))
    damaged = tthd("review", "status")
    assert damaged.code == 1
    assert damaged.err == "tthd: 1 finding in the logs\n"
    assert f"{log}:1: it was changed, or its head was" in damaged.out


def test_refusals_name_file_and_line_and_the_rest_is_merged(
    tthd: Tthd, clip: dict[str, str]
) -> None:
    file = Path("decisions.tashi.jsonl")
    hostile = line("tashi", 2, **clip, shoe="\x1b[2J")
    file.write_bytes(line("tashi", 1, **clip) + b"\n" + hostile + b"\n\xff\n")
    done = tthd("review", "merge", file, "--reviews", "elsewhere")
    assert done.code == 1
    assert done.err.splitlines() == [
        "decisions.tashi.jsonl: 1 new decision, 0 known",
        "decisions.tashi.jsonl:2: shoe: extra inputs are not permitted",
        "decisions.tashi.jsonl:3: it is no UTF-8 at byte 0",
        "tthd: 2 refusals; all else is merged",
    ]
    assert Path("elsewhere/local/decisions.tashi.jsonl").is_file()
    assert not Path("work/reviews").exists()
    assert (
        tthd("review", "status", "--reviews", "elsewhere", "--json").json["states"]["in_review"]
        == 1
    )


def test_without_a_workspace_there_is_one_sentence(tthd: Tthd, tmp_path: Path) -> None:
    done = tthd("review", "merge", "decisions.tashi.jsonl", "--work", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"tthd: {tmp_path} is no workspace")


def test_the_pipeline_that_measured_a_workspace_is_the_one_that_is_asked(
    tthd: Tthd, clip: dict[str, str]
) -> None:
    text = find_pipeline("quick").read_text().replace("- tracks\n", "- tracks: {min_face_px: 50}\n")
    Path("mine.yaml").write_text(text)
    before = tthd("status", "--json").json
    done = tthd("measure", "--pipeline", "mine.yaml", "--until", "scenes", "--json")
    assert done.code == 3, "one file of this corpus is broken"
    assert Workspace(Path("work")).pipeline == str(Path("mine.yaml").absolute())
    assert tthd("status", "--json").json["funnel"]["clips"] == 0
    assert tthd("status", "--json", "--pipeline", "tthd").json == before
    told = tthd("status", "--why", clip["item_id"] + "_s000")
    assert "pending     not measured to its end" in told.out
    empty = tthd("review", "export")
    assert (empty.code, "--pipeline names another pipeline" in empty.err) == (2, True)
    assert tthd("measure", "--pipeline", "tthd", "--until", "scenes").code == 3
    again = tthd("measure", "--until", "scenes")
    assert "pipeline tthd, as before (--pipeline names another)" in again.err
    assert tthd("status", "--json").json == before


@pytest.mark.parametrize("state", [*get_args(State), "vetoed"])
def test_every_state_of_a_review_is_explained(tthd: Tthd, state: str) -> None:
    done = tthd("explain", state)
    assert (done.code, done.out.splitlines()[0]) == (0, state)
    assert len(done.out.splitlines()) == 3
