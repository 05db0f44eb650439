"""RAVDESS: names of seven numbers, such as ``01-01-06-01-02-01-12.mp4``.

https://zenodo.org/record/1188976: modality, vocal channel, emotion, intensity, statement,
repetition, actor. Its two intensities, normal and strong, are 2 and 3 of ours; neutral has one
only, our 0. All sentences are North American English, spoken (or sung) from a prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.records import Listing, Options, Row
from tthd_tools.manifest.lists.videos import Videos
from tthd_tools.sidecar import make_speaker_id

LICENSE: str | None = "CC-BY-NC-SA-4.0"
DEFAULTS = {"language": "en", "license": LICENSE, "text_status": "prompt"}
NAME = re.compile(r"(0[1-3])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-([01]\d|2[0-4])")
MODALITIES = {"01": "audio-video", "02": "video", "03": "audio"}
CHANNELS = {"01": "speech", "02": "song"}
EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgusted",
    "08": "surprised",
}
INTENSITIES = {"01": 2, "02": 3}
STATEMENTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}


def read(raw: Path, options: Options) -> Listing:
    """Videos with such a name. Raises UsageError where there is none."""
    videos = Videos(raw)
    rows = list(_rows(videos))
    if not rows:
        raise UsageError(f"no video in {str(raw)!r} has a name such as 01-01-06-01-02-01-12.mp4")
    return gather(videos, rows, DEFAULTS, options.mapping.state)


def _rows(videos: Videos) -> Iterator[Row]:
    for path in videos.paths:
        match = NAME.fullmatch(PurePosixPath(path).stem)
        if match is None:
            continue
        modality, channel, emotion, intensity, statement, repetition, actor = match.groups()
        values = {
            "speaker_id": make_speaker_id(f"ravdess/{actor}"),
            "emotion": EMOTIONS[emotion],
            "emotion_intensity": 0 if emotion == "01" else INTENSITIES[intensity],
            "emotion_origin": "intended",
            "text": STATEMENTS[statement],
        }
        stated = {
            "modality": MODALITIES[modality],
            "vocal_channel": CHANNELS[channel],
            "repetition": int(repetition),
        }
        yield Row(path, path, values, stated)
