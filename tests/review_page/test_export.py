"""The folder that is exported, without a browser: what is in it, what stays, what goes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli_run import Tthd
from tthd_tools.errors import UsageError
from tthd_tools.media import probe
from tthd_tools.pipeline import Rule
from tthd_tools.review.bundle import Bundle, read_keymap
from tthd_tools.review.events import Event
from tthd_tools.review.export import export, page_files
from tthd_tools.review.scores import score_card
from tthd_tools.review.transcript import spread


def data_of(path: Path) -> Any:
    """What a data file hands to the page."""
    match = re.fullmatch(r'tthd\.take\("\w+", (".*")\);\n', path.read_text(encoding="ascii"))
    assert match is not None
    return json.loads(json.loads(match.group(1)))


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_folder_holds_page_data_and_three_files_a_clip(folder: Path, bundle: Bundle) -> None:
    clips = {f"clips/{clip}{end}" for clip in bundle.clips for end in (".js", ".mp4", ".jpg")}
    assert set(content(folder)) == {
        *clips, *page_files(), "data/settings.js", "data/queue.js", "review.json",
    }  # fmt: skip
    for clip in bundle.clips.values():
        found = probe(folder / "clips" / f"{clip.id}.mp4")
        assert (found.video_codec, found.audio_codec, found.fps) == ("h264", "aac", 25.0)
        assert found.duration_s == pytest.approx(clip.span.duration_s, abs=1e-3)


def test_the_page_refers_to_files_that_are_there(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    for name in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert (folder / name).is_file(), name
    scripts = {path.name for path in (folder / "page").glob("*.js")}
    assert scripts == set(re.findall(r'src="page/([a-z]+\.js)"', text))


def test_a_second_export_writes_the_same_bytes_and_no_video(
    folder: Path, bundle: Bundle, tmp_path: Path
) -> None:
    first = export(bundle, tmp_path / "out", read_keymap())
    before = content(tmp_path / "out")
    second = export(bundle, tmp_path / "out", read_keymap())
    assert (first.clips, first.written, second.written, second.removed) == (2, 2, 0, 0)
    assert content(tmp_path / "out") == before == content(folder)


def test_what_belongs_to_a_clip_that_is_gone_is_removed(bundle: Bundle, tmp_path: Path) -> None:
    export(bundle, tmp_path, read_keymap())
    gone, kept = bundle.clips
    fewer = replace(bundle, clips={kept: bundle.clips[kept]})
    done = export(fewer, tmp_path, read_keymap())
    assert (done.clips, done.removed) == (1, 1)
    assert not any(gone in name for name in content(tmp_path))
    assert gone.encode() not in b"".join(content(tmp_path).values())


def test_a_folder_with_anything_else_in_it_is_not_touched(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for marker in (None, "[]", '{"schema": "other"}'):
        if marker is not None:
            (tmp_path / "review.json").write_text(marker)
        with pytest.raises(UsageError, match="no export of a review"):
            export(bundle, tmp_path, read_keymap())
    assert set(content(tmp_path)) == {"thesis.txt", "review.json"}


def test_no_name_of_a_file_or_folder_gets_into_the_page(folder: Path, bundle: Bundle) -> None:
    data = b"".join(data for name, data in content(folder).items() if name.endswith(".js"))
    for clip in bundle.clips.values():
        assert clip.item.path.encode() not in data
        assert str(clip.source.parent).encode() not in data


def test_what_one_has_decided_before_is_known_to_ones_own_page_alone(
    bundle: Bundle, tmp_path: Path
) -> None:
    first = next(iter(bundle.clips.values()))
    events = [
        Event(
            event_id=f"{actor}-000001", at="2025-11-21T15:32:10.123Z", actor=actor,
            role="reviewer", item_id=first.item.item_id, clip_id=first.id,
            content_sha256="0" * 64, guideline_version="1", event="vote", verdict="accept",
        )
        for actor in ("pema", "tashi")
    ]  # fmt: skip
    export(replace(bundle, history={first.id: events}), tmp_path, read_keymap(), reviewer="tashi")
    queue = data_of(tmp_path / "data" / "queue.js")
    assert [one["event_id"] for one in queue["own"][first.id]] == ["tashi-000001"]
    assert data_of(tmp_path / "data" / "settings.js")["reviewer"] == "tashi"
    sheet = data_of(tmp_path / "clips" / f"{first.id}.js")
    assert [one["actor"] for one in sheet["history"]] == ["pema", "tashi"]


def test_a_thousand_clips_do_not_make_one_large_file(bundle: Bundle) -> None:
    first = next(iter(bundle.clips.values()))
    many = replace(
        bundle, clips={f"a_{k:04d}": replace(first, id=f"a_{k:04d}") for k in range(1000)}
    )
    assert len(json.dumps(many.queue("tashi"))) < 300_000


def test_the_sheet_has_consent_rights_and_corrections(bundle: Bundle) -> None:
    from tthd_tools.manifest.consent import Consent
    from tthd_tools.rights_seen import Seen
    from tthd_tools.standing import Rights

    clip = next(iter(bundle.clips.values()))
    consent = Consent.model_validate(
        {
            "consent_id": "con_aaaaaaaaaaaa",
            "speaker_id": "spk_aaaaaaaaaaaa",
            "scope": "train_research demo_public",
            "tier": "gated",
            "form_version": "3",
            "status": "granted",
        }
    )
    changes = {
        "consent_id": "con_aaaaaaaaaaaa",
        "speaker_id": "spk_aaaaaaaaaaaa",
        "rights": "speaker_consent",
    }
    changed = replace(clip, item=clip.item.model_copy(update=changes))
    found = replace(
        bundle,
        clips={clip.id: changed},
        rights=Rights({consent.consent_id: consent}, Seen()),
        corrections={clip.id: {"text": "ཀ"}},
    ).sheet(clip.id)
    assert found["consent"] == {
        "status": "granted",
        "tier": "gated",
        "scope": ["demo_public", "train_research"],
        "form_version": "3",
    }
    assert (found["consent_needed"], found["consent_status"]) == (True, "granted")
    assert (found["corrected"]["text"], found["text"]["raw"]) == ("ཀ", "བཀྲ་ཤིས།")
    without = replace(bundle, clips={clip.id: changed}).sheet(clip.id)
    assert (without["consent"], without["consent_status"]) == (None, None)
    assert without["consent_needed"] is True


RULES = [
    Rule(name="too_short", action="drop", when="duration_s < 3"),
    Rule(name="noisy", action="flag", when="quality_snr_db < 10"),
    Rule(name="out_of_sync", action="flag", when="abs(sync_offset_ms) > 200 AND sync_margin > 0.3"),
    Rule(name="trusted", action="keep", when="rights = 'open'"),
]
ROW: Mapping[str, Any] = {
    "duration_s": 2.5, "quality_snr_db": None, "sync_offset_ms": -240.0, "sync_margin": 0.41,
    "rights": "open", "dropped_by": ["too_short"], "flags": ["out_of_sync"],
}  # fmt: skip


def test_a_score_card_says_value_limit_and_verdict_of_each_rule() -> None:
    lines = [
        (one["rule"], one["value"], one["limit"], one["state"]) for one in score_card(ROW, RULES)
    ]
    assert lines == [
        ("too_short", "2.5 s", "≥ 3", "fail"),
        ("out_of_sync", "−240 ms, 0.41", "≤ ±200", "warn"),
        ("noisy", "", "≥ 10", "unmeasured"),
    ]


def test_syllables_are_spread_over_speech_alone() -> None:
    speech = np.zeros(100, np.bool_)
    speech[10:35] = speech[60:85] = True  # 0.4-1.4 s and 2.4-3.4 s
    found = spread(4, speech, 4.0)
    assert found == [
        pytest.approx(span) for span in ((0.4, 0.9), (0.9, 1.4), (2.4, 2.9), (2.9, 3.4))
    ]
    assert spread(2, None, 4.0) == [(0.0, 2.0), (2.0, 4.0)]
    assert spread(2, np.zeros(100, np.bool_), 4.0) == [(0.0, 2.0), (2.0, 4.0)]
    assert spread(0, speech, 4.0) == []
    for start_s, end_s in spread(3, speech, 4.0):
        assert (0.4 <= start_s < end_s <= 1.4) or (2.4 <= start_s < end_s <= 3.4)


def test_a_keymap_changes_some_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"accept": ["y", "Enter"]}')
    found = read_keymap(path)
    assert found["accept"] == ["y", "Enter"]
    assert found["reject"] == ["r"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"acept": ["y"]}', "did you mean 'accept'"),
        ('{"accept": "y"}', "accept needs a list of keys"),
        ('{"accept": ["r"]}', "key 'r' stands for accept and reject"),
        ("[1]", "it must hold one object"),
        ("{", "cannot be read as a keymap"),
        ('{"accept": ["' + "x" * 70_000 + '"]}', "larger than 64 kB"),
    ],
)
def test_a_bad_keymap_is_told(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=re.escape(why)):
        read_keymap(path)


def test_export_on_the_command_line(built: Path, tmp_path: Path, tthd: Tthd) -> None:
    work = ("--work", built / "work")
    done = tthd("review", "export", *work, "--out", tmp_path / "out", "--json")
    assert done.code == 0
    assert (done.json["clips"], done.json["written"], done.json["removed"]) == (2, 2, 0)
    assert Path(done.json["page"]).is_file()
    item = tthd("status", *work, "--json").json["items"][2]["item_id"]
    done = tthd("review", "export", *work, "--out", tmp_path / "out", "--item", item, "--json")
    assert (done.json["clips"], done.json["removed"]) == (1, 1)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--state", "acepted"), "did you mean 'accepted'"),
        (("--state", "accepted"), "no clip is left to review"),
        (("--item", "nothing"), "no item 'nothing'"),
        (("--reviewer", "No Name"), "cannot be a reviewer's handle"),
        (("--gold", "nowhere.jsonl"), "cannot hold gold clips"),
        (("--keymap", "nowhere.json"), "cannot be read as a keymap"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    built: Path, tmp_path: Path, tthd: Tthd, options: tuple[str, str], why: str
) -> None:
    out = ("--out", tmp_path / "out")
    done = tthd("review", "export", "--work", built / "work", *out, *options)
    assert done.code == 2
    assert why in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_clip_whose_consent_has_ended_is_shown_to_nobody(corpus: Path, tthd: Tthd) -> None:
    from tthd_tools.manifest.consent import CONSENT_COLUMNS

    (corpus / "raw" / "talk.json").write_text('{"speaker": "spk_aaaaaaaaaaaa"}')
    tthd("ingest", corpus / "raw", "--work", corpus / "work")
    tthd("measure", "--work", corpus / "work")
    manifests = corpus / "manifests"
    manifests.mkdir()
    row = "con_aaaaaaaaaaaa,spk_aaaaaaaaaaaa,train_research,gated,1,withdrawn"
    (manifests / "consents.csv").write_text(f"{','.join(CONSENT_COLUMNS)}\n{row}\n")
    where = ("--work", corpus / "work", "--out", corpus / "page", "--manifests", manifests)
    done = tthd("review", "export", *where, "--json")
    assert (done.code, done.json["clips"]) == (0, 1)
    assert "1 clip left out: the consent is withdrawn or has expired" in done.err


def test_an_earlier_export_keeps_no_clip_that_nobody_may_see(corpus: Path, tthd: Tthd) -> None:
    work, page = ("--work", corpus / "work"), corpus / "page"
    manifests = corpus / "manifests"
    manifests.mkdir()
    words = ("review", "export", *work, "--out", page, "--manifests", manifests)
    assert tthd(*words).code == 0
    first, second = (one["clip_id"] for one in data_of(page / "data" / "queue.js")["clips"])
    listed = manifests / "WITHDRAWALS.jsonl"
    listed.write_text("{")
    done = tthd(*words)
    assert (done.code, f"{page} still holds an earlier export: remove it" in done.err) == (2, True)
    assert len(list((page / "clips").iterdir())) == 6
    listed.write_text(json.dumps({"key": first}) + "\n")
    done = tthd(*words, "--item", first.removesuffix("_0000"))
    assert (done.code, "1 clip is removed from the earlier export in" in done.err) == (2, True)
    assert {path.stem for path in (page / "clips").iterdir()} == {second}
    assert [one["clip_id"] for one in data_of(page / "data" / "queue.js")["clips"]] == [second]
    listed.write_text("".join(json.dumps({"key": one}) + "\n" for one in (first, second)))
    done = tthd(*words)
    assert (done.code, "1 clip is removed from" in done.err) == (5, True)
    assert list((page / "clips").iterdir()) == []
    done = tthd(*words)
    assert (done.code, "earlier export" in done.err) == (5, False)


def test_a_clip_with_a_known_answer_looks_like_any_other(
    corpus: Path, bundle: Bundle, tthd: Tthd
) -> None:
    first = next(iter(bundle.clips.values()))
    gold = corpus / "gold.jsonl"
    gold.write_text(json.dumps({"clip_id": first.id, "verdict": "reject"}) + "\n")
    vote = Event(
        event_id="pema-000001", at="2025-11-21T15:32:10.123Z", actor="pema", role="reviewer",
        item_id=first.item.item_id, clip_id=first.id, content_sha256="0" * 64,
        guideline_version="1", event="vote", verdict="reject", reasons=("harmful",),
    )  # fmt: skip
    known = replace(
        bundle,
        gold=frozenset([first.id]),
        history={first.id: [vote]},
        states={first.id: "rejected"},
        corrections={first.id: {"text": "x"}},
    )
    assert known.queue("tashi")["clips"][0]["state"] == "unreviewed"
    sheet = known.sheet(first.id)
    assert (sheet["history"], sheet["corrected"]["text"]) == ([], "བཀྲ་ཤིས།")
    where = ("--work", corpus / "work", "--out", corpus / "page", "--gold", gold)
    done = tthd("review", "export", *where)
    assert (done.code, "add --reviewer" in done.err) == (2, True)
    assert tthd("review", "export", *where, "--reviewer", "tashi").code == 0
    assert "gold" not in (corpus / "page" / "data" / "queue.js").read_text()
