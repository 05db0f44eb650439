"""CREMA-D: names of actor, sentence, emotion and level, such as ``1001_IEO_ANG_HI.flv``.

https://github.com/CheyneyComputerScience/CREMA-D: ``SentenceFilenames.csv``, where it is there,
lists all clips. The levels low, medium and high are 1, 2 and 3 of ours; XX is not stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.read import find_files, read_csv
from tthd_tools.manifest.lists.records import Listing, Missing, Options, Row
from tthd_tools.manifest.lists.videos import Videos
from tthd_tools.sidecar import make_speaker_id

LICENSE: str | None = "ODbL-1.0"
DEFAULTS = {"language": "en", "license": LICENSE, "text_status": "prompt"}
LIST = "SentenceFilenames.csv"
NAME = re.compile(r"(1\d{3})_([A-Z]{3})_([A-Z]{3})_(LO|MD|HI|XX?)")
EMOTIONS = {
    "ANG": "angry",
    "DIS": "disgusted",
    "FEA": "fearful",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
LEVELS = {"LO": 1, "MD": 2, "HI": 3}
SENTENCES = {
    "IEO": "It's eleven o'clock",
    "TIE": "That is exactly what happened",
    "IOM": "I'm on my way to the meeting",
    "IWW": "I wonder what this is about",
    "TAI": "The airplane is almost full",
    "MTI": "Maybe tomorrow it will be cold",
    "IWL": "I would like a new alarm clock",
    "ITH": "I think I have a doctor's appointment",
    "DFA": "Don't forget a jacket",
    "ITS": "I think I've seen this before",
    "TSI": "The surface is slick",
    "WSI": "We'll stop in a couple of minutes",
}


def read(raw: Path, options: Options) -> Listing:
    """Videos with such a name, and what the list names besides. Raises UsageError for none."""
    videos = Videos(raw)
    rows = [row for path in videos.paths if (row := _row(path)) is not None]
    lists = find_files(raw, LIST.__eq__) if options.list is None else [options.list]
    if not rows:
        raise UsageError(f"no video in {str(raw)!r} has a name such as 1001_IEO_ANG_HI.flv")
    missing = [one for path in lists[:1] for one in _missing(path, videos)]
    return gather(videos, [*rows, *missing], DEFAULTS, options.mapping.state)


def _row(path: str) -> Row | None:
    match = NAME.fullmatch(PurePosixPath(path).stem)
    if match is None:
        return None
    actor, sentence, emotion, level = match.groups()
    values = {
        "speaker_id": make_speaker_id(f"crema-d/{actor}"),
        "emotion": EMOTIONS.get(emotion),
        "emotion_intensity": LEVELS.get(level),
        "emotion_origin": "intended",
        "text": SENTENCES.get(sentence, ""),
    }
    return Row(path, path, values, {"sentence": sentence})


def _missing(path: Path, videos: Videos) -> Iterator[Missing | str]:
    for record in read_csv(path):
        origin = f"{path.name}:{record.line}"
        stem = record.values.get("Filename")
        if not isinstance(stem, str) or not NAME.fullmatch(stem):
            yield f"{origin}: no name such as 1001_IEO_ANG_HI in column Filename"
        elif not videos.named(stem):
            yield Missing(f"{stem}.flv", origin, f"{origin}: '{stem}.flv' is listed but not there")
