"""Which folders are submissions, and what the small files beside them say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest import sample
from tthd_tools.errors import UsageError
from tthd_tools.manifest.beside import find_submissions, read_beside


def test_a_path_leads_to_a_submission_or_to_many(tmp_path: Path) -> None:
    first = sample.write(tmp_path)
    second = tmp_path / "anything"
    second.mkdir()
    (second / "items.csv").touch()
    (tmp_path / "sub_20260402_empty").mkdir()
    for name in ("TEMPLATE", ".hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "submission.yaml").touch()
    (tmp_path / "docs").mkdir()
    many = [second, first, tmp_path / "sub_20260402_empty"]
    assert find_submissions(tmp_path) == many
    assert find_submissions(first) == [first]
    assert find_submissions(first / "submission.yaml") == [first]
    assert find_submissions(tmp_path / "TEMPLATE") == [tmp_path / "TEMPLATE"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("absent", "does not exist; give a submission's folder or the one above"),
        ("file", "is no submission; give a submission's folder or the one above"),
        ("empty", "a submission is a folder with submission.yaml, which `tthd manifest new` makes"),
    ],
)
def test_where_there_is_none_it_is_told(name: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=sentence):
        find_submissions(tmp_path / name)


def test_what_lies_beside_is_read(tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(1), sample.row(2)])
    (tmp_path / "used_ids.txt").write_text("old_1  1.0.0\n\n# a comment\nold_2\n")
    (tmp_path / "WITHDRAWALS.jsonl").write_text(
        '{"item_id": "old_3", "removed_in": "2.0.0"}\n\n{"speaker_id": "spk_a", "sha256": "'
        + "F" * 64
        + '"}\n'
    )
    beside = read_beside(tmp_path, frozenset())
    assert beside.used == {
        "old_1": "used_ids.txt (1.0.0)",
        "old_2": "used_ids.txt",
        "old_3": "WITHDRAWALS.jsonl",
        "lab-a_0001": sample.NAME,
        "lab-a_0002": sample.NAME,
    }
    assert beside.withdrawn == {"old_3", "spk_a", "f" * 64}
    assert list(beside.consents or ()) == [sample.CONSENT]
    checked = read_beside(tmp_path, frozenset([folder.resolve()]))
    assert checked.used.keys() == {"old_1", "old_2", "old_3"}


def test_without_anything_beside_nothing_is_known(tmp_path: Path) -> None:
    beside = read_beside(tmp_path / "absent", frozenset())
    assert (beside.consents, beside.used, beside.withdrawals) == (None, {}, ())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("WITHDRAWALS.jsonl", b"[]\n", "WITHDRAWALS.jsonl:1 is no object"),
        ("WITHDRAWALS.jsonl", b"{\n", "WITHDRAWALS.jsonl cannot be used: This is no JSON"),
        ("WITHDRAWALS.jsonl", b'{"reason": "x"}\n', "WITHDRAWALS.jsonl:1 names nobody; write one"),
        ("used_ids.txt", b"\xff\n\n\n\n", "used_ids.txt cannot be used: The file is not UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_stops_the_check(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=sentence.replace(".", r"\.")):
        read_beside(tmp_path, frozenset())


def test_another_submission_that_is_broken_is_its_own_business(tmp_path: Path) -> None:
    folder = sample.write(tmp_path)
    (folder / "items.jsonl").write_bytes(b'{"item_id": "a"}\nno json\n{"item_id": "b"}\n\xff\n')
    assert read_beside(tmp_path, frozenset()).used == {"a": sample.NAME, "b": sample.NAME}


def test_a_closed_folder_is_no_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = sample.write(tmp_path)
    (tmp_path / "closed").mkdir()
    is_file = Path.is_file

    def as_others_see_it(path: Path) -> bool:
        if path.parent.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", as_others_see_it)
    assert find_submissions(tmp_path) == [folder]
