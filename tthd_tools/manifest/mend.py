"""The text of a manifest goes in; with what has one right spelling corrected it comes out.

Only what a program can know is mended: encoding, line ends, separators, formula cells, names and
closed values in other letters or with spaces, the usual spelling of a licence, and invisible or
deprecated characters of Tibetan. Everything else stays byte for byte.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from tthd_tools.manifest.fields import known_dialect, plain_word
from tthd_tools.manifest.findings import Unreadable
from tthd_tools.manifest.licences import usual_licence
from tthd_tools.manifest.read_items import FORMULA, SEPARATORS
from tthd_tools.manifest.read_json import read_json
from tthd_tools.manifest.schema import COLUMNS, ManifestItem, Submission

MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LOWER = ("sha256", "speaker_id", "consent_id")


def decode(content: bytes) -> str:
    """The text without its byte order mark and with LF line ends. Raises UnicodeDecodeError."""
    if content.startswith(MARKS[1:]):
        text = content.decode("utf-16")
    else:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    return text.replace("\r\n", "\n")


def csv_line(cells: Iterable[str]) -> str:
    """Cells as one record of a table, with its line end."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # its own line end makes it quote a lone CR too
    return line.getvalue().removesuffix("\r\n") + "\n"


def mend_submission(text: str) -> str:
    """``submission.yaml`` with its closed values and its licence as they are spelt."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    found = set(_replacements(root, Submission, text))
    for begin, end, value in sorted(found, reverse=True):
        text = text[:begin] + value + text[end:]
    return text


def mend_lines(text: str) -> str:
    """``items.jsonl`` with its rows mended; a line that is none stays."""
    return "\n".join(map(_mend_line, text.split("\n")))


def mend_table(text: str) -> str:
    """``items.csv`` with commas and its rows mended; a table that cannot be read stays."""
    lines = list(io.StringIO(text, newline="\n"))
    if lines and lines[0].lower().startswith("sep="):
        del lines[0]
    separator = max(SEPARATORS, key=lines[0].count) if lines else ","
    out: list[str] = []
    try:
        for source, cells in _records(lines, separator):
            if not out:
                columns = _columns(cells)
                mended = columns
            else:
                mended = _mend_cells(columns, cells)
            as_it_is = separator == "," and mended == cells
            written = csv_line(mended) if any(cells) else "\n"
            out.append(source if as_it_is else written)
    except csv.Error:
        return text
    return "".join(out)


def _records(lines: list[str], separator: str) -> Iterator[tuple[str, list[str]]]:
    """Each record with the lines that it came from."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    begin = 0
    for cells in reader:
        yield "".join(lines[begin : reader.line_num]), cells
        begin = reader.line_num


def _columns(names: list[str]) -> list[str]:
    """``Item ID`` is item_id, where that leaves every column a name of its own."""
    known = [plain if (plain := plain_word(name)) in COLUMNS else name for name in names]
    return known if len(set(known)) == len(set(names)) else names


def _mend_cells(columns: list[str], cells: list[str]) -> list[str]:
    """A row of a table; one that does not fit its header is only made harmless."""
    texts = [_bare(cell) for cell in cells]
    width = len(columns)
    if len(cells) >= width == len(set(columns)) and not any(cells[width:]):
        mended = _mend_values(dict(zip(columns, texts, strict=False)))
        texts = [*mended.values(), *texts[width:]]
    return [f"'{text}" if text.startswith(FORMULA) else text for text in texts]


def _bare(cell: str) -> str:
    """A cell without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell


def _mend_line(line: str) -> str:
    try:
        row = read_json(line)
    except Unreadable:
        return line
    if not isinstance(row, dict):
        return line
    mended = _mend_values(dict(zip(_columns(list(row)), row.values(), strict=True)))
    if mended == row and list(mended) == list(row):
        return line
    return json.dumps(mended, ensure_ascii=False)


def _mend_values(values: Mapping[str, Any]) -> dict[str, Any]:
    mended = {name: _spelt(ManifestItem, name, value) for name, value in values.items()}
    text, language = mended.get("text_raw"), mended.get("language")
    if isinstance(text, str) and isinstance(language, str):
        mended["text_raw"] = _mend_text(text, language)
    return mended


def _mend_text(text: str, language: str) -> str:
    from tthd_tools.text import check_text, normalise

    if any(problem.fixable for problem in check_text(text, language)):
        return normalise(text, language)
    return text


def _spelt(model: type[BaseModel], name: str, value: Any) -> Any:
    """The value as its field has it, where that is only a matter of capitals and spaces."""
    if not isinstance(value, str):
        return value
    if name in LOWER:
        return value.strip().lower()
    if name == "license":
        return usual_licence(value) or value
    if name == "dialect":
        return known_dialect(value) or value
    return _choices(model).get(name, {}).get(plain_word(value), value)


@cache
def _choices(model: type[BaseModel]) -> Mapping[str, Mapping[str, str]]:
    """For each field with a closed list of words, the words by their plain spelling."""
    found = {}
    for name, field in model.model_fields.items():
        words = [word for word in _words(field.annotation) if isinstance(word, str)]
        if words:
            found[field.alias or name] = {plain_word(word): word for word in words}
    return found


def _words(annotation: Any) -> Iterator[Any]:
    for one in get_args(annotation):
        if isinstance(one, str):
            yield one
        else:
            yield from _words(one)


def _replacements(
    node: yaml.Node | None, model: type[BaseModel], text: str
) -> Iterator[tuple[int, int, str]]:
    """Where in the text of ``submission.yaml`` which value is to stand instead."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        inner = _inner_model(model, key.value)
        if inner is not None:
            yield from _replacements(value, inner, text)
        elif isinstance(value, yaml.ScalarNode):
            begin, end = value.start_mark.index, value.end_mark.index
            better = _spelt(model, key.value, value.value)
            if better != value.value and text[begin:end].strip("\"'") == value.value:
                yield begin, end, better


def _inner_model(model: type[BaseModel], name: Any) -> type[BaseModel] | None:
    field = model.model_fields.get(name) if isinstance(name, str) else None
    kind = None if field is None else field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


MENDS: Mapping[str, Callable[[str], str]] = {
    "submission.yaml": mend_submission,
    "items.csv": mend_table,
    "items.jsonl": mend_lines,
}
