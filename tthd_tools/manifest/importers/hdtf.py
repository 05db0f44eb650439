"""HDTF: ``RD_``, ``WDA_`` and ``WRA_annotion_time.txt`` with clip times, ``…_crop_wh.txt`` etc.

https://github.com/MRzzm/HDTF: ``NAME.mp4 00:30-01:00 01:30-02:30`` names clips 0 and 1 of a video;
``NAME_0.mp4 x width y height`` is a clip's crop in pixels of a picture as high as
``…_resolution.txt`` says. Files are whole videos ``NAME.mp4``, of which the clips become segments,
or clips ``NAME_0.mp4``, which count as cropped where they are square. The subset may stand before
the name, as in ``WDA_NAME_000.mp4``. Who speaks is not stated: the video stands for the speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.fields import number_of, shown, time_s_of
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.read import find_files, read_text
from tthd_tools.manifest.lists.records import Crop, Listing, Missing, Options, Row
from tthd_tools.manifest.lists.videos import Videos
from tthd_tools.sidecar import make_speaker_id

LICENSE: str | None = "CC-BY-4.0"
TIMES = re.compile(r"(.*)_annotion_time\.txt")
LARGEST_BYTES = 16 << 20


class Line(NamedTuple):
    """One line of one of its files: words after the name."""

    origin: str
    words: Sequence[str]


def read(raw: Path, options: Options) -> Listing:
    """Clips of all subsets, or of the one whose time file is given. Raises UsageError for none."""
    found = find_files(raw, TIMES.fullmatch) if options.list is None else _given(options.list)
    if not found:
        raise UsageError(f"there is no *_annotion_time.txt in {str(raw)!r}; give it with --list")
    videos = Videos(raw)
    rows = [row for path in found for row in _subset(videos, path)]
    return gather(videos, rows, {"license": LICENSE}, options.mapping.state)


def _given(path: Path) -> list[Path]:
    if path.is_dir():
        return find_files(path, TIMES.fullmatch)
    if not TIMES.fullmatch(path.name):
        raise UsageError(f"{path} is no list of HDTF; give an *_annotion_time.txt or its folder")
    return [path]


def _subset(videos: Videos, path: Path) -> Iterator[Row | Missing | str]:
    subset = path.name.removesuffix("_annotion_time.txt")
    crops = _lines(path.with_name(f"{subset}_crop_wh.txt"))
    heights = _lines(path.with_name(f"{subset}_resolution.txt"))
    for name, line in _lines(path).items():
        stem = name.removesuffix(".mp4")
        whole = videos.named(stem, f"{subset}_{stem}")
        is_there = bool(whole)
        for index, times in enumerate(line.words):
            row = _clip(
                line.origin, stem, times, crops.get(f"{stem}_{index}.mp4"), heights.get(name)
            )
            yield from (row._replace(path=video) for video in whole)
            for video in videos.named(f"{stem}_{index}", f"{subset}_{stem}_{index:03d}"):
                is_there = True
                yield _cut(videos, video, row)
        if not is_there:
            told = f"{line.origin}: {shown(name)} is listed but not there"
            yield Missing(name, line.origin, told)


def _clip(origin: str, stem: str, times: str, crop: Line | None, height: Line | None) -> Row:
    """A clip of a whole video: its times, and its crop as x, width, y, height in pixels."""
    row = Row("", origin, {"speaker_id": make_speaker_id(f"hdtf/{stem}")})
    start, _, end = times.partition("-")
    start_s, end_s = time_s_of(start), time_s_of(end)
    if start_s is None or end_s is None:
        return row._replace(flaw=f"{shown(times)} are no times such as 00:30-01:00")
    row = row._replace(start_s=start_s, end_s=end_s)
    if crop is None:
        return row
    numbers = [one for one in map(number_of, crop.words) if one is not None]
    if len(numbers) != 4:
        return row._replace(flaw=f"{crop.origin} does not hold four numbers")
    x, width, y, tall = numbers
    side = number_of(height.words[0]) if height is not None and height.words else None
    return row._replace(crop=Crop((x, y, x + width, y + tall), (None, side)))


def _lines(path: Path) -> dict[str, Line]:
    """The lines of a file by their first word; none where the file is not there."""
    if not path.is_file():
        return {}
    found = {}
    for number, text in enumerate(read_text(path, LARGEST_BYTES).splitlines(), start=1):
        words = text.split()
        if words:
            found[words[0]] = Line(f"{path.name}:{number}", words[1:])
    return found


def _cut(videos: Videos, video: str, clip: Row) -> Row:
    """The row of a clip's own file: all of its time; cropped already where it is square."""
    from tthd_tools.media import probe

    try:
        facts = probe(videos.raw / video)
    except Exception:  # told when the file is registered
        return Row(video, clip.origin, clip.values)
    crop = None if facts.width == facts.height else clip.crop
    return Row(video, clip.origin, clip.values, crop=crop)
