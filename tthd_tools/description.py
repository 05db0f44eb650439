"""What somebody says about raw files: a manifest or a list is read into these records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Description:
    """What is said of one raw file.

    ``path`` is relative to the raw folder, with ``/``; ``origin`` says where it is said
    (``sub_x/items.csv:12``). ``fields`` are fields of ``Item`` by name; ``item_id`` and ``sha256``
    are None where they are not stated. A description with a ``refusal`` keeps its file out: code,
    reason and sentence.
    """

    path: str
    origin: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    item_id: str | None = None
    sha256: str | None = None
    refusal: tuple[str, str, str] | None = None


Refusal = tuple[str, str, str]
"""Why a file may not come in: code, reason and sentence."""


class Judge(Protocol):
    """What is against bytes, whatever the file is called that holds them."""

    def __call__(self, sha256: str) -> Refusal | None:
        """Why these bytes may not come in; None where nothing is against them."""


class Describe(Protocol):
    """Where descriptions come from."""

    def __call__(self, path: str) -> Description | None:
        """What is said of the file at that path, if anything is."""
