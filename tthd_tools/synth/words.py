"""Tibetan phrases come in; syllables, with the sounds that a mouth makes for them, go out."""

from __future__ import annotations

from typing import NamedTuple

TSHEG = "་"
SHAD = "།"


class Sound(NamedTuple):
    """One stretch of a syllable: how it sounds and where lips and jaw are.

    ``opening`` is the gap of the inner lips over the distance of the eyes, below zero for lips
    pressed together; ``width`` the width of the mouth over its width at rest, 0 where the
    following vowel decides.
    """

    duration_s: float
    voice: float = 0.0
    noise: float = 0.0
    noise_hz: float = 2500.0
    formants_hz: tuple[float, float, float] = (500.0, 1500.0, 2500.0)
    opening: float = 0.05
    width: float = 0.0


class Syllable(NamedTuple):
    """A written syllable and how it is said: onset, vowel, coda."""

    text: str
    onset: str
    vowel: str
    coda: str

    @property
    def roman(self) -> str:
        return self.onset + self.vowel + self.coda


VOWELS = {
    "a": Sound(0.13, 1.0, 0, 0, (780, 1300, 2550), 0.42, 1.0),
    "e": Sound(0.12, 1.0, 0, 0, (480, 1950, 2600), 0.24, 1.12),
    "i": Sound(0.11, 1.0, 0, 0, (290, 2250, 2950), 0.14, 1.2),
    "o": Sound(0.12, 1.0, 0, 0, (480, 880, 2450), 0.27, 0.72),
    "u": Sound(0.11, 1.0, 0, 0, (320, 750, 2300), 0.11, 0.6),
    "ö": Sound(0.12, 1.0, 0, 0, (430, 1550, 2350), 0.22, 0.76),
    "ü": Sound(0.11, 1.0, 0, 0, (290, 1800, 2250), 0.1, 0.62),
}


def _stop(opening: float, burst_hz: float, aspiration_s: float) -> tuple[Sound, ...]:
    return (
        Sound(0.06, opening=opening),
        Sound(0.015, 0, 0.7, burst_hz, opening=max(opening, 0.0) + 0.03),
        Sound(aspiration_s, 0, 0.18, 1500, opening=max(opening, 0.0) + 0.06),
    )


def _nasal(f2_hz: float, opening: float) -> tuple[Sound, ...]:
    return (Sound(0.085, 1.0, 0, 0, (260, f2_hz, 2300), opening),)


def _hiss(noise_hz: float, closure_s: float, noise_s: float, voice: float) -> tuple[Sound, ...]:
    hiss = Sound(noise_s, voice, 0.5, noise_hz, (300, 1700, 2500), 0.04)
    return (Sound(closure_s, opening=0.03), hiss) if closure_s else (hiss,)


def consonants() -> dict[str, tuple[Sound, ...]]:
    """The stretches of each consonant; p, b, ph and m close the lips, m and hums are loud."""
    glide = 0.055
    return {
        "": (),
        "k": _stop(0.06, 2000, 0.015),
        "kh": _stop(0.06, 2000, 0.06),
        "g": _stop(0.06, 1800, 0.008),
        "t": _stop(0.04, 4200, 0.015),
        "th": _stop(0.04, 4200, 0.06),
        "d": _stop(0.04, 3800, 0.008),
        "tr": _stop(0.04, 3000, 0.02),
        "p": _stop(-0.22, 900, 0.012),
        "ph": _stop(-0.22, 900, 0.06),
        "b": _stop(-0.22, 800, 0.006),
        "m": _nasal(1050, -0.25),
        "n": _nasal(1600, 0.05),
        "ny": _nasal(2000, 0.04),
        "ng": _nasal(1300, 0.08),
        "s": _hiss(5600, 0.0, 0.1, 0.0),
        "sh": _hiss(3400, 0.0, 0.1, 0.0),
        "z": _hiss(5200, 0.0, 0.09, 0.25),
        "zh": _hiss(3100, 0.0, 0.09, 0.25),
        "ch": _hiss(3400, 0.05, 0.06, 0.0),
        "j": _hiss(3200, 0.04, 0.04, 0.2),
        "ts": _hiss(5500, 0.05, 0.06, 0.0),
        "h": (Sound(0.07, 0, 0.3, 1300, opening=0.12),),
        "l": (Sound(glide, 0.75, 0, 0, (360, 1250, 2700), 0.07),),
        "r": (Sound(glide, 0.7, 0, 0, (420, 1350, 1750), 0.07),),
        "y": (Sound(glide, 0.8, 0, 0, (290, 2150, 2900), 0.05, 1.15),),
        "w": (Sound(glide, 0.8, 0, 0, (310, 700, 2250), 0.04, 0.55),),
    }


def phrases() -> tuple[str, ...]:
    """Everyday Tibetan phrases as ``syllable:onset-vowel-coda`` words, one phrase an entry."""
    return (
        "བཀྲ:tr-a- ཤིས:sh-i- བདེ:d-e- ལེགས:l-e-k",
        "ཐུགས:th-u-k རྗེ:j-e- ཆེ:ch-e-",
        "ཁྱེད:kh-e- རང:r-a-ng སྐུ:k-u- གཟུགས:z-u-k བདེ:d-e- པོ:p-o- ཡིན:y-i-n པས:p-e-",
        "ང:ng-a- བོད:p-ö- པ:p-a- ཡིན:y-i-n",
        "ངའི:ng-e- མིང:m-i-ng ལ:l-a- ཟླ:d-a- བ:w-a- ཟེར:s-e- གི:k-i- ཡོད:y-ö-",
        "བོད:p-ö- སྐད:k-e- སྦྱོང:j-o-ng གི:k-i- ཡོད:y-ö-",
        "ཨ:-a- མ:m-a- ལགས:l-a- ཁ:kh-a- ལག:l-a-k ཞིམ:zh-i-m པོ:p-o- འདུག:d-u-",
        "ང:ng-a- ལྷ:l-a- ས:s-a- ནས:n-e- ཡིན:y-i-n",
        "མོག:m-o- མོག:m-o-k མང:m-a-ng པོ:p-o- དགོས:g-ö-",
        "གཅིག:ch-i-k གཉིས:ny-i- གསུམ:s-u-m བཞི:zh-i- ལྔ:ng-a-",
        "དྲུག:tr-u-k བདུན:d-ü-n བརྒྱད:g-e- དགུ:g-u- བཅུ:ch-u-",
        "དེ:th-e- རིང:r-i-ng གནམ:n-a-m གཤིས:sh-i- ཡག:y-a- པོ:p-o- འདུག:d-u-",
        "མི:m-i- མང:m-a-ng པོ:p-o- བོད:p-ö- ལ:l-a- ཕྱིན:ch-i-n སོང:s-o-ng",
        "ཚང:ts-a-ng མ:m-a- མཉམ:ny-a-m དུ:th-u- འགྲོ:d-o-",
    )


def parse_phrase(phrase: str) -> list[Syllable]:
    """The syllables of one entry of ``phrases``."""
    syllables = []
    for word in phrase.split():
        text, said = word.split(":")
        syllables.append(Syllable(text, *said.split("-")))
    return syllables
