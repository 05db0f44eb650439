"""Names and values of one row or of ``submission.yaml`` go in, problems of their form come out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from tthd_tools.manifest.findings import Problem, Unreadable, shown
from tthd_tools.manifest.schema import FREE_PREFIX, TOOL_FIELDS, names_of

HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
    "|[\u0300-\u036f\u0f35\u0f37\u0f39\u0f71-\u0f87\u0f8d-\u0fbc\u20d0-\u20ff]{32}"
)
"""Control characters, line ends that few programs know, overrides of the writing direction, half
and tag characters; piles of marks on one letter, higher than any script has."""

FIXES = {"speaker_id": "fill in what `tthd manifest speaker-id` prints"}
LONGEST_NAME = 100
MOST_FIELDS = 200
MOST_PROBLEMS = 20
"""Of one record: who has more reads on after mending these."""


class Formed(NamedTuple):
    """The record, None where a value does not fit, and what is wrong."""

    record: Any
    problems: list[Problem]


def form(model: type[BaseModel], values: Mapping[str, Any]) -> Formed:
    """Make a record of read values; x_ fields go into ``other``, unknown ones are told."""
    problems = list(islice(_hostile(values, ""), MOST_PROBLEMS))
    if problems:
        return Formed(None, problems)
    known = _names(model)
    mine: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for name, value in values.items():
        if name in known:
            mine[name] = value
        elif (problem := field_problem(name, known)) is not None:
            problems.append(problem)
        else:
            other[name] = value
    try:
        return Formed(model.model_validate({**mine, "other": other}), problems)
    except ValidationError as error:
        return Formed(None, (problems + _problems(error, model))[:MOST_PROBLEMS])


def plain_word(text: str) -> str:
    """A name or a fixed word as everybody spells it alike: ``Item ID`` is ``item_id``."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def known_dialect(text: str) -> str | None:
    """The Tibetan dialect that is meant in other letters: ``U Tsang`` is ``u-tsang``."""
    from tthd_tools.text import DIALECTS

    return {plain_word(one): one for one in DIALECTS}.get(plain_word(text))


def field_problem(name: str, known: Sequence[str]) -> Problem | None:
    """M061 for a field of the tool, M003 for one that nobody knows, with the nearest name."""
    if name in known or name.startswith(FREE_PREFIX):
        return None
    field = name[:LONGEST_NAME]
    if name.split(".")[0] in TOOL_FIELDS:
        message = "The field is set by the tool and may not be supplied"
        return Problem("M061", field, message, "", "remove it")
    near = _nearest(field, tuple(known))
    fix = f"write {near}" if near else "remove it, or put x_ before its name"
    return Problem("M003", field, "The field is unknown", shown(name), fix)


def check_names(names: Collection[str]) -> None:
    """Raises Unreadable for more fields than anybody needs, and for names nobody can see."""
    if len(names) > MOST_FIELDS:
        message = f"There are more than {MOST_FIELDS} fields"
        raise Unreadable(Problem("M064", "", message, str(len(names)), "remove those not needed"))
    for name in names:
        if HOSTILE.search(name):
            message = "The name of a field holds a hidden character"
            raise Unreadable(Problem("M067", "", message, shown(name), "type it again without"))


@lru_cache(maxsize=1000)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    near = difflib.get_close_matches(word.strip().lower(), known, n=1)
    return near[0] if near else None


def _choice_fix(value: Any, choices: Sequence[str]) -> str:
    near = _nearest(str(value)[:LONGEST_NAME], tuple(choices))
    return f"write {near}" if near else f"write {' or '.join(choices)}"


def _hostile(value: Any, field: str) -> Iterator[Problem]:
    if isinstance(value, str):
        found = HOSTILE.search(value)
        if found:
            message = f"The text holds the hidden character U+{ord(found[0][0]):04X}"
            if len(found[0]) > 1:
                message = f"The text piles up {len(found[0])} marks or more on one letter"
            yield Problem("M067", field, message, shown(value), "type it again without")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if HOSTILE.search(name):
                message = "The name of a field holds a hidden character"
                yield Problem("M067", "", message, shown(name), "type it again without")
            else:
                yield from _hostile(inner, f"{field}.{name}" if field else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _hostile(inner, f"{field}.{index}")


def _problems(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    found: dict[str, Problem] = {}
    for one in islice(error.errors(include_url=False), MOST_PROBLEMS):
        problem = _problem(one, model)
        found.setdefault(problem.field, problem)
    return list(found.values())


def _problem(one: Any, model: type[BaseModel]) -> Problem:
    field = ".".join(map(str, one["loc"]))[:LONGEST_NAME]
    kind, value = one["type"], one["input"]
    if kind == "missing" and isinstance(one["loc"][-1], str):
        fix = FIXES.get(field, f"fill in {field}")
        return Problem("M004", field, "The field is missing", "", fix)
    if kind == "extra_forbidden":
        known = _siblings(model, one["loc"])
        name = str(one["loc"][-1])
        near = _nearest(name[:LONGEST_NAME], tuple(known))
        fix = f"write {near}" if near else "remove it"
        return Problem("M003", field, "The field is unknown", shown(name), fix)
    if field == "item_id":
        return _bad_item_id(value)
    if kind == "literal_error":
        choices = re.findall(r"'([^']+)'", one["ctx"]["expected"])
        message = f"This is none of {', '.join(choices)}"
        alike = isinstance(value, str) and plain_word(value) in map(plain_word, choices)
        mended = alike and not any(isinstance(step, int) for step in one["loc"])
        fix = _choice_fix(value, choices)
        return Problem("M005", field, message, shown(value), fix, fixable=mended)
    wanted = _description(model, one["loc"]) or one["msg"].lower()
    if field == "dialect" and isinstance(value, str) and (meant := known_dialect(value)):
        message = f"This is not {wanted}"
        return Problem("M005", field, message, shown(value), f"write {meant}", fixable=True)
    code = "M008" if field in ("path", "license_file") else "M005"
    return Problem(code, field, f"This is not {wanted}", shown(value), f"write {wanted}")


def _bad_item_id(value: Any) -> Problem:
    message = "This is not 3 to 63 lower-case letters, digits, '_' and '-'"
    slug = re.sub(r"[^a-z0-9_-]+", "-", str(value)[:200].lower()).strip("-_")[:63]
    fix = f"write {slug}" if len(slug) > 2 else "give it another id"
    return Problem("M006", "item_id", message, shown(value), fix)


@cache
def _names(model: type[BaseModel]) -> tuple[str, ...]:
    return names_of(model)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _siblings(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    """Names that stand beside the last step of a place inside a model."""
    schema = _schema(model)
    return list(_walk(schema, schema, place[:-1]).get("properties", {}))


def _description(model: type[BaseModel], place: tuple[Any, ...]) -> str:
    """What the innermost described field on the way to a place must be."""
    schema = _schema(model)
    for length in range(len(place), 0, -1):
        found = _walk(schema, schema, place[:length])
        text = found.get("description") if "properties" not in found else "a mapping of fields"
        if text:
            return str(text)
    return ""


def _walk(schema: Any, node: Any, place: tuple[Any, ...]) -> Any:
    """The schema at a place, with references and ``null`` choices looked through."""
    for choice in node.get("anyOf", ()):
        if choice.get("type") != "null":
            node = {**choice, **{k: v for k, v in node.items() if k == "description"}}
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if not place:
        return node
    step = place[0]
    inner = node.get("items", {}) if isinstance(step, int) else node.get("properties", {}).get(step)
    return _walk(schema, inner or {}, place[1:])
