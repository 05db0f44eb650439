"""An item's segments go in; the times and the boxes of it that may be used come out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tthd_tools.clip import Segment, Span

Box = tuple[float, float, float, float]
LEAST_GAP_S = 0.04
"""What is shorter between two segments holds no whole frame and is not told."""


def stretches(segments: Sequence[Segment], end_s: float) -> list[Span]:
    """The union of the segments' times, in order; the whole item where it has none.

    ``end_s`` is where the item ends; a stretch that reaches it goes on to infinity.
    """
    if not segments:
        return [Span(0.0, math.inf)]
    found: list[Span] = []
    for one in sorted((max(0.0, one.start_s), one.end_s) for one in segments):
        start_s, stop_s = one[0], math.inf if one[1] >= end_s else one[1]
        if start_s >= min(stop_s, end_s):
            continue
        if found and start_s <= found[-1].end_s:
            found[-1] = Span(found[-1].start_s, max(found[-1].end_s, stop_s))
        else:
            found.append(Span(start_s, stop_s))
    return found


def gaps(used: Iterable[Span], end_s: float) -> list[Span]:
    """What lies before, between and after the stretches of an item that ends at ``end_s``."""
    found = []
    before_s = 0.0
    for one in [*used, Span(end_s, math.inf)]:
        if one.start_s - before_s >= LEAST_GAP_S:
            found.append(Span(before_s, one.start_s))
        before_s = one.end_s
    return found


def bounds_s(segments: Iterable[Segment]) -> list[float]:
    """Every time at which a segment begins or ends, in order."""
    return sorted({time_s for one in segments for time_s in (one.start_s, one.end_s)})


def boxes_in(segments: Iterable[Segment], span: Span) -> list[Box]:
    """Boxes of the segments that hold the middle of ``span``; none where any place will do.

    A scene lies wholly inside or outside each segment, so the middle of a piece stands for all.
    """
    middle_s = (span.start_s + span.end_s) / 2
    boxes = [one.box for one in segments if one.start_s <= middle_s < one.end_s]
    return [] if None in boxes else [box for box in boxes if box is not None]
