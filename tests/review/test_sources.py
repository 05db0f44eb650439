"""Which bytes ids and decisions stood for, as far as a ledger remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.review.made import vote
from tthd_tools.clip import Clip, Item, Span
from tthd_tools.ledger import Child, Row
from tthd_tools.pipeline import digest
from tthd_tools.review.content import content_sha256, item_content_sha256
from tthd_tools.review.events import Event
from tthd_tools.review.sources import Sources, read_sources
from tthd_tools.testing import dummy_item
from tthd_tools.workspace import INGEST, Workspace

OLD, NEW = "1" * 64, "2" * 64


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw").mkdir()
    return Workspace.create(tmp_path / "work", tmp_path / "raw")


def registered(stamp: str, **fields: Any) -> tuple[Item, Row]:
    """An item and its row."""
    item = dummy_item(duration_s=9.0, **fields)
    child = Child("", "item", 0.0, 9.0, item.model_dump(mode="json"))
    return item, Row(item.item_id, item.item_id, INGEST, stamp, "ok", children=(child,))


def test_all_that_ids_and_bytes_ever_were_is_known(workspace: Workspace) -> None:
    rows = [
        registered("s1", item_id="a", sha256=OLD, contributor="lab-a", submission_id="sub_1")[1],
        registered("s2", item_id="a2", sha256=OLD, contributor="Lab-B", submission_id="sub_2")[1],
        registered("s3", item_id="a", sha256=NEW, contributor=None)[1],
        Row("a", "a", INGEST, "s4", "failed", reason="gone"),
    ]
    workspace.record(rows)
    found = read_sources(Workspace(workspace.root))
    assert found.of_id == {"a": {OLD, NEW}, "a2": {OLD}}
    assert found.contributors == {OLD: {"lab-a", "Lab-B"}}
    assert found.submissions == {"a": None, "a2": "sub_2"}


def test_content_says_which_bytes_an_id_meant_that_had_several(workspace: Workspace) -> None:
    first, row = registered("s1", item_id="a", sha256=OLD)
    second, other = registered("s2", item_id="a", sha256=NEW)
    child = Child("t0", "clip", 1.0, 4.0, {})
    track = Row("a_s0000", "a", "tracks", "f" * 32, "ok", children=(child,))
    workspace.record([row, other, track])
    found = read_sources(Workspace(workspace.root))
    prints = {"tracks": digest(["f" * 32, "t0"])}
    for item, sha256 in ((first, OLD), (second, NEW)):
        clip = Clip("a_0000", "clip", item, Path("x"), Span(1.0, 4.0), fingerprints=prints)
        assert found.of(vote("x", 1, content_sha256=content_sha256(clip))) == {sha256}
        whole = vote("x", 1, clip_id=None, content_sha256=item_content_sha256(item))
        assert found.of(whole) == {sha256}
    assert found.of(vote("x", 1, content_sha256="9" * 64)) == {OLD, NEW}


def test_an_id_counts_for_more_than_content_of_other_bytes() -> None:
    sources = Sources({"a": frozenset([OLD])}, {"9" * 64: NEW})

    def about(**fields: Any) -> Event:
        return vote("x", 1, content_sha256="9" * 64, **fields)

    assert sources.of(about()) == {OLD}
    assert sources.of(about(item_id="b", clip_id="b_0000")) == {NEW}
    assert Sources().of(about()) == frozenset()


def test_a_decision_that_names_its_bytes_is_about_them_under_any_name() -> None:
    known = Sources(of_id={"a": frozenset([OLD])}, of_content={})
    assert known.of(vote("x", 1)) == {OLD}
    assert known.of(vote("x", 1, source_sha256=NEW)) == {NEW}
    assert known.of(vote("x", 1, item_id="b", clip_id="b_0000", source_sha256=OLD)) == {OLD}
