"""MEAD: folders of actor, view, emotion and level, ``M003/video/front/angry/level_1/001.mp4``.

https://github.com/uniBruce/Mead: actors M… and actresses W…, eight emotions at three levels, which
are ours; neutral has one only, our 0. What was said is not in the names, so it is not filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.fields import emotion_of
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.records import Listing, Options, Row
from tthd_tools.manifest.lists.videos import Videos
from tthd_tools.sidecar import make_speaker_id

LICENSE: str | None = "LicenseRef-MEAD-terms-of-use"
DEFAULTS = {"language": "en", "license": LICENSE}
PATH = re.compile(r"(?:.*/)?([MW]\d{3})/video/(\w+)/(\w+)/level_([1-3])/(\d{3})\.\w+")


def read(raw: Path, options: Options) -> Listing:
    """Videos in such folders. Raises UsageError where there is none."""
    videos = Videos(raw)
    rows = list(_rows(videos))
    if not rows:
        raise UsageError(
            f"no video in {str(raw)!r} lies as M003/video/front/angry/level_1/001.mp4 does"
        )
    return gather(videos, rows, DEFAULTS, options.mapping.state)


def _rows(videos: Videos) -> Iterator[Row | str]:
    for path in videos.paths:
        match = PATH.fullmatch(path)
        if match is None:
            continue
        actor, view, word, level, take = match.groups()
        emotion = emotion_of(word)
        if emotion is None:
            yield f"{path}: emotion {word!r} is none of ours and is left out"
        values = {
            "speaker_id": make_speaker_id(f"mead/{actor}"),
            "emotion": emotion,
            "emotion_intensity": 0 if emotion == "neutral" else int(level),
            "emotion_origin": "intended",
        }
        yield Row(path, path, values, {"view": view, "take": take})
