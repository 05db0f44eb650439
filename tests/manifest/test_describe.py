"""What a folder of submissions says of raw files, and what keeps them out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.manifest import sample
from tthd_tools.clip import Item, Segment
from tthd_tools.description import Description
from tthd_tools.errors import UsageError
from tthd_tools.manifest.describe import Manifests, read_manifests

A, B = "media/lab-a_0001.mp4", "media/lab-a_0002.mp4"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw folder with the sample's two files."""
    for name in (A, B):
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"film")
    return tmp_path / "raw"


def said(manifests: Manifests, path: str = A) -> Description:
    found = manifests.describe(path)
    assert found is not None
    return found


def item_of(description: Description) -> Item:
    known = {
        "item_id": "i",
        "path": "p",
        "sha256": "s",
        "size_bytes": 1,
        "speaker_id": "spk_item_i",
    }
    return Item.model_validate(known | dict(description.fields))


def test_a_row_becomes_the_fields_of_an_item(tmp_path: Path, raw: Path) -> None:
    more: dict[str, Any] = {
        "text_raw": "ཀ\u0f77་ཤིས།",
        "device": "phone",
        "duration_s": 60.5,
        "notes": "not kept",
        "register": "honorific",
        "x_session": {"take": 3},
        "segments": [
            {"start_pts": 25, "end_pts": 75, "timebase": "1/25", "bbox_norm": [0.1, 0.2, 0.5, 0.9]},
            {"start_pts": 3003, "end_pts": 6006, "timebase": "1001/30000"},
        ],
    }
    sample.write(tmp_path / "m", [sample.row(**more)])
    manifests = read_manifests(tmp_path / "m", raw)
    found = said(manifests)
    assert (found.path, found.item_id, found.refusal) == (A, "lab-a_0001", None)
    assert found.origin == f"{sample.NAME}/items.jsonl:1"
    assert found.sha256 == sample.row()["sha256"]
    item = item_of(found)
    assert (item.speaker_id, item.consent_id) == (sample.SPEAKER, sample.CONSENT)
    assert (item.language, item.dialect) == ("bo-x-lhasa", "u-tsang")
    assert (item.text, item.text_norm) == ("ཀ\u0f77་ཤིས།", "ཀ\u0fb2\u0f71\u0f80་ཤིས།")
    assert item.text_status == "human"
    assert (item.emotion, item.emotion_intensity, item.emotion_origin) == ("happy", 2, "intended")
    assert (item.submission_id, item.contributor) == (sample.NAME, "lab-a")
    assert (item.rights, item.license, item.tier) == ("speaker_consent", "CC-BY-4.0", "gated")
    assert item.segments == (
        Segment(start_s=1.0, end_s=3.0, box=(0.1, 0.2, 0.5, 0.9)),
        Segment(start_s=100.2001, end_s=200.4002),
    )
    assert item.stated == {
        "speaker_is_adult": True,
        "other_people_visible": "none",
        "synthetic": "no",
        "dialect_source": "self_reported",
        "register": "honorific",
        "duration_s": 60.5,
        "device": "phone",
        "x_session": {"take": 3},
    }
    assert manifests.consents[sample.CONSENT].tier == "registered"
    assert manifests.submissions[sample.NAME].contributor.kind == "lab"
    assert (manifests.missing, manifests.report.codes) == ((), {"M044": 1})


def test_an_unknown_speaker_is_left_to_ingest(tmp_path: Path, raw: Path) -> None:
    text = sample.SUBMISSION.replace("speaker_consent", "unknown").replace("gated", "internal")
    row = sample.row(speaker_id="spk_unknown", consent_id=None, access_tier="internal")
    sample.write(tmp_path / "m", [row], submission=text)
    item = item_of(said(read_manifests(tmp_path / "m", raw)))
    assert (item.speaker_id, item.rights, item.tier) == ("spk_item_i", "unknown", "internal")


def test_the_manifest_has_the_last_word_where_it_is_silent(tmp_path: Path, raw: Path) -> None:
    row = sample.row(
        text_raw=None, text_status="none", emotion=None, emotion_intensity=None, emotion_origin=None
    )
    sample.write(tmp_path / "m", [row])
    fields = said(read_manifests(tmp_path / "m", raw)).fields
    assert (fields["text"], fields["text_norm"], fields["emotion"]) == ("", "", None)


def test_paths_are_below_the_submissions_own_folder_where_it_is_there(
    tmp_path: Path, raw: Path
) -> None:
    sample.write(tmp_path / "m", [sample.row(path=f"./{A}"), sample.row(2)])
    assert read_manifests(tmp_path / "m", raw).said.keys() == {A, B}
    (raw / sample.NAME).mkdir()
    (raw / "media").rename(raw / sample.NAME / "media")
    manifests = read_manifests(tmp_path / "m", raw)
    assert manifests.said.keys() == {f"{sample.NAME}/{A}", f"{sample.NAME}/{B}"}
    assert manifests.missing == ()


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"consent_id": None}, "M023", "consent_id_missing"),
        ({"consent_id": "con_aaaaaaaaaaaa"}, "M024", "consent_unknown"),
        ({"access_tier": "open"}, "M033", "tier_above_submission"),
        ({"other_people_visible": "unconsented"}, "M029", "unconsented_person"),
        ({"emotion": "hapy"}, "M005", "bad_value"),
        ({"speaker_is_adult": False}, "M028", "not_adult"),
    ],
)
def test_a_row_with_an_error_keeps_its_file_out(
    change: dict[str, Any], code: str, reason: str, tmp_path: Path, raw: Path
) -> None:
    sample.write(tmp_path / "m", [sample.row(**change), sample.row(2)])
    manifests = read_manifests(tmp_path / "m", raw)
    found = said(manifests)
    assert found.refusal is not None
    assert found.refusal[:2] == (code, reason)
    assert f"{sample.NAME}/items.jsonl:1" in found.refusal[2]
    assert (found.fields, found.item_id) == ({}, None)
    assert said(manifests, B).refusal is None


