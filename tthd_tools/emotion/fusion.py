"""The evidence of a clip and what is usual for its speaker come in; what is perceived goes out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.emotion.evidence import RATE_HZ, Evidence
from tthd_tools.emotion.face import NAMES, PRIOR, face_odds
from tthd_tools.emotion.speaker import Usual

Floats = NDArray[np.float64]

# Of the network, in the order of NAMES: how often each expression is in its training set, and what
# it says of people on the whole, which is a mean over 15 people who mostly just speak.
FER_TRAINING = np.array([0.173, 0.251, 0.168, 0.139, 0.110, 0.143, 0.016])
FER_USUAL = np.array([0.47, 0.18, 0.09, 0.09, 0.06, 0.10, 0.01])
FER_TRUST = 0.8  # 0.66 of the set's test pictures it had right, and moments last several pictures
ONLY_CLIP = 0.55  # how little the mesh is believed of a speaker of whom there is one clip alone
VOICE_TRUST = 0.5  # of voices in another language than its own a model is right in half, at best
FER_CLIPS = 3.0  # so many clips of a speaker weigh as much as what it says of people on the whole

# Valence and arousal of NAMES, after J. Russell 1980, J. Pers. Soc. Psychol. 39, figure 2.
CIRCUMPLEX = np.array(
    [[0, 0], [0.9, 0.4], [-0.8, -0.4], [-0.6, 0.8], [0.3, 0.9], [-0.5, 0.8], [-0.7, 0.4]]
)
SEMITONES, DECIBELS = 3.0, 6.0  # over a speaker's usual voice: plainly aroused


class Source(NamedTuple):
    """Odds (N, 7), how often they are to be believed, 0..1; intensity (N,) where it is told."""

    odds: Floats
    trust: float
    intensity: Floats | None = None

    @property
    def odds_in_doubt(self) -> Floats:
        """Where it is not to be believed, it may be anything."""
        return np.asarray(self.trust * self.odds + (1 - self.trust) / len(NAMES))


class Guess(NamedTuple):
    """The likeliest label, and how likely it is, 0..1."""

    label: str
    confidence: float


class Stretch(NamedTuple):
    """One emotion for a while, in seconds from the clip's first frame, the end exclusive."""

    start_s: float
    end_s: float
    label: str
    confidence: float


class Perceived(NamedTuple):
    """What a face shows on the whole: of all sources together, and of each.

    ``intensity`` 1..3, 0 for neutral, None where the cues do not tell it. ``valence`` and
    ``arousal`` -1..1, 0 where nothing is seen.
    """

    all: Guess
    face: Guess
    fer: Guess | None
    voice: Guess | None
    intensity: int | None
    valence: float
    arousal: float
    stretches: tuple[Stretch, ...]


def perceive(clip: Evidence, usual: Usual, least: float, shortest_s: float) -> Perceived | None:
    """Weigh the sources of a clip; None without a face.

    ``least``: how sure a stretch is at least, and ``shortest_s`` how long.
    """
    sources = sources_of(clip, usual)
    if not sources:
        return None
    odds = combined(list(sources.values()))
    alone = {name: guess(one.odds_in_doubt.mean(axis=0)) for name, one in sources.items()}
    on_the_whole = odds.mean(axis=0)
    label = guess(on_the_whole).label
    circumplex = believed(list(sources.values()))
    valence, arousal = np.clip((circumplex.mean(axis=0) - PRIOR) @ CIRCUMPLEX, -1, 1)
    return Perceived(
        all=guess(on_the_whole),
        face=alone["face"],
        fer=alone.get("fer"),
        voice=alone.get("voice"),
        intensity=_intensity(label, odds, sources["face"].intensity),
        valence=round(float(valence), 3),
        arousal=round(float(arousal), 3),
        stretches=tuple(find_stretches(odds, least, shortest_s)),
    )


def sources_of(clip: Evidence, usual: Usual) -> dict[str, Source]:
    """The mesh, the network where it has looked, a model of voices; none without a face."""
    if clip.cues is None:
        return {}
    face = face_odds(clip.cues, usual.resting_face)
    # a single clip does not tell how much of it is the person: alone it never gets a label
    found = {"face": Source(face.odds, 1 - ONLY_CLIP / usual.clips, face.intensity)}
    if clip.fer is not None:
        found["fer"] = Source(fer_odds(clip.fer, usual), FER_TRUST)
    if clip.voice is not None:
        found["voice"] = Source(np.tile(clip.voice, (len(face.odds), 1)), VOICE_TRUST)
    return found


