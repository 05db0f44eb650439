"""``submission.yaml`` goes in; its values as text, and the line of each, come out.

Only mappings, lists and text are taken: no tags, anchors, aliases, merge keys or second document.
All values stay text (``no`` is no boolean here); the model says what a field is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tthd_tools.manifest.findings import Problem, Unreadable, shown
from tthd_tools.manifest.read_text import TextFile

LIMIT_BYTES = 64 << 10
DEEPEST = 8
MOST_NODES = 1000


class Document(NamedTuple):
    """``data`` without its empty values; ``lines`` by dotted field; ``windows`` as in TextFile."""

    data: dict[str, Any]
    lines: dict[str, int]
    windows: list[str]


def read_yaml(path: Path) -> Document:
    """Read a mapping. Raises Unreadable with what is wrong and where."""
    text = TextFile(path, LIMIT_BYTES)
    source = "".join(f"{line}\n" for _, line in text)
    try:
        data, lines = _Reader(source).read()
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, error.position) + 1
        value = shown(chr(error.character))
        raise _stop(
            "M067", "The file holds a control character", value, "remove it", line
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = (error.problem or error.context or "it is no YAML").rstrip(".")
        fix = "correct that line: a quote, a colon or the indent"
        raise _stop("M063", f"This is no YAML: {why}", "", fix, _line(mark)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = type(error).__name__
        fix = "write it anew from the template"
        raise _stop("M063", f"This is no YAML ({why})", "", fix, 1) from None
    return Document(data, lines, text.windows)


class _Reader:
    """Builds plain data from the parser's events, and stops at the first it does not take."""

    def __init__(self, source: str) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(source, Loader=yaml.SafeLoader))
        self._lines: dict[str, int] = {}
        self._count = 0

    def read(self) -> tuple[dict[str, Any], dict[str, int]]:
        data: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1 or event.tags or event.version:
                    what = "a second document or a directive"
                    raise _construct(what, event)
            elif isinstance(event, yaml.NodeEvent):
                data = self._node(event, "", 0)
        if not isinstance(data, dict):
            fix = "write `field: value` on each line, as in the template"
            raise _stop("M063", "The file holds no fields", "", fix, 1)
        return data, self._lines

    def _node(self, event: Any, field: str, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _construct("an anchor or an alias (& or *)", event)
        if event.tag is not None:
            raise _construct(f"the tag {shown(event.tag)}", event)
        self._count += 1
        if depth > DEEPEST or self._count > MOST_NODES:
            message = f"There are more than {MOST_NODES} keys and values"
            fix = "remove those that are not needed"
            if depth > DEEPEST:
                message, fix = f"Values are nested more than {DEEPEST} deep", "write them flat"
            raise _stop("M064", message, "", fix, _line(event.start_mark))
        self._lines[field] = _line(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            absent = event.style is None and event.value in ("", "~", "null")
            return None if absent else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(field, depth)
        return self._mapping(field, depth)

    def _sequence(self, field: str, depth: int) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._node(event, f"{field}.{len(values)}", depth + 1))
        return values

    def _mapping(self, field: str, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                fix = "write a plain name before the colon"
                raise _stop("M063", "A key is no plain name", "", fix, _line(event.start_mark))
            key = self._node(event, field, depth) or ""
            line = _line(event.start_mark)
            if key == "<<":
                raise _construct("a merge key (<<)", event)
            if key in values:
                message = "The key stands there twice"
                raise _stop("M065", message, shown(key), "keep one of the two", line, key)
            name = f"{field}.{key}" if field else key
            values[key] = self._node(next(self._events), name, depth + 1)
            self._lines[name] = line
        return {key: value for key, value in values.items() if value not in (None, "")}


def _line(mark: Any) -> int:
    return 1 if mark is None else int(mark.line) + 1


def _construct(what: str, event: Any) -> Unreadable:
    fix = "write the values out as plain text"
    return _stop("M066", f"The file uses {what}", "", fix, _line(event.start_mark))


def _stop(code: str, message: str, value: str, fix: str, line: int, field: str = "") -> Unreadable:
    return Unreadable(Problem(code, field, message, value, fix, line))
