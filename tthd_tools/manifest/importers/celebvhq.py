"""CelebV-HQ: ``celebvhq_info.json`` names clips of web videos with times, a box and emotions.

https://github.com/CelebV-HQ/CelebV-HQ: a clip's ``bbox`` is in 0..1, its emotion one label or
(``sep_flag``) several with times of the clip. Files are whole videos ``YTB_ID.mp4``, of which the
clips become segments, or clips that were cut and cropped, ``YTB_ID_N.mp4``. Who is seen is not
stated: the source video stands for the speaker, so that no split divides it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.fields import emotion_of, number_of, shown
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.read import find_files, read_json_object
from tthd_tools.manifest.lists.records import Crop, Listing, Missing, Options, Row
from tthd_tools.manifest.lists.videos import Videos
from tthd_tools.sidecar import make_speaker_id

LICENSE: str | None = "LicenseRef-CelebV-HQ-agreement"
LIST = "celebvhq_info.json"
SIDES = ("left", "top", "right", "bottom")


def read(raw: Path, options: Options) -> Listing:
    """Clips of the list. Raises UsageError where there is no list or it has no clips."""
    found = find_files(raw, LIST.__eq__) if options.list is None else [options.list]
    if not found:
        raise UsageError(f"there is no {LIST} in {str(raw)!r}; give it with --list FILE")
    data, text = read_json_object(found[0])
    clips = data.get("clips")
    if not isinstance(clips, dict):
        raise UsageError(f"{found[0]} has no object `clips`; is it {LIST}?")
    videos = Videos(raw)
    return gather(
        videos,
        _rows(videos, found[0].name, clips, text),
        {"license": LICENSE},
        options.mapping.state,
    )


def _rows(
    videos: Videos, file: str, clips: dict[str, Any], text: str
) -> Iterator[Row | Missing | str]:
    are_cut = any(videos.named(key) for key in clips)
    at, line = 0, 1
    for key, clip in clips.items():
        place = text.find(f'"{key}"', at)
        line, at = line + text.count("\n", at, place), place if place >= 0 else len(text)
        origin = file if place < 0 else f"{file}:{line}"  # a key with escapes is not looked for
        source = clip.get("ytb_id") if isinstance(clip, dict) else None
        if not isinstance(source, str) or not source:
            yield f"{origin}: clip {shown(key)} names no ytb_id"
            continue
        whole, cut = videos.named(source), videos.named(key)
        if whole and cut:
            yield f"{origin}: clip {shown(key)} is there twice, in {whole[0]!r} and as {cut[0]!r}"
        if not whole and not cut:
            name = f"{key if are_cut else source}.mp4"
            yield Missing(name, origin, f"{origin}: {shown(name)} is listed but not there")
        values, stated, remarks = _said(clip, origin)
        yield from remarks
        values["speaker_id"] = make_speaker_id(f"celebvhq/{source}")
        for path in cut:
            yield Row(path, origin, values, stated)
        for path in whole:
            yield _piece(path, origin, values, stated, clip)


def _piece(
    path: str, origin: str, values: dict[str, Any], stated: dict[str, Any], clip: dict[str, Any]
) -> Row:
    """A clip of a whole video: its times and its box, its emotions at times of the video."""
    times = [_part(clip.get("duration"), name) for name in ("start_sec", "end_sec")]
    sides = [_part(clip.get("bbox"), name) for name in SIDES]
    known = [one for one in (*times, *sides) if one is not None]
    if len(known) < 6:
        return Row(path, origin, values, flaw="duration and bbox must be six numbers")
    start_s, end_s, left, top, right, bottom = known
    later = {
        name: [
            one | {part: round(one[part] + start_s, 3) for part in ("start_s", "end_s")}
            for one in feelings
        ]
        for name, feelings in stated.items()
    }
    return Row(path, origin, values, later, start_s, end_s, Crop((left, top, right, bottom)))


def _part(data: Any, name: str) -> float | None:
    return number_of(data.get(name)) if isinstance(data, dict) else None


def _said(clip: dict[str, Any], origin: str) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Fields, what else is stated, and remarks. People have judged the emotions by looking."""
    attributes = clip.get("attributes")
    emotion = attributes.get("emotion") if isinstance(attributes, dict) else None
    labels = emotion.get("labels") if isinstance(emotion, dict) else None
    if isinstance(labels, str):
        ours = emotion_of(labels)
        remarks = [] if ours else [f"{origin}: emotion {shown(labels)} is none of ours"]
        return {"emotion": ours, "emotion_origin": "perceived"}, {}, remarks
    found = []
    for one in labels if isinstance(labels, list) else []:
        label = emotion_of(one.get("emotion")) if isinstance(one, dict) else None
        start_s, end_s = _part(one, "start_sec"), _part(one, "end_sec")
        if label and start_s is not None and end_s is not None and 0 <= start_s < end_s:
            found.append({"label": label, "start_s": start_s, "end_s": end_s})
    return {}, {"emotion_segments": found} if found else {}, []
