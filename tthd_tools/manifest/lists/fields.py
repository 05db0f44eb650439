"""Words of lists go in; our fields go out, or None: what is not certain is not guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from tthd_tools.manifest.schema import (
    LONGEST_TEXT,
    Emotion,
    Intensity,
    Language,
    Model,
    RightsBasis,
)
from tthd_tools.rights import Tier

EMOTIONS: Mapping[str, str] = {
    "neutral": "neutral",
    "calm": "calm",
    "happy": "happy",
    "happiness": "happy",
    "sad": "sad",
    "sadness": "sad",
    "angry": "angry",
    "anger": "angry",
    "fear": "fearful",
    "fearful": "fearful",
    "disgust": "disgusted",
    "disgusted": "disgusted",
    "surprise": "surprised",
    "surprised": "surprised",
    "contempt": "contempt",
    "other": "other",
    "unsure": "unsure",
}
LANGUAGES: Mapping[str, str] = {
    "arabic": "ar",
    "chinese": "zh",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "polish": "pl",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "thai": "th",
    "tibetan": "bo",
}
SHOWN = 60


def _without_controls(text: str) -> str:
    if any(ord(one) < 32 and one not in "\t\r\n" for one in text):
        raise ValueError("it holds control characters")
    return text


class Statement(Model):
    """What a list may say of a file: fields of ``Item``, in its own words."""

    speaker_id: Annotated[str, Field(pattern=r"^spk_[a-z0-9_-]{1,60}$")] | None = None
    language: Language | None = None
    dialect: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] | None = None
    text: Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_without_controls)] = ""
    text_status: Literal["none", "prompt", "asr_unverified", "human", "human_verified"] | None = (
        None
    )
    emotion: Emotion | None = None
    emotion_intensity: Intensity | None = None
    emotion_origin: Literal["intended", "perceived", "self_reported"] | None = None
    license: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+() -]{0,199}$")] | None = None
    rights: RightsBasis = "unknown"
    tier: Tier = "internal"


def checked(values: Mapping[str, Any], origin: str) -> tuple[dict[str, Any], list[str]]:
    """The fields that hold, and a sentence for each that does not and is left out."""
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return Statement.model_validate(given).model_dump(exclude_unset=True), []
    except ValidationError as error:
        wrong = {str(one["loc"][0]): one["msg"] for one in error.errors(include_url=False)}
    kept = {name: value for name, value in given.items() if name not in wrong}
    remarks = [
        f"{origin}: {name} {shown(given[name])} is left out: {why[:1].lower() + why[1:]}"
        for name, why in wrong.items()
    ]
    return Statement.model_validate(kept).model_dump(exclude_unset=True), remarks


def emotion_of(word: Any) -> str | None:
    """Our emotion for a dataset's word; None where there is no certain one."""
    return EMOTIONS.get(word.strip().lower()) if isinstance(word, str) else None


def language_of(word: Any) -> str | None:
    """The language tag for a language's English name; None where it is not known."""
    return LANGUAGES.get(word.strip().lower()) if isinstance(word, str) else None


def number_of(value: Any) -> float | None:
    """A finite number, given as one or as text; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not re.fullmatch(r"\s*[+-]?[0-9.eE+-]{1,40}\s*", value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e12 else None  # neither NaN nor infinite


def time_s_of(value: Any) -> float | None:
    """Seconds of ``12.5``, ``MM:SS`` or ``HH:MM:SS``; None where it is no time."""
    if not isinstance(value, str) or ":" not in value:
        return number_of(value)
    if not re.fullmatch(r"\s*(\d{1,3}:)?\d{1,3}:\d{1,2}(\.\d{1,9})?\s*", value):
        return None
    total = 0.0
    for part in value.split(":"):
        total = 60 * total + float(part)
    return total


def shown(value: Any) -> str:
    """A value of a list as it may stand in a sentence: short, and on one line."""
    if isinstance(value, str):
        text = repr(value[:SHOWN])
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) < 1e18):
        text = repr(value)
    else:
        text = type(value).__name__
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
