"""What is meant as a submission and would not be read stops the run; anything else does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthd_tools.errors import UsageError
from tthd_tools.manifest.unread import refuse_unread

SOUND = "sub_20260102_lab-b"


def place(folder: Path, *files: str) -> Path:
    """A folder with a sound submission and these files; ``!`` stands for that submission."""
    for name in (f"{SOUND}/submission.yaml", f"{SOUND}/items.csv", *files):
        path = folder / name.replace("!", SOUND)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("2026/sub_20260101_lab-a/submission.yaml", "holds a submission where nobody looks for"),
        ("a/b/c/sub_20260101_lab-a/items.jsonl", "holds a submission where nobody looks for"),
        ("a/b/c/d/e/f/Submission.YML", "holds a submission where nobody looks for"),
        ("!/old/items.csv", "holds a submission where nobody looks for"),
        ("Sub_20260101_lab-a/submission.yml", "is not read under that name; make it submission.y"),
        ("sub_20260101_lab-a/Items.csv", "is not read under that name; make it items.csv or item"),
        ("!/items.xlsx", "is not read under that name; make it items.csv or items.jsonl, or"),
        ("lab-a/submission (1).yaml", "is not read under that name; make it submission.yaml, or"),
        ("!/items.csv.txt", "is not read under that name; make it items.csv or items.jsonl, or"),
        ("lab-a/items copy.csv", "is not read under that name; make it items.csv or items.jsonl"),
        ("lab-a/submission copy 2.yaml", "is not read under that name; make it submission.yaml"),
        ("lab-a/Copy of submission.yaml", "is not read under that name; make it submission.yaml"),
        ("lists/WITHDRAWALS.jsonl", "is not read there; put it into '.*' itself, or move"),
        ("TEMPLATE/WITHDRAWALS.jsonl", "is not read there; put it into '.*' itself"),
        ("a/b/withdrawals copy", "is not read there; put it into '.*' itself, or move"),
        ("2026/consents.csv", "is not read there; put it into '.*' itself, or move"),
        ("2026/Consents.csv.txt", "is not read there; put it into '.*' itself, or move"),
        ("ITEMS.TSV", "is not read under that name; make it items.csv or items.jsonl, or"),
    ],
)
@pytest.mark.parametrize("is_raw", [False, True])
def test_a_submission_that_nobody_reads_stops_it(
    is_raw: bool, file: str, sentence: str, tmp_path: Path
) -> None:
    refuse_unread(place(tmp_path), is_raw=is_raw)
    place(tmp_path, file)
    if is_raw and file in ("ITEMS.TSV", "lab-a/items copy.csv"):
        refuse_unread(tmp_path, is_raw=True)
        return
    with pytest.raises(UsageError, match=sentence):
        refuse_unread(tmp_path, is_raw=is_raw)


@pytest.mark.parametrize(
    "file",
    [
        "!/media/a.mp4",
        "other/items.csv",  # one folder deep: a submission, which its own check tells
        ".hidden/sub_20260101_lab-a/submission.yaml",
        "TEMPLATE/Items.csv",
        "2026/TEMPLATE/submission.yaml",
        "docs/my items.csv",
        "docs/consent_form.csv",
        "docs/consents.md",
        ".hidden/WITHDRAWALS.jsonl",
        "docs/submission.yaml.md",
        "!/items_0001.json",
        "a/b/c/d/e/f/g/submission.yaml",
    ],
)
def test_what_is_read_or_no_submission_does_not(file: str, tmp_path: Path) -> None:
    refuse_unread(place(tmp_path, file))


def test_links_workspaces_and_what_is_read_elsewhere_are_passed_over(tmp_path: Path) -> None:
    folder = place(tmp_path / "m", "2026/sub_20260101_lab-a/submission.yaml")
    refuse_unread(folder, [tmp_path.resolve() / "m" / "2026"])
    (folder / "2026").rename(tmp_path / "2026")
    (folder / "2026").symlink_to(tmp_path / "2026")
    (folder / "work" / "ledger").mkdir(parents=True)
    refuse_unread(place(folder, "work/workspace.json", "work/draft/submission.yaml"))


@pytest.mark.parametrize("file", ["talks/2026/items.csv", "talks/Items.csv", "a/items.json"])
def test_a_table_among_videos_may_be_somebodys_own_list(file: str, tmp_path: Path) -> None:
    refuse_unread(place(tmp_path, file), is_raw=True)
    place(tmp_path, "talks/submission.yaml", "a/Submission.yml")
    with pytest.raises(UsageError, match=r"is not read under that name|where nobody looks for one"):
        refuse_unread(tmp_path, is_raw=True)


@pytest.mark.parametrize("file", ["a/consent.txt", "a/consents.json", "a/b/Consent"])
def test_a_text_about_consent_among_videos_is_no_list(file: str, tmp_path: Path) -> None:
    refuse_unread(place(tmp_path, file), is_raw=True)
    with pytest.raises(UsageError, match="is not read there"):
        refuse_unread(tmp_path)
    refuse_unread(tmp_path, known=[(tmp_path / file).resolve()])


def test_a_list_behind_a_link_is_told_and_a_folder_is_none(tmp_path: Path) -> None:
    folder = place(tmp_path / "m", "lists/notes.md")
    (folder / "lists" / "consents").symlink_to(tmp_path)
    refuse_unread(folder)
    (folder / "lists" / "WITHDRAWALS.jsonl").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is not read there"):
        refuse_unread(folder)


def test_a_list_at_the_top_hides_no_submission(tmp_path: Path) -> None:
    (tmp_path / "items.csv").touch()
    refuse_unread(tmp_path, is_raw=True)
    with pytest.raises(UsageError, match=r"nobody reads, since '.*' has the files of one itself"):
        refuse_unread(place(tmp_path), is_raw=True)
