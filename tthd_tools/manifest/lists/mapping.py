"""A mapping file comes in; which column is which field, which word which value, goes out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.fields import Statement, checked
from tthd_tools.manifest.lists.read import read_text
from tthd_tools.manifest.schema import Model
from tthd_tools.pipeline import suggest

LARGEST_BYTES = 256 << 10
DEEPEST = 10
NOTHING = ("", "~", "null", "Null", "NULL")
PLACES = ("path", "speaker", "start_s", "end_s")
CROPS = ("x0", "y0", "x1", "y1", "x", "y", "w", "h", "width", "height")
FIELDS = (*PLACES, *CROPS, *(name for name in Statement.model_fields if name != "speaker_id"))
"""What a column can be."""


class ListMapping(Model):
    """A mapping file.

    ``name`` keeps the speakers of one list apart from those of another; ``columns``: our field to
    the list's column; ``values``: our field to a table of the list's words and ours; ``state``:
    fields that hold for all files of the list.
    """

    name: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    state: dict[str, Any] = Field(default_factory=dict)

    def value(self, name: str, word: Any) -> Any:
        """Our word for a list's; None where the table says so, the same where it says nothing."""
        if word is None or name not in self.values:
            return word
        ours = self.values[name].get(str(word).strip(), word)
        return None if ours in NOTHING else ours


def read_mapping(path: Path) -> ListMapping:
    """Read a mapping file; every scalar of it is text. Raises UsageError where it cannot be used.

    Anchors and tags are refused, since a small file with them can stand for a very large one.
    """
    import yaml

    text = read_text(path, LARGEST_BYTES)
    try:
        _refuse_tricks(path, yaml.parse(text, yaml.BaseLoader))
        data = yaml.load(text, yaml.BaseLoader)  # noqa: S506 (it makes text and nothing else)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise UsageError(f"{where} is no YAML: {problem}") from error
    try:
        mapping = ListMapping.model_validate(data or {})
    except ValidationError as error:
        one = error.errors(include_url=False)[0]
        place = ".".join(str(part)[:40] for part in one["loc"]) or "it"
        hint = suggest(place, list(ListMapping.model_fields)) if "extra" in one["type"] else ""
        raise UsageError(f"{path}: {place}: {one['msg'].lower()}{hint}") from None
    for name in (*mapping.columns, *mapping.values):
        if name not in FIELDS:
            raise UsageError(f"{path}: no field {name!r}{suggest(name, FIELDS)}")
    return mapping.model_copy(update={"state": _state(path, mapping.state)})


def _state(path: Path, words: dict[str, Any]) -> dict[str, Any]:
    for name in words:
        if name not in Statement.model_fields or name == "text":
            raise UsageError(f"{path}: no field {name!r}{suggest(name, FIELDS)}")
    numbers = {k: int(v) for k, v in words.items() if k == "emotion_intensity" and v.isdigit()}
    fields, remarks = checked({k: v for k, v in words.items() if v not in NOTHING} | numbers, "")
    if remarks:
        raise UsageError(f"{path}: state{remarks[0]}")
    return fields


def _refuse_tricks(path: Path, events: Iterable[Any]) -> None:
    """Raises UsageError for anchors, aliases, tags and deep nesting."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise UsageError(
                f"{path}:{line}: anchors (&, *) and tags (!) are not taken; write it out"
            )
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > DEEPEST:
            raise UsageError(f"{path}:{line}: nested more than {DEEPEST} deep")
