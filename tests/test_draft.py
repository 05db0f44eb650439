"""The draft manifest: written once, kept as a person left it, one row more for each new item."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
import yaml

from tests.films import copy_as, grey_film
from tthd_tools.draft import write_draft
from tthd_tools.errors import UsageError
from tthd_tools.ingest import ingest
from tthd_tools.manifest.new import TABLE
from tthd_tools.workspace import Workspace


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grey_film(tmp_path_factory.mktemp("film") / "film.mp4", 25)


@pytest.fixture
def raw(tmp_path: Path, film: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    copy_as(film, folder / "a.mp4", 1)
    return folder


def draft(raw: Path) -> Path:
    workspace = Workspace.create(raw.parent / "work", raw)
    with workspace.writing():
        ingest(workspace)
        return write_draft(workspace)


def rows(folder: Path) -> list[dict[str, str]]:
    text = (folder / "items.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_each_item_gets_a_row_with_what_is_known(raw: Path) -> None:
    (raw / "a.txt").write_text("བཀྲ་ཤིས།", encoding="utf-8")
    (raw / "a.json").write_text('{"language": "bo", "dialect": "amdo", "emotion": "happy"}')
    (row,) = rows(draft(raw))
    assert tuple(row) == TABLE
    assert row["item_id"].startswith("a-")
    assert (row["path"], row["speaker_id"], row["access_tier"]) == (
        "a.mp4",
        "spk_unknown",
        "internal",
    )
    assert (row["language"], row["dialect"], row["emotion"]) == ("bo", "amdo", "happy")
    assert (row["text_raw"], row["text_status"]) == ("བཀྲ་ཤིས།", "human")
    assert row["speaker_is_adult"] == ""


def test_a_named_speaker_gets_into_the_row_without_the_name(raw: Path) -> None:
    (raw / "a.json").write_text('{"speaker": "Tenzin"}')
    (row,) = rows(draft(raw))
    assert re.fullmatch(r"spk_local_[0-9a-f]{12}", row["speaker_id"])


def test_the_submission_leaves_rights_unknown(raw: Path) -> None:
    facts = yaml.safe_load((draft(raw) / "submission.yaml").read_text(encoding="utf-8"))
    assert facts["rights_basis"] == "unknown"
    assert facts["access_tier_max"] == "internal"
    assert facts["items"] == "items.csv"


def test_nothing_new_changes_nothing(raw: Path) -> None:
    folder = draft(raw)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    draft(raw)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_persons_edits_and_columns_stay(raw: Path, film: Path) -> None:
    folder = draft(raw)
    item_id = rows(folder)[0]["item_id"]
    (folder / "submission.yaml").write_text("schema: mine\n")
    # Saved by a spreadsheet: byte order mark, other order, one column more, no last line end.
    edited = f'\ufeffpath,note,item_id,speaker_id\r\na.mp4,"my, note",{item_id},spk_me'
    (folder / "items.csv").write_bytes(edited.encode())
    copy_as(film, raw / "b.mp4", 2)
    draft(raw)
    first, second = rows(folder)
    assert first == {
        "path": "a.mp4",
        "note": "my, note",
        "item_id": item_id,
        "speaker_id": "spk_me",
    }
    assert (second["path"], second["note"], second["speaker_id"]) == ("b.mp4", "", "spk_unknown")
    assert (folder / "submission.yaml").read_text() == "schema: mine\n"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("=cmd|calc.mp4", "./=cmd|calc.mp4"),
        ("-x.mp4", "./-x.mp4"),
        ("@x.mp4", "./@x.mp4"),
        ('quo"te, new\nline.mp4', 'quo"te, new\nline.mp4'),
    ],
)
def test_no_cell_is_a_formula_and_the_path_stays_a_path(
    raw: Path, film: Path, name: str, path: str
) -> None:
    copy_as(film, raw / name, 2)
    (raw / name).with_suffix(".txt").write_text("=1+1")
    row = next(row for row in rows(draft(raw)) if row["path"] != "a.mp4")
    assert row["path"] == path
    assert (raw / row["path"]).is_file()
    assert row["text_raw"] == "'=1+1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("item_id;path\n".encode("utf-16"), "is not UTF-8; save it as CSV in UTF-8 again"),
        (b"item_id;path\nx;y\n", "has no column item_id in its first line; save it with commas"),
        (b"", "has no column item_id in its first line"),
    ],
)
def test_a_table_saved_as_something_else_is_told_and_kept(
    raw: Path, content: bytes, sentence: str
) -> None:
    folder = draft(raw)
    (folder / "items.csv").write_bytes(content)
    with pytest.raises(UsageError, match=sentence):
        draft(raw)
    assert (folder / "items.csv").read_bytes() == content