def test_a_warning_keeps_nothing_out(tmp_path: Path, raw: Path) -> None:
    sample.write(tmp_path / "m", [sample.row(duration_s=0.5)])
    manifests = read_manifests(tmp_path / "m", raw)
    assert (manifests.report.codes, said(manifests).refusal) == ({"M047": 1}, None)


def test_an_error_of_a_submission_keeps_all_its_files_out(tmp_path: Path, raw: Path) -> None:
    text = sample.SUBMISSION.replace("CC-BY-4.0", "mine")
    sample.write(tmp_path / "m", [sample.row(), sample.row(2)], submission=text)
    manifests = read_manifests(tmp_path / "m", raw)
    for path in (A, B):
        assert (said(manifests, path).refusal or ("",))[0] == "M020"
    (raw / sample.NAME).mkdir()
    manifests = read_manifests(tmp_path / "m", raw)
    assert (said(manifests, f"{sample.NAME}/unlisted.mp4").refusal or ("",))[0] == "M020"
    assert manifests.describe("another/film.mp4") is None


def test_a_table_that_breaks_off_keeps_all_its_files_out(tmp_path: Path, raw: Path) -> None:
    folder = sample.write(tmp_path / "m")
    table = sample.as_csv(folder, [sample.row(), sample.row(2)])
    table.write_text(table.read_text("utf-8") + '"never closed\n', encoding="utf-8")
    manifests = read_manifests(tmp_path / "m", raw)
    assert [(said(manifests, path).refusal or ("",))[0] for path in (A, B)] == ["M063", "M063"]


def test_rows_without_their_file_are_told_one_by_one(tmp_path: Path, raw: Path) -> None:
    rows = [sample.row(n) for n in range(1, 5)]
    sample.write(tmp_path / "m", rows)
    (raw / B).unlink()
    (raw / B).symlink_to(raw / A)
    missing = read_manifests(tmp_path / "m", raw).missing
    assert [(one.code, one.line, one.item_id) for one in missing] == [
        ("M008", 2, "lab-a_0002"),
        ("M009", 3, "lab-a_0003"),
        ("M009", 4, "lab-a_0004"),
    ]
    assert "items.jsonl:3 path: The file is not in" in str(missing[1])


def test_a_file_of_two_submissions_is_nobodys(tmp_path: Path, raw: Path) -> None:
    sample.write(tmp_path / "m")
    other = sample.SUBMISSION.replace("lab-a", "lab-b")
    row = sample.row(item_id="lab-b_0001", sha256="1" * 64)
    sample.write(tmp_path / "m", [row], submission=other, name="sub_20260401_lab-b")
    refusal = said(read_manifests(tmp_path / "m", raw)).refusal
    assert refusal is not None
    assert refusal[:2] == ("M035", "path_listed_twice")


def test_what_no_row_names_is_not_described(tmp_path: Path, raw: Path) -> None:
    sample.write(tmp_path / "m")
    assert read_manifests(tmp_path / "m", raw).describe("media/other.mp4") is None


def test_a_folder_without_submissions_is_told(tmp_path: Path, raw: Path) -> None:
    with pytest.raises(UsageError, match="there is no submission in"):
        read_manifests(raw, raw)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda items: items.write_bytes(items.read_bytes().decode().encode("utf-16")),
        lambda items: items.write_text(items.read_text().replace('"item_id"', '"Item_ID"')[:60]),
        lambda items: items.rename(items.with_name("items.jsonl.txt")),
    ],
    ids=["utf-16", "cut off", "gone"],
)
def test_rows_that_cannot_be_read_may_mean_any_file(
    spoil: Callable[[Path], None], tmp_path: Path, raw: Path
) -> None:
    (raw / "other.mp4").write_bytes(b"film")
    sample.write(tmp_path / "m", [sample.row()])
    assert read_manifests(tmp_path / "m", raw).describe("other.mp4") is None
    spoil(tmp_path / "m" / sample.NAME / "items.jsonl")
    for path in (A, "other.mp4"):
        assert said(read_manifests(tmp_path / "m", raw), path).refusal is not None
    # Files in the submission's own folder are meant, where there is one.
    (raw / sample.NAME).mkdir()
    manifests = read_manifests(tmp_path / "m", raw)
    assert manifests.describe("other.mp4") is None
    assert said(manifests, f"{sample.NAME}/take.mp4").refusal is not None


def test_a_row_without_a_file_or_a_hash_may_mean_any_file(tmp_path: Path, raw: Path) -> None:
    row = sample.row(path="media/nowhere.mp4")
    del row["sha256"]
    sample.write(tmp_path / "m", [row])
    assert said(read_manifests(tmp_path / "m", raw), B).refusal is not None
