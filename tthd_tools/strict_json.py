"""JSON that somebody has sent goes in, plain data comes out, if it reads in one way only."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 20


def parse_json(text: str, deepest: int = DEEPEST) -> Any:
    """JSON without NaN, infinities, doubled keys, half characters and values nested too deep.

    Raises ValueError with what is wrong, in a few words.
    """
    try:
        value = strict_decoder().decode(text)
    except json.JSONDecodeError as error:
        where = f"in line {error.lineno}" if "\n" in text else f"at character {error.colno}"
        raise ValueError(f"no JSON {where} ({error.msg.lower()})") from None
    except RecursionError:
        raise ValueError(f"it is nested more than {deepest} deep") from None
    if _is_deeper(value, deepest):
        raise ValueError(f"it is nested more than {deepest} deep")
    if "\\u" in text or not text.isascii():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half characters (lone surrogates)") from None
    return value


def strict_decoder() -> json.JSONDecoder:
    """A decoder that refuses doubled keys, NaN and infinities with a ValueError."""
    return json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it names the key {twice[:60]!r} twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)
