"""From a submission to releases: rights, consent and two reviewers decide what each tier holds."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli_run import Done, Tthd
from tests.submitted import CONSENTS, SUBMISSION, TEXT, records
from tthd_tools.build import look
from tthd_tools.pipeline import find_pipeline, load_pipeline, make_plan
from tthd_tools.review.content import content_sha256
from tthd_tools.review.events import Event
from tthd_tools.review.log import append_events, log_path
from tthd_tools.workspace import Workspace


def decide(place: Path, actor: str, clip_id: str, **fields: Any) -> None:
    """Append a decision to the log of a reviewer."""
    workspace = Workspace(place / "work")
    plan = make_plan(load_pipeline(find_pipeline("tthd")))
    state = look(workspace, plan)
    (clip,) = [leaf.clip for i in state.items for leaf in i.clips if leaf.clip.id == clip_id]
    number = hashlib.sha256(repr((actor, clip_id, fields)).encode()).hexdigest()[:12]
    event = {
        "event_id": f"event-{number}",
        "at": f"2026-11-20T10:00:00.{int(number, 16) % 1000:03d}Z",
        "actor": actor,
        "role": "reviewer",
        "item_id": clip.item.item_id,
        "clip_id": clip_id,
        "content_sha256": content_sha256(clip),
        "guideline_version": "1",
        "event": "vote",
    }
    path = log_path(place / "work" / "reviews", clip.item.submission_id, actor)
    append_events(path, [Event.model_validate_json(json.dumps(event | fields))])


def accept(place: Path, *clip_ids: str) -> None:
    for clip_id in clip_ids:
        for actor in ("dolma", "tashi"):
            decide(place, actor, clip_id, verdict="accept")


def build(tthd: Tthd, tier: str, *more: object) -> Done:
    return tthd("build-shards", "--tier", tier, "--out", tier, "--json", *more)


def test_an_internal_release_says_what_each_sample_lacks(place: Path) -> None:
    found = records(place / "release")
    assert sorted(found)[:3] == ["lab-a_a1_0000", "lab-a_a2_0000", "lab-a_b1_0000"]
    assert len(found) == 4
    sample = found["lab-a_a1_0000"]
    assert (sample["license"], sample["tier"], sample["rights"]) == (
        "CC-BY-SA-4.0",
        "gated",
        "speaker_consent",
    )
    assert sample["consent"]["status"] == "granted"
    assert (sample["language"], sample["dialect"]) == ("bo", "u-tsang")
    assert (sample["emotion"], sample["emotion_intensity"]) == ("happy", 2)
    assert sample["txt"] == TEXT
    assert (sample["review_state"], sample["missing"]) == ("unreviewed", ["review"])
    (plain,) = [one for key, one in found.items() if key.startswith("plain-")]
    assert plain["missing"] == ["rights", "tier", "consent", "review"]


def test_no_wider_tier_takes_a_clip_that_nobody_has_reviewed(place: Path, tthd: Tthd) -> None:
    for tier in ("gated", "registered", "open"):
        done = build(tthd, tier)
        assert done.code == 5
        assert "its review state is unreviewed" in done.err
        assert not (place / tier).exists()
    assert build(tthd, "internal", "--require-review").code == 5


def test_each_tier_holds_what_review_and_consent_allow(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_a1_0000", "lab-a_b1_0000")
    decide(place, "dolma", "lab-a_a2_0000", verdict="reject", reasons=["lip_sync"])
    decide(place, "tashi", "lab-a_a2_0000", verdict="reject", reasons=["blur"])
    done = build(tthd, "gated")
    assert sorted(records(place / "gated")) == ["lab-a_a1_0000", "lab-a_b1_0000"]
    assert done.json["left_out"] == {
        "it is rejected by review": 1,
        "its review state is unreviewed": 1,
    }
    assert "lmk.npz" not in records(place / "gated")["lab-a_a1_0000"]["members"]
    assert build(tthd, "open").code == 0
    assert sorted(records(place / "open")) == ["lab-a_b1_0000"]
    assert build(tthd, "internal").code == 0
    assert len(records(place / "internal")) == 3  # the rejected one is in no release at all
    for tier in ("gated", "open", "internal"):
        assert tthd("verify", tier).code == 0


def test_landmarks_leave_where_every_consent_covers_them(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_a1_0000")
    assert build(tthd, "gated").code == 0
    assert records(place / "gated")["lab-a_a1_0000"]["members"][-1] == "lmk.npz"
    assert tthd("verify", "gated").code == 0


def test_a_withdrawn_consent_takes_its_clips_out_of_every_release(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_a1_0000", "lab-a_b1_0000")
    build(tthd, "gated")
    consents = place / "manifests" / "consents.csv"
    consents.write_text(CONSENTS.replace("gated,v1,granted", "gated,v1,withdrawn"))
    done = build(tthd, "gated")
    assert done.json["left_out"]["its consent is withdrawn"] == 2
    assert sorted(records(place / "gated")) == ["lab-a_b1_0000"]
    build(tthd, "internal")
    assert [key for key in records(place / "internal") if "_a" in key] == []


def test_a_folder_of_decisions_that_is_not_there_is_none_without_vetoes(
    place: Path, tthd: Tthd
) -> None:
    accept(place, "lab-a_b1_0000")
    done = build(tthd, "internal", "--reviews", "reveiws")
    assert done.code == 2
    assert "the folder of decisions 'reveiws' is not there; check its name" in done.err
    assert build(tthd, "gated").code == 0
    assert sorted(records(place / "gated")) == ["lab-a_b1_0000"]


def test_an_earlier_build_that_nobody_may_have_any_more_is_told(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_b1_0000")
    assert build(tthd, "open").code == 0
    consents = place / "manifests" / "consents.csv"
    consents.write_text(CONSENTS.replace("open,v1,granted", "open,v1,withdrawn"))
    done = build(tthd, "open")
    assert done.code == 5
    assert "open still holds an earlier build: remove it" in done.err


@pytest.mark.parametrize(
    "entry",
    [
        {"speaker_id": "spk_bbbbbbbbbbbb"},
        {"item_id": "lab-a_b1", "removed_in": "2.0.0"},
        {"key": "lab-a_b1_0000"},
        {"consent_id": "con_bbbbbbbbbbbb"},
        {"sha256": "SHA256"},
    ],
)
def test_who_is_on_the_list_of_withdrawals_is_in_no_release(
    entry: dict[str, str], place: Path, tthd: Tthd
) -> None:
    if "sha256" in entry:
        video = place / "raw" / SUBMISSION / "b1.mp4"
        entry = {"sha256": hashlib.sha256(video.read_bytes()).hexdigest().upper()}
    listed = place / "manifests" / "WITHDRAWALS.jsonl"
    listed.write_text(json.dumps(entry) + "\n")
    build(tthd, "internal")
    assert "lab-a_b1_0000" not in records(place / "internal")
    listed.unlink()  # an older checkout brings nobody back
    build(tthd, "internal")
    assert "lab-a_b1_0000" not in records(place / "internal")


def test_without_the_list_of_consents_nothing_is_built(place: Path, tthd: Tthd) -> None:
    (place / "manifests" / "consents.csv").unlink()
    done = build(tthd, "internal")
    assert done.code == 5
    assert "there is no consents.csv" in done.err


def test_a_damaged_log_stops_every_release(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_a1_0000")
    log = log_path(place / "work" / "reviews", SUBMISSION, "tashi")
    log.write_bytes(log.read_bytes().replace(b"accept", b"reject"))
    done = build(tthd, "internal")
    assert done.code == 5
    assert "nothing is released by a damaged log" in done.err


def test_corrections_reach_the_shards(place: Path, tthd: Tthd) -> None:
    new = "བཀྲ་ཤིས།"
    changed = {
        "text": {"old": TEXT, "new": new},
        "emotion": {"old": "happy", "new": "calm"},
        "trim_s": {"new": [0.4, 2.8]},
    }
    for actor in ("dolma", "tashi"):
        decide(place, actor, "lab-a_a1_0000", event="correct", fields_changed=changed)
    accept(place, "lab-a_a1_0000")
    assert build(tthd, "gated").code == 0
    sample = records(place / "gated")["lab-a_a1_0000"]
    assert (sample["txt"], sample["emotion"]) == (new, "calm")
    assert (sample["text_status"], sample["emotion_origin"]) == ("human_verified", "perceived")
    assert sample["corrected"] == ["emotion", "text", "trim_s"]
    whole = records(place / "release")["lab-a_a1_0000"]
    assert sample["picture"]["frames"] == 60
    assert sample["wav_bytes"] == 60 * 640 * 2 + 44
    assert sample["crop"] == whole["crop"][10:70]
    assert sample["start_s"] == pytest.approx(whole["start_s"] + 0.4)
    assert tthd("verify", "gated").code == 0
    written = build(tthd, "gated").json["written"]
    assert written == []


def test_status_tells_the_whole_story_of_a_clip(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_a1_0000")
    lines = tthd("status", "--why", "lab-a_a1_0000").out.splitlines()
    assert lines[1] == (f"item        lab-a_a1 of {SUBMISSION}; spk_aaaaaaaaaaaa; bo, u-tsang")
    assert lines[-6].startswith("consent     con_aaaaaaaaaaaa granted, tier gated, for")
    assert "dolma accepts it on 2026-11-20" in lines[-5]
    assert lines[-4:] == [
        "internal    yes",
        "gated       yes",
        "registered  its own tier is gated",
        "open        its own tier is gated",
    ]
    data = tthd("status", "--why", "lab-a_b1_0000", "--json").json
    assert data["tiers"]["internal"] is None
    assert data["tiers"]["open"] == "its review state is unreviewed"
    wrong = tthd("status", "--why", "lab-a_a1_0001")
    assert (wrong.code, "did you mean 'lab-a_a1_0000'" in wrong.err) == (2, True)
    wrong = tthd("status", "--why", "?")
    assert wrong.err.endswith("no clip '?'; `tthd status --json` lists all clips\n")


def test_the_table_has_what_the_manifest_says(place: Path) -> None:
    import polars as pl

    table = pl.read_parquet(place / "work" / "table" / "clips.parquet")
    found = table.filter(pl.col("clip_id") == "lab-a_b1_0000").row(0, named=True)
    expected = {
        "submission_id": SUBMISSION,
        "consent_id": "con_bbbbbbbbbbbb",
        "consent_scope": "redistribute_media train_research",
        "speaker_id": "spk_bbbbbbbbbbbb",
        "license": "CC-BY-SA-4.0",
        "tier": "open",
        "text_norm": TEXT,
        "emotion_origin": "intended",
    }
    assert {name: found[name] for name in expected} == expected


def test_a_row_with_an_error_keeps_its_file_out(place: Path, tthd: Tthd) -> None:
    items = place / "manifests" / SUBMISSION / "items.jsonl"
    rows = items.read_text("utf-8")
    items.write_text(rows.replace('"consent_id": "con_b', '"consent_id": "con_a'), "utf-8")
    done = tthd("ingest", "raw")
    assert done.code == 3
    assert "M024" in done.err
    assert tthd("explain", "M024").code == 0
    found = {one["item_id"]: one for one in tthd("status", "--json").json["items"]}
    assert found["lab-a_a1"]["outcome"] == "clip"
    refused = found["lab-a_b1"]
    assert (refused["outcome"], refused["clips"]) == ("failed", [])
    assert tthd("explain", refused["reason"]).code == 0
    for name in ("lab-a_b1", "lab-a_b1_0000"):
        told = tthd("status", "--why", name).out.splitlines()
        assert told[0] == f"lab-a_b1  {SUBMISSION}/b1.mp4"
        assert told[1].startswith(
            f"refused     M024 manifests/{SUBMISSION}/items.jsonl:3 consent_id"
        )
        assert told[2] == "internal    ingest has refused its file"
    data = tthd("status", "--why", "lab-a_b1", "--json").json
    assert (data["outcome"], data["reason"]) == ("failed", refused["reason"])
    build(tthd, "internal")
    assert "lab-a_b1_0000" not in records(place / "internal")


def test_a_listed_file_that_is_not_there_is_told(place: Path, tthd: Tthd) -> None:
    (place / "raw" / SUBMISSION / "b1.mp4").unlink()
    done = tthd("ingest", "raw", "--json")
    assert done.code == 3
    assert [one["origin"] for one in done.json["missing"]] == [
        f"manifests/{SUBMISSION}/items.jsonl:3"
    ]


def test_a_submission_for_another_raw_folder_is_left_aside(place: Path, tthd: Tthd) -> None:
    shutil.copytree(place / "raw", place / "other")
    shutil.rmtree(place / "other" / SUBMISSION)
    done = tthd("ingest", "other", "--work", "w2")
    assert done.code == 0, done.err
    assert f"{SUBMISSION} names no file of other: it is left aside" in done.err
    done = tthd("ingest", "other", "--work", "w3", "--manifests", "manifests")
    assert done.code == 3


def test_logs_that_vanish_stop_every_release(place: Path, tthd: Tthd) -> None:
    decide(place, "dolma", "lab-a_a1_0000", verdict="reject", reasons=["minor"])
    assert build(tthd, "internal").json["left_out"] == {"it is vetoed": 1}
    shutil.rmtree(place / "work" / "reviews")
    done = build(tthd, "internal")
    assert done.code == 5
    assert "1 decision was read in" in done.err


def test_ingesting_again_without_manifests_gives_nobody_other_rights(
    place: Path, tthd: Tthd
) -> None:
    (place / "manifests").rename(place / "put_away")
    done = tthd("ingest", "raw")
    assert done.code == 2
    assert "name their folder with --manifests DIR" in done.err
    assert tthd("ingest", "raw", "--manifests", "put_away").code == 0
    assert tthd("ingest", "raw").code == 0
    assert build(tthd, "internal").code == 0
    assert len(records(place / "internal")) == 4
    items = place / "put_away" / SUBMISSION / "items.jsonl"
    items.write_text("".join(items.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    done = tthd("ingest", "raw")
    assert done.code == 3
    assert f"S018 '{SUBMISSION}/a1.mp4' came in {SUBMISSION}" in done.err
    build(tthd, "internal")
    assert len(records(place / "internal")) == 3


def test_a_sidecar_claims_no_rights(place: Path, tthd: Tthd) -> None:
    claims = {"rights": "public_domain", "tier": "open", "license": "CC0-1.0", "consent_id": "x"}
    (place / "raw" / "plain.json").write_text(json.dumps(claims))
    assert tthd("ingest", "raw").code == 0
    (clip_id,) = [one for one in records(place / "release") if one.startswith("plain-")]
    data = tthd("status", "--why", clip_id, "--json").json
    assert (data["item"]["rights"], data["item"]["tier"]) == ("unknown", "internal")


def test_a_veto_goes_with_the_bytes_when_the_item_gets_another_id(place: Path, tthd: Tthd) -> None:
    decide(place, "dolma", "lab-a_b1_0000", verdict="reject", reasons=["minor"])
    items = place / "manifests" / SUBMISSION / "items.jsonl"
    items.write_text(items.read_text("utf-8").replace("lab-a_b1", "new-id"), "utf-8")
    assert tthd("ingest", "raw").code == 0
    done = build(tthd, "internal")
    assert done.json["left_out"] == {"it is vetoed": 1}
    assert "new-id_0000" not in records(place / "internal")
    told = tthd("status", "--why", "new-id_0000").out
    assert "dolma rejects it on 2026-11-20: minor; this is a veto" in told


def test_neither_a_clock_nor_a_twin_nor_an_older_content_lifts_a_veto(
    place: Path, tthd: Tthd
) -> None:
    clip_id = "lab-a_b1_0000"
    for actor in ("tashi", "dolma", "pema"):
        decide(place, actor, clip_id, verdict="accept", at="2026-11-21T09:00:00.000Z")
    veto = {"verdict": "reject", "reasons": ["minor"], "event_id": "event-of-a-veto"}
    decide(place, "dolma", clip_id, at="2020-01-01T00:00:00.000Z", **veto)
    assert build(tthd, "gated").code == 5
    assert tthd("review", "status", "--json").json["vetoed"] == 1
    (plain,) = [one for one in records(place / "release") if one.startswith("plain-")]
    twin = {"event_id": "event-of-a-veto", "at": "2019-01-01T00:00:00.000Z"}
    decide(place, "dolma", plain, verdict="accept", **twin)
    assert tthd("review", "status", "--json").json["vetoed"] == 1
    decide(place, "dolma", clip_id, verdict="accept", content_sha256="0" * 64)
    assert tthd("review", "status", "--json").json["vetoed"] == 1
    decide(place, "dolma", clip_id, verdict="accept", comment="I was wrong")
    assert tthd("review", "status", "--json").json["vetoed"] == 0


def test_one_person_under_three_handles_is_one_voter(place: Path, tthd: Tthd) -> None:
    for actor in ("tashi", "tashi-", "ta-shi"):
        decide(place, actor, "lab-a_b1_0000", verdict="accept")
    assert tthd("review", "status", "--json").json["states"]["in_review"] == 1
    assert build(tthd, "gated").code == 5
    decide(place, "dolma", "lab-a_b1_0000", verdict="accept")
    assert build(tthd, "gated").code == 0


def test_no_id_goes_to_other_bytes(place: Path, tthd: Tthd) -> None:
    decide(place, "dolma", "lab-a_a1_0000", verdict="reject", reasons=["minor"])
    items = place / "manifests" / SUBMISSION / "items.jsonl"
    rows = items.read_text("utf-8")
    swapped = rows.replace("lab-a_a1", "?").replace("lab-a_b1", "lab-a_a1").replace("?", "lab-a_b1")
    items.write_text(swapped, "utf-8")
    done = tthd("ingest", "raw")
    assert done.code == 3
    assert f"M007 '{SUBMISSION}/a1.mp4' is to be lab-a_b1" in done.err
    assert f"M007 '{SUBMISSION}/b1.mp4' is to be lab-a_a1" in done.err
    build(tthd, "internal")
    assert sorted(records(place / "internal"))[0] == "lab-a_a2_0000"
    items.write_text(rows.replace("lab-a_a1", "lab-a_a9").replace("lab-a_b1", "lab-a_a1"), "utf-8")
    assert tthd("ingest", "raw").code == 3
    build(tthd, "internal")
    assert not {"lab-a_a1_0000", "lab-a_a9_0000"} & set(records(place / "internal"))
    items.write_text(rows, "utf-8")
    assert tthd("ingest", "raw").code == 0
    assert build(tthd, "internal").json["left_out"] == {"it is vetoed": 1}
    assert "lab-a_b1_0000" in records(place / "internal")


def test_bytes_that_come_back_under_another_id_bring_their_veto(place: Path, tthd: Tthd) -> None:
    """A workspace in which an id has gone to other bytes, as it could once."""
    decide(place, "dolma", "lab-a_a1_0000", verdict="reject", reasons=["minor"])
    workspace = Workspace(place / "work")
    rows = {one.id: one for one in workspace.ledger if one.stage == "ingest"}
    first, other = rows["lab-a_a1"], rows["lab-a_b1"]
    part = {**(other.children[0].part or {}), "item_id": "lab-a_a1"}
    children = (other.children[0]._replace(part=part),)
    workspace.record([replace(first, children=children, fingerprint="0" * 32, at=0.0)])
    items = place / "manifests" / SUBMISSION / "items.jsonl"
    items.write_text(items.read_text("utf-8").replace("lab-a_a1", "lab-a_again"), "utf-8")
    assert tthd("ingest", "raw").code == 0
    assert build(tthd, "internal").json["left_out"] == {"it is vetoed": 1}
    found = records(place / "internal")
    assert "lab-a_again_0000" not in found
    assert "lab-a_b1_0000" in found, "the veto lands on no other bytes"


def test_who_once_sent_bytes_does_not_decide_about_them(place: Path, tthd: Tthd) -> None:
    head = place / "manifests" / SUBMISSION / "submission.yaml"
    text = head.read_text()
    assert tthd("ingest", "raw").code == 0
    head.write_text(text.replace("handle: lab-a", "handle: lab-new"))
    assert tthd("ingest", "raw").code == 0
    for actor in ("laba", "dolma"):
        decide(place, actor, "lab-a_b1_0000", verdict="accept")
    data = tthd("review", "status", "--json").json
    assert data["states"]["in_review"] == 1
    assert [(one["actor"], one["why"]) for one in data["ignored"]] == [
        ("laba", "nobody decides about what they have sent themselves")
    ]
    assert data["reviewers"]["laba"]["accept"] == 0
    assert build(tthd, "gated").code == 5


def test_a_row_that_comes_later_in_another_folder_is_read_first(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_b1_0000")
    (place / "manifests").rename(place / "m2")
    assert tthd("ingest", "raw", "--manifests", "m2").code == 0
    assert build(tthd, "open").code == 0
    later = "sub_20261102_lab-a"
    shutil.copytree(place / "m2" / SUBMISSION, place / "manifests" / later)
    done = build(tthd, "open")
    assert done.code == 5
    sentence = "the manifests have changed since they were read: run `tthd ingest` first"
    assert f"{sentence} ({later} has a row for '{SUBMISSION}/" in done.err
    done = tthd("build-shards", "--out", "internal")
    assert (done.code, sentence in done.err) == (0, True)
    done = tthd("ingest", "raw")
    assert done.code == 3
    assert f"S018 '{SUBMISSION}/b1.mp4' has a row in {later} too, which is not read" in done.err
    assert build(tthd, "open").code == 5
    build(tthd, "internal")
    assert [key for key in records(place / "internal") if key.startswith("lab-a")] == []


def test_a_copy_of_a_described_file_does_not_stand_for_it(place: Path, tthd: Tthd) -> None:
    shutil.copy(place / "raw" / SUBMISSION / "b1.mp4", place / "raw" / "aaa.mp4")
    done = tthd("ingest", "raw")
    assert done.code == 0
    assert f"S013 'aaa.mp4' holds the same bytes as '{SUBMISSION}/b1.mp4'" in done.err
    build(tthd, "internal")
    assert "lab-a_b1_0000" in records(place / "internal")


def test_a_list_gives_no_rights_to_what_came_in_a_submission(place: Path, tthd: Tthd) -> None:
    (place / "list.csv").write_text(f"path,emotion\n{SUBMISSION}/b1.mp4,calm\n")
    done = tthd("ingest", "raw", "--from", "csv", "--list", "list.csv")
    assert done.code == 3
    assert f"S018 '{SUBMISSION}/b1.mp4' came in {SUBMISSION}" in done.err
    assert build(tthd, "internal").code == 3
    assert [key for key in records(place / "internal") if key.startswith("lab-a")] == []


def test_of_two_lists_of_consents_the_stricter_counts(place: Path, tthd: Tthd) -> None:
    shutil.copytree(place / "manifests", place / "older")
    accept(place, "lab-a_a1_0000", "lab-a_b1_0000")
    consents = place / "manifests" / "consents.csv"
    consents.write_text(CONSENTS.replace("gated,v1,granted", "gated,v1,withdrawn"))
    build(tthd, "gated", "--manifests", "older")
    assert sorted(records(place / "gated")) == ["lab-a_b1_0000"]
    consents.write_text(CONSENTS)
    build(tthd, "gated")
    assert sorted(records(place / "gated")) == ["lab-a_b1_0000"]


def test_who_has_not_voted_corrects_nothing(place: Path, tthd: Tthd) -> None:
    accept(place, "lab-a_a1_0000")
    changed = {"text": {"old": TEXT, "new": "ང།"}, "trim_s": {"new": [1.0, 2.0]}}
    decide(place, "zoe", "lab-a_a1_0000", event="correct", fields_changed=changed)
    build(tthd, "gated")
    sample = records(place / "gated")["lab-a_a1_0000"]
    assert (sample["txt"], sample["corrected"]) == (TEXT, [])
    decide(place, "zoe", "lab-a_a1_0000", verdict="accept")
    build(tthd, "gated")
    sample = records(place / "gated")["lab-a_a1_0000"]
    assert (sample["txt"], sample["text_raw"], sample["picture"]["frames"]) == ("ང།", TEXT, 25)


def test_a_lost_file_of_a_stage_is_made_again_as_the_sentence_says(place: Path, tthd: Tthd) -> None:
    (lost,) = (place / "work" / "clips" / "lab-a_b1_0000").glob("masks.*/masks.npz")
    lost.unlink()
    done = build(tthd, "internal")
    assert done.code == 4
    folder = lost.parent.relative_to(place)
    assert f"remove {folder}, and `tthd build-shards` makes it again" in done.err
    shutil.rmtree(folder)
    assert build(tthd, "internal").code == 0
    assert len(records(place / "internal")) == 4