def odds_of(clip: Evidence, usual: Usual) -> Floats:
    """What a face shows five times a second, (N, 7) in the order of NAMES; N is 0 without one."""
    sources = list(sources_of(clip, usual).values())
    return combined(sources) if sources else np.zeros((0, len(NAMES)))


def fer_odds(fer: Floats, usual: Usual) -> Floats:
    """What the network's odds (N, 7) say of such clips as ours, (N, 7).

    Faces at rest look angry or afraid to it, so what it says of the speaker on the whole is divided
    out, the more the more clips there are; then its training set's prior is exchanged for ours.
    """
    others = 0 if usual.fer is None else usual.clips - 1
    own = FER_USUAL if usual.fer is None else np.array(usual.fer)
    habit = (others * own + FER_CLIPS * FER_USUAL) / (others + FER_CLIPS)
    likely = fer * (FER_USUAL / habit) * (PRIOR / FER_TRAINING)
    likely /= likely.sum(axis=1, keepdims=True)
    return np.asarray(likely)


def combined(sources: Sequence[Source]) -> Floats:
    """Odds (N, 7) of all sources, in doubt of what all of them may be wrong in: (N, 7)."""
    if len(sources) == 1:
        return sources[0].odds_in_doubt
    doubt = float(np.prod([1 - source.trust for source in sources]))
    return Source(believed(sources), 1 - doubt).odds_in_doubt


def believed(sources: Sequence[Source]) -> Floats:
    """Odds (N, 7) of sources that err independently; one that is not believed changes nothing."""
    product = PRIOR
    for source in sources:
        product = product * (source.trust * source.odds / PRIOR + (1 - source.trust))
    return np.asarray(product / product.sum(axis=1, keepdims=True))


def guess(odds: Floats) -> Guess:
    """The likeliest of odds (7,)."""
    best = int(odds.argmax())
    return Guess(NAMES[best], round(float(odds[best]), 3))


def agree(guesses: Sequence[Guess | None], told: str | None, least: float) -> bool | None:
    """Whether all that are sure say the same; None where fewer than two do.

    What is not told from a face, such as contempt, is not compared; calm counts as neutral.
    """
    labels = [one.label for one in guesses if one is not None and one.confidence >= least]
    stated = "neutral" if told == "calm" else told
    if stated in NAMES:
        labels.append(stated)
    return len(set(labels)) == 1 if len(labels) > 1 else None


def find_stretches(odds: Floats, least: float, shortest_s: float) -> list[Stretch]:
    """Where one label of odds (N, 7), five a second, is the likeliest and, on the mean, sure."""
    found = []
    best = odds.argmax(axis=1)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1), len(best)]
    for start, end in pairwise(edges):
        sure = float(odds[start:end, best[start]].mean()) if end > start else 0.0
        if sure >= least and (end - start) / RATE_HZ >= shortest_s:
            span = (round(int(start) / RATE_HZ, 2), round(int(end) / RATE_HZ, 2))
            found.append(Stretch(*span, NAMES[best[start]], round(sure, 3)))
    return found


def voice_arousal(clip: Evidence, usual: Usual) -> float | None:
    """How much higher and louder than usual a speaker speaks, -1..1.

    None where no voice is heard, or where there is no other clip to compare it with.
    """
    if clip.pitch_st is None or clip.level_db is None or usual.clips < 2:
        return None
    if usual.pitch_st is None or usual.level_db is None:
        return None
    higher = (clip.pitch_st - usual.pitch_st) / SEMITONES
    louder = (clip.level_db - usual.level_db) / DECIBELS
    return round(float(np.tanh((higher + louder) / 2)), 3)


def _intensity(label: str, odds: Floats, intensity: Floats | None) -> int | None:
    """Mean intensity of the moments that show the label; the cues tell it of four of them."""
    if label == "neutral":
        return 0
    if intensity is None or label in ("fearful", "disgusted"):
        return None
    shown = odds.argmax(axis=1) == NAMES.index(label)
    felt = intensity[shown & (intensity > 0)]
    if not len(felt):
        return None
    return int(np.clip(round(float(felt.mean())), 1, 3))
