"""Datasets whose file names say everything: RAVDESS, CREMA-D, MEAD, and LRS with its subtitles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest.importers.conftest import Put, Read
from tthd_tools.sidecar import make_speaker_id


def test_ravdess_says_speaker_emotion_and_sentence(put: Put, listing: Read) -> None:
    put("Actor_12/02-01-06-02-02-01-12.mp4", "Actor_02/01-02-01-01-01-02-02.mp4")
    song, speech = listing("ravdess").descriptions
    assert speech.path == "Actor_12/02-01-06-02-02-01-12.mp4"
    assert speech.fields == {
        "language": "en",
        "license": "CC-BY-NC-SA-4.0",
        "text_status": "prompt",
        "speaker_id": make_speaker_id("ravdess/12"),
        "emotion": "fearful",
        "emotion_intensity": 3,
        "emotion_origin": "intended",
        "text": "Dogs are sitting by the door",
        "stated": {"modality": "video", "vocal_channel": "speech", "repetition": 1},
    }
    assert (song.fields["emotion"], song.fields["emotion_intensity"]) == ("neutral", 0)
    assert song.fields["stated"]["vocal_channel"] == "song"


@pytest.mark.parametrize(
    "name", ["01-01-09-01-01-01-01", "01-01-01-01-01-01-25", "01-01-01-01-01-01", "x-01-01"]
)
def test_a_name_that_is_not_ravdess_s_is_in_no_list(put: Put, listing: Read, name: str) -> None:
    put("01-01-03-01-01-01-01.mp4", f"{name}.mp4")
    found = listing("ravdess")
    assert [one.path for one in found.descriptions] == ["01-01-03-01-01-01-01.mp4"]
    assert found.remarks == [f"1 video is in no list and comes in without one: '{name}.mp4'"]


def test_crema_d_says_speaker_emotion_level_and_sentence(put: Put, listing: Read) -> None:
    put("VideoFlash/1001_IEO_DIS_MD.flv", "VideoFlash/1091_TIE_NEU_XX.flv")
    acted, neutral = listing("crema-d").descriptions
    assert acted.fields == {
        "language": "en",
        "license": "ODbL-1.0",
        "text_status": "prompt",
        "speaker_id": make_speaker_id("crema-d/1001"),
        "emotion": "disgusted",
        "emotion_intensity": 2,
        "emotion_origin": "intended",
        "text": "It's eleven o'clock",
        "stated": {"sentence": "IEO"},
    }
    assert neutral.fields["emotion"] == "neutral"
    assert "emotion_intensity" not in neutral.fields


def test_crema_d_s_own_list_tells_what_is_not_there(put: Put, listing: Read, raw: Path) -> None:
    put("1001_IEO_NEU_XX.mp4")
    text = '"Stimulus_Number","Filename"\n1,"1001_IEO_NEU_XX"\n2,"1001_IEO_HAP_LO"\n3,"../x"\n'
    (raw / "SentenceFilenames.csv").write_text(text)
    found = listing("crema-d")
    assert [tuple(one) for one in found.missing] == [
        (
            "1001_IEO_HAP_LO.flv",
            "SentenceFilenames.csv:3",
            "SentenceFilenames.csv:3: '1001_IEO_HAP_LO.flv' is listed but not there",
        )
    ]
    assert found.remarks == [
        "SentenceFilenames.csv:4: no name such as 1001_IEO_ANG_HI in column Filename"
    ]


def test_mead_says_speaker_view_emotion_and_level(put: Put, listing: Read) -> None:
    put(
        "M003/video/front/angry/level_1/001.mp4",
        "M003/video/left_30/neutral/level_1/002.mp4",
        "mead/W009/video/top/contempt/level_3/030.mp4",
        "W009/video/front/bored/level_2/001.mp4",
    )
    found = listing("mead")
    angry, neutral, bored, contempt = found.descriptions
    assert angry.fields == {
        "language": "en",
        "license": "LicenseRef-MEAD-terms-of-use",
        "speaker_id": make_speaker_id("mead/M003"),
        "emotion": "angry",
        "emotion_intensity": 1,
        "emotion_origin": "intended",
        "stated": {"view": "front", "take": "001"},
    }
    assert neutral.fields["emotion_intensity"] == 0
    assert contempt.fields["emotion"] == "contempt"
    assert contempt.fields["speaker_id"] == make_speaker_id("mead/W009")
    assert not {"emotion", "emotion_intensity", "emotion_origin"} & set(bored.fields)
    assert found.remarks == [
        "W009/video/front/bored/level_2/001.mp4: emotion 'bored' is none of ours and is left out"
    ]


def test_lrs_says_the_subtitle_and_the_source_video(put: Put, listing: Read, raw: Path) -> None:
    put("main/5535/00001.mp4", "main/5535/00002.mp4")
    transcript = (
        "Text:  WHEN YOU'RE COOKING  CHIPS\nConf:  4\n\nWORD START END ASDSCORE\nWHEN 0 1 2\n"
    )
    (raw / "main/5535/00001.txt").write_text(transcript)
    (raw / "main/5535/00003.txt").write_text("Text:  GONE\n")
    found = listing("lrs")
    first, second = found.descriptions
    assert first.fields == {
        "language": "en",
        "speaker_id": make_speaker_id("lrs/5535"),
        "text": "WHEN YOU'RE COOKING CHIPS",
        "text_status": "human",
        "stated": {"split": "main", "conf": "4"},
    }
    assert (second.fields["text"], second.fields["text_status"]) == ("", "none")
    assert found.remarks == ["main/5535/00002.mp4: there is no transcript beside it"]
    assert [tuple(one) for one in found.missing] == [
        (
            "main/5535/00003.mp4",
            "main/5535/00003.txt",
            "main/5535/00003.txt: its video 'main/5535/00003.mp4' is not there",
        )
    ]


def test_lrs_takes_no_transcript_that_is_a_link_or_no_text(
    put: Put, listing: Read, raw: Path, tmp_path: Path
) -> None:
    put("test/a/00001.mp4", "test/a/00002.mp4", "test/a/00003.mp4")
    secret = tmp_path / "secret"
    secret.write_text("Text:  SECRET\n")
    (raw / "test/a/00001.txt").symlink_to(secret)
    (raw / "test/a/00002.txt").write_bytes(b"\xff\xfeT\x00")
    (raw / "test/a/00003.txt").write_text("Text: a\x1b[31mb\x00\n")
    found = listing("lrs")
    assert [one.fields.get("text") for one in found.descriptions] == ["", "", None]
    assert len(found.remarks) == 3
    assert "no UTF-8" in found.remarks[1]
    assert "control characters" in found.remarks[2]
