"""The whole chain: same film, same bytes; nothing is done twice; what cannot be built is told."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acts import Seen, tree, wait_until, workers_of
from tthd_tools.build import State, build, find_tier, look, measure, used_weights
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.ingest import ingest
from tthd_tools.pipeline import Plan, find_pipeline, load_pipeline, make_plan
from tthd_tools.shards import ReleaseSummary
from tthd_tools.shards.release import Tier
from tthd_tools.standing import read_standings
from tthd_tools.synth import Actor, Script, Take, invent_person, render
from tthd_tools.workspace import Workspace

pytestmark = pytest.mark.usefixtures("embedded_weights")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small film of two people, one after the other."""
    folder = tmp_path_factory.mktemp("raw")
    takes = [
        Take((Actor(invent_person(number, name), size=0.25),), seconds, number, seed=number)
        for number, name, seconds in ((1, "tenzin", 3.4), (2, "dolma", 3.2))
    ]
    render(Script(tuple(takes), size=(256, 256)), folder / "two.mp4")
    return folder


@pytest.fixture(scope="module")
def built(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the release beside it, made in one go."""
    workspace = fresh(tmp_path_factory.mktemp("built"), raw)
    with workspace.writing():
        state = measure(workspace, plan(), workers=1)
    summary = shards(workspace, plan(), state)
    assert (summary.samples, summary.shards) == (2, 1)
    return workspace


def fresh(folder: Path, raw: Path) -> Workspace:
    workspace = Workspace.create(folder / "work", raw)
    with workspace.writing():
        ingest(workspace)
    return workspace


def plan(*changes: str, until: str | None = None) -> Plan:
    return make_plan(load_pipeline(find_pipeline("tthd"), changes), until)


def shards(
    workspace: Workspace, plan: Plan, state: State, tier: Tier = "internal"
) -> ReleaseSummary:
    out = workspace.root.parent / "release"
    clips = [leaf.clip for item in state.items for leaf in item.clips]
    standings = read_standings(workspace, clips)
    return build(
        workspace, plan, state, standings, out, lambda done, total: None, tier=tier
    ).release


@pytest.fixture
def no_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a frame nor a sound may be decoded, and no worker started."""

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("something was decoded")

    for name in ("read_frames", "sample_frames", "read_audio", "probe"):
        monkeypatch.setattr(f"tthd_tools.media.{name}", refuse)
    monkeypatch.setattr("tthd_tools.runner._Driver._start", refuse)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks into /proc")
def test_killed_three_times_and_resumed_it_is_the_same_release(
    raw: Path, built: Workspace, tmp_path: Path
) -> None:
    before = tree(raw)
    workspace = fresh(tmp_path, raw)
    release = tmp_path / "release"
    command = [sys.executable, "-c", "from tthd_tools.cli import run; run()", "build-shards"]
    command += ["--work", str(workspace.root), "--out", str(release), "--quiet", "--workers", "2"]
    moments = random.Random(1)
    for _ in range(3):
        driver = subprocess.Popen(command)
        wait_until(lambda driver=driver: driver.poll() is not None or workers_of(driver.pid))
        time.sleep(moments.uniform(0.2, 2.5))
        driver.kill()
        driver.wait()
    assert subprocess.run(command).returncode == 0
    assert tree(release) == tree(built.root.parent / "release")
    assert tree(workspace.clips) == tree(built.clips)
    assert list(workspace.tmp.iterdir()) == []
    assert not list(tmp_path.glob(".release*"))
    assert tree(raw) == before


@pytest.mark.usefixtures("no_decode")
def test_second_build_decodes_nothing_and_writes_no_shard(built: Workspace) -> None:
    before = tree(built.root.parent / "release")
    seen = Seen()
    with built.writing():
        state = measure(built, plan(), workers=2, observer=seen)
    assert seen.rows == []
    summary = shards(built, plan(), state)
    assert (summary.written, summary.removed) == ((), ())
    assert tree(built.root.parent / "release") == before


@pytest.mark.usefixtures("no_decode")
def test_changed_threshold_chooses_again_without_decoding(built: Workspace, tmp_path: Path) -> None:
    stricter = tmp_path / "stricter.yaml"
    text = find_pipeline("tthd").read_text(encoding="utf-8")
    stricter.write_text(text.replace("duration_s < 3}", "duration_s < 3.3}"), encoding="utf-8")
    changed = make_plan(load_pipeline(stricter))
    state = look(built, changed)
    assert state.table["duration_s"].to_list() == [3.4, 3.2]
    assert state.table["keep"].to_list() == [True, False]
    assert state.table["dropped_by"].to_list() == [[], ["too_short"]]
    assert shards(built, changed, state).samples == 1
    assert shards(built, plan(), look(built, plan())).samples == 2


def test_changed_masks_redo_masks_and_nothing_before_them(built: Workspace) -> None:
    seen = Seen()
    with built.writing():
        measure(built, plan("masks.mouth_margin=0.4"), workers=1, observer=seen)
        assert seen.stages == {"masks": 2}
        measure(built, plan(), workers=1, observer=seen)
    assert seen.stages == {"masks": 2}


def test_part_of_the_chain_leaves_the_rest_pending(raw: Path, tmp_path: Path) -> None:
    workspace = fresh(tmp_path, raw)
    with workspace.writing():
        state = measure(workspace, plan(until="scenes"), workers=1)
    assert [one.source for one in state.pending] == ["two.mp4"]
    assert state.items[0].cuts_s == [3.4]
    assert state.table["outcome"].to_list() == ["pending"]
    assert state.failed == []


def test_one_item_can_be_measured_alone(built: Workspace) -> None:
    ((item, _),) = built.items()
    seen = Seen()
    with built.writing():
        measure(built, plan(), only=[item.item_id], observer=seen)
        assert seen.rows == []
        with pytest.raises(UsageError, match="no item 'three-00'; `tthd status` lists the items"):
            measure(built, plan(), only=["three-00"])


def test_what_cannot_be_built_is_told(built: Workspace, raw: Path, tmp_path: Path) -> None:
    state = look(built, plan())
    with pytest.raises(RefusedError, match=r"none of the 2 kept clips may go into .* tier open"):
        shards(built, plan(), state, find_tier("open"))
    workspace = fresh(tmp_path, raw)
    with pytest.raises(UsageError, match="no clip is kept, so there is nothing to write"):
        shards(workspace, plan(), look(workspace, plan()))
    short = plan(until="tracks")
    with pytest.raises(UsageError, match="the pipeline has no stage `encode`"):
        shards(built, short, look(built, short))
    assert not (tmp_path / "release").exists()


def test_tier_is_found_by_its_name() -> None:
    assert find_tier("gated") == "gated"
    with pytest.raises(UsageError, match="no tier 'intern'; did you mean 'internal'"):
        find_tier("intern")


def test_weights_of_a_plan_are_named_with_their_licence() -> None:
    used = used_weights(plan())
    assert "selfie_segmentation" in [one["name"] for one in used]
    assert {one["license"] for one in used} <= {"Apache-2.0", "MIT"}
