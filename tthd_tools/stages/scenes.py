"""Shots of an item: an item comes in, one scene per shot goes out."""

from __future__ import annotations

from typing import ClassVar, Literal

from tthd_tools.clip import Part

Edge = Literal["end", "cut", "fade"]


class ScenesPart(Part):
    """One shot.

    ``start_kind`` and ``end_kind`` say what bounds it: ``end`` of the file, a hard ``cut``, or a
    ``fade``; ``fades_s`` are times inside it at which the picture passes through black.
    """

    stage: ClassVar[str] = "scenes"
    index: int
    start_kind: Edge
    end_kind: Edge
    black: bool
    fades_s: tuple[float, ...] = ()
