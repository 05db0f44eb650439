"""TalkVid: a JSON list of clips of web videos, with times, language and person.

https://github.com/FreedomIntelligence/TalkVid: files are whole videos ``VIDEO_ID.mp4``, of which
the clips become segments, or clips: ``VIDEO_ID_NNN_START_END.mp4`` as its own downloader writes
them, or ``ID.mp4``. It states no boxes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.fields import language_of, number_of, shown
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.read import read_json_list, read_jsonl
from tthd_tools.manifest.lists.records import Listing, Missing, Options, Row
from tthd_tools.manifest.lists.videos import Videos
from tthd_tools.sidecar import make_speaker_id

LICENSE: str | None = "CC-BY-NC-4.0"
VIDEO_ID = re.compile(r"(?:[?&]v=|youtu\.be/|/shorts/)([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])")
CUT = re.compile(r"([A-Za-z0-9_-]{11})_\d{3}_(\d+\.\d{3})_(\d+\.\d{3})")
STATED = ("description", "dover_scores", "cotracker_ratio")
PERSON = ("Ethnicity", "Age Group", "Gender", "Video Category")


def read(raw: Path, options: Options) -> Listing:
    """Clips of the list. Raises UsageError without a list."""
    path = options.list
    if path is None:
        raise UsageError("which list? give the JSON file of TalkVid with --list FILE")
    videos = Videos(raw)
    records = read_jsonl(path) if path.suffix.lower() == ".jsonl" else read_json_list(path)
    cuts: dict[tuple[str, str, str], list[str]] = {}
    for video in videos.paths:
        match = CUT.fullmatch(Path(video).stem)
        if match is not None:
            source, start, end = match.groups()
            cuts.setdefault((source, start, end), []).append(video)
    rows = (
        row
        for record in records
        for row in (
            [f"{path.name}:{record.line}: {record.flaw}"]
            if record.flaw
            else _rows(videos, cuts, record.values, f"{path.name}:{record.line}")
        )
    )
    return gather(videos, rows, {"license": LICENSE}, options.mapping.state)


def _rows(
    videos: Videos, cuts: dict[tuple[str, str, str], list[str]], clip: dict[str, Any], origin: str
) -> Iterator[Row | Missing | str]:
    info = clip.get("info") if isinstance(clip.get("info"), dict) else {}
    link = VIDEO_ID.search(str(info.get("Video Link"))[:500]) if info else None
    start_s, end_s = number_of(clip.get("start-time")), number_of(clip.get("end-time"))
    if link is None or info is None or start_s is None or end_s is None:
        yield f"{origin}: Video Link, start-time and end-time must be an address and two numbers"
        return
    source = link.group(1)
    values, stated = _said(clip, info, source)
    name = clip.get("id")
    cut = cuts.get((source, f"{start_s:.3f}", f"{end_s:.3f}"), [])
    cut = [*cut, *(videos.named(name) if isinstance(name, str) and name != source else ())]
    for path in cut:
        yield Row(path, origin, values, stated)
    whole = videos.named(source)
    for path in whole:
        yield Row(path, origin, values, stated, start_s, end_s)
    if not cut and not whole:
        told = f"{source}_…_{start_s:.3f}_{end_s:.3f}.mp4" if cuts else f"{source}.mp4"
        yield Missing(told, origin, f"{origin}: {shown(told)} is listed but not there")


def _said(
    clip: dict[str, Any], info: dict[str, Any], source: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    person = info.get("Person ID")
    is_named = isinstance(person, str | int) and str(person).strip()
    values = {
        "language": language_of(info.get("Language")),
        "speaker_id": make_speaker_id(f"talkvid/{person}" if is_named else f"talkvid/{source}"),
    }
    stated = {name: clip.get(name) for name in STATED} | {name: info.get(name) for name in PERSON}
    return values, {
        name.lower().replace(" ", "_"): value
        for name, value in stated.items()
        if isinstance(value, str | int | float)
    }
