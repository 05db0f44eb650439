"""Records of a table come in with a mapping; rows with our fields go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from math import isfinite
from typing import Any

from tthd_tools.errors import UsageError
from tthd_tools.manifest.fields import plain_word
from tthd_tools.manifest.lists.fields import Statement, emotion_of, number_of, shown, time_s_of
from tthd_tools.manifest.lists.mapping import CROPS, FIELDS, ListMapping
from tthd_tools.manifest.lists.read import Record
from tthd_tools.manifest.lists.records import Crop, Row
from tthd_tools.pipeline import suggest
from tthd_tools.sidecar import make_speaker_id

ALSO: Mapping[str, Sequence[str]] = {
    "path": ("file_name", "file"),
    "speaker": ("speaker_id",),
    "text": ("transcription", "transcript"),
}
"""Further names of columns that are taken for a field without a mapping."""
GIVING = frozenset({
    "rights", "rights_basis", "tier", "access_tier", "access_tier_max", "consent", "consent_id",
    "consent_status", "consent_tier", "consent_scope",
})  # fmt: skip
"""What widens who may have a file: never taken from a list that a mapping does not take it from."""
HARMLESS: Mapping[str, Sequence[str]] = {
    "speaker_is_adult": ("", "true", "yes", "1"),
    "other_people_visible": ("", "none", "blurred", "consented"),
}
"""Columns of a manifest that a list does not have, with what may stand in them all the same."""
LONGEST_NAME = 200


def rows_of(
    records: Iterable[Record],
    file: str,
    kind: str,
    mapping: ListMapping,
    place: Callable[[str], str] = lambda path: path,
) -> Iterator[Row | str]:
    """A row for each record, or a sentence where it says nothing that can be used.

    ``file`` is the list's name for people; ``kind`` stands before its speakers' names where the
    mapping has no name, so that those of two datasets stay apart; ``place`` makes a path of the
    list one below the raw folder. Columns that give rights count where the mapping names them; else
    they are left out and told, since who sends a list does not decide on them. Raises UsageError
    where no column names the file.
    """
    unseen = dict(mapping.columns)
    last: Record | None = None
    left_out: set[str] = set()
    for record in records:
        origin = f"{file}:{record.line}"
        if record.flaw:
            yield f"{origin}: {record.flaw}"
            continue
        columns = _columns(record, mapping)
        unseen = {name: one for name, one in unseen.items() if one not in record.values}
        if "path" not in columns and last is None and "path" not in unseen:
            raise _no_path(file)
        last = record
        given = {name: record.values.get(column) for name, column in columns.items()}
        words = {name: mapping.value(name, _word(value)) for name, value in given.items()}
        if not isinstance(words.get("path"), str):
            yield f"{origin}: no file is named"
            continue
        rest = {k: v for k, v in record.values.items() if k not in columns.values()}
        if against := _against(rest):
            yield f"{origin}: {against}, which a list cannot settle; send the file with a manifest"
            continue
        giving = {name: word for name in rest if (word := plain_word(name)) in GIVING}
        left_out.update(giving.values())
        rest = {k: v for k, v in rest.items() if k not in giving}
        yield from _row(words, place(words["path"].strip()), origin, mapping.name or kind, rest)
    if last is None:
        raise UsageError(f"{file} holds no record that can be read; is it the right table?")
    if left_out:
        yield _no_rights(file, left_out)
    for name, column in unseen.items():
        known = [str(one)[:LONGEST_NAME] for one in last.values]
        raise UsageError(f"{file} has no column {column!r} for {name}{suggest(column, known)}")


def _against(values: Mapping[str, Any]) -> str | None:
    """What a record says against the use of its file; None for nothing."""
    for name, value in values.items():
        word = "" if value is None else str(value).strip().lower()
        if word not in HARMLESS.get(plain_word(name), (word,)):
            return f"{plain_word(name)} is {shown(value)}"
    return None


def _columns(record: Record, mapping: ListMapping) -> dict[str, str]:
    """Our field to the column of a record."""
    found = {name: one for name, one in mapping.columns.items() if one in record.values}
    for name in (one for one in FIELDS if one not in GIVING):
        names = (name, *ALSO.get(name, ()))
        known = next((one for one in names if one in record.values), None)
        if known is not None and name not in mapping.columns and known not in found.values():
            found[name] = known
    return found


def _no_rights(file: str, names: Set[str]) -> str:
    are = "is" if len(names) == 1 else "are"
    return (
        f"{file}: {', '.join(sorted(names))} {are} left out, since a list alone gives no rights; "
        "say them in a mapping file (columns or state) and give that with --mapping"
    )


def _no_path(file: str) -> UsageError:
    return UsageError(
        f"{file} has no column path or file_name; say which it is in a mapping file "
        "(columns: {path: …}) and give that with --mapping"
    )


def _row(
    words: dict[str, Any], path: str, origin: str, list_name: str, rest: Mapping[str, Any]
) -> Iterator[Row | str]:
    values = {name: words[name] for name in words if name in Statement.model_fields}
    if words.get("speaker") is not None:
        values["speaker_id"] = _speaker(str(words["speaker"]).strip(), list_name)
    if values.get("emotion") is not None:
        values["emotion"] = emotion_of(values["emotion"])
        if values["emotion"] is None:
            yield f"{origin}: emotion {shown(words['emotion'])} is none of ours and is left out"
    intensity = number_of(values.get("emotion_intensity"))
    if intensity is not None and intensity.is_integer():
        values["emotion_intensity"] = int(intensity)
    stated = {
        str(name): value
        for name, value in rest.items()
        if isinstance(value, str | int | float) and len(str(name)) <= LONGEST_NAME
        # a number of JSON such as 1e999 is infinite
        if not isinstance(value, float) or isfinite(value)
    }
    try:
        start_s, end_s = (_number(words, name, time_s_of) for name in ("start_s", "end_s"))
        crop = _crop({name: _number(words, name, number_of) for name in CROPS})
    except ValueError as error:
        yield Row(path, origin, values, stated, flaw=str(error))
    else:
        yield Row(path, origin, values, stated, start_s, end_s, crop)


def _speaker(name: str, list_name: str) -> str:
    """A speaker's id: the list's name keeps its speakers apart from those of other lists."""
    return name if name.startswith("spk_") else make_speaker_id(f"{list_name}/{name}")


def _word(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _number(words: Mapping[str, Any], name: str, parse: Callable[[Any], float | None]) -> Any:
    value = words.get(name)
    if value is None:
        return None
    number = parse(value)
    if number is None:
        raise ValueError(f"{name} {shown(value)} is no number")
    return number


def _crop(sides: Mapping[str, float | None]) -> Crop | None:
    """A crop of x0, y0, x1, y1 or of x, y, w, h. Raises ValueError where a part of it is missing.

    With width or height it is in pixels of that picture, without in 0..1.
    """
    corners = [sides[name] for name in ("x0", "y0", "x1", "y1")]
    edges = [sides[name] for name in ("x", "y", "w", "h")]
    given = [one for one in (corners, edges) if any(side is not None for side in one)]
    if not given:
        return None
    known = [side for side in given[0] if side is not None]
    if len(given) > 1 or len(known) < 4:
        raise ValueError("a crop is x0, y0, x1 and y1, or x, y, w and h")
    a, b, c, d = known
    box = (a, b, c, d) if given[0] is corners else (a, b, a + c, b + d)
    size = (sides["width"], sides["height"])
    if size == (None, None):
        if max(box) > 2:
            raise ValueError("a crop in pixels needs width and height of the picture it is for")
        return Crop(box)
    return Crop(box, size)
