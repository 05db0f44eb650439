"""What lies beside a video: ``NAME.txt`` and ``NAME.json`` come in, fields of its item go out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tthd_tools.strict_json import parse_json

LIMIT_BYTES = 1 << 20
LONGEST_WORD = 200
SUFFIXES = (".txt", ".json")
WORDS = ("language", "dialect", "emotion")


class Sidecars(NamedTuple):
    """``fields`` of the item; ``remarks`` say in one sentence each what could not be used."""

    fields: dict[str, Any]
    remarks: list[str]


def read_sidecars(video: Path) -> Sidecars:
    """Read the transcript and the metadata beside a video; what is unusable is left out and told.

    Known names of the metadata go into the item's own fields, all others into ``extra``.
    """
    found = Sidecars({}, [])
    text = _read(video.with_suffix(".txt"), str.strip, found.remarks)
    data = _read(video.with_suffix(".json"), _parse, found.remarks)
    if text:
        found.fields["text"] = text
    if data is None:
        return found
    if isinstance(data.get("text"), str):
        found.fields["text"] = data.pop("text").strip()
    for name in WORDS:
        if _is_word(data.get(name)):
            found.fields[name] = data.pop(name).strip()
    for name in ("speaker", "speaker_id"):  # the id wins
        if _is_word(data.get(name)):
            found.fields["speaker_id"] = make_speaker_id(data.pop(name).strip())
    found.fields["extra"] = data
    return found


def sidecar_stamp(video: Path) -> list[Any]:
    """Size and time of each sidecar: another stamp, another content."""
    stamp: list[Any] = []
    for suffix in SUFFIXES:
        path = video.with_suffix(suffix)
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            stamp.append([suffix, status.st_size, status.st_mtime_ns])
    return stamp


def make_speaker_id(speaker: str) -> str:
    """A speaker's id: the name if it is one already, else a hash that does not tell the name."""
    if re.fullmatch(r"spk_[a-z0-9_-]{1,60}", speaker):
        return speaker
    return f"spk_local_{hashlib.sha256(speaker.encode()).hexdigest()[:12]}"


def _read(path: Path, parse: Callable[[str], Any], remarks: list[str]) -> Any:
    """What ``parse`` makes of a small UTF-8 file; None, with a remark, where it cannot be used."""
    if not path.is_symlink() and not path.exists():
        return None
    why = ""
    try:
        if path.is_symlink():
            why = "is a link; put the file itself there"
        elif not path.is_file():
            why = "is no file"
        elif path.stat().st_size > LIMIT_BYTES:
            why = f"is larger than {LIMIT_BYTES >> 20} MB"
        else:
            text = path.read_text(encoding="utf-8-sig")
            if "\0" not in text:
                return parse(text)
            why = "is no UTF-8 text; save it as UTF-8"
    except UnicodeDecodeError:
        why = "is no UTF-8 text; save it as UTF-8"
    except OSError as error:
        why = f"cannot be read ({(error.strerror or '').lower()}); mend its permissions"
    except ValueError as error:
        why = f"is not used: {error}"
    remarks.append(f"{path.name!r} {why}")
    return None


def _parse(text: str) -> dict[str, Any]:
    data = parse_json(text)
    if not isinstance(data, dict):
        raise ValueError(f"it must hold one object {{…}}, not {type(data).__name__}")
    return data


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST_WORD
