"""What every code and reason means and what to do about it: the texts of ``tthd explain``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tthd_tools.errors import UsageError
from tthd_tools.pipeline import suggest


class Text(NamedTuple):
    """What a code or a reason means, and what a person can do."""

    title: str
    meaning: str
    action: str


CODES: Mapping[str, Text] = {
    "S001": Text(
        "undecodable",
        "The file cannot be opened as a video: it is no media file, or its index is missing "
        "(an mp4 that was cut off while it was copied or recorded).",
        "Copy it again from where it is whole; `ffmpeg -i FILE` says more.",
    ),
    "S002": Text(
        "undecodable",
        "The file is damaged from some point on: the message says at which second.",
        "Copy it again from where it is whole, or cut the damaged part off and ingest the rest.",
    ),
    "S003": Text(
        "no_video",
        "The file holds sound but no picture.",
        "Send the file with its picture; sound alone cannot become a talking-head clip.",
    ),
    "S004": Text(
        "unreadable",
        "The file cannot be read: permissions forbid it, or it is no longer where it was.",
        "Mend its permissions or put it back, then run the same command with --retry.",
    ),
    "S005": Text(
        "absurd",
        "The video has fewer than two frames, a side under 16 or over 16384 px, or a rate that no "
        "camera has.",
        "Check how it was exported.",
    ),
    "S006": Text(
        "no_audio",
        "The file has no sound stream.",
        "Send it with its sound; a talking-head clip needs both.",
    ),
    "S007": Text(
        "timeout",
        "A stage took longer than allowed on one clip and was ended; the other clips went on.",
        "Run again with --retry and a larger --timeout.",
    ),
    "S008": Text(
        "crashed",
        "The process that measured a clip died, of a fault in a native library or of too little "
        "memory; the other clips went on.",
        "Run again with --retry and fewer --workers.",
    ),
    "S009": Text(
        "out_of_memory",
        "A stage ran out of memory on one clip.",
        "Run again with --retry and fewer --workers.",
    ),
    "S010": Text(
        "stage_error",
        "A stage could not measure one clip; the message says why.",
        "Follow the message, then run again with --retry.",
    ),
    "S011": Text(
        "changed",
        "A raw file is not the one that was registered.",
        "Run `tthd ingest RAW` again: it becomes a new item.",
    ),
    "S012": Text(
        "disk_full",
        "The disk was full while a clip was written; nothing half-written is left.",
        "Free some space (`tthd gc`) and run the same command again.",
    ),
    "S013": Text(
        "duplicate",
        "The file holds the same bytes as another one, which is registered.",
        "Nothing: it is counted once. Remove the copy if you like.",
    ),
    "S014": Text(
        "bad_name",
        "The file's name is not valid UTF-8, so it cannot be written down.",
        "Give it a name in UTF-8.",
    ),
    "X001": Text(
        "internal_error",
        "A stage broke on one clip in a way that nobody foresaw: a fault of ours. The other clips "
        "went on, and the ledger keeps the traceback.",
        "Please report it, with what `tthd status --json` says of the item.",
    ),
}

REASONS: Mapping[str, Text] = {
    "no_face": Text(
        "no_face",
        "No face was found in the whole scene.",
        "Nothing, if nobody is seen there. A very small face: --set tracks.min_face_px=20.",
    ),
    "tiny_face": Text(
        "tiny_face",
        "The faces are narrower than tracks.min_face_px source pixels (48 by default).",
        "Send a closer or larger picture, or lower it: --set tracks.min_face_px=20.",
    ),
    "short_track": Text(
        "short_track",
        "A face was seen for less than tracks.min_track_s (1 s) without a jump or a gap.",
        "Nothing: such pieces are too short to learn from.",
    ),
    "too_short": Text(
        "too_short",
        "The clip is shorter than the policy allows (3 s by default).",
        "`tthd select` says what a shorter limit would gain; change the rule in the pipeline file.",
    ),
    "no_speech": Text(
        "no_speech",
        "There is speech in less than a tenth of the clip.",
        "Nothing, if nobody speaks there; else look at speech_ratio in the table.",
    ),
    "low_face_ratio": Text(
        "low_face_ratio",
        "The face is seen in less than 90 % of the clip's frames.",
        "`tthd select` says what a lower limit would gain.",
    ),
}


def explain(name: str) -> Text:
    """The text of a code (``S003``) or a reason (``no_face``).

    Raises UsageError for an unknown one, suggesting the nearest.
    """
    from tthd_tools.shards.codes import CODES as SHARD_CODES

    shard_codes = {code: Text(*text) for code, text in SHARD_CODES.items()}
    by_reason = {text.title: text for text in CODES.values()}
    known = {**by_reason, **CODES, **REASONS, **shard_codes}
    for wanted in (name, name.upper(), name.lower()):
        if wanted in known:
            return known[wanted]
    raise UsageError(f"nothing is known as {name!r}{suggest(name.upper(), sorted(known))}")
