"""Labels of emotion: our union set, and the words of other data sets for it."""

from __future__ import annotations

from typing import Literal, get_args

from tthd_tools.manifest.schema import Emotion

Origin = Literal["intended", "perceived", "self_reported"]
LABELS: tuple[str, ...] = get_args(Emotion)
ORIGINS: tuple[str, ...] = get_args(Origin)
MOST_INTENSITY = 3  # 0 is none, which only neutral and calm have

_RAVDESS = {
    **{name: name for name in ("neutral", "calm", "happy", "sad", "angry", "fearful")},
    "disgusted": "disgust",
    "surprised": "surprised",
}
_MEAD = {
    **{name: name for name in ("neutral", "happy", "sad", "angry", "contempt", "disgusted")},
    "fearful": "fear",
    "surprised": "surprised",
}
FER2013 = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The classes of FER2013 in the order of its numbers (Goodfellow et al. 2013, arXiv:1307.0414)."""
_FROM_FER2013 = {
    **{name: name for name in ("angry", "happy", "sad", "neutral")},
    "disgust": "disgusted",
    "fear": "fearful",
    "surprise": "surprised",
}


def to_ravdess(label: str) -> str | None:
    """RAVDESS' word for one of our labels; None where it has none: it knows no contempt."""
    return _RAVDESS.get(label)


def to_mead(label: str) -> str | None:
    """MEAD's word for one of our labels; None where it has none: it knows no calm."""
    return _MEAD.get(label)


def from_fer2013(word: str) -> str | None:
    """Our label for one of FER2013's seven; None for any other word."""
    return _FROM_FER2013.get(word)
