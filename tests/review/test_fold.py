"""The state of all clips is a function of the set of events, and keeps out what must stay out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.review.made import (
    BEFORE,
    BYTES,
    ITEM,
    NOW,
    event,
    folded,
    ids,
    logs_of_all,
    reopen,
    rule,
    subject,
    vote,
)
from tthd_tools.clip import Clip, Span
from tthd_tools.errors import RefusedError
from tthd_tools.review.content import Subject, subject_of
from tthd_tools.review.events import VETOES, Event
from tthd_tools.review.fold import Reviews, fold, review_clips
from tthd_tools.review.log import append_events, log_path
from tthd_tools.review.settings import ReviewSettings
from tthd_tools.review.sources import Sources
from tthd_tools.rights import SHARING, TIERS, WIDEST, Standing, objection
from tthd_tools.testing import dummy_item

SETTINGS = ReviewSettings(adjudicators=frozenset(["pema"]), maintainers=frozenset(["karma"]))
ACTORS = ("tashi", "dolma", "lobsang", "pema", "karma")
GONE = "a_0002"
KINDS = ("vote",) * 6 + ("withdraw_vote", "correct", "adjudicate", "reopen")
CLIPS = [subject("a_0000"), subject("a_0001", "d" * 64)]


def state(reviews: Reviews, clip_id: str = "a_0000") -> tuple[str, bool]:
    return reviews.clips[clip_id].state, reviews.clips[clip_id].vetoed


PLACE_OF = {NOW: "a_0000", "d" * 64: "a_0001"}
"""Content that says by itself which clip is meant."""
CURRENT = {"a_0000": NOW, "a_0001": "d" * 64, None: ITEM}


@st.composite
def made_events(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> Event:
    """Any event that makes sense, of a small world: five people, one item, two of its clips."""
    kind = draw(st.sampled_from(kinds))
    clip_id = draw(st.sampled_from(["a_0000", "a_0000", "a_0001", GONE, None]))
    fields: dict[str, Any] = {"event": kind, "clip_id": clip_id, "verdict": None}
    fields["content_sha256"] = draw(st.sampled_from([NOW, NOW, "d" * 64, BEFORE, ITEM]))
    if kind == "vote":
        fields["verdict"] = draw(
            st.sampled_from(["accept"] * 3 + ["reject", "request_changes", "skip"])
        )
        if fields["verdict"] == "reject":
            fields["reasons"] = draw(
                st.sampled_from([[], ["blur"], ["minor"], ["harmful", "blur"]])
            )
        fields["settles"] = draw(st.sampled_from([[], *([f"event-{n:03d}"] for n in range(25))]))
    elif kind == "correct":
        fields["clip_id"] = clip_id or "a_0000"
        new = draw(st.sampled_from(["ཀ", "ཁ", "ག"]))
        fields["fields_changed"] = {"text": {"old": "ཀ", "new": new}}
    elif kind in ("adjudicate", "reopen"):
        fields["role"] = "adjudicator"
        fields["comment"] = "because"
        numbers = draw(st.lists(st.integers(0, 24), max_size=8))
        fields["settles"] = [f"event-{number:03d}" for number in numbers]
        if kind == "adjudicate":
            fields["verdict"] = draw(st.sampled_from(["accept", "reject"]))
    return event(draw(st.sampled_from(ACTORS)), draw(st.integers(0, 99)), **fields)


def numbered(events: list[Event]) -> list[Event]:
    """Ids by their place in the list, which is the order of each log; the clocks say anything."""
    return [
        one.model_copy(update={"event_id": f"event-{number:03d}"})
        for number, one in enumerate(events)
    ]


histories = st.lists(made_events(), max_size=25).map(numbered)


@settings(max_examples=60)
@given(histories, st.randoms(use_true_random=False))
def test_neither_order_of_logs_nor_sealing_changes_anything(
    events: list[Event], random: Any
) -> None:
    once = folded(events, CLIPS, SETTINGS)
    logs = logs_of_all([one.sealed(random.choice(["", "f" * 64])) for one in events])
    random.shuffle(logs)
    assert fold(logs, list(reversed(CLIPS)), SETTINGS) == once
    copied = fold([*logs, *logs], CLIPS, SETTINGS)
    assert {name: state(copied, name) for name in copied.clips} == {
        name: state(once, name) for name in once.clips
    }


@settings(max_examples=60)
@given(histories, st.data())
def test_no_clock_decides_anything(events: list[Event], data: st.DataObject) -> None:
    clocks = data.draw(st.lists(st.integers(0, 9999), min_size=25, max_size=25))
    times = [event("x", minute).at for minute in clocks]
    other = [one.model_copy(update={"at": at}) for one, at in zip(events, times, strict=False)]
    before, after = folded(events, CLIPS, SETTINGS), folded(other, CLIPS, SETTINGS)
    for name, found in before.clips.items():
        again = after.clips[name]
        assert (again.state, again.vetoed) == (found.state, found.vetoed)
        assert again.corrections == found.corrections


@settings(max_examples=60)
@given(histories)
def test_what_was_decided_about_other_content_accepts_nothing(events: list[Event]) -> None:
    elsewhere = [one for one in events if one.content_sha256 not in (NOW, ITEM)]
    found = folded(elsewhere, CLIPS[:1], SETTINGS).clips["a_0000"]
    assert found.state in ("unreviewed", "stale", "in_review")
    assert found.votes == ()
    assert found.corrections == {}


@settings(max_examples=60)
@given(histories)
def test_an_accepted_clip_has_more_than_half_of_enough_votes_or_an_adjudicator(
    events: list[Event],
) -> None:
    found = folded(events, CLIPS, SETTINGS).clips["a_0000"]
    accepts = sum(one.verdict == "accept" for one in found.votes)
    ruled = any(one.event == "adjudicate" and one.verdict == "accept" for one in events)
    if found.state == "accepted" and not ruled:
        assert accepts >= 2
        assert 2 * accepts > len(found.votes)
        assert all(one.content_sha256 == NOW for one in found.votes)


def place(one: Event) -> str | None:
    """Which clip an event means; None for the item."""
    return one.clip_id and PLACE_OF.get(one.content_sha256, one.clip_id)


def is_lifted(veto: Event, events: list[Event]) -> bool:
    """Whether its author took a veto back, later in the same log, or a reopening names it."""
    own = [one for one in events if one.actor == veto.actor and place(one) == place(veto)]
    contents = (veto.content_sha256, CURRENT.get(place(veto)))
    later = own[own.index(veto) + 1 :]
    if any(_decides(one) and one.content_sha256 in contents for one in later):
        return True
    places = (place(veto), None) if place(veto) not in CURRENT else (place(veto),)
    return any(
        one.event == "reopen"
        and SETTINGS.may_rule(one.actor)
        and veto.event_id in one.settles
        and (
            place(one) in places
            or (place(one) is None and veto.content_sha256 not in CURRENT.values())
        )
        for one in events
    )


def _decides(one: Event) -> bool:
    return one.event == "withdraw_vote" or (one.event == "vote" and one.verdict != "skip")


def standing_vetoes(events: list[Event]) -> set[str | None]:
    """Clips (None: the item) with a veto that neither its author nor who may reopen took back."""
    vetoes = [one for one in events if one.event == "vote" and one.has_veto]
    found = {place(one) for one in vetoes if not is_lifted(one, events)}
    stale = {
        None
        for one in vetoes
        if place(one) and one.content_sha256 not in PLACE_OF and not is_lifted(one, events)
    }
    return found | stale


consents = st.builds(
    Standing,
    rights=st.sampled_from([*WIDEST, None, "hearsay"]),
    tier=st.sampled_from([*TIERS, None]),
    needs_consent=st.booleans(),
    consent_status=st.sampled_from([None, "granted", "granted", "expired", "withdrawn", "pending"]),
    consent_tier=st.sampled_from([*TIERS, None]),
    consent_scope=st.frozensets(st.sampled_from([*SHARING, "face_geometry", "demo_public"])),
)


@settings(max_examples=200)
@given(histories, consents, st.sampled_from(TIERS), st.booleans(), st.booleans())
def test_no_history_lets_a_clip_in_that_must_stay_out(
    events: list[Event], standing: Standing, tier: str, landmarks: bool, strict: bool
) -> None:
    reviews = folded(events, CLIPS, SETTINGS)
    vetoed = standing_vetoes(events)
    for clip_id, found in reviews.clips.items():
        stands = replace(standing, review=found.state, vetoed=found.vetoed)
        if objection(tier, stands, require_review=strict, face_geometry=landmarks) is not None:
            continue
        assert standing.consent_status not in ("expired", "withdrawn")
        assert not {clip_id, None, GONE} & vetoed
        assert found.state != "rejected"
        assert standing.tier in TIERS
        assert TIERS.index(standing.tier) >= TIERS.index(tier)
        assert found.state == "accepted" or (tier == "internal" and not strict)
        if tier == "internal":
            continue
        assert standing.rights not in (None, "unknown", "hearsay")
        if standing.rights == "speaker_consent" or standing.needs_consent:
            assert standing.consent_status == "granted"
            assert standing.consent_scope.issuperset(SHARING)
            assert TIERS.index(standing.consent_tier) >= TIERS.index(tier)
        if landmarks:
            assert standing.consent_status == "granted"
            assert "face_geometry" in standing.consent_scope


@pytest.mark.parametrize("reason", VETOES)
def test_a_veto_of_a_clip_that_is_cut_otherwise_now_keeps_the_whole_item_out(reason: str) -> None:
    veto = vote("tashi", 1, "reject", reason, clip_id="a_0007", content_sha256=BEFORE)
    accepted = [vote(name, 2) for name in ("dolma", "lobsang")]
    reviews = folded([veto, *accepted], CLIPS, SETTINGS)
    assert [state(reviews), state(reviews, "a_0001")] == [("stale", True), ("stale", True)]
    assert reviews.clips["a_0001"].why == (
        f"tashi has vetoed a_0007 ({reason}), and the item has changed since",
    )
    opened = [veto, *accepted, reopen("karma", 3, veto, clip_id=None)]
    assert state(folded(opened, CLIPS, SETTINGS)) == ("stale", True)
    answers = {"clip_id": None, "settles": ids(opened[-1])}
    free = [*opened, *(vote(name, 4, **answers) for name in ("dolma", "lobsang"))]
    again = folded(free, CLIPS, SETTINGS)
    assert [state(again), state(again, "a_0001")] == [("accepted", False), ("unreviewed", False)]
    blind = [veto, *accepted, reopen("karma", 3, clip_id=None), *free[-2:]]
    assert state(folded(blind, CLIPS, SETTINGS)) == ("stale", True)
    undone = event("tashi", 3, event="withdraw_vote", clip_id="a_0007", content_sha256=BEFORE)
    assert state(folded([veto, *accepted, undone], CLIPS, SETTINGS)) == ("accepted", False)


def test_a_veto_of_a_clip_as_it_is_leaves_its_siblings_alone() -> None:
    reviews = folded([vote("tashi", 1, "reject", "minor")], CLIPS, SETTINGS)
    assert [state(reviews), state(reviews, "a_0001")] == [("rejected", True), ("unreviewed", False)]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["accept", "accept"], ("accepted", False)),
        (["accept"], ("in_review", False)),
        (["reject", "reject"], ("rejected", False)),
        (["request_changes", "request_changes"], ("changes_requested", False)),
    ],
)
def test_a_clip_is_as_its_whole_item_at_best(
    verdicts: list[str], expected: tuple[str, bool]
) -> None:
    clip = [vote("tashi", 1), vote("dolma", 2)]
    item = [vote(ACTORS[n], 3, verdict, clip_id=None) for n, verdict in enumerate(verdicts)]
    assert state(folded([*clip, *item], CLIPS, SETTINGS)) == expected


def test_a_veto_of_the_item_takes_all_its_clips() -> None:
    veto = vote("dolma", 1, "reject", "no_consent", clip_id=None)
    reviews = folded([veto], CLIPS, SETTINGS)
    assert [state(reviews), state(reviews, "a_0001")] == [("rejected", True)] * 2
    assert reviews.clips["a_0001"].why == (
        "the whole item: dolma rejects it on 2025-11-01: no_consent; this is a veto",
    )
    assert reviews.clips["a_0001"].reasons == ("no_consent",)
    changed = [replace(one, item_content_sha256=BEFORE) for one in CLIPS]
    assert state(folded([veto], changed, SETTINGS)) == ("stale", True)


def test_a_project_may_ask_for_the_rights_of_every_item() -> None:
    clip = [vote("tashi", 1), vote("dolma", 2)]
    strict = SETTINGS.model_copy(update={"rights_vote": True})
    assert state(folded(clip, CLIPS, strict)) == ("in_review", False)
    item = [vote("tashi", 3, clip_id=None), vote("dolma", 4, clip_id=None)]
    assert state(folded([*clip, *item], CLIPS, strict)) == ("accepted", False)


@pytest.mark.parametrize("handle", ["tashi", "Tashi", "TA-SHI"])
def test_nobody_accepts_what_they_have_sent_but_anybody_may_speak_against_it(
    handle: str,
) -> None:
    own = [replace(CLIPS[0], contributor=handle)]
    votes = [vote("tashi", 1), vote("dolma", 2)]
    reviews = folded(votes, own, SETTINGS)
    assert state(reviews) == ("in_review", False)
    assert [(one.event.actor, one.why) for one in reviews.ignored] == [
        ("tashi", "nobody decides about what they have sent themselves")
    ]
    veto = vote("tashi", 3, "reject", "no_consent")
    assert state(folded([*votes, veto], own, SETTINGS)) == ("rejected", True)
    undone = event("tashi", 4, event="withdraw_vote")
    assert state(folded([*votes, veto, undone], own, SETTINGS)) == ("in_review", False)
    karma = SETTINGS.model_copy(update={"maintainers": frozenset(["tashi"])})
    assert state(folded([*votes, reopen("tashi", 5)], own, karma)) == ("in_review", False)


def test_a_handle_that_is_taken_by_a_contributor_silences_nothing_against_the_clip() -> None:
    rejected = [vote(one, 1, "reject", "blur") for one in ("tashi", "dolma")]
    both = [vote(one, 2) for one in ("nima", "pasang")]
    karma = SETTINGS.model_copy(update={"maintainers": frozenset(["karma"])})
    sources = Sources(contributors={BYTES: frozenset(["tashi", "dolma", "karma"])})
    claimed = [replace(CLIPS[0], contributor="lab-a")]

    def found(*events: Event) -> tuple[str, bool]:
        return state(folded(events, claimed, karma, sources))

    assert found(*rejected, *both) == ("disputed", False)
    assert found(*both) == ("accepted", False)
    assert found(*both, reopen("karma", 3)) == ("in_review", False)
    assert found(*both, rule("karma", 3, "reject")) == ("rejected", False)
    assert found(*both, vote("tashi", 3, "request_changes"), vote("dolma", 3, "reject"))[0] != (
        "accepted"
    )
    cut = {"trim_s": {"old": None, "new": (0.0, 2.0)}, "text": {"old": "ཀ", "new": "ཁ"}}
    trim = event("tashi", 3, event="correct", fields_changed=cut)
    (review,) = folded([*both, trim], claimed, karma, sources).clips.values()
    assert (review.state, review.corrections) == ("accepted", {"trim_s": (0.0, 2.0)})
    assert "its trim_s is corrected by tashi" in review.why
    end = {"trim_s": {"old": None, "new": (3.0, 4.0)}}
    other = event("nima", 4, event="correct", fields_changed=end)
    pema = karma.model_copy(update={"adjudicators": frozenset(["pema"])})
    apart = [*both, trim, other]
    blind = rule("pema", 5, "accept", settles=ids(*both, other))
    assert state(folded([*apart, blind], claimed, pema, sources)) == ("disputed", False)
    ruled = rule("pema", 5, "accept", settles=ids(*apart))
    assert state(folded([*apart, ruled], claimed, pema, sources)) == ("accepted", False)


def test_a_veto_goes_with_the_bytes_that_it_names() -> None:
    renamed = {"item_id": "b", "clip_id": "b_0000", "content_sha256": BEFORE}
    veto = vote("tashi", 1, "reject", "minor", **renamed)
    lost = folded([veto], CLIPS, SETTINGS)
    assert state(lost) == ("unreviewed", False)
    assert lost.homeless_vetoes == [veto]
    named = vote("tashi", 1, "reject", "minor", **renamed, source_sha256=BYTES)
    found = folded([named], CLIPS, SETTINGS)
    assert state(found)[1]
    assert found.homeless_vetoes == []


def test_a_reopened_veto_of_a_piece_that_is_gone_holds_until_it_was_accepted() -> None:
    gone = {"clip_id": GONE, "content_sha256": BEFORE}
    veto = vote("tashi", 1, "reject", "minor", **gone)
    opened = reopen("karma", 2, veto, **gone)
    both = [vote(one, 3) for one in ("nima", "pasang")]
    assert state(folded([veto, opened, *both], CLIPS, SETTINGS)) == ("stale", True)
    anew = [vote(one, 3, **gone, settles=ids(opened)) for one in ("nima", "pasang")]
    assert state(folded([veto, opened, *anew, *both], CLIPS, SETTINGS)) == ("accepted", False)


def test_whatever_handle_bytes_were_sent_under_its_owner_does_not_decide() -> None:
    sources = Sources(contributors={BYTES: frozenset(["Ta-shi", "lab-b"])})
    mine = [replace(CLIPS[0], contributor="lab-a")]
    votes = [vote("tashi", 1), vote("lab-a", 2), vote("labb", 3)]
    reviews = folded(votes, mine, SETTINGS, sources)
    assert state(reviews) == ("unreviewed", False)
    assert len(reviews.ignored) == 3
    assert state(folded([*votes, vote("ta_shi", 4, "reject", "minor")], mine, SETTINGS)) == (
        "rejected",
        True,
    )


def test_one_id_in_two_hands_is_two_events() -> None:
    both = [vote("tashi", 1, event_id="same-id-1"), vote("dolma", 2, event_id="same-id-1")]
    assert state(folded(both, CLIPS, SETTINGS)) == ("accepted", False)


def test_events_about_what_is_not_there_are_told() -> None:
    strangers = [
        vote("tashi", 1, item_id="b", clip_id="b_0000", content_sha256=BEFORE),
        vote("tashi", 2, clip_id="a_0009", content_sha256=BEFORE),
    ]
    assert [one.why for one in folded(strangers, CLIPS, SETTINGS).ignored] == [
        "there is no such item now",
        "there is no such clip now",
    ]


def test_logs_of_a_folder_are_folded_and_damage_refuses_a_release(tmp_path: Path) -> None:
    item = dummy_item(item_id="a", duration_s=4.0)
    clip = Clip("a_0000", "clip", item, Path("a.mp4"), Span(0, 4), fingerprints={"tracks": "x"})
    content = subject_of(clip).content_sha256
    for name in ("tashi", "dolma"):
        path = log_path(tmp_path, None, name)
        append_events(path, [vote(name, 1, content_sha256=content)])
    whole = review_clips(tmp_path, [clip], SETTINGS)
    assert state(whole) == ("accepted", False)
    whole.check_whole()
    path.write_bytes(b"")
    damaged = review_clips(tmp_path, [clip], SETTINGS)
    assert state(damaged) == ("in_review", False)
    with pytest.raises(
        RefusedError, match="1 of the lines behind it are gone; nothing is released"
    ):
        damaged.check_whole()


def test_vetoes_of_other_clips_are_told_in_order_of_time_whatever_the_order_of_clips() -> None:
    vetoes = [
        vote("tashi", 1, "reject", "minor", clip_id="a_0001", content_sha256=BEFORE),
        vote("dolma", 0, "reject", "harmful", clip_id="a_0000", content_sha256=BEFORE),
    ]
    found = folded(vetoes, CLIPS, SETTINGS)
    assert found == folded(vetoes, list(reversed(CLIPS)), SETTINGS)
    assert found.clips["a_0000"].reasons == ("harmful", "minor")


WORLD = {"x": "1" * 64, "y": "2" * 64, "z": "3" * 64}
"""Three sources, which any of three items can be."""


def content_of(name: str, version: int) -> str:
    return f"{WORLD[name][0]}{version}" * 32


@st.composite
def renamed_histories(draw: st.DrawFn) -> tuple[list[Event], list[Event], dict[str, str]]:
    """Events under ids that went from bytes to bytes; the same under the ids of now; those ids."""
    names = st.permutations(["a", "b", "c"])
    former: list[Event] = []
    plain: list[Event] = []
    now = dict(zip(WORLD, draw(names), strict=True))
    for number in range(draw(st.integers(0, 15))):
        then = dict(zip(WORLD, draw(names), strict=True))
        name, version = draw(st.sampled_from(list(WORLD))), draw(st.sampled_from([0, 0, 1]))
        verdict, reasons = draw(st.sampled_from([("accept", []), ("reject", ["minor"])]))
        fields: dict[str, Any] = {
            "verdict": verdict,
            "reasons": reasons,
            "event_id": f"event-{number:03d}",
        }
        fields["content_sha256"] = content_of(name, version)
        actor = draw(st.sampled_from(ACTORS))
        for found, named in ((former, then), (plain, now)):
            clip_id = f"{named[name]}_0000"
            found.append(event(actor, 1, item_id=named[name], clip_id=clip_id, **fields))
    return former, plain, now


@settings(max_examples=60)
@given(renamed_histories())
def test_votes_go_with_the_bytes_whatever_id_they_had(
    history: tuple[list[Event], list[Event], dict[str, str]],
) -> None:
    former, plain, now = history
    clips = [
        Subject(f"{now[name]}_0000", now[name], content_of(name, 0), f"{sha256[0]}f" * 32, sha256)
        for name, sha256 in WORLD.items()
    ]
    every = {item_id: frozenset(WORLD.values()) for item_id in "abc"}
    contents = {content_of(name, n): sha256 for name, sha256 in WORLD.items() for n in (0, 1)}
    expected = folded(plain, clips, SETTINGS)
    found = folded(former, clips, SETTINGS, Sources(every, contents))
    vague = folded(former, clips, SETTINGS, Sources(every))
    for clip in clips:
        assert state(found, clip.clip_id) == state(expected, clip.clip_id)
        if state(expected, clip.clip_id)[1]:
            assert state(vague, clip.clip_id)[1], "in doubt it keeps out"
