"""A pipeline file runs or is refused with the nearest name; fingerprints tell what matters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.acts import ROOT, Count, Luma, LumaPart, Pieces, Rank, Trouble, plan_of
from tthd_tools import pipeline
from tthd_tools.clip import Clip, Span
from tthd_tools.errors import PipelineError
from tthd_tools.pipeline import Step, digest, find_pipeline, load_pipeline, make_plan
from tthd_tools.select import check_policy
from tthd_tools.stages.masks import Masks
from tthd_tools.testing import dummy_item

GOOD = """
name: mine
stages: [scenes, tracks, encode, {masks: {mouth_margin: 0.3}}, audio_features]
corpus: [sync]
policy:
  - too_short: {drop: duration_s < 3}
  - mine: {keep: "speaker_id = 'spk_me'"}
"""


def load(folder: Path, text: str, *changes: str) -> pipeline.Pipeline:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_pipeline(path, changes)


def test_good_file_becomes_stages_with_their_options(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD)
    assert found.name == "mine"
    assert [stage.name for stage in found.stages] == [
        "scenes",
        "tracks",
        "encode",
        "masks",
        "audio_features",
    ]
    assert [stage.name for stage in found.corpus] == ["sync"]
    assert found.stages[3] == Masks(mouth_margin=0.3)
    assert [(rule.name, rule.action) for rule in found.policy] == [
        ("too_short", "drop"),
        ("mine", "keep"),
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "pipelines").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_file_that_we_ship_loads_and_proves(path: Path, embedded_weights: None) -> None:
    found = load_pipeline(path)
    check_policy(found.policy)
    plan = make_plan(found)
    assert [step.name for step in plan.steps] == [stage.name for stage in found.stages]
    assert find_pipeline(path.stem).name == path.name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("stages: [scnes]", "unknown stage 'scnes'; did you mean 'scenes'?"),
        ("stages: [xyzzy]", "unknown stage 'xyzzy'; there are acoustics, "),
        (
            "stages: [scenes, {tracks: {min_face: 3}}]",
            "stage tracks has no option 'min_face'; did you mean 'min_face_px'?",
        ),
        ("stages: [scenes, {tracks: {1: 3}}]", "stage tracks has no option '1'"),
        (
            "stages: [{scenes: {threshold: high}}]",
            "scenes.threshold should be a valid number, and is 'high'",
        ),
        (
            "stages: [{scenes: {threshold: 0.5}}]",
            "scenes.threshold should be greater than 1, and is 0.5",
        ),
        ("stage: [scenes]", "unknown key 'stage'; did you mean 'stages'?"),
        ("stages: scenes", "`stages` must be a list, is str"),
        ("stages: [[scenes]]", "an entry of `stages` is `name` or `name: {…}`, not ['scenes']"),
        ("stages: [{scenes: 3}]", "an entry of `stages` is `name` or `name: {…}`, not {'scenes"),
        ("stages: [null]", "an entry of `stages` is `name` or `name: {…}`, not None"),
        ("stages: [sync]", "sync belongs under `corpus:`"),
        ("corpus: [scenes]", "scenes belongs under `stages:`"),
        ("stages: [tracks, scenes]", "tracks needs what scenes makes; put that before it"),
        ("stages: [scenes, tracks]\ncorpus: [sync]", "sync needs what audio_features makes"),
        ("stages: [scenes, scenes]", "stage scenes stands there twice"),
        ("policy: [too_short]", "rule too_short must be `too_short: {keep|flag|drop: SQL"),
        ("policy: [{a: {dorp: x}}]", "rule a must be `a: {keep|flag|drop: SQL expression}`"),
        ("policy: [{a: {drop: x, flag: x}}]", "rule a must be `a: {keep|flag|drop: SQL"),
        ("policy: [{a: {drop: 3}}]", "rule a must be `a: {keep|flag|drop: SQL expression}`"),
        ("policy: [{a: {drop: x}}, {a: {drop: y}}]", "rule a stands there twice"),
        ("- scenes", "must hold `stages:`, `corpus:` and `policy:`"),
        ("", "must hold `stages:`, `corpus:` and `policy:`"),
        ("stages: [", "line 1, is no YAML: "),
        ("a: !!python/object:os.system {}", "line 1, is no YAML: "),
    ],
)
def test_bad_file_is_refused_in_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        load(tmp_path, text)
    assert sentence in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "mine.yaml"))
    assert error.value.exit_code == 2


def test_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="cannot be read as YAML"):
        load_pipeline(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")
    with pytest.raises(PipelineError, match="cannot be read as YAML"):
        load_pipeline(tmp_path / "latin.yaml")


def test_options_are_changed_from_outside(tmp_path: Path) -> None:
    changed = load(tmp_path, GOOD, "masks.mouth_margin=0.5", "scenes.min_scene_s=1", "sync.min_s=4")
    assert changed.stages[3] == Masks(mouth_margin=0.5)
    assert changed.stages[0].model_dump()["min_scene_s"] == 1.0
    assert changed.corpus[0].model_dump()["min_s"] == 4.0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("masks", "--set takes STAGE.OPTION=VALUE, got 'masks'"),
        ("masks=3", "--set takes STAGE.OPTION=VALUE, got 'masks=3'"),
        ("mask.margin=3", "the pipeline has no stage 'mask'; did you mean 'masks'?"),
        ("quality.x=3", "the pipeline has no stage 'quality'"),
        ("masks.mouth_margn=3", "no option 'mouth_margn'; did you mean 'mouth_margin'?"),
        (
            "masks.mouth_margin=wide",
            "--set: masks.mouth_margin should be a valid number, and is 'wide'",
        ),
        ("masks.mouth_margin=[1", "'[1' is no YAML value"),
    ],
)
def test_bad_change_is_refused(change: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        load(tmp_path, GOOD, change)
    assert sentence in str(error.value)


def test_pipeline_is_found_by_file_or_name(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").touch()
    assert find_pipeline(str(tmp_path / "own.yaml")) == tmp_path / "own.yaml"
    assert find_pipeline("tthd").name == "tthd.yaml"
    with pytest.raises(PipelineError, match=r"packaged pipeline: 'thd'; did you mean 'tthd'\?"):
        find_pipeline("thd")


def test_pipelines_of_an_installed_package_lie_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "__file__", str(tmp_path / "tthd_tools" / "pipeline.py"))
    assert pipeline.packaged_pipelines() == tmp_path / "pipelines"
    (tmp_path / "tthd_tools" / "pipelines").mkdir(parents=True)
    assert pipeline.packaged_pipelines() == tmp_path / "tthd_tools" / "pipelines"


def test_plan_ends_where_it_is_told() -> None:
    stages = (Pieces(), Luma(), Count(), Rank())
    whole = plan_of(*stages).pipeline
    assert names(make_plan(whole, "luma")) == (["pieces", "luma"], [])
    assert names(make_plan(whole, "rank")) == (["pieces", "luma", "count"], ["rank"])
    with pytest.raises(PipelineError, match="no stage 'lume'; did you mean 'luma'"):
        make_plan(whole, "lume")


def names(plan: pipeline.Plan) -> tuple[list[str], list[str]]:
    return [step.name for step in plan.steps], [step.name for step in plan.corpus]


def test_neighbours_that_watch_share_a_decode_unless_one_needs_the_other() -> None:
    class Needy(Count):
        requires = (LumaPart,)

    def groups(*stages: Any) -> list[list[str]]:
        return [[step.name for step in group] for group in plan_of(*stages).groups()]

    assert groups(Pieces(), Luma(), Count()) == [["pieces"], ["luma", "count"]]
    assert groups(Pieces(), Luma(), Needy()) == [["pieces"], ["luma"], ["count"]]
    assert groups(Pieces(), Luma(), Trouble(), Count()) == [
        ["pieces"],
        ["luma"],
        ["trouble"],
        ["count"],
    ]


CLIP = Clip(
    "a_0000",
    "clip",
    dummy_item(language="bo"),
    Path("a.mp4"),
    Span(0.0, 4.0),
    fingerprints={"pieces": "p1", "unrelated": "u1"},
)


def test_fingerprint_is_a_function_of_all_that_matters() -> None:
    step = Step(Luma(), {"engine": "litert 1.0", "weights": "00"})
    base = step.fingerprint(CLIP)
    assert len(base) == 32
    assert step.fingerprint(CLIP) == base

    class Newer(Luma):
        version = 2

    changed = [
        Step(Luma(gain=2), step.facts).fingerprint(CLIP),
        Step(Newer(), step.facts).fingerprint(CLIP),
        Step(Luma(), {**step.facts, "engine": "litert 1.1"}).fingerprint(CLIP),
        Step(Luma(), {**step.facts, "weights": "01"}).fingerprint(CLIP),
        step.fingerprint(CLIP, "fit1"),
        step.fingerprint(replace(CLIP, span=Span(0.0, 4.04))),
        step.fingerprint(replace(CLIP, item=dummy_item(language="dz"))),
        step.fingerprint(replace(CLIP, item=dummy_item(language="bo", sha256="1" * 64))),
        step.fingerprint(replace(CLIP, fingerprints={"pieces": "p2"})),
    ]
    assert len({base, *changed}) == len(changed) + 1


def test_fingerprint_knows_nothing_of_what_does_not_matter() -> None:
    step = Step(Luma(), {"engine": "litert 1.0"})
    base = step.fingerprint(CLIP)
    same = [
        replace(CLIP, fingerprints={"unrelated": "u2", "pieces": "p1"}),
        replace(CLIP, item=dummy_item(language="bo", text="new", path="moved.mp4")),
        replace(CLIP, source=Path("elsewhere.mp4")),
        replace(CLIP, span=Span(0.0, 4.0 + 1e-9)),
    ]
    assert {step.fingerprint(clip) for clip in same} == {base}


def test_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_bad_value_given_by_hand_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"^--set: scenes.threshold .* and is 'high'$"):
        load_pipeline(find_pipeline("tthd"), ["scenes.threshold=high"])
