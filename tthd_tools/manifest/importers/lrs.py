"""LRS2 and LRS3: a subtitle beside each video, ``main/5535415699068794046/00001.mp4`` and ``.txt``.

https://www.robots.ox.ac.uk/~vgg/data/lip_reading: folders main or trainval, test and pretrain, in
them one folder a source video, in which the transcript's first line is ``Text: …``. Who speaks is
not stated: the source video stands for the speaker, so that no split divides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tthd_tools.errors import UsageError
from tthd_tools.manifest.lists.gather import gather
from tthd_tools.manifest.lists.read import find_files, read_text
from tthd_tools.manifest.lists.records import Listing, Missing, Options, Row
from tthd_tools.manifest.lists.videos import Videos
from tthd_tools.sidecar import make_speaker_id

LICENSE: str | None = None
DEFAULTS = {"language": "en"}
PATH = re.compile(r"(?:.*/)?(main|pretrain|trainval|test)/([^/]+)/(\d{5})\.(mp4|txt)")
LARGEST_BYTES = 1 << 20


def read(raw: Path, options: Options) -> Listing:
    """Videos in such folders; a transcript without its video is a missing file."""
    videos = Videos(raw)
    matches = [match for path in videos.paths if (match := PATH.fullmatch(path))]
    if not matches:
        raise UsageError(f"no video in {str(raw)!r} lies as main/ID/00001.mp4 or test/ID/00001.mp4")
    rows = [row for match in matches for row in _rows(videos, match)]
    return gather(videos, [*rows, *_missing(videos)], DEFAULTS, options.mapping.state)


def _rows(videos: Videos, match: re.Match[str]) -> Iterator[Row | str]:
    path, (split, source, _, _) = match.group(), match.groups()
    transcript = videos.raw / PurePosixPath(path).with_suffix(".txt")
    heads: dict[str, str] = {}
    if transcript.is_file() and not transcript.is_symlink():
        try:
            heads = _heads(transcript)
        except UsageError as error:
            yield f"{path}: {error}"
    else:
        yield f"{path}: there is no transcript beside it"
    # An empty text is said too: what lies beside the video is no plain transcript.
    text = heads.get("Text", "")
    values = {
        "speaker_id": make_speaker_id(f"lrs/{source}"),
        "text": text,
        "text_status": "human" if text else "none",
    }
    yield Row(path, path, values, {"split": split, "conf": heads.get("Conf")})


def _heads(transcript: Path) -> dict[str, str]:
    """The ``Name: value`` lines at the head of a transcript."""
    heads = {}
    for line in read_text(transcript, LARGEST_BYTES).splitlines()[:10]:
        name, colon, value = line.partition(":")
        if colon and name in ("Text", "Conf", "Ref"):
            heads[name] = " ".join(value.split())
    return heads


def _missing(videos: Videos) -> Iterator[Missing]:
    for file in find_files(videos.raw, re.compile(r"\d{5}\.txt").fullmatch):
        origin = file.relative_to(videos.raw).as_posix()
        path = str(PurePosixPath(origin).with_suffix(".mp4"))
        if PATH.fullmatch(origin) and path not in videos:
            yield Missing(path, origin, f"{origin}: its video {path!r} is not there")
