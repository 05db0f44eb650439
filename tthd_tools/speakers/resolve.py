"""The engines that tell whether a face speaks, best first: which runs, and how it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tthd_tools import weights
from tthd_tools.engines import Engine, Resolved, resolve_engine

if TYPE_CHECKING:
    from tthd_tools.speakers.published import NetworkScorer

SEAM = "active speaker"
TORCH = {"torch": "torch"}
# The best first: ``auto`` never comes to those after ``correlation``. Fine-tuned on TalkSet, the
# networks take a chattering face for the speaker of any voice, also of a dubbed one.
SCORERS = (
    Engine("light_asd_ava", TORCH, ("light_asd_ava",), "speaker"),
    Engine("correlation", {}),
    Engine("light_asd", TORCH, ("light_asd",), "speaker"),
    Engine("lr_asd", TORCH, ("lr_asd",), "speaker"),
)


class Scale(NamedTuple):
    """What the scores of an engine mean.

    ``active_from``: the total from which a face speaks; ``silent_below``: under which it does not;
    ``frame_from``: the score of half a second from which it speaks there; ``grows``: the total is
    the mean times the root of the seconds, since chance shrinks so.
    """

    active_from: float
    silent_below: float
    frame_from: float
    grows: bool


SCALES = {
    "light_asd_ava": Scale(1.4, 0.4, 0.3, grows=True),
    "correlation": Scale(1.4, 0.4, 0.3, grows=True),
    "light_asd": Scale(0.0, 0.0, 0.0, grows=False),
    "lr_asd": Scale(0.0, 0.0, 0.0, grows=False),
}


def resolve_scorer(backend: str) -> Resolved:
    """Choose the engine without loading it.

    Raises UsageError for an unknown name or a missing extra, WeightsError for missing weights.
    """
    return resolve_engine(SEAM, SCORERS, backend)


def open_network(backend: str) -> NetworkScorer | None:
    """Load the network of an engine, None for ``correlation``; raises like ``resolve_scorer``."""
    name = resolve_scorer(backend).name
    if name == "correlation":
        return None
    from tthd_tools.speakers.published import NetworkScorer

    return NetworkScorer(name, weights.require(name))
