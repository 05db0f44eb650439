"""One line of JSON goes in, plain data comes out; what readers take in two ways is refused."""

from __future__ import annotations

import json
from typing import Any

from tthd_tools.manifest.findings import Problem, Unreadable, shown

DEEPEST = 8
LONGEST_LIST = 1000


def read_json(text: str) -> Any:
    """Parse JSON. Raises Unreadable: no JSON (M063), too deep or too large (M064), a key that
    stands there twice (M065)."""
    try:
        data = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        message = f"This is no JSON: {error.msg.lower()} at character {error.pos + 1}"
        raise _stop("M063", "", message, "", "correct the quotes, commas and brackets") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # an integer of thousands of digits
        raise _stop("M064", "", "A number has too many digits", "", "write it shorter") from None
    _measure(data, DEEPEST)
    return data


def _measure(value: Any, levels: int) -> None:
    if not isinstance(value, dict | list):
        return
    if levels == 0:
        raise _too_deep()
    if len(value) > LONGEST_LIST:
        message = f"A list has more than {LONGEST_LIST} entries"
        raise _stop("M064", "", message, str(len(value)), "make it shorter")
    for one in value.values() if isinstance(value, dict) else value:
        _measure(one, levels - 1)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = "The key stands there twice"
        raise _stop("M065", twice, message, shown(twice), "keep one of the two")
    return found


def _constant(name: str) -> Any:
    raise _stop("M063", "", f"{name} is no JSON number", "", "leave the field out")


def _too_deep() -> Unreadable:
    return _stop("M064", "", f"Values are nested more than {DEEPEST} deep", "", "write them flat")


def _stop(code: str, field: str, message: str, value: str, fix: str) -> Unreadable:
    return Unreadable(Problem(code, field, message, value, fix))


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
