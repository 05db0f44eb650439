"""From a pipeline file to stages that are proven to run: options, order, extras and weights."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tthd_tools.clip import Clip, Part
from tthd_tools.errors import PipelineError
from tthd_tools.stage import ClipStage, CorpusStage, Stage, stage_class, stage_names
from tthd_tools.workspace import canonical_json

Action = Literal["keep", "flag", "drop"]


class Rule(BaseModel):
    """One rule of the policy: a SQL expression over the table's columns, and what follows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    action: Action
    when: str


@dataclass(frozen=True)
class Pipeline:
    """What a pipeline file says: clip stages in order, corpus stages in order, the policy."""

    name: str
    stages: tuple[ClipStage, ...]
    corpus: tuple[CorpusStage, ...]
    policy: tuple[Rule, ...]


@dataclass(frozen=True)
class Step:
    """A stage with every choice made, and the facts of its engines; it makes fingerprints."""

    stage: Stage
    facts: Mapping[str, str]

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.stage.name

    def fingerprint(self, clip: Clip, fit_id: str = "") -> str:
        """Hash of all that the outcome for this clip depends on, 32 hex digits."""
        stage = self.stage
        return digest(
            {
                "source": clip.item.sha256,
                "span": [round(t, 6) for t in clip.span],
                "stage": stage.name,
                "version": stage.version,
                "options": stage.model_dump(mode="json"),
                "facts": dict(self.facts),
                "reads": clip.item.model_dump(mode="json", include=set(stage.reads)),
                "fit": fit_id,
                "requires": [clip.fingerprints.get(part.stage) for part in stage.inputs],
            }
        )


@dataclass(frozen=True)
class Plan:
    """A pipeline whose stages are proven to run here."""

    pipeline: Pipeline
    steps: tuple[Step, ...]
    corpus: tuple[Step, ...]

    def groups(self) -> list[tuple[Step, ...]]:
        """Clip stages in order; neighbours that can share one decode stand together."""
        groups: list[tuple[Step, ...]] = []
        for step in self.steps:
            stage = step.stage
            last = groups[-1] if groups else ()
            made_there = {one.stage.provides for one in last}
            if (
                last
                and _shares_frames(stage)
                and all(_shares_frames(one.stage) for one in last)
                and not made_there & set(stage.inputs)
            ):
                groups[-1] = (*last, step)
            else:
                groups.append((step,))
        return groups


def digest(data: Any) -> str:
    """The first 32 hex digits of the sha256 of plain data."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()[:32]


def find_pipeline(name: str) -> Path:
    """Path of a pipeline file: a file as given, or one of those that come with the package.

    Raises PipelineError where there is none.
    """
    if Path(name).is_file():
        return Path(name)
    folder = packaged_pipelines()
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name in known:
        return folder / f"{name}.yaml"
    raise PipelineError(f"no such file or packaged pipeline: {name!r}{suggest(name, known)}")


def packaged_pipelines() -> Path:
    """The folder of pipeline files: inside the installed package, or the checkout's own."""
    inside = Path(__file__).parent / "pipelines"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "pipelines"


