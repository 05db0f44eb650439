"""What counts of consents and withdrawals, and what corrections make of an item."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthd_tools.amend import corrected
from tthd_tools.clip import Clip, Item, Span
from tthd_tools.errors import RefusedError
from tthd_tools.rights import missing
from tthd_tools.rights_seen import SeenBytes, SeenGiven, note
from tthd_tools.standing import read_rights
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


def lists(folder: Path, text: str = CONSENTS) -> Path:
    """A folder with a list of consents."""
    folder.mkdir(exist_ok=True)
    (folder / "consents.csv").write_text(text)
    return folder


def clip(**fields: object) -> Clip:
    item = ITEM.model_copy(update=fields)
    return Clip(f"{item.item_id}_0000", "clip", item, Path("a.mp4"), Span(2.0, 4.0))


def test_consents_are_those_that_are_listed(tmp_path: Path, workspace: Workspace) -> None:
    assert dict(read_rights(workspace).consents) == {}
    lists(tmp_path / "elsewhere")
    workspace.remember(manifests=tmp_path / "elsewhere")
    rights = read_rights(Workspace(workspace.root), [ITEM])
    assert list(rights.consents) == ["con_aaaaaaaaaaaa"]
    assert rights.against(clip()) is None


def test_a_consent_that_cannot_be_looked_up_stops_it(tmp_path: Path, workspace: Workspace) -> None:
    with pytest.raises(RefusedError, match="names the consent con_aaaaaaaaaaaa; bring it back"):
        read_rights(workspace, [ITEM])
    (tmp_path / "named").mkdir()
    with pytest.raises(RefusedError, match=r"there is no consents\.csv in '.*named'"):
        read_rights(workspace, [ITEM], tmp_path / "named")
    with pytest.raises(RefusedError, match="is not there"):
        read_rights(workspace, [], tmp_path / "nowhere")


def test_a_consent_grants_no_more_than_it_ever_did(tmp_path: Path, workspace: Workspace) -> None:
    folder = lists(tmp_path / "manifests")
    read_rights(workspace)
    wider = CONSENTS.replace("research", "research redistribute_media").replace("gated", "open")
    lists(folder, wider)
    consent = read_rights(workspace).consents["con_aaaaaaaaaaaa"]
    assert (consent.scope, consent.tier) == ({"train_research"}, "gated")
    lists(folder, CONSENTS.replace("granted", "expired"))
    read_rights(workspace)
    (folder / "consents.csv").unlink()
    assert read_rights(workspace).consents["con_aaaaaaaaaaaa"].status == "expired"


def test_a_consent_that_has_expired_can_be_given_again_by_its_speaker_alone(
    workspace: Workspace,
) -> None:
    expired = SeenBytes(
        sha256="0" * 64,
        status="expired",
        because="con_bbbbbbbbbbbb",
        until_consent_of="spk_aaaaaaaaaaaa",
    )
    note(workspace, [expired])
    assert read_rights(workspace).against(clip()) == "expired"
    lists(Path("manifests"))
    rights = read_rights(workspace)
    assert rights.against(clip()) is None
    assert rights.against(clip(speaker_id="spk_bbbbbbbbbbbb")) == "expired"
    assert rights.against(clip(consent_id=None)) == "expired"
    assert rights.refusal("0" * 64) is None
    note(workspace, [expired.model_copy(update={"status": "withdrawn", "until_consent_of": None})])
    rights = read_rights(workspace)
    assert rights.against(clip()) == "withdrawn"
    assert (rights.refusal("0" * 64) or ("",))[0] == "M027"


SHARED = {"rights": "open_licence", "tier": "open"}
SEVERAL = """\
consent_id,speaker_id,scope,tier,form_version,status
con_aaaaaaaaaaaa,spk_aaaaaaaaaaaa,train_research redistribute_media,internal,v1,granted
con_bbbbbbbbbbbb,spk_bbbbbbbbbbbb,train_research redistribute_media,open,v1,granted
con_cccccccccccc,spk_aaaaaaaaaaaa,train_research redistribute_media,gated,v1,granted
"""


@pytest.mark.parametrize(
    ("fields", "widest", "lacks"),
    [
        ({"consent_id": None}, "internal", ["consent", "review"]),
        ({}, "internal", ["tier", "review"]),
        ({"consent_id": "con_cccccccccccc"}, "gated", ["review"]),
        (
            {"consent_id": "con_bbbbbbbbbbbb", "speaker_id": "spk_bbbbbbbbbbbb"},
            "internal",
            ["tier", "review"],
        ),
    ],
)
def test_what_has_lived_by_a_consent_lives_by_one_for_good(
    fields: dict[str, str | None], widest: str, lacks: list[str], workspace: Workspace
) -> None:
    lists(Path("manifests"), SEVERAL)
    free = clip(**SHARED, consent_id=None)
    assert read_rights(workspace).standing(free).widest == "open"
    note(workspace, [SeenGiven(sha256="0" * 64, consent_id="con_aaaaaaaaaaaa")])
    rights = read_rights(workspace)
    standing = rights.standing(clip(**SHARED, **fields))
    assert (standing.widest, missing(standing)) == (widest, lacks)
    consent = rights.consent(clip(**fields).item)
    assert (consent and consent.tier) == (None if "consent" in lacks else widest)


def test_an_entry_that_names_nobody_known_gets_its_sentence(
    tmp_path: Path, workspace: Workspace
) -> None:
    folder = lists(tmp_path / "manifests")
    (folder / "WITHDRAWALS.jsonl").write_text('{"item_id": "lab-0001", "key": "lab-0001_0003"}\n')
    remarks = read_rights(workspace).remarks
    assert [one.split("; ")[0] for one in remarks] == [
        "manifests/WITHDRAWALS.jsonl:1: nothing here was ever known as item_id 'lab-0001'",
        "manifests/WITHDRAWALS.jsonl:1: nothing here was ever known as key 'lab-0001_0003'",
    ]


def test_corrections_change_the_item_and_say_by_whom() -> None:
    assert corrected(ITEM, {}) is ITEM
    assert corrected(ITEM, {"trim_s": (0.0, 1.0)}) is ITEM
    changed = corrected(ITEM, {"text": "ཁ  ་", "emotion": None, "dialect": "amdo"})
    assert (changed.text, changed.text_norm) == ("ཀ", "ཁ ་")
    assert (changed.text_status, changed.emotion) == ("human_verified", None)
    assert (changed.emotion_origin, changed.dialect) == ("perceived", "amdo")
    assert ITEM.emotion == "happy"
