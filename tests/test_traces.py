"""A name is followed to all bytes that have it or ever had it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.films import copy_as, grey_film
from tests.manifest import sample
from tthd_tools.description import Description
from tthd_tools.ingest import ingest
from tthd_tools.ledger import Child, Row
from tthd_tools.lists import read_lists
from tthd_tools.rights_seen import Seen, SeenBytes, SeenName
from tthd_tools.traces import Resolver, read_ever
from tthd_tools.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A film that was lab-a_0001, then lab-a_0002; of the first there was a clip from 2 to 4 s."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    copy_as(grey_film(tmp_path / "film.mp4", 25), tmp_path / "raw" / "a.mp4", 1)
    workspace = Workspace.create(tmp_path / "work", tmp_path / "raw")
    with workspace.writing():
        for name in ("lab-a_0001", "lab-a_0002"):
            said = Description("a.mp4", "m/items.csv:2", {}, name)
            ingest(workspace, describe={"a.mp4": said}.get)
        child = Child("", "clip", 2.0, 4.0, {})
        row = Row("lab-a_0001_0003", "lab-a_0001", "encode", "0", "ok", children=(child,))
        workspace.record([row])
    return workspace


def found(workspace: Workspace, kind: str, name: str) -> list[SeenBytes]:
    seen = Seen({name: SeenName(kind=kind, name=name, place="WITHDRAWALS.jsonl:1")})
    lists = read_lists(workspace.raw, workspace.root)
    return sorted(set(Resolver(workspace, seen, lists, read_ever(workspace)).bytes_out()), key=repr)


def sha256(workspace: Workspace) -> str:
    ((item, _),) = workspace.items()
    return item.sha256


@pytest.mark.parametrize("name", ["lab-a_0001", "lab-a_0002"])
def test_ids_that_bytes_had_are_followed(name: str, workspace: Workspace) -> None:
    (one,) = found(workspace, "item_id", name)
    assert (one.sha256, one.status, one.because, one.span) == (
        sha256(workspace),
        "withdrawn",
        name,
        None,
    )


def test_a_clip_is_followed_to_its_piece(workspace: Workspace) -> None:
    (one,) = found(workspace, "key", "lab-a_0001_0003")
    assert (one.sha256, one.span) == (sha256(workspace), (2.0, 4.0))


def test_a_clip_that_never_was_of_an_item_that_has_clips_takes_the_whole_item(
    workspace: Workspace,
) -> None:
    (one,) = found(workspace, "key", "lab-a_0001_0007")
    assert (one.sha256, one.span) == (sha256(workspace), None)
    assert found(workspace, "key", "lab-a_0002_0000") == []  # not measured yet


def test_rows_are_followed_by_their_hash_and_by_their_file(workspace: Workspace) -> None:
    sample.write(Path("manifests"), [sample.row(9, path="a.mp4", emotion="hapy")])
    hashes = [one.sha256 for one in found(workspace, "item_id", "lab-a_0009")]
    assert hashes == sorted([sha256(workspace), sample.row(9)["sha256"]])


def test_consents_that_bytes_ever_had_are_followed(workspace: Workspace) -> None:
    said = Description("a.mp4", "m/items.csv:2", {"consent_id": "con_aaaaaaaaaaaa"}, "lab-a_0003")
    with workspace.writing():
        ingest(workspace, describe={"a.mp4": said}.get)
        ingest(workspace, describe={"a.mp4": Description("a.mp4", "m/items.csv:2")}.get)
    refused = [sample.row(8, emotion="hapy"), sample.row(9, consent_id="none")]
    sample.write(Path("manifests"), refused)
    lists = read_lists(workspace.raw, workspace.root)
    resolver = Resolver(workspace, Seen(), lists, read_ever(workspace))
    assert {(one.sha256, one.consent_id) for one in resolver.given()} == {
        (sha256(workspace), "con_aaaaaaaaaaaa"),
        (refused[0]["sha256"], sample.CONSENT),
    }


def test_a_hash_needs_nobody_who_has_it(workspace: Workspace) -> None:
    (one,) = found(workspace, "sha256", "f" * 64)
    assert (one.sha256, one.status) == ("f" * 64, "withdrawn")


def test_bytes_without_a_consent_go_for_good_with_their_speakers_last_one(
    workspace: Workspace,
) -> None:
    said = Description("a.mp4", "m/items.csv:2", {"speaker_id": sample.SPEAKER}, "lab-a_0003")
    with workspace.writing():
        ingest(workspace, describe={"a.mp4": said}.get)
    Path("manifests").mkdir()
    for status, until in (("withdrawn", None), ("expired", sample.SPEAKER)):
        text = sample.CONSENTS.replace("granted", status)
        (Path("manifests") / "consents.csv").write_text(text)
        lists = read_lists(workspace.raw, workspace.root)
        seen = Seen(consents=lists.consents)
        (one,) = set(Resolver(workspace, seen, lists, read_ever(workspace)).bytes_out())
        assert (one.sha256, one.status, one.until_consent_of) == (sha256(workspace), status, until)


def test_a_consent_that_bytes_were_once_given_takes_them_with_it(workspace: Workspace) -> None:
    (Path("manifests")).mkdir()
    text = sample.CONSENTS.replace("granted", "withdrawn")
    (Path("manifests") / "consents.csv").write_text(text)
    lists = read_lists(workspace.raw, workspace.root)
    given = {sha256(workspace): frozenset([sample.CONSENT])}  # by a row that was never registered
    seen = Seen(consents=lists.consents, given=given)
    (one,) = set(Resolver(workspace, seen, lists, read_ever(workspace)).bytes_out())
    assert (one.sha256, one.status, one.because) == (sha256(workspace), "withdrawn", sample.CONSENT)
