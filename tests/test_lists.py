"""Lists are looked for in four places, all of them count, and none is passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest import sample
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.lists import find_manifests, read_lists

OUT = '{"speaker_id": "spk_bbbbbbbbbbbb"}\n'


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty raw folder below the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


def submission(folder: Path) -> Path:
    """A folder of submissions with one in it."""
    (folder / "sub_20260101_lab").mkdir(parents=True)
    (folder / "sub_20260101_lab" / "submission.yaml").write_text("schema: x\n")
    return folder


def names(raw: Path, **folders: Path) -> set[str]:
    """Who has withdrawn."""
    return {one.name for one in read_lists(raw, raw.parent / "work", **folders).withdrawals}


def test_manifests_are_looked_for_in_raw_and_then_beside(
    tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "somewhere" / "work"
    assert find_manifests(raw, work) == []
    (raw / "sub_20260101_lab").mkdir()  # videos alone
    assert find_manifests(raw, work) == []
    submission(tmp_path / "manifests")
    assert find_manifests(raw, work) == [Path("manifests")]
    (raw / "sub_20260101_lab" / "submission.yaml").write_text("schema: x\n")
    assert find_manifests(raw, work) == [raw, Path("manifests")]
    submission(tmp_path / "somewhere" / "manifests")
    monkeypatch.chdir(submission(tmp_path / "else" / "manifests").parent)
    assert find_manifests(raw, work) == [
        raw,
        Path("manifests"),
        Path("../somewhere/manifests"),
        Path("../manifests"),
    ]


@pytest.mark.parametrize("place", ["raw", "manifests", "named", "remembered"])
def test_a_list_counts_wherever_it_may_lie(place: str, tmp_path: Path, raw: Path) -> None:
    submission(tmp_path / "raw")
    for name in ("manifests", "named", "remembered"):
        (tmp_path / name).mkdir()
    (tmp_path / place / "WITHDRAWALS.jsonl").write_text(OUT)
    folders = {"manifests": tmp_path / "named", "remembered": tmp_path / "remembered"}
    assert names(raw, **folders) == {"spk_bbbbbbbbbbbb"}


@pytest.mark.parametrize("place", ["project", "somewhere"])
def test_a_list_beside_workspace_or_raw_folder_counts_from_anywhere(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tmp_path / "project" / "raw"
    for folder in (raw, tmp_path / place / "manifests", tmp_path / "else"):
        folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "else")
    (tmp_path / place / "manifests" / "WITHDRAWALS.jsonl").write_text(OUT)
    (found,) = read_lists(raw, tmp_path / "somewhere" / "work").withdrawals
    assert found.place == f"../{place}/manifests/WITHDRAWALS.jsonl:1"


def test_private_lists_of_both_settings_count_each_once(tmp_path: Path, raw: Path) -> None:
    work = tmp_path / "somewhere" / "work"
    work.mkdir(parents=True)
    for folder, name in ((tmp_path, "here"), (work.parent, "there")):
        (folder / "tthd.toml").write_text(f'[manifests]\nsuppression = "{name}.jsonl"\n')
        (folder / f"{name}.jsonl").write_text(f'{{"item_id": "lab-{name}"}}\n')
    assert names(raw) == {"lab-here"}
    found = [one.name for one in read_lists(raw, work).withdrawals]
    assert found == ["lab-there", "lab-here"]
    (tmp_path / "tthd.toml").unlink()
    (tmp_path / "tthd.toml").symlink_to(work.parent / "tthd.toml")
    assert len(read_lists(raw, work).withdrawals) == 1


def test_a_private_list_counts_too(tmp_path: Path, raw: Path) -> None:
    (tmp_path / "private.jsonl").write_text(f'{{"sha256": "{"A" * 64}"}}\n')
    (tmp_path / "tthd.toml").write_text('[manifests]\nsuppression = "private.jsonl"\n')
    assert names(raw) == {"a" * 64}


def test_a_single_submission_has_its_lists_one_folder_up(tmp_path: Path, raw: Path) -> None:
    folder = submission(tmp_path / "elsewhere")
    (folder / "WITHDRAWALS.jsonl").write_text(OUT)
    assert names(raw, manifests=folder / "sub_20260101_lab") == {"spk_bbbbbbbbbbbb"}


def test_of_several_lists_what_all_of_them_grant_counts(tmp_path: Path, raw: Path) -> None:
    text = sample.CONSENTS
    for name, change in (
        ("named", text.replace(" redistribute_media", "")),
        ("manifests", text.replace("registered", "internal")),
        ("raw", text.replace("granted", "expired")),
    ):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "consents.csv").write_text(change)
    lists = read_lists(raw, tmp_path / "work", tmp_path / "named")
    consent = lists.consents[sample.CONSENT]
    assert (consent.scope, consent.tier, consent.status) == (
        {"train_research"},
        "internal",
        "expired",
    )
    (raw / "consents.csv").write_text(text.replace(sample.SPEAKER, "spk_aaaaaaaaaaaa"))
    with pytest.raises(RefusedError, match="give a new consent a new consent_id"):
        read_lists(raw, tmp_path / "work", tmp_path / "named")


def test_the_rows_beside_the_lists_are_read_whatever_is_wrong_with_them(
    tmp_path: Path, raw: Path
) -> None:
    bad = sample.row(path="media\\a.mp4", item_id=" LAB-a_0001 ", emotion="hapy")
    sample.write(tmp_path / "manifests", [bad, sample.row(2, sha256="x")])
    first, second = read_lists(raw, tmp_path / "work").rows
    assert (first.item_id, first.path) == ("lab-a_0001", "media\\a.mp4")
    assert (first.sha256, second.sha256) == (sample.row()["sha256"], None)


def test_a_folder_that_is_gone_is_asked_for(tmp_path: Path, raw: Path) -> None:
    gone = tmp_path / "gone"
    for folders in ({"manifests": gone}, {"remembered": gone}):
        with pytest.raises(RefusedError, match=r"'.*gone' is not there, and who has consented"):
            read_lists(raw, tmp_path / "work", **folders)
    (tmp_path / "named").mkdir()
    assert names(raw, manifests=tmp_path / "named", remembered=gone) == set()


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("withdrawals.jsonl", "is not read under that name; call it WITHDRAWALS.jsonl"),
        ("Consents.csv", "is not read under that name; call it consents.csv"),
        ("WITHDRAWALS.json", "is not read under that name; call it WITHDRAWALS.jsonl"),
        ("WITHDRAWALS.jsonl.txt", "is not read under that name; call it WITHDRAWALS.jsonl"),
        ("withdrawal (1).csv", "is not read under that name; call it WITHDRAWALS.jsonl"),
        ("used-ids", "is not read under that name; call it used_ids.txt"),
        ("../WITHDRAWALS.jsonl", "is not read where it lies; put it into the folder of subm"),
        ("sub_20260101_lab/WITHDRAWALS.jsonl", "lies in a submission, where it is not read"),
        ("sub_20260101_lab/withdrawals.JSONL", "lies in a submission, where it is not read"),
        ("WITHDRAWALS copy.jsonl", "is not read under that name; call it WITHDRAWALS.jsonl"),
        ("WITHDRAWALS - Copy (2).jsonl", "is not read under that name; call it WITHDRAWALS.jsonl"),
        ("Copy of consents.csv", "is not read under that name; call it consents.csv"),
        ("../consents.csv", "is not read where it lies; put it into the folder of subm"),
        ("../work/WITHDRAWALS.jsonl", "is not read where it lies; put it into the folder of subm"),
        ("2026/consents.csv", "is not read there; put it into 'manifests' itself"),
        ("../raw/x/WITHDRAWALS.jsonl", "is not read there; put it into '.*raw' itself"),
    ],
)
def test_a_list_that_nobody_would_read_is_told(
    place: str, sentence: str, tmp_path: Path, raw: Path
) -> None:
    submission(tmp_path / "manifests")
    (tmp_path / "manifests" / place).parent.mkdir(exist_ok=True)
    (tmp_path / "manifests" / place).write_text(OUT)
    with pytest.raises(UsageError, match=sentence):
        read_lists(raw, tmp_path / "work")


def test_a_list_just_above_the_raw_folder_is_told_from_anywhere(
    tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "WITHDRAWALS.jsonl").write_text(OUT)
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    with pytest.raises(UsageError, match="is not read where it lies"):
        read_lists(raw, tmp_path / "else" / "work")


@pytest.mark.parametrize("name", ["WITHDRAWALS.jsonl", "consents.csv"])
def test_a_list_that_is_a_link_is_told(name: str, tmp_path: Path, raw: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / name).symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=f"{name} is a link; put the list itself there"):
        read_lists(raw, tmp_path / "work")


def test_a_copy_of_consents_that_are_read_is_none_more(tmp_path: Path, raw: Path) -> None:
    sample.write(tmp_path / "manifests")
    (tmp_path / "consents.csv").write_text(sample.CONSENTS)
    assert list(read_lists(raw, tmp_path / "work").consents) == [sample.CONSENT]
    (tmp_path / "consents.csv").write_text(sample.CONSENTS.replace("granted", "withdrawn"))
    with pytest.raises(UsageError, match=r"consents\.csv is not read where it lies"):
        read_lists(raw, tmp_path / "work")


def test_a_folder_in_other_letters_is_told(tmp_path: Path, raw: Path) -> None:
    submission(tmp_path / "somewhere" / "Manifests")
    work = tmp_path / "somewhere" / "work"
    with pytest.raises(UsageError, match="Manifests is not read under that name; call it manif"):
        read_lists(raw, work)
    assert read_lists(raw, work, tmp_path / "somewhere" / "Manifests").rows == ()


def test_a_private_list_may_lie_in_a_folder_below(tmp_path: Path, raw: Path) -> None:
    private = tmp_path / "manifests" / "private" / "WITHDRAWALS.jsonl"
    private.parent.mkdir(parents=True)
    private.write_text(OUT)
    (tmp_path / "tthd.toml").write_text(
        '[manifests]\nsuppression = "manifests/private/WITHDRAWALS.jsonl"\n'
    )
    assert names(raw) == {"spk_bbbbbbbbbbbb"}


def test_other_files_are_nobodys_list(tmp_path: Path, raw: Path) -> None:
    (tmp_path / "manifests" / "consents").mkdir(parents=True)
    for name in ("WITHDRAWALS.md", "consent_form.pdf", "consent.mp4", "../consents.md"):
        (tmp_path / "manifests" / name).write_text("")
    assert names(raw) == set()
    (tmp_path / "withdrawals.private.jsonl").write_text(OUT)
    with pytest.raises(UsageError, match="is not read where it lies"):
        read_lists(raw, tmp_path / "work")
    settings = '[manifests]\nsuppression = "withdrawals.private.jsonl"\n'
    (tmp_path / "tthd.toml").write_text(settings)
    assert names(raw) == {"spk_bbbbbbbbbbbb"}


@pytest.mark.parametrize("first", ["raw", "named", "remembered"])
def test_a_submission_that_lies_twice_says_one_thing(first: str, tmp_path: Path, raw: Path) -> None:
    here = tmp_path / first
    for folder in (here, tmp_path / "manifests"):
        folder.mkdir(exist_ok=True)
        sample.write(folder, [sample.row()])
    option = {"raw": {}, "named": {"manifests": here}, "remembered": {"remembered": here}}
    folders: dict[str, Path] = option[first]
    assert names(raw, **folders) == set()
    items = here / sample.NAME / "items.jsonl"
    items.write_text(items.read_text("utf-8").replace("true", "false"), "utf-8")
    with pytest.raises(UsageError, match="are one submission and do not say the same; keep the"):
        names(raw, **folders)


def test_of_two_tables_in_one_submission_none_is_left_unread(tmp_path: Path, raw: Path) -> None:
    (tmp_path / "manifests").mkdir()
    folder = sample.write(tmp_path / "manifests", [sample.row()])
    (folder / "items.csv").write_text("item_id\n")
    with pytest.raises(UsageError, match=r"holds items.csv and items.jsonl, and one of them alone"):
        names(raw)
