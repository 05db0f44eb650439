"""A correction is an input of the corpus stages that read it, and of nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_rights_chain import accept, decide
from tests.cli_run import Tthd
from tests.submitted import TEXT, records
from tthd_tools.amend import amended, corrected
from tthd_tools.testing import dummy_clip
from tthd_tools.workspace import Workspace

NEW = "བཀྲ་ཤིས།"
CLIP = "lab-a_a1_0000"


def done(place: Path, stage: str) -> list[str]:
    """Ids of the clips that a stage has been through, once for each time."""
    return [row.id for row in Workspace(place / "work", ledger=True).ledger if row.stage == stage]


def test_a_corrected_text_and_emotion_are_measured_again_for_that_clip_alone(
    place: Path, tthd: Tthd
) -> None:
    before = {stage: done(place, stage) for stage in ("alignment", "emotion", "sync", "tracks")}
    changed = {"text": {"old": TEXT, "new": NEW}, "emotion": {"old": "happy", "new": "calm"}}
    for actor in ("dolma", "tashi"):
        decide(place, actor, CLIP, event="correct", fields_changed=changed)
    accept(place, CLIP)
    assert tthd("build-shards").code == 0

    assert done(place, "alignment") == [*before["alignment"], CLIP]
    assert done(place, "emotion") == [*before["emotion"], CLIP]
    for stage in ("sync", "tracks"):
        assert done(place, stage) == before[stage]
    samples = records(place / "release")
    alignment = samples[CLIP]["parts"]["alignment"]
    assert (samples[CLIP]["txt"], alignment["text"]) == (NEW, NEW)
    assert [one[0] for one in alignment["syllables"]] == ["བཀྲ", "ཤིས"]
    assert alignment["text_status"] == "human_verified"
    assert samples[CLIP]["parts"]["emotion"]["label"] == "calm"
    other = samples["lab-a_a2_0000"]["parts"]["alignment"]
    assert (other["text"], other["syllable_count"]) == (TEXT, 4)

    assert tthd("build-shards", "--json").json["written"] == []
    assert done(place, "alignment") == [*before["alignment"], CLIP]


def test_the_clip_as_sent_is_left_as_it_is(tmp_path: Path) -> None:
    clip = dummy_clip(tmp_path)
    other = amended(clip, {clip.id: {"text": "  བཀྲ་ཤིས། ", "dialect": "amdo"}})
    assert (other.item.text_norm, other.item.text_of, other.item.dialect) == (
        "བཀྲ་ཤིས།", "clip", "amdo",
    )  # fmt: skip
    assert (clip.item.text_norm, clip.item.text_of, clip.item.text) == ("", "item", "")
    assert other.item.text == ""
    assert amended(clip, {"another": {"text": "x"}}) is clip


def test_a_trim_changes_nothing_of_the_item(tmp_path: Path) -> None:
    item = dummy_clip(tmp_path).item
    assert corrected(item, {"trim_s": (0.5, 1.0)}) is item
