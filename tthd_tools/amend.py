"""Clips as they were sent come in; as reviewers have corrected them, they go out to corpus stages.

A correction is an input of the stages that read what it changes: they are done again for that clip.
Everything else, and what decisions are bound to, keeps seeing the clip as it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tthd_tools.clip import Clip, Item
from tthd_tools.workspace import Workspace

Corrections = Mapping[str, Mapping[Any, Any]]
"""What reviewers have corrected: by clip, the new value of each field."""


def read_corrections(workspace: Workspace, clips: Sequence[Clip]) -> Corrections:
    """The corrections that stand, of clips as they were sent; a build looks at the logs itself."""
    if not any(workspace.reviews.rglob("decisions.*.jsonl")):
        return {}
    from tthd_tools.review.fold import review_clips
    from tthd_tools.review.settings import settings_for
    from tthd_tools.review.sources import read_sources

    settings = settings_for(workspace.root)
    found = review_clips(workspace.reviews, clips, settings, read_sources(workspace))
    reviews = ((clip.id, found.clips.get(clip.id)) for clip in clips)
    return {name: one.corrections for name, one in reviews if one is not None and one.corrections}


def amended(clip: Clip, corrections: Corrections) -> Clip:
    """The clip with its own corrections in its item."""
    own = corrections.get(clip.id)
    return clip if own is None else replace(clip, item=corrected(clip.item, own))


def corrected(item: Item, corrections: Mapping[Any, Any]) -> Item:
    """An item with what reviewers have corrected for one clip; the text normalised again."""
    from tthd_tools.text import normalise

    fields = {name: value for name, value in corrections.items() if name != "trim_s"}
    if not fields:
        return item
    if "text" in fields:  # ``text`` stays as it was sent
        fields |= {
            "text_norm": normalise(fields.pop("text"), item.language or ""),
            "text_status": "human_verified",
            "text_of": "clip",
        }
    if "emotion" in fields:
        fields |= {"emotion_origin": "perceived"}
    return item.model_copy(update=fields)
