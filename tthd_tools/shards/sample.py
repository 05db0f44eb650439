"""One sample of a release: a finished clip comes in, its members go out in their fixed order."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zipfile import BadZipFile

from tthd_tools import __version__
from tthd_tools.alignment.transcripts import is_whole
from tthd_tools.arrays import load_arrays, save_arrays
from tthd_tools.clip import AUDIO_RATE_HZ, FPS, Clip
from tthd_tools.errors import AccessError, UsageError
from tthd_tools.rights import Consent, Standing, missing
from tthd_tools.stages.alignment import AlignmentPart
from tthd_tools.stages.encode import EncodePart
from tthd_tools.stages.masks import MasksPart
from tthd_tools.stages.tracks import POINT_SCALE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT: Literal[1] = 1
"""Version of the layout of a sample; raised when a member's meaning changes."""
REQUIRED = ("json", "txt", "mp4", "wav", "align.json", "masks.npz")
LANDMARKS = "lmk.npz"
SOURCE_SOUND = "flac"
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
STAGE_FOLDER = re.compile(r"[a-z0-9_]+\.[0-9a-f]{12}(\.\d+-\d+)?")
BLENDSHAPES = 52
STATED = (
    "item_id", "speaker_id", "submission_id", "contributor", "consent_id", "language", "dialect",
    "text_status", "emotion", "emotion_intensity", "emotion_origin", "rights", "license", "tier",
)  # fmt: skip
"""Fields of the item that every sample carries."""


@dataclass(frozen=True)
class Sample:
    """What a release needs of one clip; the files are only read when its shard is written.

    ``key`` is the clip's id, ``group`` the speaker group that decides the shard. ``record`` becomes
    the ``json`` member, with crop and timing of each frame added from ``tracks``, the folder with
    ``track.npz`` and ``features.npz``. ``record["fingerprints"]`` must change whenever a file does:
    a shard whose records have not changed is not written again.
    """

    key: str
    split: str
    group: str
    record: Mapping[str, Any]
    text: str
    video: Path
    audio: Path
    masks: Path
    tracks: Path
    frames: int
    size_px: int
    align: Mapping[str, Any] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)

    @property
    def seconds(self) -> float:
        """Length of the picture."""
        return self.frames / FPS


def sample_of(
    clip: Clip,
    *,
    split: str = "all",
    group: str | None = None,
    tier: str = "internal",
    standing: Standing | None = None,
    consent: Consent | None = None,
    corrected: Sequence[str] = (),
    flags: Sequence[str] = (),
    align: Mapping[str, Any] | None = None,
) -> Sample:
    """The sample of a finished clip, for a release of that ``tier``.

    ``group`` is the speaker group (the item's speaker where none is known), ``standing`` how the
    clip stands (its item's rights, unreviewed, where it is not given) by its ``consent``,
    ``corrected`` the fields that reviewers have corrected, ``flags`` the policy's rules that marked
    it. Raises KeyError for a clip that has not come through the stages tracks, encode and masks.
    """
    group = group or clip.item.speaker_id
    standing = standing or Standing(rights=clip.item.rights, tier=clip.item.tier)
    encode = clip.part(EncodePart)
    text = _text(clip)
    record = _record(clip, encode, tier, text) | {
        "split": split,
        "speaker_group": group,
        "consent": None if consent is None else _consent(consent),
        "review_state": standing.review,
        "missing": missing(standing),
        "corrected": sorted(corrected),
        "flags": list(flags),
    }
    return Sample(
        key=clip.id,
        split=split,
        group=group,
        record=record,
        text=text,
        video=clip.file(EncodePart, "video.mp4"),
        audio=clip.file(EncodePart, "audio.wav"),
        masks=clip.file(MasksPart, "masks.npz"),
        tracks=clip.folders["tracks"],
        frames=encode.frames,
        size_px=encode.size_px,
        align=_alignment(clip) if align is None else align,
        standing=standing,
    )


def _text(clip: Clip) -> str:
    """What is said in the clip: found by an aligner, or the transcript of an item that is whole.

    Empty for a piece of an item of whose text nobody knows which part is said in it.
    """
    part = clip.part(AlignmentPart) if clip.has(AlignmentPart) else AlignmentPart()
    if part.text is not None:
        return part.text
    return clip.item.text_norm if is_whole(clip) else ""


def _alignment(clip: Clip) -> dict[str, Any]:
    return clip.part(AlignmentPart).record() if clip.has(AlignmentPart) else {}