def load_pipeline(path: Path, changes: Sequence[str] = ()) -> Pipeline:
    """Read a pipeline file; ``changes`` are ``stage.option=value``.

    Raises PipelineError for unknown stages, options or rules, suggesting the nearest name.
    """
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PipelineError(f"{path}, line {line}, is no YAML: {error.problem}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problem = " ".join(str(error).split())
        raise PipelineError(f"{path} cannot be read as YAML: {problem}") from error
    if not isinstance(data, dict):
        raise PipelineError(f"{path} must hold `stages:`, `corpus:` and `policy:`")
    _refuse_unknown(path, data, ("name", "stages", "corpus", "policy"))
    entries = {
        section: [_entry(path, section, one) for one in _list(path, data, section)]
        for section in ("stages", "corpus", "policy")
    }
    changed = [_apply(change, [*entries["stages"], *entries["corpus"]]) for change in changes]
    stages = tuple(_stage(path, name, options, changed) for name, options in entries["stages"])
    corpus = tuple(_stage(path, name, options, changed) for name, options in entries["corpus"])
    pipeline = Pipeline(
        name=str(data.get("name", path.stem)),
        stages=tuple(_expect(path, one, ClipStage) for one in stages),
        corpus=tuple(_expect(path, one, CorpusStage) for one in corpus),
        policy=tuple(_rule(path, name, options) for name, options in entries["policy"]),
    )
    _prove_order(path, pipeline)
    return pipeline


def make_plan(pipeline: Pipeline, until: str | None = None) -> Plan:
    """Settle every ``auto`` and prove extras and weights, before any work.

    Raises PipelineError, UsageError or WeightsError with what to install or fetch.
    """
    stages: Sequence[ClipStage] = pipeline.stages
    corpus: Sequence[CorpusStage] = pipeline.corpus
    if until is not None:
        names = [stage.name for stage in (*stages, *corpus)]
        if until not in names:
            raise PipelineError(f"the pipeline has no stage {until!r}{suggest(until, names)}")
        cut = names.index(until) + 1
        stages, corpus = stages[:cut], corpus[: max(0, cut - len(stages))]
    return Plan(
        pipeline,
        tuple(Step(*stage.resolve()) for stage in stages),
        tuple(Step(*stage.resolve()) for stage in corpus),
    )


def suggest(name: str, known: Sequence[str]) -> str:
    """``; did you mean 'x'?`` for the nearest known name, or the list of all."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"


def _shares_frames(stage: Stage) -> bool:
    return isinstance(stage, ClipStage) and stage.shares_frames


def _list(path: Path, data: Mapping[str, Any], section: str) -> list[Any]:
    found = data.get(section) or []
    if not isinstance(found, list):
        raise PipelineError(f"{path}: `{section}` must be a list, is {type(found).__name__}")
    return found


def _entry(path: Path, section: str, entry: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(entry, str):
        return entry, {}
    if isinstance(entry, dict) and len(entry) == 1:
        ((name, options),) = entry.items()
        if options is None or isinstance(options, dict):
            return str(name), {str(key): value for key, value in (options or {}).items()}
    raise PipelineError(
        f"{path}: an entry of `{section}` is `name` or `name: {{…}}`, not {entry!r}"
    )


def _apply(change: str, entries: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Change one option; returns ``stage.option``."""
    import yaml

    target, equals, value = change.partition("=")
    stage, dot, option = target.partition(".")
    if not equals or not dot:
        raise PipelineError(f"--set takes STAGE.OPTION=VALUE, got {change!r}")
    options = dict(entries).get(stage)
    if options is None:
        names = [name for name, _ in entries]
        raise PipelineError(f"the pipeline has no stage {stage!r}{suggest(stage, names)}")
    try:
        options[option] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise PipelineError(f"--set {change!r}: {value!r} is no YAML value") from error
    return target


def _stage(path: Path, name: str, options: Mapping[str, Any], changed: Sequence[str] = ()) -> Stage:
    try:
        kind = stage_class(name)
    except KeyError:
        raise PipelineError(
            f"{path}: unknown stage {name!r}{suggest(name, stage_names())}"
        ) from None
    try:
        return kind(**options)
    except ValidationError as error:
        problem = error.errors()[0]
        option = ".".join(str(part) for part in problem["loc"])
        where = "--set" if f"{name}.{option}" in changed else str(path)
        if problem["type"] == "extra_forbidden":
            hint = suggest(option, sorted(kind.model_fields))
            raise PipelineError(f"{where}: stage {name} has no option {option!r}{hint}") from error
        rule = problem["msg"].split(",")[0].removeprefix("Input ")
        raise PipelineError(
            f"{where}: {name}.{option} {rule}, and is {problem['input']!r}"
        ) from error


def _expect(path: Path, stage: Stage, kind: type[Any]) -> Any:
    if isinstance(stage, kind):
        return stage
    section = "stages" if isinstance(stage, ClipStage) else "corpus"
    raise PipelineError(f"{path}: {stage.name} belongs under `{section}:`")


def _rule(path: Path, name: str, options: Mapping[str, Any]) -> Rule:
    actions = [action for action in ("keep", "flag", "drop") if action in options]
    if len(options) != 1 or len(actions) != 1 or not isinstance(options[actions[0]], str):
        raise PipelineError(
            f"{path}: rule {name} must be `{name}: {{keep|flag|drop: SQL expression}}`"
        )
    return Rule(name=name, action=actions[0], when=options[actions[0]])


def _refuse_unknown(path: Path, data: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in data:
        if key not in known:
            raise PipelineError(f"{path}: unknown key {key!r}{suggest(str(key), known)}")


def _prove_order(path: Path, pipeline: Pipeline) -> None:
    made: set[type[Part]] = set()
    seen: set[str] = set()
    for stage in _all(pipeline):
        if stage.name in seen:
            raise PipelineError(f"{path}: stage {stage.name} stands there twice")
        for part in stage.inputs:
            if part not in made:
                raise PipelineError(
                    f"{path}: {stage.name} needs what {part.stage} makes; put that before it"
                )
        made.add(stage.provides)
        seen.add(stage.name)
    rules = [rule.name for rule in pipeline.policy]
    for name in rules:
        if rules.count(name) > 1:
            raise PipelineError(f"{path}: rule {name} stands there twice; give one another name")


def _all(pipeline: Pipeline) -> Iterator[Stage]:
    yield from pipeline.stages
    yield from pipeline.corpus
