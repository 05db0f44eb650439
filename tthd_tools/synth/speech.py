"""A person, a length and a seed come in; when which sound is said and the mouth's curves go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.person import Person
from tthd_tools.synth.words import VOWELS, Sound, Syllable, consonants, parse_phrase, phrases

CONTROL_HZ = 200  # sampling of all curves
CLAP_OPEN_S, CLAP_OPENING = 0.2, 0.4
Emotion = Literal["neutral", "happy", "sad", "angry", "surprised"]
Curve = npt.NDArray[np.float64]
RATE_FACTOR: dict[Emotion, float] = {
    "neutral": 1.0,
    "happy": 1.1,
    "sad": 0.82,
    "angry": 1.15,
    "surprised": 1.0,
}


@dataclass(frozen=True)
class Said:
    """A syllable and when it is said, in seconds."""

    text: str
    roman: str
    start_s: float
    end_s: float
    phrase: int


@dataclass(frozen=True)
class Event:
    """What happens without words: ``pause``, ``silent_open``, ``hum`` (loud, lips closed), …"""

    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Speech:
    """The score of a stretch of speech: curves sampled at ``CONTROL_HZ``, one value a sample."""

    opening: Curve  # gap of the inner lips over the distance of the eyes
    width: Curve  # width of the mouth over its width at rest
    voice: Curve
    noise: Curve
    noise_hz: Curve
    formants_hz: Curve  # (3, n)
    effort: Curve  # loudness of the syllable, around 1
    said: tuple[Said, ...]
    events: tuple[Event, ...]
    clicks_s: tuple[float, ...] = ()


def plan_speech(person: Person, emotion: Emotion, seconds: float, seed: int) -> Speech:
    """Fill ``seconds`` with phrases, pauses, hums and silently open mouths."""
    rng = np.random.default_rng([seed, 21])
    sounds: list[tuple[Sound, float]] = []
    said: list[Said] = []
    events: list[Event] = []
    clock = 0.0

    def utter(sound: Sound, effort: float) -> None:
        nonlocal clock
        sounds.append((sound, effort))
        clock += sound.duration_s

    utter(Sound(float(rng.uniform(0.15, 0.35)), opening=-0.1, width=1.0), 1.0)
    events.append(Event("pause", 0.0, clock))
    tempo = person.rate * RATE_FACTOR[emotion] / 4.0
    stock = phrases()
    order: list[int] = []
    phrase = 0
    while clock < seconds:
        order = order or [int(k) for k in rng.permutation(len(stock))]
        for syllable in parse_phrase(stock[order.pop()]):
            start_s, effort = clock, float(10 ** rng.uniform(-0.22, 0.22))
            for sound in _pronounce(syllable, tempo * float(rng.uniform(0.9, 1.1))):
                utter(sound, effort)
            said.append(Said(syllable.text, syllable.roman, start_s, clock, phrase))
        phrase += 1
        for kind, sound in _interlude(rng):
            events.append(Event(kind, clock, clock + sound.duration_s))
            utter(sound, 1.0)
    return _curves(sounds, seconds, said, events)


def stay_silent(seconds: float, seed: int) -> Speech:
    """A listener: a closed mouth that opens silently now and then."""
    rng = np.random.default_rng([seed, 22])
    sounds: list[tuple[Sound, float]] = []
    events: list[Event] = []
    clock = 0.0
    while clock < seconds:
        for opening, low_s, high_s in ((-0.1, 1.2, 3.0), (float(rng.uniform(0.05, 0.2)), 0.2, 0.5)):
            sound = Sound(float(rng.uniform(low_s, high_s)), opening=opening, width=1.0)
            kind = "pause" if opening < 0 else "silent_open"
            events.append(Event(kind, clock, clock + sound.duration_s))
            sounds.append((sound, 1.0))
            clock += sound.duration_s
    return _curves(sounds, seconds, [], events)


def plan_claps(claps_s: Sequence[float], seconds: float) -> Speech:
    """A silent mouth that springs open with a click at known times and closes 0.2 s later."""
    mouth = Sound(seconds, opening=-0.1, width=1.0)
    events = [Event("clap", at_s, at_s + CLAP_OPEN_S) for at_s in claps_s if at_s < seconds]
    speech = _curves([(mouth, 1.0)], seconds, [], events)
    clock = np.arange(len(speech.opening)) / CONTROL_HZ
    opening = np.zeros_like(clock)
    for at_s in claps_s:
        inside = (clock >= at_s - 1e-9) & (clock < at_s + CLAP_OPEN_S)
        opening[inside] = CLAP_OPENING
    return replace(speech, opening=opening, clicks_s=tuple(e.start_s for e in events))


def _pronounce(syllable: Syllable, tempo: float) -> Iterator[Sound]:
    """The stretches of a syllable; consonants take their mouth width from the vowel."""
    table = consonants()
    vowel = VOWELS[syllable.vowel]
    for sound in (*table[syllable.onset], vowel, *table[syllable.coda]):
        width = sound.width or 0.5 + 0.5 * vowel.width
        yield sound._replace(duration_s=sound.duration_s / tempo, width=width)


def _interlude(rng: np.random.Generator) -> Iterator[tuple[str, Sound]]:
    """What comes between phrases, so that loudness alone does not give the mouth away."""
    closed = Sound(float(rng.uniform(0.2, 0.5)), opening=-0.1, width=1.0)
    yield "pause", closed
    draw = rng.uniform()
    if draw < 0.3:
        duration_s = float(rng.uniform(0.35, 0.7))
        yield "hum", Sound(duration_s, 1.0, 0, 0, (260, 1050, 2300), -0.2, 1.0)
        yield "pause", closed
    elif draw < 0.65:
        yield (
            "silent_open",
            Sound(float(rng.uniform(0.25, 0.5)), opening=float(rng.uniform(0.15, 0.4)), width=1.0),
        )
        yield "pause", closed


def _curves(
    sounds: list[tuple[Sound, float]], seconds: float, said: list[Said], events: list[Event]
) -> Speech:
    """Sample the stretches and let lips, tongue and glottis take their time."""
    n = round(seconds * CONTROL_HZ) + 1
    ends_s = np.cumsum([sound.duration_s for sound, _ in sounds])
    which = np.minimum(np.searchsorted(ends_s, np.arange(n) / CONTROL_HZ, "right"), len(sounds) - 1)

    def track(values: list[float], smooth_s: float) -> Curve:
        return _smooth(np.asarray(values, dtype=float)[which], smooth_s)

    columns = [sound for sound, _ in sounds]
    opening = track([s.opening for s in columns], 0.09)
    formants = [track([s.formants_hz[k] for s in columns], 0.05) for k in range(3)]
    kept = tuple(replace(s, end_s=min(s.end_s, seconds)) for s in said if s.start_s < seconds)
    return Speech(
        opening=np.maximum(opening, 0.0),
        width=track([s.width or 1.0 for s in columns], 0.11),
        voice=track([s.voice for s in columns], 0.02),
        noise=track([s.noise for s in columns], 0.01),
        noise_hz=track([s.noise_hz or 2500.0 for s in columns], 0.0),
        formants_hz=np.array(formants),
        effort=track([effort for _, effort in sounds], 0.05),
        said=kept,
        events=tuple(
            replace(e, end_s=min(e.end_s, seconds)) for e in events if e.start_s < seconds
        ),
    )


def _smooth(curve: Curve, seconds: float) -> Curve:
    """Average with a raised cosine of this length; zero leaves the curve as it is."""
    half = round(seconds * CONTROL_HZ / 2)
    if not half:
        return curve
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(curve, half, mode="edge"), window / window.sum(), "valid")
