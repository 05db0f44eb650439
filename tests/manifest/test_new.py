"""A new submission: what was said is in it, what is left is told, and nothing is overwritten."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.errors import UsageError
from tthd_tools.manifest import check
from tthd_tools.manifest.new import (
    TABLE,
    Answers,
    submission_text,
    table_text,
    video_rows,
    write_submission,
)
from tthd_tools.manifest.read_items import FORMULA

NAME = "sub_20260101_lab-a"
ANSWERS = Answers(
    submission_id=NAME,
    handle="lab-a",
    kind="lab",
    rights_basis="open_licence",
    license="cc-by-4.0",
    tier="open",
    rows={
        "speaker_id": "spk_rlibwhzfymsm",
        "speaker_is_adult": "true",
        "other_people_visible": "none",
        "synthetic": "no",
        "language": "adx",
        "dialect": "amdo",
        "dialect_source": "contributor",
    },
)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "day 1").mkdir(parents=True)
    (folder / "day 1" / "a.mp4").write_bytes(b"one")
    (folder / "day 1" / "a.txt").write_text("བཀྲ་ཤིས།", encoding="utf-8")
    (folder / "b.MOV").write_bytes(b"two")
    (folder / "b.json").write_text('{"dialect": "unknown", "emotion": "calm", "speaker": "Tenzin"}')
    (folder / "copy.mp4").write_bytes(b"two")
    return folder


def test_all_that_was_said_makes_a_submission_without_a_fault(tmp_path: Path, raw: Path) -> None:
    (raw / "b.json").unlink()
    folder = tmp_path / NAME
    write_submission(folder, ANSWERS, video_rows(raw, ANSWERS))
    assert check([folder]).findings == []
    assert "license: CC-BY-4.0  " in (folder / "submission.yaml").read_text()


def test_a_row_for_each_video_with_what_lies_beside_it(raw: Path) -> None:
    seen: list[str] = []
    b, a = video_rows(raw, ANSWERS, lambda path: seen.append(path.name))
    assert seen == ["b.MOV", "copy.mp4", "a.mp4"]
    assert (a["path"], b["path"]) == ("day 1/a.mp4", "b.MOV")
    assert a["sha256"] == hashlib.sha256(b"one").hexdigest()
    assert a["item_id"] == f"a-{a['sha256'][:8]}"
    assert (a["text_raw"], a["text_status"], a["dialect"]) == ("བཀྲ་ཤིས།", "human", "amdo")
    assert (b["text_status"], b["dialect"]) == ("none", "unknown")
    assert (a["access_tier"], b["speaker_id"]) == ("open", "spk_rlibwhzfymsm")


@pytest.mark.parametrize(
    ("beside", "columns"),
    [
        ('{"emotion": "calm"}', {}),
        ('{"emotion": "calm", "emotion_origin": "guessed"}', {}),
        ('{"emotion": "calm", "emotion_origin": ["perceived"]}', {}),
        ('{"emotion_origin": "perceived"}', {}),
        (
            '{"emotion": "calm", "emotion_origin": "perceived"}',
            {"emotion": "calm", "emotion_origin": "perceived"},
        ),
    ],
)
def test_an_emotion_is_taken_with_its_origin_alone(
    tmp_path: Path, raw: Path, beside: str, columns: dict[str, str]
) -> None:
    (raw / "b.json").write_text(beside)
    lost: list[Path] = []
    rows = list(video_rows(raw, ANSWERS, on_lost_emotion=lost.append))
    assert {name: value for name, value in rows[0].items() if "emotion" in name} == columns
    assert [path.name for path in lost] == (
        ["b.MOV"] if '"emotion"' in beside and not columns else []
    )
    folder = tmp_path / NAME
    write_submission(folder, ANSWERS, rows)
    assert check([folder]).findings == []


def test_a_folder_without_videos_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no video"):
        list(video_rows(tmp_path, ANSWERS))


@pytest.mark.parametrize("name", ["submission.yaml", "items.csv", "items.jsonl"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match="is there already and is not overwritten"):
        write_submission(tmp_path, ANSWERS, [])
    assert [path.name for path in tmp_path.iterdir()] == [name]
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is there already"):
        write_submission(tmp_path, ANSWERS, [])
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("submission_id", "../x", "submission_id cannot be '../x'; write sub_YYYYMMDD_name"),
        ("handle", "me\nkind: lab", "contributor.handle cannot be"),
        ("kind", "labb", "contributor.kind cannot be 'labb'; write lab"),
        ("tier", "Open", "access_tier_max cannot be 'Open'; write open"),
        ("rights_basis", "", "rights_basis"),
    ],
)
def test_an_answer_that_no_field_can_have_is_told(field: str, value: str, sentence: str) -> None:
    with pytest.raises(UsageError) as error:
        submission_text(replace(ANSWERS, **{field: value}))
    assert str(error.value).startswith(sentence)


@given(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,20}", fullmatch=True),
    st.sampled_from(["MIT", "no", "1e5", "0x1F", "2026-01-01", "LicenseRef-x", "(MIT OR CC0-1.0)"]),
)
def test_every_reader_of_yaml_takes_the_same_text(handle: str, licence: str) -> None:
    data = yaml.safe_load(submission_text(replace(ANSWERS, handle=handle, license=licence)))
    assert data["contributor"]["handle"] == handle
    assert data["license"] == licence
    assert isinstance(data["license"], str)


def test_a_consent_form_is_named_by_its_hash(tmp_path: Path) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(b"I agree.")
    known = replace(ANSWERS, rights_basis="speaker_consent")
    data = yaml.safe_load(submission_text(replace(known, consent_form=form, consent_version="2")))
    assert data["consent_policy"] == {
        "version": "2",
        "sha256": hashlib.sha256(b"I agree.").hexdigest(),
        "languages": ["adx"],
    }
    without = submission_text(known)
    assert "consent_policy" not in yaml.safe_load(without)
    assert "# consent_policy:" in without


def test_comments_name_every_choice() -> None:
    text = submission_text(ANSWERS)
    assert "# internal, gated, registered or open: the widest that is allowed" in text
    assert "# individual, lab, archive or broadcaster" in text


@given(st.text(st.sampled_from("=+-@'\t\r\n,;\"aཀ"), max_size=6))
def test_no_cell_is_a_formula(text: str) -> None:
    written = table_text(["path", "notes"], [{"path": text, "notes": text}])
    ((path, notes),) = csv.reader(io.StringIO(written, newline="")) if text else [("", "")]
    assert not path.startswith(FORMULA)
    assert not notes.startswith(FORMULA)
    assert notes.removeprefix("'") == text.removeprefix("'")


def test_the_table_has_what_every_row_needs() -> None:
    from tthd_tools.manifest.read_items import REQUIRED

    assert set(TABLE) >= REQUIRED
