"""A transcript or subtitle file of any common encoding goes in; its text and its cues come out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tthd_tools.errors import AccessError, UsageError

LIMIT_BYTES = 8 << 20
MOST_CUES = 100_000
LONGEST_TIMES = 200
"""Characters of a line among which a pair of time codes is looked for."""
SAMPLE = 10_000
"""Characters that are looked at to guess an encoding."""

_CLOCK = r"(?:(\d{1,3})\s*:\s*)?(\d{1,2})\s*:\s*(\d{1,2})(?:\s*[.,:]\s*(\d{1,6}))?"
_ARROW = r"(?:-{1,3}\s*>|[–—]\s*>|→)"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*{_ARROW}\s*{_CLOCK}(?:\s.*)?", re.ASCII)
_LIKE_TIMES = re.compile(rf"-->|\d\s*:\s*\d[\d\s:.,;]{{0,30}}{_ARROW}", re.ASCII)
_NUMBER = re.compile(r"\s*\d{1,6}\s*", re.ASCII)
_MARKUP = re.compile(r"</?(?:i|b|u|s|c|v|font)\b[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}", re.I)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_TIBETAN_OR_ASCII = re.compile("[\u0f00-\u0fff\t\n\r -~]")


class Cue(NamedTuple):
    """What is said from ``start_s`` to ``end_s``, in seconds; ``line`` of the file, from 1."""

    start_s: float
    end_s: float
    text: str
    line: int


class Transcript(NamedTuple):
    """The text of a file, as sent; its cues, if it has times; ``remarks`` on what is odd."""

    text: str
    cues: tuple[Cue, ...]
    encoding: str
    remarks: tuple[str, ...]


def read_transcript(path: Path) -> Transcript:
    """Read a ``.txt``, ``.srt`` or ``.stt`` file; whether it has cues is seen from its lines.

    ``text`` is that of the whole file, or of all cues, one after another. Raises UsageError for
    what is no file, too large, no text, or has a time code that cannot be read; AccessError where
    it may not be read.
    """
    text, encoding = decode(_read(path), path.name)
    timed = any(_TIMES.fullmatch(line[:LONGEST_TIMES]) for line in text.split("\n"))
    if not timed and path.suffix.lower() != ".srt":
        return Transcript(text.rstrip(), (), encoding, ())
    cues, remarks = parse_cues(text, path.name)
    return Transcript("\n".join(one.text for one in cues), cues, encoding, remarks)


def parse_cues(text: str, source: str = "text") -> tuple[tuple[Cue, ...], tuple[str, ...]]:
    """The cues of subtitles, and remarks in one sentence each on those that were left out.

    Numbers may be missing, spaces stand anywhere in a time code, and its decimals be one to six
    digits after a comma, a point or a colon: ``0:00:07,43`` is 7.43 s. Raises UsageError, naming
    ``source``, where there is no time code, or a line with an arrow is no pair of them.
    """
    lines = text.split("\n")
    heads = [at for at, line in enumerate(lines) if _LIKE_TIMES.search(line[:LONGEST_TIMES])]
    if not 0 < len(heads) <= MOST_CUES:
        what = f"{len(heads)} cues, more than {MOST_CUES}; split it"
        raise UsageError(f"{source!r} has {what if heads else 'no time codes; save it as .txt'}")
    remarks = []
    before = [line for line in _without_number(lines[: heads[0]]) if line.strip()]
    if before and before != ["WEBVTT"]:
        remarks.append(f"line 1: text before the first time code is left out: {before[0][:40]!r}")
    cues, empty = [], []
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        start_s, end_s = _times(lines[head], head + 1, source)
        body = lines[head + 1 : after]
        said = _plain(body if after is None else _without_number(body))
        if not said:
            empty.append(head + 1)
        elif end_s <= start_s:
            remarks.append(f"line {head + 1}: a cue that ends before it begins is left out")
        else:
            cues.append(Cue(start_s, end_s, said, head + 1))
    if empty:
        remarks.append(f"line {empty[0]}: the first of {len(empty)} cues without text; left out")
    return tuple(cues), tuple(remarks)


def decode(data: bytes, source: str) -> tuple[str, str]:
    """Text with ``\\n`` at line ends and without BOM, and the name of its encoding.

    UTF-8, UTF-16 and UTF-32 with a BOM; without one UTF-8, and UTF-16 that is Tibetan for the most
    part. Raises UsageError, naming ``source``, for anything else and for control characters.
    """
    if len(data) > LIMIT_BYTES:
        raise UsageError(f"{source!r} is larger than {LIMIT_BYTES >> 20} MB; split it")
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text, guessed=encoding.endswith("e")):
            text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            return text, encoding.removesuffix("-sig")
    raise UsageError(f"{source!r} is no text in UTF-8 or UTF-16; save it as UTF-8")


def _encodings(data: bytes) -> list[str]:
    if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return ["utf-32"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    return ["utf-8-sig", "utf-16-le", "utf-16-be"]


def _is_text(text: str, *, guessed: bool) -> bool:
    """No control characters; a guess without a BOM must be Tibetan or ASCII for the most part."""
    if _CONTROL.search(text):
        return False
    sample = text[:SAMPLE]
    return not guessed or len(_TIBETAN_OR_ASCII.findall(sample)) > 0.9 * len(sample)


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UsageError(f"{str(path)!r} is no file; name a .txt, .srt or .stt file")
        with path.open("rb") as file:
            return file.read(LIMIT_BYTES + 1)
    except OSError as error:
        why = (error.strerror or "").lower()
        raise AccessError(f"{str(path)!r} cannot be read ({why}); mend its permissions") from error


def _without_number(body: list[str]) -> list[str]:
    """The lines before a time code, less the cue's number: digits alone, after a blank line."""
    end = len(body)
    while end and not body[end - 1].strip():
        end -= 1
    if end and _NUMBER.fullmatch(body[end - 1]) and (end == 1 or not body[end - 2].strip()):
        end -= 1
    return body[:end]


def _plain(lines: list[str]) -> str:
    """The text of a cue without the markup that players know."""
    return _MARKUP.sub("", "\n".join(line.strip() for line in lines)).strip()


def _times(line: str, number: int, source: str) -> tuple[float, float]:
    match = _TIMES.fullmatch(line[:LONGEST_TIMES])
    if match is None:
        raise UsageError(
            f"{source!r} line {number}: {line.strip()[:60]!r} is no pair of time codes; "
            "write 00:00:07,430 --> 00:00:13,750"
        )
    groups = match.groups()
    return _seconds(*groups[:4]), _seconds(*groups[4:])


def _seconds(hours: str | None, minutes: str, seconds: str, decimals: str | None) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return round(whole + float(f"0.{decimals or 0}"), 3)
