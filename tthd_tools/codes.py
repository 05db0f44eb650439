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
        "empty",
        "The file has no bytes in it: a copy or a recording that never began.",
        "Copy it again from where it is whole.",
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
        "The file's name is not valid UTF-8, so it cannot be written down; what is shown of it has "
        "escapes such as \\xff in place of the odd bytes.",
        "Give it a name in UTF-8, then ingest again.",
    ),
    "S015": Text(
        "timeout",
        "A stage took longer than allowed on one clip and was ended; the other clips went on.",
        "Run again with --retry and a larger --timeout.",
    ),
    "S016": Text(
        "gone",
        "A file that was registered is no longer in the raw folder, or holds something else now: "
        "its clips are left out of whatever is built from now on.",
        "Nothing, if you have removed it; else put it back and ingest again: what was measured is "
        "still there until `tthd gc --apply`.",
    ),
    "S017": Text(
        "listed_wrongly",
        "The list that was given with --from says something of the file that cannot be: clip times "
        "that it does not have, or a crop for a picture of another shape. The message says where.",
        "Correct that line of the list, or leave the file out of it.",
    ),
    "S018": Text(
        "undescribed",
        "The file came in a submission, and what is read of it now is not its row there: without "
        "it nobody knows whose the file is and what may be done with it.",
        "Bring the row back, or name the folder of the manifests with `tthd ingest RAW --manifests "
        "DIR`; else remove the file.",
    ),
    "X001": Text(
        "internal_error",
        "A stage broke on one clip in a way that nobody foresaw: a fault of ours. The other clips "
        "went on, and the ledger keeps the traceback.",
        "Please report it, with what `tthd status --json` says of the item.",
    ),
}

REASONS: Mapping[str, Text] = {
    "undecodable": Text(
        "undecodable",
        "The file cannot be read as a video: it is none (S001), or damaged or cut off (S002).",
        "Copy it again from where it is whole; `tthd status` shows which it is.",
    ),
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
    "outside_segments": Text(
        "outside_segments",
        "That time of the file lies in none of the clips that its list or manifest names.",
        "Nothing: only what is listed is used. Add a clip to the list if it should be.",
    ),
    "outside_box": Text(
        "outside_box",
        "The face lies outside of the box that the list or manifest states for that time.",
        "Nothing: it is not the listed speaker. Look at the box if it should be.",
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
    "not_speaker": Text(
        "not_speaker",
        "Another face of the scene fits the sound clearly better (speaker_margin).",
        "Nothing, if this person listens. If they speak, look at speaker_score of both clips.",
    ),
    "small_face": Text(
        "small_face",
        "The face is narrower than 100 source pixels (tracks_face_px).",
        "Nothing yet: it is flagged only. Make it a `drop` rule if your model needs detail.",
    ),
    "enlarged": Text(
        "enlarged",
        "The crop had to be enlarged more than twice to fill the output picture (encode_upscale).",
        "Nothing yet: it is flagged only. The profile `hd` never enlarges.",
    ),
    "side_pose": Text(
        "side_pose",
        "The head is turned by more than 45 degrees in some frames (quality_yaw_p95).",
        "Nothing yet: it is flagged only.",
    ),
    "blurred": Text(
        "blurred",
        "The face shows little fine detail (quality_sharpness, a ratio): out of focus, moving, or "
        "compressed hard.",
        "Nothing yet: it is flagged only. Look at some of them before you drop any.",
    ),
    "other_faces": Text(
        "other_faces",
        "A frame of the clip shows more than 0.2 other faces on average (tracks_other_faces): "
        "one for a fifth of the clip, or two for a tenth.",
        "Nothing yet: it is flagged only.",
    ),
    "noisy": Text(
        "noisy",
        "The speech is less than 10 dB above the background (quality_snr_db).",
        "Nothing yet: it is flagged only.",
    ),
    "clipped_sound": Text(
        "clipped_sound",
        "More than 1 % of the sound is at full scale (quality_clipping): it was recorded too loud.",
        "Nothing yet: it is flagged only.",
    ),
    "judder": Text(
        "judder",
        "The conversion to 25 fps repeated or skipped more than six frames a second.",
        "Nothing yet: it is flagged only; each such frame is marked in the sample's timing.",
    ),
    "out_of_sync": Text(
        "out_of_sync",
        "Sound and lips are clearly more than 200 ms apart (sync_offset_ms; positive: sound late).",
        "Nothing yet: it is flagged only. Watch some of them before you drop any.",
    ),
    "doubtful_text": Text(
        "doubtful_text",
        "The transcript hardly fits the sound (alignment_confidence).",
        "Read it while you listen: it may belong to another file. Flagged only.",
    ),
    "doubtful_syllable": Text(
        "doubtful_syllable",
        "One syllable hardly fits the sound where it should be (alignment_worst_syllable).",
        "Listen there: something may be left out, added or said otherwise. Flagged only.",
    ),
    "fast_text": Text(
        "fast_text",
        "More than 12 syllables a second while there is speech (alignment_syllables_per_s).",
        "Read it while you listen: it may say more than the clip. Flagged only.",
    ),
}


def is_of_rights(code: str) -> bool:
    """Whether a file with that code is kept out for its rights, and not for what it is."""
    from tthd_tools.manifest.codes import RIGHTS

    return code in RIGHTS or code == "S018"


def explain(name: str) -> tuple[str, Text]:
    """A code (``S003``) or a reason (``no_face``) as it is written, and its text.

    Raises UsageError for an unknown one, suggesting the nearest.
    """
    from tthd_tools.manifest.codes import RULES
    from tthd_tools.review.states import STATES
    from tthd_tools.shards.codes import CODES as SHARD_CODES

    shard_codes = {code: Text(*text) for code, text in SHARD_CODES.items()}
    rules = {code: Text(rule.title, rule.meaning, rule.action) for code, rule in RULES.items()}
    by_reason = {text.title: text for text in (*rules.values(), *CODES.values())}
    states = {name: Text(name, *text) for name, text in STATES.items()}
    known = {**states, **by_reason, **CODES, **REASONS, **shard_codes, **rules}
    for wanted in (name, name.upper(), name.lower()):
        if wanted in known:
            return wanted, known[wanted]
    padded = f"{name[:1]}{name[1:]:0>3}".upper()  # S8 is short for S008
    if padded in known:
        raise UsageError(f"nothing is known as {name!r}; did you mean {padded!r}?")
    hints = (suggest(case, sorted(known)) for case in (name.upper(), name.lower()))
    hint = next((one for one in hints if "did you mean" in one), "")
    if not hint:
        hint = (
            "; codes look like S003, V012 or M024, reasons are those of `tthd status`, states "
            "those of `tthd review status`"
        )
    raise UsageError(f"nothing is known as {name!r}{hint}")
