"""One sample of a shard by itself: its members' bytes come in, what is wrong with them goes out.

Shards may come from anywhere: nothing here unpickles, follows a name, or believes a length.
"""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tthd_tools.clip import AUDIO_RATE_HZ, FPS
from tthd_tools.errors import MediaError
from tthd_tools.rights import Standing
from tthd_tools.shards.check_arrays import check_landmarks, check_masks
from tthd_tools.shards.read import as_file, decode_sound
from tthd_tools.shards.sample import LANDMARKS, SOURCE_SOUND

Objection = tuple[str, str]
"""Code and sentence."""
MAX_BYTES = {
    "json": 64 << 20,
    "txt": 1 << 20,
    "mp4": 2 << 30,
    "wav": 256 << 20,
    "align.json": 64 << 20,
    "masks.npz": 64 << 20,
    SOURCE_SOUND: 1 << 30,
    LANDMARKS: 256 << 20,
}
SAMPLES_PER_FRAME = round(AUDIO_RATE_HZ / FPS)

Frames = Annotated[int, Field(ge=1, le=1_000_000)]
Index = Annotated[int, Field(ge=0)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class PictureRecord(_Open):
    """The stored picture."""

    frames: Frames
    size_px: Annotated[int, Field(ge=2, le=8192)]


class TimingRecord(_Open):
    """Source time of each frame, and the frames at which the rate conversion shows."""

    source_s: list[Finite]
    repeated: list[Index]
    skipped: list[Index]


class ConsentRecord(_Open):
    """What a consent allows; nothing where its list did not hold it."""

    status: str
    tier: str
    scope: list[str]


class SampleRecord(_Open):
    """What the ``json`` of every sample must hold; more is allowed."""

    key: str
    split: str
    speaker_group: str
    tier: str
    rights: str
    consent_id: str | None = None
    consent: ConsentRecord | None = None
    review_state: str
    picture: PictureRecord
    crop: list[Annotated[list[Finite], Field(min_length=4, max_length=4)]]
    timing: TimingRecord
    fingerprints: dict[str, str]
    parts: dict[str, Any]

    @property
    def standing(self) -> Standing:
        """How it stands, as it says itself."""
        standing = Standing(
            rights=self.rights,
            tier=self.tier,
            needs_consent=self.consent_id is not None,
            review=self.review_state,
        )
        if self.consent is None:
            return standing
        return replace(
            standing,
            consent_status=self.consent.status,
            consent_tier=self.consent.tier,
            consent_scope=frozenset(self.consent.scope),
        )


def read_record(key: str, data: bytes) -> SampleRecord:
    """The ``json`` of a sample. Raises ValueError with one sentence."""
    try:
        record = SampleRecord.model_validate(_json(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ValueError(f"its json is wrong at {where}: {first['msg']}") from error
    frames, timing = record.picture.frames, record.timing
    if record.key != key:
        raise ValueError(f"its json belongs to {record.key!r}")
    if not len(record.crop) == len(timing.source_s) == frames:
        raise ValueError(
            f"its json has {len(record.crop)} crops and {len(timing.source_s)} source times "
            f"for {frames} frames"
        )
    if max([*timing.repeated, *timing.skipped], default=0) >= frames:
        raise ValueError(f"its json marks a frame beyond the last of {frames}")
    return record


def check_members(record: SampleRecord, data: Mapping[str, bytes]) -> Iterator[Objection]:
    """What is wrong with text, sound, picture, masks and landmarks of one sample."""
    checks: dict[str, Callable[[bytes, PictureRecord], Iterator[Objection]]] = {
        "txt": _text,
        "mp4": _picture,
        "wav": _sound,
        "align.json": _align,
        "masks.npz": _masks,
        LANDMARKS: _landmarks,
    }
    for name, content in data.items():
        if name in checks:
            yield from checks[name](content, record.picture)


def _json(data: bytes) -> dict[str, Any]:
    def refuse(word: str) -> None:
        raise ValueError(f"it holds {word}")

    try:
        loaded = json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its json cannot be read: {error}") from error
    if not isinstance(loaded, dict):
        raise ValueError(f"its json is a {type(loaded).__name__}, not an object")
    return loaded


def _text(data: bytes, picture: PictureRecord) -> Iterator[Objection]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield "V012", f"its txt is not UTF-8: {error.reason} at byte {error.start}"


def _align(data: bytes, picture: PictureRecord) -> Iterator[Objection]:
    try:
        _json(data)
    except ValueError as error:
        yield "V012", f"its align.json: {error}"


def _sound(data: bytes, picture: PictureRecord) -> Iterator[Objection]:
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate_hz = file.getframerate()
        samples = len(decode_sound(data))
    except (wave.Error, EOFError, ValueError) as error:
        yield "V013", f"its wav cannot be read: {error or 'it ends too early'}"
        return
    expected = picture.frames * SAMPLES_PER_FRAME
    if rate_hz != AUDIO_RATE_HZ:
        yield "V013", f"its wav has {rate_hz} Hz, not {AUDIO_RATE_HZ}"
    elif abs(samples - expected) > SAMPLES_PER_FRAME:
        yield (
            "V013",
            f"its wav has {samples} samples, {picture.frames} frames of picture need {expected}",
        )


def _picture(data: bytes, picture: PictureRecord) -> Iterator[Objection]:
    from tthd_tools.media.picture import timed_frames

    if data[4:8] != b"ftyp":
        yield "V014", "its mp4 is not an MP4 file"
        return
    sizes: set[tuple[int, int]] = set()
    keyframes: list[int] = []
    frames = 0
    try:
        with as_file(data) as path:
            for decoded in timed_frames(path):
                sizes.add((decoded.picture.width, decoded.picture.height))
                if decoded.picture.key_frame:
                    keyframes.append(frames)
                frames += 1
    except MediaError:
        yield "V014", f"its mp4 is damaged: {frames} of {picture.frames} frames can be decoded"
        return
    if frames != picture.frames:
        yield "V014", f"its mp4 has {frames} frames, its json says {picture.frames}"
    if sizes != {(picture.size_px, picture.size_px)}:
        found = ", ".join(f"{width}x{height}" for width, height in sorted(sizes))
        yield "V014", f"its mp4 is {found}, its json says {picture.size_px}x{picture.size_px}"
    wrong = _wrong_keyframes(keyframes, frames)
    if wrong:
        yield "V015", f"its mp4 {wrong}"


def _wrong_keyframes(keyframes: list[int], frames: int) -> str | None:
    if keyframes[:1] != [0]:
        return "does not begin with a keyframe"
    longest = max(b - a for a, b in zip(keyframes, [*keyframes[1:], frames], strict=True))
    if longest > FPS:
        return f"goes {longest} frames without a keyframe, at most {FPS:.0f} are allowed"
    return None


def _masks(data: bytes, picture: PictureRecord) -> Iterator[Objection]:
    return (("V016", sentence) for sentence in check_masks(data, picture.frames))


def _landmarks(data: bytes, picture: PictureRecord) -> Iterator[Objection]:
    return (("V017", sentence) for sentence in check_landmarks(data, picture.frames))
