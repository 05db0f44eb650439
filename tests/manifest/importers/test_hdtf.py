"""HDTF: clip times and crops of whole videos, at another resolution than the list's too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.manifest.importers.conftest import Put, Read
from tthd_tools.description import Description
from tthd_tools.errors import UsageError
from tthd_tools.sidecar import make_speaker_id


@pytest.fixture
def lists(raw: Path) -> Callable[..., None]:
    """``lists(times, crops, heights)`` writes the three files of subset RD."""

    def write(times: str, crops: str = "", heights: str = "", subset: str = "RD") -> None:
        folder = raw / "HDTF_dataset"
        folder.mkdir(exist_ok=True)
        (folder / f"{subset}_annotion_time.txt").write_text(times)
        (folder / f"{subset}_crop_wh.txt").write_text(crops)
        (folder / f"{subset}_resolution.txt").write_text(heights)

    return write


Lists = Callable[..., None]


def refusal(description: Description) -> str:
    assert description.refusal is not None
    code, reason, sentence = description.refusal
    assert (code, reason) == ("S017", "listed_wrongly")
    return sentence


def test_clips_of_a_whole_video_are_segments_with_scaled_crops(
    put: Put, listing: Read, lists: Lists
) -> None:
    put("Radio1.mp4")  # 64 x 36
    lists(
        "Radio1.mp4 00:01-00:03 00:05-00:07\n",
        "Radio1_0.mp4 320 640 72 640\nRadio1_1.mp4 0 720 0 720\n",
        "Radio1.mp4 720\n",
    )
    (found,) = listing("hdtf").descriptions
    assert found.origin == "RD_annotion_time.txt:1"
    assert found.fields == {
        "license": "CC-BY-4.0",
        "speaker_id": make_speaker_id("hdtf/Radio1"),
        "segments": [
            {"start_s": 1.0, "end_s": 3.0, "box": [0.25, 0.1, 0.75, 0.988889]},
            {"start_s": 5.0, "end_s": 7.0, "box": [0.0, 0.0, 0.5625, 1.0]},
        ],
    }


def test_a_clip_without_a_crop_has_no_box(put: Put, listing: Read, lists: Lists) -> None:
    put("Radio1.mp4")
    lists("Radio1.mp4 00:01-00:03\n")
    (found,) = listing("hdtf").descriptions
    assert found.fields["segments"] == [{"start_s": 1.0, "end_s": 3.0, "box": None}]


def test_cut_clips_are_known_by_name_and_a_square_one_is_cropped_already(
    put: Put, square: Callable[[str], None], listing: Read, lists: Lists
) -> None:
    put("Radio1_0.mp4", "RD_Radio2_000.mp4")
    square("Radio1_1.mp4")
    lists(
        "Radio1.mp4 00:01-00:03 00:05-00:07\nRadio2.mp4 00:00-00:09\n",
        "Radio1_0.mp4 0 360 0 360\nRadio1_1.mp4 0 360 0 360\nRadio2_0.mp4 320 320 0 320\n",
        "Radio1.mp4 720\nRadio2.mp4 720\n",
    )
    first, second, third = listing("hdtf").descriptions
    assert first.fields["segments"] == [
        {"start_s": 0.0, "end_s": 10.0, "box": [0.0, 0.0, 0.28125, 0.5]}
    ]
    assert second.path == "Radio1_1.mp4"
    assert "segments" not in second.fields
    assert third.path == "RD_Radio2_000.mp4"
    assert first.fields["speaker_id"] == second.fields["speaker_id"] != third.fields["speaker_id"]


@pytest.mark.parametrize(
    ("times", "crop", "height", "why"),
    [
        ("00:01-00:03", "900 400 0 400", "720", "the crop 900, 0, 1300, 400 does not lie in"),
        ("00:01-00:03", "83 1134 0 1134", "720", "does not lie in a picture of 1280x720 px"),
        ("00:01-00:03", "0 0 0 0", "720", "the crop 0, 0, 0, 0 does not lie in"),
        ("00:01-00:03", "0 400 0 400", "", "of which picture is not stated"),
        ("00:01-00:03", "0 400 0 400", "0", "has no size"),
        ("00:01-00:03", "0 400 nan 400", "720", "RD_crop_wh.txt:1 does not hold four numbers"),
        ("00:01-00:03", "0 400", "720", "RD_crop_wh.txt:1 does not hold four numbers"),
        ("00:03-00:01", "0 400 0 400", "720", "a piece from 3 s to 1 s is none"),
        ("00:05-00:15", "0 400 0 400", "720", "is not in a file of 10.0 s; is it the listed one?"),
        ("99:59:59-999:00:00", "0 400 0 400", "720", "is not in a file of 10.0 s"),
        ("now-then", "0 400 0 400", "720", "'now-then' are no times such as 00:30-01:00"),
        ("-00:05-00:07", "0 400 0 400", "720", "are no times such as"),
    ],
)
def test_a_clip_that_cannot_be_keeps_its_file_out_with_a_sentence(
    put: Put, listing: Read, lists: Lists, times: str, crop: str, height: str, why: str
) -> None:
    put("Radio1.mp4")
    lists(f"Radio1.mp4 {times}\n", f"Radio1_0.mp4 {crop}\n", f"Radio1.mp4 {height}\n")
    (found,) = listing("hdtf").descriptions
    assert refusal(found).startswith("RD_annotion_time.txt:1: 'Radio1.mp4': ")
    assert why in refusal(found)


def test_of_several_clips_those_that_can_be_are_used(put: Put, listing: Read, lists: Lists) -> None:
    put("Radio1.mp4")
    lists("Radio1.mp4 00:01-00:03 00:08-00:20\n")
    found = listing("hdtf")
    assert found.descriptions[0].fields["segments"] == [{"start_s": 1.0, "end_s": 3.0, "box": None}]
    assert found.remarks == [
        "RD_annotion_time.txt:1: 'Radio1.mp4': a piece from 8 s to 20 s is not in a file of "
        "10.0 s; is it the listed one?"
    ]


def test_videos_that_are_not_there_are_told_one_by_one(
    put: Put, listing: Read, lists: Lists
) -> None:
    put("Radio1.mp4")
    lists("Radio1.mp4 00:01-00:03\nRadio2.mp4 00:01-00:03\n../../etc/passwd.mp4 00:01-00:02\n")
    found = listing("hdtf")
    assert [one.sentence for one in found.missing] == [
        "RD_annotion_time.txt:2: 'Radio2.mp4' is listed but not there",
        "RD_annotion_time.txt:3: '../../etc/passwd.mp4' is listed but not there",
    ]


def test_the_list_may_lie_elsewhere(
    put: Put, listing: Read, lists: Lists, raw: Path, tmp_path: Path
) -> None:
    put("Radio1.mp4")
    lists("Radio1.mp4 00:01-00:03\n")
    away = (raw / "HDTF_dataset").rename(tmp_path / "lists")
    for path in (away, away / "RD_annotion_time.txt"):
        assert len(listing("hdtf", path).descriptions) == 1
    with pytest.raises(UsageError, match=r"give an \*_annotion_time.txt or its folder"):
        listing("hdtf", away / "RD_crop_wh.txt")


def test_a_broken_film_is_told_by_its_own_fault(
    put: Put, listing: Read, lists: Lists, raw: Path
) -> None:
    put("other.mp4")
    (raw / "Radio1.mp4").write_text("no video")
    lists("Radio1.mp4 00:01-00:03\n")
    (found,) = listing("hdtf").descriptions
    assert found.refusal is not None
    assert found.refusal[:2] == ("S001", "undecodable")
