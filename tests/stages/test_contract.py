"""What every file in tthd_tools/stages must hold to; a new file is tested without a line here."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
import tomllib
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from pydantic import ValidationError

from tests.conftest import ROOT
from tthd_tools.clip import Clip, Item, Part
from tthd_tools.errors import UsageError
from tthd_tools.stage import ClipStage, CorpusStage, Stage, part_columns, stage_class, stage_names
from tthd_tools.testing import run_stage

NAMES = stage_names()
HEAVY = ("torch", "cv2", "av", "ai_edge_litert", "mediapipe", "onnxruntime", "scipy", "scenedetect")

every_stage = pytest.mark.parametrize("name", NAMES)


def camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@every_stage
def test_file_stage_and_part_have_one_name(name: str) -> None:
    stage = stage_class(name)
    assert stage.__name__ == camel(name)
    assert stage.provides.__name__ == camel(name) + "Part"
    assert stage.provides.stage == name
    assert stage.provides.__module__ == stage.__module__
    assert stage().name == name


@every_stage
def test_stage_is_of_one_kind(name: str) -> None:
    stage = stage_class(name)
    assert issubclass(stage, ClipStage) != issubclass(stage, CorpusStage)
    if issubclass(stage, ClipStage):
        assert stage.level in ("item", "scene", "clip")
        assert len({"process", "watch", "unroll", "follow"} & set(vars(stage))) == 1


@every_stage
def test_options_have_valid_defaults_are_frozen_and_refuse_unknown_keys(name: str) -> None:
    stage = stage_class(name)
    again = stage.model_validate(stage().model_dump())  # defaults are not validated by themselves
    assert again == stage()
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        stage(no_such_option=1)
    for option in stage.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(again, option, None)


@every_stage
def test_requirements_have_providers(name: str) -> None:
    stage = stage_class(name)
    for part in stage.requires:
        assert issubclass(part, Part)
        assert part.stage != name
        assert stage_class(part.stage).provides is part
    if issubclass(stage, ClipStage):
        assert all(issubclass(stage_class(part.stage), ClipStage) for part in stage.requires)


@every_stage
def test_facts_are_of_the_right_kind(name: str) -> None:
    stage = stage_class(name)
    assert isinstance(stage.version, int)
    assert stage.version >= 1
    assert set(stage.reads) <= set(Item.model_fields)
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    assert stage.extra is None or stage.extra in extras


@every_stage
def test_everything_public_is_documented(name: str) -> None:
    stage = stage_class(name)
    module = inspect.getmodule(stage)
    assert module is not None
    assert module.__doc__
    public = [thing for key, thing in vars(module).items() if not key.startswith("_")]
    for thing in public:
        is_own = getattr(thing, "__module__", "") == module.__name__
        if is_own and (inspect.isclass(thing) or inspect.isfunction(thing)):
            assert thing.__doc__, f"{thing.__qualname__} has no docstring"


@every_stage
def test_stage_travels_to_a_worker(name: str) -> None:
    stage = stage_class(name)()
    assert pickle.loads(pickle.dumps(stage)) == stage


@every_stage
def test_part_survives_json_and_has_a_column_for_each_field(name: str) -> None:
    kind = stage_class(name).provides
    part = kind(**{key: example(info.annotation) for key, info in kind.model_fields.items()})
    assert kind.model_validate_json(part.model_dump_json()) == part
    assert kind.model_validate(part.model_dump(mode="json")) == part
    assert list(part_columns(kind)) == [f"{name}_{field}" for field in kind.model_fields]


def example(annotation: Any) -> Any:
    """Some value of an annotation that a part may use."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Literal:
        return arguments[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return None
    if get_origin(annotation) is tuple:
        return tuple(example(one) for one in arguments if one is not Ellipsis)
    if hasattr(annotation, "_fields"):
        return annotation(*map(example, get_type_hints(annotation).values()))
    return {int: 7, float: 0.125, str: "x", bool: True}[annotation]


def test_importing_the_stages_loads_nothing_heavy() -> None:
    modules = [f"tthd_tools.stages.{name}" for name in NAMES] + ["tthd_tools.testing"]
    code = f"import sys, {', '.join(modules)}\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def on_dummy(name: str, clip: Clip, folder: Path) -> Clip:
    """The dummy clip with the part of a stage, after the stages that it needs."""
    stage = resolved(name)
    for part in stage.requires:
        if not clip.has(part):
            clip = on_dummy(part.stage, clip, folder.parent / f"{folder.name}_{part.stage}")
    (measured,) = run_stage(stage, clip, folder)
    return measured


def resolved(name: str) -> Stage:
    try:
        stage, facts = stage_class(name)().resolve()
    except UsageError as error:  # an extra or weights are not here
        pytest.skip(str(error))
    assert all(isinstance(fact, str) for fact in facts.values())
    return stage


@pytest.mark.parametrize(
    "name",
    [name for name in NAMES if getattr(stage_class(name), "level", "clip") == "clip"],
)
def test_same_clip_gives_same_part_and_bytes(name: str, clip: Clip, tmp_path: Path) -> None:
    first = on_dummy(name, clip, tmp_path / "first")
    second = on_dummy(name, clip, tmp_path / "second")
    kind = stage_class(name).provides
    assert first.part(kind) == second.part(kind)
    assert first.id == clip.id
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
