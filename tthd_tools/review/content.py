"""What a decision is about: a clip goes in, the hash that its decisions are bound to comes out.

A clip's item must be the one that was sent, without corrections: a correction then does not change
the hash that it is bound to, neither for its own author nor for those who voted before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tthd_tools.clip import Clip, Item
from tthd_tools.workspace import canonical_json

CORRECTABLE = ("text", "dialect", "emotion", "emotion_intensity")
ROW = (
    "speaker_id", "consent_id", "rights", "license", "tier", "language", "dialect", "text",
    "text_status", "emotion", "emotion_intensity", "emotion_origin", "stated",
)  # fmt: skip
"""What an item's own manifest row says; where its file lies, and what was measured, is no part."""


@dataclass(frozen=True)
class Subject:
    """What can be reviewed: a clip as it is now.

    ``source_sha256`` is the hash of its item's bytes, to which decisions are bound whatever it is
    called. ``contributor`` is the handle of who sent it; ``sent`` holds what its item says of the
    fields that a reviewer can correct.
    """

    clip_id: str
    item_id: str
    content_sha256: str
    item_content_sha256: str
    source_sha256: str
    contributor: str | None = None
    duration_s: float = 0.0
    sent: Mapping[str, Any] = field(default_factory=dict)

    @property
    def piece(self) -> str:
        """Which clip of its item it is, such as ``_0000``."""
        return self.clip_id.removeprefix(self.item_id)


def subject_of(clip: Clip) -> Subject:
    """The clip as a subject of review; its item is the one that was sent."""
    return Subject(
        clip_id=clip.id,
        item_id=clip.item.item_id,
        content_sha256=content_sha256(clip),
        item_content_sha256=item_content_sha256(clip.item),
        source_sha256=clip.item.sha256,
        contributor=clip.item.contributor,
        duration_s=clip.span.duration_s,
        sent={name: getattr(clip.item, name) for name in CORRECTABLE},
    )


def content_sha256(clip: Clip) -> str:
    """Hash of a clip's source, span, track and row: what a decision about the clip is bound to."""
    return piece_content_sha256(clip.item, clip.span, clip.fingerprints.get("tracks"))


def piece_content_sha256(item: Item, span: tuple[float, float], track: str | None) -> str:
    """The same of a clip that may be there no more; ``track`` is the fingerprint of its track."""
    return _hash(
        {
            "source": item.sha256,
            "span": [round(t, 6) for t in span],
            "tracks": track,
            "row": _row(item),
        }
    )


def item_content_sha256(item: Item) -> str:
    """Hash of an item's source and row: what a decision about the whole item is bound to."""
    return _hash({"source": item.sha256, "row": _row(item)})


def _row(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in ROW}


def _hash(data: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()
