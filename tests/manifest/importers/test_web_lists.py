"""CelebV-HQ and TalkVid: JSON lists of clips of web videos, whole or cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.manifest.importers.conftest import Put, Read
from tthd_tools.sidecar import make_speaker_id

WHOLE = {"top": 0.0, "bottom": 1.0, "left": 0.0, "right": 0.5}


def celeb(start_s: Any, end_s: Any, emotion: Any = "neutral", **more: Any) -> dict[str, Any]:
    labels: Any = {"sep_flag": isinstance(emotion, list), "labels": emotion}
    clip = {
        "ytb_id": "M2Ohb0FAaJU",
        "duration": {"start_sec": start_s, "end_sec": end_s},
        "bbox": WHOLE,
        "attributes": {"appearance": [0, 1], "action": [0], "emotion": labels},
        "version": "v0.1",
    }
    return clip | more


def write_celeb(raw: Path, **clips: Any) -> None:
    text = json.dumps({"meta_info": {}, "clips": clips}, indent=1)
    (raw / "celebvhq_info.json").write_text(text)


def test_celebvhq_clips_of_a_whole_video_are_segments(put: Put, listing: Read, raw: Path) -> None:
    put("raw/M2Ohb0FAaJU.mp4")
    write_celeb(raw, M2Ohb0FAaJU_1=celeb(1.5, 4.25), M2Ohb0FAaJU_2=celeb(5, 6.5))
    found = listing("celebvhq")
    (one,) = found.descriptions
    assert found.remarks == []
    assert one.origin == "celebvhq_info.json:4"
    assert one.fields["segments"] == [
        {"start_s": 1.5, "end_s": 4.25, "box": [0.0, 0.0, 0.5, 1.0]},
        {"start_s": 5.0, "end_s": 6.5, "box": [0.0, 0.0, 0.5, 1.0]},
    ]
    assert (one.fields["emotion"], one.fields["emotion_origin"]) == ("neutral", "perceived")
    assert one.fields["speaker_id"] == make_speaker_id("celebvhq/M2Ohb0FAaJU")
    assert one.fields["license"] == "LicenseRef-CelebV-HQ-agreement"
    assert "language" not in one.fields


def test_celebvhq_emotions_that_differ_stay_with_their_pieces(
    put: Put, listing: Read, raw: Path
) -> None:
    put("M2Ohb0FAaJU.mp4")
    write_celeb(raw, a=celeb(1, 2, "happy"), b=celeb(3, 4, "sadness"), c=celeb(5, 6, "hungry"))
    found = listing("celebvhq")
    (one,) = found.descriptions
    assert "emotion" not in one.fields
    assert "emotion_origin" not in one.fields
    assert one.fields["stated"]["emotion_segments"] == [
        {"label": "happy", "intensity": None, "start_s": 1.0, "end_s": 2.0},
        {"label": "sad", "intensity": None, "start_s": 3.0, "end_s": 4.0},
    ]
    assert "emotion 'hungry' is none of ours" in found.remarks[0]


def test_celebvhq_emotions_within_a_piece_get_the_times_of_the_video(
    put: Put, listing: Read, raw: Path
) -> None:
    put("M2Ohb0FAaJU.mp4")
    labels = [
        {"emotion": "neutral", "start_sec": 0, "end_sec": 0.28},
        {"emotion": "happy", "start_sec": 1.28, "end_sec": 3.28},
    ]
    write_celeb(raw, a=celeb(2.5, 6, labels), b=celeb(7, 8, "happy"))
    (one,) = listing("celebvhq").descriptions
    assert "emotion" not in one.fields
    assert one.fields["stated"]["emotion_segments"] == [
        {"label": "neutral", "start_s": 2.5, "end_s": 2.78},
        {"label": "happy", "start_s": 3.78, "end_s": 5.78},
        {"label": "happy", "intensity": None, "start_s": 7.0, "end_s": 8.0},
    ]


def test_celebvhq_clips_that_were_cut_are_used_whole(put: Put, listing: Read, raw: Path) -> None:
    put("35666/M2Ohb0FAaJU_1.mp4")
    labels = [
        {"emotion": "neutral", "start_sec": 0, "end_sec": 0.28},
        {"emotion": "happy", "start_sec": 1.28, "end_sec": 3.28},
        {"emotion": "happy", "start_sec": 9, "end_sec": float("1e9") * -1},
    ]
    write_celeb(raw, M2Ohb0FAaJU_1=celeb(81.62, 86.17, labels), M2Ohb0FAaJU_2=celeb(1, 2))
    found = listing("celebvhq")
    (one,) = found.descriptions
    assert "segments" not in one.fields
    assert one.fields["stated"]["emotion_segments"] == [
        {"label": "neutral", "start_s": 0.0, "end_s": 0.28},
        {"label": "happy", "start_s": 1.28, "end_s": 3.28},
    ]
    assert [missing.path for missing in found.missing] == ["M2Ohb0FAaJU_2.mp4"]


@pytest.mark.parametrize(
    ("clip", "why"),
    [
        (celeb(1, 2, bbox={**WHOLE, "right": 1.5}), "does not lie in a picture of 0..1"),
        (celeb(1, 2, bbox={**WHOLE, "left": "x"}), "duration and bbox must be six numbers"),
        (celeb(1, 2, bbox=None), "duration and bbox must be six numbers"),
        (celeb(1e300, 2), "duration and bbox must be six numbers"),
        (celeb(3, 2), "a piece from 3 s to 2 s is none"),
        (celeb(True, 2), "duration and bbox must be six numbers"),
        (celeb(50, 60), "is not in a file of 10.0 s"),
    ],
)
def test_celebvhq_clips_that_cannot_be_keep_the_file_out(
    put: Put, listing: Read, raw: Path, clip: Any, why: str
) -> None:
    put("M2Ohb0FAaJU.mp4")
    write_celeb(raw, M2Ohb0FAaJU_1=clip)
    (one,) = listing("celebvhq").descriptions
    assert one.refusal is not None
    assert one.refusal[2].startswith("celebvhq_info.json:4: 'M2Ohb0FAaJU.mp4': ")
    assert why in one.refusal[2]


@pytest.mark.parametrize("clip", [None, [], "x", {}, {"ytb_id": 3}, {"ytb_id": ["x"]}])
def test_celebvhq_clips_that_name_no_video_are_told(
    put: Put, listing: Read, raw: Path, clip: Any
) -> None:
    put("M2Ohb0FAaJU.mp4")
    write_celeb(raw, first=celeb(1, 2), second=clip)
    found = listing("celebvhq")
    assert len(found.descriptions) == 1
    assert "clip 'second' names no ytb_id" in found.remarks[0]


def talk(start_s: Any, end_s: Any, video: str = "Tr6MMsoWAog", **info: Any) -> dict[str, Any]:
    return {
        "id": f"videovideo{video}-scene1-scene1",
        "height": 1080,
        "width": 1920,
        "fps": 24.0,
        "start-time": start_s,
        "end-time": end_s,
        "info": {
            "Person ID": "597",
            "Gender": "Male",
            "Video Link": f"https://www.youtube.com/watch?v={video}",
            "Language": "English",
        }
        | info,
        "dover_scores": 8.9,
        "head_detail": {"scores": {"avg_movement": 97.9}},
    }


def write_talk(raw: Path, *clips: Any) -> Path:
    path = raw / "filtered_video_clips.json"
    path.write_text(json.dumps(clips, indent=1))
    return path


def test_talkvid_clips_of_a_whole_video_are_segments(put: Put, listing: Read, raw: Path) -> None:
    put("Tr6MMsoWAog.mp4")
    (one,) = listing("talkvid", write_talk(raw, talk(0.1, 5.1416666), talk(6, 7))).descriptions
    assert one.fields == {
        "license": "CC-BY-NC-4.0",
        "language": "en",
        "speaker_id": make_speaker_id("talkvid/597"),
        "segments": [
            {"start_s": 0.1, "end_s": 5.141667, "box": None},
            {"start_s": 6.0, "end_s": 7.0, "box": None},
        ],
        "stated": {"dover_scores": 8.9, "gender": "Male"},
    }


def test_talkvid_clips_are_known_by_the_downloader_s_names_and_by_their_ids(
    put: Put, listing: Read, raw: Path
) -> None:
    put(
        "Tr6MMsoWAog/Tr6MMsoWAog_001_0.100_5.142.mp4",
        "videovideoabcdefghijk-scene1-scene1.mp4",
    )
    path = write_talk(raw, talk(0.1, 5.141666666666667), talk(1, 2, "abcdefghijk"), talk(7.5, 9))
    found = listing("talkvid", path)
    assert [one.path for one in found.descriptions] == [
        "Tr6MMsoWAog/Tr6MMsoWAog_001_0.100_5.142.mp4",
        "videovideoabcdefghijk-scene1-scene1.mp4",
    ]
    assert all("segments" not in one.fields for one in found.descriptions)
    assert [one.path for one in found.missing] == ["Tr6MMsoWAog_…_7.500_9.000.mp4"]


def test_talkvid_people_and_languages_that_differ_or_are_unknown_are_left_out(
    put: Put, listing: Read, raw: Path
) -> None:
    put("Tr6MMsoWAog.mp4")
    clips = talk(1, 2, Language="Klingon"), talk(3, 4, Language="Klingon", **{"Person ID": "598"})
    found = listing("talkvid", write_talk(raw, *clips))
    (one,) = found.descriptions
    assert not {"speaker_id", "language"} & set(one.fields)
    assert "the rows of 'Tr6MMsoWAog.mp4' differ in speaker_id" in found.remarks[0]


@pytest.mark.parametrize(
    "clip",
    [
        3,
        {},
        {"info": None},
        talk("x", 2),
        talk(1, None),
        talk(1, 2, **{"Video Link": None}),
        talk(1, 2, **{"Video Link": "file:///etc/passwd"}),
        talk(1, 2, "../../../.."),
    ],
)
def test_talkvid_clips_that_cannot_be_read_are_told_with_their_line(
    put: Put, listing: Read, raw: Path, clip: Any
) -> None:
    put("Tr6MMsoWAog.mp4")
    found = listing("talkvid", write_talk(raw, talk(1, 2), clip))
    assert len(found.descriptions) == 1
    assert found.remarks[0].startswith("filtered_video_clips.json:2")
