"""Whether a visible face speaks the sound: scores per frame, and the choice among faces.

lips = fit_correlation(mouth, valid, log_mel)       # features of ``tracks``, ``audio_features``
scores = contrast(lips)                             # (T,)
choice = scores + moving(mouth, valid)              # what faces of a scene are compared by
scorer = open_network("light_asd_ava")
scores, belief = scorer.score(pictures, sound, lips)  # (T, 112, 112) and 16 kHz → (T,) each
choice = scores + moving(mouth, valid) + belief
score = total(scores, SCALES["correlation"])
to_best_other = margin(Evidence(0.0, choice), [Evidence(2.4, others)], SCALES["correlation"])
"""

from __future__ import annotations

from tthd_tools.speakers.choice import Evidence, is_active, margin, total
from tthd_tools.speakers.correlation import fit_correlation, moving
from tthd_tools.speakers.fits import Fits, contrast, smoothed
from tthd_tools.speakers.resolve import SCALES, SCORERS, Scale, open_network, resolve_scorer
from tthd_tools.speakers.squares import grey, squares
from tthd_tools.speakers.turns import match_turns

__all__ = [
    "SCALES",
    "SCORERS",
    "Evidence",
    "Fits",
    "Scale",
    "contrast",
    "fit_correlation",
    "grey",
    "is_active",
    "margin",
    "match_turns",
    "moving",
    "open_network",
    "resolve_scorer",
    "smoothed",
    "squares",
    "total",
]
