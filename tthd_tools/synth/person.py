"""A seed comes in, a drawn person comes out: how they look and how their voice sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Colour = tuple[float, float, float]  # RGB, 0..255
HairStyle = Literal["short", "long", "bun"]

SKINS: tuple[Colour, ...] = (
    (232, 190, 160),
    (214, 165, 128),
    (196, 144, 108),
    (168, 116, 84),
    (240, 204, 180),
    (140, 96, 70),
)
HAIRS: tuple[Colour, ...] = (
    (28, 22, 20),
    (52, 36, 28),
    (92, 62, 40),
    (24, 24, 30),
    (110, 104, 100),
)
IRISES: tuple[Colour, ...] = ((70, 44, 26), (52, 34, 22), (84, 92, 70), (64, 84, 110))
SHIRTS: tuple[Colour, ...] = (
    (120, 32, 40),
    (38, 64, 104),
    (54, 92, 70),
    (196, 186, 170),
    (86, 60, 110),
    (190, 120, 40),
)
STYLES: tuple[HairStyle, ...] = ("short", "long", "bun")


@dataclass(frozen=True)
class Person:
    """One identity. Lengths are shares of half the width of the face."""

    name: str
    skin: Colour
    hair: Colour
    hair_style: HairStyle
    iris: Colour
    shirt: Colour
    lip_redness: float  # 0..1
    jaw: float  # exponent of the lower outline: 2 is round, 2.6 square
    eye_distance: float  # between the centres of the eyes
    eye_width: float  # half the width of one eye
    nose_width: float
    mouth_width: float  # half the width of the mouth at rest
    brow_thickness: float
    glasses: bool
    beard: float  # 0..1
    pitch_hz: float  # mean of the voice
    formant_scale: float  # 1 for a long vocal tract, 1.2 for a short one
    rate: float  # syllables per second


def invent_person(seed: int, name: str | None = None) -> Person:
    """The person of a seed: consecutive seeds differ in skin, hair, glasses and voice at once."""
    rng = np.random.default_rng([seed, 11])
    high_voice = seed % 2 == 1
    style = STYLES[(seed % 2) * (1 + seed // 2 % 2)]
    return Person(
        name=name or f"person{seed:02d}",
        skin=SKINS[seed % len(SKINS)],
        hair=HAIRS[(seed // 2 + seed) % len(HAIRS)],
        hair_style=style,
        iris=IRISES[seed // 2 % len(IRISES)],
        shirt=SHIRTS[(seed * 5 + 1) % len(SHIRTS)],
        lip_redness=float(rng.uniform(0.35, 0.6) + 0.3 * high_voice),
        jaw=float(rng.uniform(2.0, 2.15) if high_voice else rng.uniform(2.15, 2.45)),
        eye_distance=float(rng.uniform(0.84, 0.9)),
        eye_width=float(rng.uniform(0.19, 0.215)),
        nose_width=float(rng.uniform(0.17, 0.22)),
        mouth_width=float(rng.uniform(0.36, 0.41)),
        brow_thickness=float(rng.uniform(0.04, 0.055) if high_voice else rng.uniform(0.06, 0.08)),
        glasses=seed % 5 == 2,
        beard=0.0 if high_voice else float(rng.choice([0.0, 0.2, 0.4])),
        pitch_hz=float(rng.uniform(185, 235) if high_voice else rng.uniform(100, 140)),
        formant_scale=float(rng.uniform(1.12, 1.2) if high_voice else rng.uniform(0.97, 1.05)),
        rate=float(rng.uniform(3.6, 4.6)),
    )
