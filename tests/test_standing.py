"""Where consents and withdrawals are looked up, and what corrections make of an item."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthd_tools.clip import Item
from tthd_tools.errors import RefusedError
from tthd_tools.standing import corrected, find_manifests, read_consents_of
from tthd_tools.workspace import Workspace

CONSENTS = """\
consent_id,speaker_id,scope,tier,form_version,status
con_aaaaaaaaaaaa,spk_aaaaaaaaaaaa,train_research,gated,v1,granted
"""
ITEM = Item(
    item_id="lab_0001",
    path="a.mp4",
    sha256="0" * 64,
    size_bytes=1,
    speaker_id="spk_aaaaaaaaaaaa",
    language="bo",
    text="ཀ",
    text_norm="ཀ",
    text_status="human",
    emotion="happy",
    emotion_origin="intended",
    consent_id="con_aaaaaaaaaaaa",
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty one, in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    return Workspace.create(tmp_path / "work", tmp_path / "raw")


def submission(folder: Path) -> Path:
    """A folder of submissions with one in it."""
    (folder / "sub_20260101_lab").mkdir(parents=True)
    (folder / "sub_20260101_lab" / "submission.yaml").write_text("schema: x\n")
    return folder


def test_manifests_are_looked_for_in_raw_and_then_beside(
    tmp_path: Path, workspace: Workspace
) -> None:
    assert find_manifests(workspace.raw) is None
    (workspace.raw / "sub_20260101_lab").mkdir()  # videos alone
    assert find_manifests(workspace.raw) is None
    submission(tmp_path / "manifests")
    assert find_manifests(workspace.raw) == Path("manifests")
    (workspace.raw / "sub_20260101_lab" / "submission.yaml").write_text("schema: x\n")
    assert find_manifests(workspace.raw) == workspace.raw


def test_the_workspace_remembers_where_consents_lie(tmp_path: Path, workspace: Workspace) -> None:
    folder = submission(tmp_path / "elsewhere")
    (folder / "consents.csv").write_text(CONSENTS)
    workspace.remember(manifests=folder)
    again = Workspace(workspace.root)
    assert again.manifests == folder
    assert again.raw == workspace.raw
    consents, withdrawn = read_consents_of(again, [ITEM])
    assert (list(consents), withdrawn) == (["con_aaaaaaaaaaaa"], frozenset())


def test_a_single_submission_has_its_consents_one_folder_up(
    tmp_path: Path, workspace: Workspace
) -> None:
    folder = submission(tmp_path / "elsewhere")
    (folder / "consents.csv").write_text(CONSENTS)
    consents, _ = read_consents_of(workspace, [ITEM], folder / "sub_20260101_lab")
    assert list(consents) == ["con_aaaaaaaaaaaa"]


def test_who_has_withdrawn_is_read_from_both_lists(tmp_path: Path, workspace: Workspace) -> None:
    folder = submission(tmp_path / "manifests")
    (folder / "WITHDRAWALS.jsonl").write_text('{"speaker_id": "spk_bbbbbbbbbbbb"}\n')
    (tmp_path / "private.jsonl").write_text(f'{{"sha256": "{"1" * 64}"}}\n')
    (tmp_path / "tthd.toml").write_text('[manifests]\nsuppression = "private.jsonl"\n')
    _, withdrawn = read_consents_of(workspace, [])
    assert withdrawn == {"spk_bbbbbbbbbbbb", "1" * 64}


def test_a_consent_that_cannot_be_looked_up_stops_it(tmp_path: Path, workspace: Workspace) -> None:
    assert read_consents_of(workspace, []) == ({}, frozenset())
    with pytest.raises(RefusedError, match="consent con_aaaaaaaaaaaa is looked up in it"):
        read_consents_of(workspace, [ITEM])
    folder = submission(tmp_path / "manifests")
    with pytest.raises(RefusedError, match=r"there is no consents\.csv in"):
        read_consents_of(workspace, [ITEM], folder)
    with pytest.raises(RefusedError, match="is not there"):
        read_consents_of(workspace, [], tmp_path / "nowhere")


def test_corrections_change_the_item_and_say_by_whom() -> None:
    assert corrected(ITEM, {}) is ITEM
    assert corrected(ITEM, {"trim_s": (0.0, 1.0)}) is ITEM
    changed = corrected(ITEM, {"text": "ཁ  ་", "emotion": None, "dialect": "amdo"})
    assert (changed.text, changed.text_norm) == ("ཀ", "ཁ ་")
    assert (changed.text_status, changed.emotion) == ("human_verified", None)
    assert (changed.emotion_origin, changed.dialect) == ("perceived", "amdo")
    assert ITEM.emotion == "happy"
