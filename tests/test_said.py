"""Whose word counts for raw files, and that a workspace does not forget it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.films import grey_film
from tests.manifest.sample import NAME, row, write
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.ingest import ingest
from tthd_tools.lists import read_lists
from tthd_tools.said import Source, check_said, read_said
from tthd_tools.workspace import Workspace


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raw folder with one grey second, in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "raw"
    folder.mkdir()
    grey_film(folder / "a.mp4", 25)
    return folder


def workspace(raw: Path) -> Workspace:
    return Workspace.create(raw.parent / "work", raw)


def read(raw: Path, **source: object) -> object:
    return read_said(raw, raw.parent / "work", Source(**source))  # type: ignore[arg-type]


def registered(raw: Path, source: Source) -> None:
    """As ``ingest`` does it."""
    said = read_said(raw, raw.parent / "work", source)
    said.remember(workspace(raw))
    said.conclude(workspace(raw))


def test_nobody_says_anything_of_a_plain_folder(raw: Path) -> None:
    said = read_said(raw, raw.parent / "work", Source())
    assert (said.describe("a.mp4"), said.source, said.missing, said.remarks) == (
        None,
        Source(),
        [],
        [],
    )


def test_manifests_that_were_named_are_read_again_without_being_named(
    raw: Path, tmp_path: Path
) -> None:
    write(tmp_path / "elsewhere", [row(path="a.mp4")])
    said = read_said(raw, tmp_path / "work", Source(tmp_path / "elsewhere"))
    assert said.describe("a.mp4") is not None
    said.remember(workspace(raw))
    again = read_said(raw, tmp_path / "work", Source())
    assert again.source == Source(Path("elsewhere"))
    description = again.describe("a.mp4")
    assert description is not None
    assert description.fields["submission_id"] == NAME


def test_manifests_that_are_gone_are_asked_for(raw: Path, tmp_path: Path) -> None:
    workspace(raw).remember(manifests=tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="which is no longer there; name their folder"):
        read(raw)


def test_examples_for_another_folder_are_left_aside_and_not_remembered(
    raw: Path, tmp_path: Path
) -> None:
    write(tmp_path / "manifests", [row()])
    said = read_said(raw, tmp_path / "work", Source())
    assert said.remarks == [f"{NAME} names no file of {raw}: it is left aside"]
    assert (said.missing, said.source) == ([], Source())


def test_a_list_is_remembered_with_its_mapping(raw: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("file_name,emotion\na.mp4,happy\nb.mp4,sad\n")
    said = read_said(raw, tmp_path / "work", Source(None, "csv", listed))
    assert [one["path"] for one in said.missing] == ["b.mp4"]
    said.remember(workspace(raw))
    again = read_said(raw, tmp_path / "work", Source())
    description = again.describe("a.mp4")
    assert description is not None
    assert description.fields["emotion"] == "happy"
    assert again.source == Source(None, "csv", listed)


def test_what_does_not_go_together_is_refused(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give one of them"):
        read(raw, manifests=tmp_path, kind="csv")
    with pytest.raises(UsageError, match="go with --from NAME"):
        read(raw, list=tmp_path / "x.csv")


def test_manifests_stay_known_where_nothing_of_them_is_here_and_beside_a_list(
    raw: Path, tmp_path: Path
) -> None:
    write(tmp_path / "elsewhere", [row(path="a.mp4")])
    read_said(raw, tmp_path / "work", Source(tmp_path / "elsewhere")).remember(workspace(raw))
    (raw / "a.mp4").rename(raw / "b.mp4")
    read_said(raw, tmp_path / "work", Source()).remember(workspace(raw))
    assert workspace(raw).manifests == tmp_path / "elsewhere"
    listed = tmp_path / "list.csv"
    listed.write_text("file_name,emotion\nb.mp4,happy\n")
    read_said(raw, tmp_path / "work", Source(None, "csv", listed)).remember(workspace(raw))
    assert workspace(raw).manifests == tmp_path / "elsewhere"
    assert workspace(raw).listed == ("csv", listed, None)
    read_said(raw, tmp_path / "work", Source(tmp_path / "elsewhere")).remember(workspace(raw))
    assert workspace(raw).listed is None


@pytest.mark.parametrize("how", ["manifests", "list"])
def test_what_has_changed_since_it_was_read_is_told_and_goes_no_wider(
    how: str, raw: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("file_name,emotion\na.mp4,happy\n")
    folder = write(tmp_path / "elsewhere", [row(path="a.mp4")])
    source = Source(folder) if how == "manifests" else Source(None, "csv", listed)
    assert check_said(workspace(raw), "open") is None
    if how == "list":
        workspace(raw).remember(manifests=folder)
    for path in (folder / "items.jsonl", listed)[: 1 + (how == "list")]:
        registered(raw, source)
        path.touch()
        assert check_said(workspace(raw), "gated") is None
        path.write_text(path.read_text("utf-8").replace("happy", "sad"), "utf-8")
        sentence = check_said(workspace(raw), "internal") or ""
        assert sentence.endswith("have changed since they were read: run `tthd ingest` first")
        with pytest.raises(RefusedError, match="manifests have changed"):
            check_said(workspace(raw), "gated")
        said = read_said(raw, tmp_path / "work", Source())
        said.remember(workspace(raw))  # and it ends before the last file is registered
        with pytest.raises(RefusedError, match="manifests have changed"):
            check_said(workspace(raw), "gated")
        said.conclude(workspace(raw))
        assert check_said(workspace(raw), "gated") is None


@pytest.mark.parametrize("named", ["sha256", "path", "copy"])
@pytest.mark.parametrize("how", ["list", "nothing", "manifests"])
def test_a_row_that_comes_later_in_another_place_goes_no_wider(
    how: str, named: str, raw: Path, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text("file_name,emotion\na.mp4,happy\n")
    sha256 = hashlib.sha256((raw / "a.mp4").read_bytes()).hexdigest()
    if named == "copy":
        (raw / "b.mp4").write_bytes((raw / "a.mp4").read_bytes())
    source = {
        "list": Source(None, "csv", tmp_path / "list.csv"),
        "nothing": Source(),
        "manifests": Source(write(tmp_path / "m2", [row(path="a.mp4", sha256=sha256)]).parent),
    }[how]
    place = workspace(raw)

    def again() -> list[str]:
        said = read_said(raw, place.root, source)
        said.remember(place)
        lists = read_lists(raw, place.root, said.source.manifests, place.manifests)
        with place.writing():
            summary = ingest(place, describe=said.describe, sent_in=lists.sent_in(raw))
        said.conclude(place)
        return [one.code for one in summary.failed]

    assert again() == []
    assert check_said(place, "open") is None
    later = {
        "sha256": row(path="elsewhere.mp4", sha256=sha256),
        "path": row(path="a.mp4", sha256="0" * 64),
        "copy": row(path="b.mp4", sha256=None),
    }[named]
    write(tmp_path / "elsewhere", [later], name="sub_20260501_lab-b")
    assert check_said(place, "open") is None
    (tmp_path / "elsewhere").rename(tmp_path / "manifests")
    sentence = check_said(place, "internal") or ""
    assert "run `tthd ingest` first (sub_20260501_lab-b has a row for '" in sentence
    with pytest.raises(RefusedError, match="manifests have changed since they were read: run"):
        check_said(place, "gated")
    if how != "nothing":
        assert again() == ["S018"]
        assert check_said(place, "open") is None


def test_submissions_that_name_no_file_here_are_known_as_they_are(
    raw: Path, tmp_path: Path
) -> None:
    folder = write(tmp_path / "elsewhere", [row(path="a.mp4")])
    registered(raw, Source(folder))
    (folder / "items.jsonl").write_text(json.dumps(row(path="b.mp4")))
    registered(raw, Source())
    assert check_said(workspace(raw), "gated") is None
