"""Corrections of a clip: what a reviewer says a field should be, with what it was."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tthd_tools.manifest.schema import Emotion as Emotion

Correctable = Literal["text", "dialect", "emotion", "emotion_intensity", "trim_s"]


def _is_clean(value: str) -> str:
    for one in value:
        if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t":
            raise ValueError(f"it holds the control character U+{ord(one):04X}")
    return value


Clean = AfterValidator(_is_clean)
Name = Annotated[str, Field(max_length=40), Clean]
Text = Annotated[str, Field(max_length=100_000), Clean]


class Record(BaseModel):
    """A frozen record that knows no other keys and converts nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class TextChange(Record):
    """A transcript and what it should be."""

    old: Text | None = None
    new: Text


class DialectChange(Record):
    """A dialect and what it should be."""

    old: Name | None = None
    new: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] | None


class EmotionChange(Record):
    """An emotion and what it should be."""

    old: Name | None = None
    new: Emotion | None


class IntensityChange(Record):
    """How strong an emotion is, and how strong it should be called."""

    old: Annotated[int, Field(ge=0, le=9)] | None = None
    new: Annotated[int, Field(ge=0, le=3)] | None


class TrimChange(Record):
    """What was there and what should stay: start and end, seconds from the clip's first frame."""

    old: tuple[float, float] | None = None
    new: tuple[float, float]

    @model_validator(mode="after")
    def _is_span(self) -> TrimChange:
        if not 0 <= self.new[0] < self.new[1]:
            raise ValueError("it must start at 0 or later, and end after its start")
        return self


class FieldsChanged(Record):
    """Corrections of a clip, by field; what was there before is kept beside it.

    A reviewer's later correction of a field replaces the earlier one; one to what the item says, or
    a trim to the whole clip, takes it back.
    """

    text: TextChange | None = None
    dialect: DialectChange | None = None
    emotion: EmotionChange | None = None
    emotion_intensity: IntensityChange | None = None
    trim_s: TrimChange | None = None

    def new(self) -> dict[Correctable, Any]:
        """The fields that are changed, and what they should be."""
        return {name: change.new for name, change in self._changes().items()}

    def plain(self) -> dict[Correctable, Any]:
        """The changes alone, as plain data."""
        return {name: change.model_dump(mode="json") for name, change in self._changes().items()}

    def _changes(self) -> dict[Correctable, Any]:
        found: Mapping[Any, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: change for name, change in found.items() if change is not None}