def _consent(consent: Consent) -> dict[str, Any]:
    return {"status": consent.status, "tier": consent.tier, "scope": sorted(consent.scope)}


def _record(clip: Clip, encode: EncodePart, tier: str, text: str) -> dict[str, Any]:
    item = clip.item
    source: dict[str, Any] = {
        "sha256": item.sha256,
        "size_bytes": item.size_bytes,
        "duration_s": item.duration_s,
        "probe": item.probe,
    }
    if tier == "internal":  # file names and a camera's metadata may name people and places
        source |= {"path": item.path, "stated": item.stated, "extra": item.extra}
    return {
        "format": FORMAT,
        "tool": f"tthd-tools {__version__}",
        "key": clip.id,
        **{name: getattr(item, name) for name in STATED},
        "text_raw": item.text,
        "text_of": "clip" if text or not item.text_norm else "item",
        "source": source,
        "start_s": clip.span.start_s,
        "end_s": clip.span.end_s,
        "picture": {"frames": encode.frames, "fps": FPS, "size_px": encode.size_px},
        "sound": {"samples": encode.samples, "rate_hz": AUDIO_RATE_HZ},
        "parts": {name: part.model_dump(mode="json") for name, part in clip.parts.items()},
        "fingerprints": dict(clip.fingerprints),
    }


def members(sample: Sample, names: tuple[str, ...]) -> Iterator[tuple[str, bytes | Path]]:
    """Name and content of each member, in order; a path stands for a file copied as it is.

    Raises AccessError for arrays that cannot be read.
    """
    track = _load(sample.tracks / "track.npz")
    _load(sample.masks)  # copied as they are, but not if they are damaged
    content: dict[str, bytes | Path] = {
        "json": canonical_json({**sample.record, **_frames(track)}),
        "txt": sample.text.encode(),
        "mp4": sample.video,
        "wav": sample.audio,
        "align.json": canonical_json(sample.align),
        "masks.npz": sample.masks,
    }
    if LANDMARKS in names:
        pose = _load(sample.tracks / "features.npz")["pose"]
        content[LANDMARKS] = _landmarks(track, pose, sample.size_px)
    for name in names:
        yield name, content[name]


def _frames(track: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """What makes the clip recuttable: per frame the crop (centre, side, angle) and source time."""
    return {
        "crop": track["crop"].tolist(),
        "timing": {
            "source_s": track["source_s"].tolist(),
            "repeated": track["repeated"].nonzero()[0].tolist(),
            "skipped": track["skipped"].nonzero()[0].tolist(),
        },
    }


def _landmarks(track: Mapping[str, NDArray[Any]], pose: NDArray[np.float16], size_px: int) -> bytes:
    """Mesh in pixels of the stored picture, validity, pose in degrees and blendshapes as npz."""
    import numpy as np

    points = track["mesh"].astype(np.float32) * (size_px / POINT_SCALE)
    points[..., :2] += size_px / 2
    unmeasured = np.full((len(points), BLENDSHAPES), np.nan)
    file = io.BytesIO()
    save_arrays(
        file,
        points=points.astype(np.float16),
        valid=track["valid"].astype(bool),
        pose=pose.astype(np.float16),
        blendshapes=track.get("blendshapes", unmeasured).astype(np.float16),
    )
    return file.getvalue()


def _load(path: Path) -> dict[str, NDArray[Any]]:
    try:
        return load_arrays(path)
    except (OSError, ValueError, EOFError, RuntimeError, BadZipFile, zlib.error) as error:
        raise AccessError(
            f"{path} cannot be read ({error}); remove {stage_folder(path)}, and "
            "`tthd build-shards` makes it again"
        ) from error


def stage_folder(path: Path) -> Path:
    """The folder of the stage that wrote a file: the files of each track lie in one inside it."""
    named = (folder for folder in path.parents if STAGE_FOLDER.fullmatch(folder.name))
    return next(named, path.parent)


def canonical_json(data: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys: the same data give the same bytes. Raises ValueError on NaN."""
    text = json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def check_key(key: str) -> None:
    """Raises UsageError if a key would be split or folded by a reader of tar files."""
    if not KEY.fullmatch(key):
        raise UsageError(
            f"{key!r} cannot be the key of a sample: use at most 80 lower case letters a-z, "
            "digits, _ and -, and no dots"
        )
