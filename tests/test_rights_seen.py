"""What was seen against bytes stays, line by line, and damage of it stops everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest import sample
from tthd_tools.clip import Span
from tthd_tools.errors import RefusedError
from tthd_tools.manifest.consent import Consent
from tthd_tools.rights_seen import SeenBytes, SeenConsent, SeenGiven, SeenName, note, read_seen
from tthd_tools.workspace import Workspace

FILM = "0" * 64
NAME = SeenName(kind="item_id", name="lab_0001", place="WITHDRAWALS.jsonl:1\u2028")
PIECE = SeenBytes(sha256=FILM, status="withdrawn", because="lab_0001_0003", span=(2.0, 4.0))
WHOLE = SeenBytes(sha256=FILM, status="withdrawn", because="lab_0001")
CONSENT = Consent(
    consent_id=sample.CONSENT,
    speaker_id=sample.SPEAKER,
    scope=frozenset(["train_research", "redistribute_media"]),
    tier="open",
    form_version="v1",
    status="granted",
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw").mkdir()
    return Workspace.create(tmp_path / "work", tmp_path / "raw")


def test_lines_are_added_and_never_lost(workspace: Workspace) -> None:
    assert read_seen(workspace).bytes == {}
    note(workspace, [NAME, PIECE])
    note(workspace, [PIECE, WHOLE])
    note(workspace, [])
    text = (workspace.root / "rights_seen.jsonl").read_text("utf-8")
    assert text.count("\n") == 3
    seen = read_seen(workspace)
    assert seen.names == {"lab_0001": NAME}
    assert seen.bytes == {FILM: (PIECE, WHOLE)}


def test_the_consents_that_bytes_had_are_kept(workspace: Workspace) -> None:
    for name in ("con_aaaaaaaaaaaa", "con_bbbbbbbbbbbb", "con_aaaaaaaaaaaa"):
        note(workspace, [SeenGiven(sha256=FILM, consent_id=name)])
    assert read_seen(workspace).given == {FILM: {"con_aaaaaaaaaaaa", "con_bbbbbbbbbbbb"}}


def test_a_piece_takes_with_it_what_overlaps_it(workspace: Workspace) -> None:
    note(workspace, [PIECE])
    seen = read_seen(workspace)
    spans = [(0.0, 2.0), (0.0, 2.04), (3.0, 3.5), (0.0, 9.0), (3.96, 9.0), (4.0, 9.0)]
    found = [bool(list(seen.against(FILM, Span(*span)))) for span in spans]
    assert found == [False, True, True, True, True, False]
    assert list(seen.against("1" * 64, Span(0.0, 9.0))) == []
    assert seen.withdrawn(FILM) is None
    note(workspace, [WHOLE])
    assert read_seen(workspace).withdrawn(FILM) == WHOLE


def test_of_a_consent_what_all_lines_grant_counts(workspace: Workspace) -> None:
    for change in (
        {},
        {"scope": frozenset(["train_research", "guardian"])},
        {"tier": "gated"},
        {"status": "expired"},
    ):
        note(workspace, [SeenConsent(consent=CONSENT.model_copy(update=change))])
    (consent,) = read_seen(workspace).consents.values()
    assert (consent.scope, consent.tier, consent.status) == ({"train_research"}, "gated", "expired")


@pytest.mark.parametrize("text", ["", "\n", "{\n", '{"what": "bytes", "sha256": "0"}\n', "[]\n"])
def test_damage_stops_everything(text: str, workspace: Workspace) -> None:
    (workspace.root / "rights_seen.jsonl").write_text(text)
    with pytest.raises(RefusedError, match="is damaged, so nobody knows who has withdrawn"):
        read_seen(workspace)
