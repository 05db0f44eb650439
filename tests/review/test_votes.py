"""One clip: its votes, vetoes, corrections and rulings give its state, whatever clocks say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.review.made import (
    BEFORE,
    NOW,
    correct,
    event,
    folded,
    ids,
    reopen,
    rule,
    subject,
    vote,
)
from tthd_tools.review.events import Event
from tthd_tools.review.fold import ClipReview
from tthd_tools.review.settings import Reviewer, ReviewSettings

SETTINGS = ReviewSettings(adjudicators=frozenset(["pema"]), maintainers=frozenset(["karma"]))
ONE_VOTE = SETTINGS.model_copy(update={"min_votes": 1})
SPLIT = [vote("a", 1), vote("b", 2, "reject", "blur"), vote("c", 3, "request_changes")]


def reviewed(*events: Event, settings: ReviewSettings = SETTINGS, **fields: Any) -> ClipReview:
    return folded(events, [subject(**fields)], settings).clips["a_0000"]


def corrected(*corrections: Event, **given: Any) -> Any:
    """What counts of corrections when everybody who makes one also accepts the clip."""
    actors = dict.fromkeys(one.actor for one in corrections)
    votes = [vote(actor, 50 + n) for n, actor in enumerate(actors)]
    return reviewed(*corrections, *votes, **given).corrections


def not_counted(*events: Event, settings: ReviewSettings = SETTINGS, **fields: Any) -> list[str]:
    return [one.why for one in folded(events, [subject(**fields)], settings).ignored]


@pytest.mark.parametrize(
    ("verdicts", "with_two", "with_one"),
    [
        ("", "unreviewed", "unreviewed"),
        ("s", "unreviewed", "unreviewed"),
        ("a", "in_review", "accepted"),
        ("r", "in_review", "rejected"),
        ("c", "in_review", "changes_requested"),
        ("aa", "accepted", "accepted"),
        ("rr", "rejected", "rejected"),
        ("cc", "changes_requested", "changes_requested"),
        ("as", "in_review", "accepted"),
        ("ar", "in_review", "disputed"),
        ("rc", "in_review", "disputed"),
        ("aar", "accepted", "accepted"),
        ("arr", "rejected", "rejected"),
        ("arc", "disputed", "disputed"),
        ("aarr", "disputed", "disputed"),
        ("aarc", "disputed", "disputed"),
        ("aaarc", "accepted", "accepted"),
    ],
)
def test_more_than_half_of_enough_votes_decide(verdicts: str, with_two: str, with_one: str) -> None:
    names = {"a": "accept", "r": "reject", "c": "request_changes", "s": "skip"}
    events = [vote(f"r{n}", n, names[one]) for n, one in enumerate(verdicts)]
    assert reviewed(*events).state == with_two
    assert reviewed(*events, settings=ONE_VOTE).state == with_one


def test_the_last_vote_of_a_reviewer_counts_and_a_skip_is_none() -> None:
    changed = [vote("a", 1, "reject", "blur"), vote("b", 2), vote("a", 3), vote("a", 4, "skip")]
    review = reviewed(*changed)
    assert review.state == "accepted"
    assert sorted((one.actor, one.verdict) for one in review.votes) == [
        ("a", "accept"),
        ("b", "accept"),
    ]
    assert review.reasons == ()


def test_a_vote_can_be_withdrawn_and_given_again() -> None:
    undo = event("a", 3, event="withdraw_vote")
    assert reviewed(vote("a", 1), vote("b", 2), undo).state == "in_review"
    assert reviewed(vote("a", 1), vote("b", 2), undo, vote("a", 4)).state == "accepted"
    assert not_counted(undo) == ["there was no vote to withdraw"]


@pytest.mark.parametrize(
    "reason", ["no_consent", "minor", "third_party", "synthetic", "harmful", "wrong_person"]
)
def test_one_veto_rejects_whatever_the_others_say(reason: str) -> None:
    accepted = [vote(name, n) for n, name in enumerate("abcde")]
    review = reviewed(*accepted, vote("z", 9, "reject", reason))
    assert (review.state, review.vetoed, review.reasons) == ("rejected", True, (reason,))
    undone = reviewed(*accepted, vote("z", 9, "reject", reason), vote("z", 10))
    assert (undone.state, undone.vetoed) == ("accepted", False)


def test_a_vote_on_what_has_changed_since_is_stale() -> None:
    old = [vote("a", 1, content_sha256=BEFORE), vote("b", 2, content_sha256=BEFORE)]
    review = reviewed(*old)
    assert (review.state, review.votes) == ("stale", ())
    assert review.why[0] == "a accepts it on 2025-11-01, but it has changed since"
    assert reviewed(*old, vote("a", 3)).state == "in_review"
    assert reviewed(*old, vote("a", 3), vote("b", 4)).state == "accepted"
    assert reviewed(*old, content=BEFORE).state == "accepted"


def test_a_veto_on_what_has_changed_since_still_keeps_it_out() -> None:
    veto = vote("a", 1, "reject", "minor", content_sha256=BEFORE)
    review = reviewed(veto, vote("b", 2), vote("c", 3))
    assert (review.state, review.vetoed) == ("stale", True)
    assert reviewed(veto).state == "stale"
    lifted = reviewed(veto, vote("b", 2), vote("a", 3))
    assert (lifted.state, lifted.vetoed) == ("accepted", False)


def test_a_correction_makes_no_decision_stale() -> None:
    review = reviewed(vote("a", 1), correct("b", 2, "text", "ཁ"), vote("b", 3))
    assert review.state == "accepted"
    assert review.corrections == {"text": "ཁ"}
    assert "its text is corrected by b" in review.why


def test_a_correction_of_what_the_clip_was_before_does_not_count() -> None:
    old = correct("a", 1, "text", "ཁ", content_sha256=BEFORE)
    assert reviewed(old).corrections == {}
    assert not_counted(old) == ["it corrects what the clip was before"]


def test_a_reviewer_may_correct_again_and_take_it_back() -> None:
    first, second = correct("a", 1, "emotion", "happy"), correct("a", 2, "emotion", "calm")
    assert corrected(first, second) == {"emotion": "calm"}
    assert corrected(first, second, correct("a", 3, "emotion", None)) == {}
    assert corrected(correct("a", 1, "text", "ཁ"), correct("a", 2, "text", "ཀ")) == {}
    assert corrected(correct("a", 1, "dialect", None)) == {"dialect": None}


def test_a_correction_counts_with_the_vote_of_its_author() -> None:
    accepted = [vote("a", 1), vote("b", 2)]
    alone = correct("c", 3, "text", "ཁ")
    assert reviewed(*accepted, alone).corrections == {}
    assert reviewed(*accepted, alone, vote("c", 4)).corrections == {"text": "ཁ"}
    against = vote("c", 4, "reject", "blur")
    assert reviewed(*accepted, alone, against).corrections == {}
    taken_back = event("c", 5, event="withdraw_vote")
    assert reviewed(*accepted, alone, vote("c", 4), taken_back).corrections == {}


def test_different_corrections_of_one_field_are_a_dispute_until_most_agree() -> None:
    agreed = [vote("a", 1), vote("b", 2)]
    two = [correct("a", 3, "text", "ཁ"), correct("b", 4, "text", "ག")]
    review = reviewed(*agreed, *two)
    assert (review.state, review.corrections) == ("disputed", {})
    assert review.why[-1] == "reviewers correct its text differently"
    third = reviewed(*agreed, *two, correct("c", 5, "text", "ག"), vote("c", 6))
    assert (third.state, third.corrections) == ("accepted", {"text": "ག"})
    fields = {"text": {"old": "ཀ", "new": "ང"}}
    ruling = rule("pema", 6, "accept", fields_changed=fields, settles=ids(*two))
    ruled = reviewed(*agreed, *two, ruling)
    assert (ruled.state, ruled.corrections) == ("accepted", {"text": "ང"})
    assert "its text is corrected by pema" in ruled.why


def test_nothing_stays_that_anybody_trims_away() -> None:
    trims = [correct("a", 1, "trim_s", [0.5, 4]), correct("b", 2, "trim_s", [0, 3.25])]
    assert corrected(*trims) == {"trim_s": (0.5, 3.25)}
    assert corrected(trims[0], correct("b", 2, "trim_s", [0, 9])) == {"trim_s": (0.5, 4)}
    assert corrected(correct("a", 1, "trim_s", [1, 9])) == {"trim_s": (1, 4)}
    assert corrected(trims[0], correct("a", 2, "trim_s", [0, 4])) == {}
    apart = [correct("a", 1, "trim_s", [0, 1]), correct("b", 2, "trim_s", [2, 4])]
    review = reviewed(vote("a", 3), vote("b", 4), *apart)
    assert (review.state, review.corrections) == ("disputed", {})
    assert not_counted(correct("a", 1, "trim_s", [4, 5])) == ["it trims the whole clip away"]


@pytest.mark.parametrize(("verdict", "state"), [("accept", "accepted"), ("reject", "rejected")])
def test_a_dispute_is_decided_by_an_adjudicator(verdict: str, state: str) -> None:
    assert reviewed(*SPLIT).state == "disputed"
    ruling = rule("pema", 4, verdict, settles=ids(*SPLIT))
    review = reviewed(*SPLIT, ruling)
    assert (review.state, review.vetoed) == (state, False)
    later = reviewed(*SPLIT, ruling, vote("d", 5), vote("e", 6))
    assert later.state == state
    veto = reviewed(*SPLIT, ruling, vote("d", 5, "reject", "harmful"))
    assert (veto.state, veto.vetoed) == ("rejected", True)
    assert reviewed(*SPLIT, rule("karma", 4, verdict, settles=ids(*SPLIT))).state == state


@pytest.mark.parametrize("minute", [0, 9])
def test_an_adjudicator_accepts_only_against_what_they_knew_of(minute: int) -> None:
    ruling = rule("pema", minute, "accept", settles=ids(*SPLIT))
    against = vote("d", 5, "reject", "blur")
    assert reviewed(*SPLIT, ruling).state == "accepted"
    assert reviewed(*SPLIT, ruling, against).state == "disputed"
    assert not_counted(*SPLIT, ruling, against) == ["it does not name all decisions against it"]
    twin = vote("e", 6, event_id=SPLIT[1].event_id)  # an id of two decisions names neither
    assert reviewed(*SPLIT, twin, ruling).state == "disputed"


def test_an_adjudicator_may_reject_whatever_the_votes_say() -> None:
    accepted = [vote("a", 1), vote("b", 2)]
    assert reviewed(*accepted, rule("pema", 0, "reject")).state == "rejected"
    both = [rule("pema", 4, "reject"), rule("karma", 5, "accept", settles=ids(*SPLIT))]
    assert reviewed(*SPLIT, *both).state == "rejected"
    assert not_counted(*SPLIT, *both) == ["pema decides as adjudicator"]


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([*SPLIT, rule("eve", 4, "accept")], "eve is no adjudicator; [review] of tthd.toml"),
        ([vote("pema", 0), *SPLIT, rule("pema", 4, "accept")], "pema has voted on it"),
        (
            [
                vote("pema", 0),
                event("pema", 1, event="withdraw_vote"),
                *SPLIT,
                rule("pema", 4, "accept"),
            ],
            "pema has voted on it",
        ),
        ([vote("a", 1), rule("pema", 4, "accept")], "nothing is disputed"),
        ([rule("pema", 0, "accept"), *SPLIT], "it does not name all decisions against it"),
        ([*SPLIT, rule("pema", 4, "accept")], "it does not name all decisions against it"),
        ([*SPLIT, rule("pema", 4, "accept", content_sha256=BEFORE)], "it is about what it was"),
    ],
)
def test_an_adjudication_counts_only_where_it_may(events: list[Event], why: str) -> None:
    (told,) = not_counted(*events)
    assert told.startswith(why)
    assert reviewed(*events).state != "accepted"


def test_reopening_begins_anew_and_is_for_those_who_may() -> None:
    accepted = [vote("a", 1), vote("b", 2)]
    review = reviewed(*accepted, reopen("karma", 3))
    assert (review.state, review.votes) == ("in_review", ())
    assert review.why == (
        "karma has reopened it: look again",
        "a accepts it on 2025-11-01, but does not name the reopening",
        "b accepts it on 2025-11-01, but does not name the reopening",
    )
    ruled = [*SPLIT, rule("pema", 4, "accept", settles=ids(*SPLIT))]
    assert reviewed(*ruled, reopen("karma", 5)).state == "in_review"
    assert reviewed(*ruled, reopen("karma", 0, *ruled)).state == "in_review"
    assert not_counted(reopen("karma", 0)) == ["it names no decision, so that it lifts none"]


@pytest.mark.parametrize("minute", [0, 9])
def test_an_acceptance_answers_the_reopenings_that_it_names(minute: int) -> None:
    veto = vote("a", 1, "reject", "minor")
    once, twice = reopen("karma", 5, veto), reopen("pema", 5, veto)
    ahead = [vote("b", 99), vote("c", 99)]  # by clocks that were ahead when there was no veto yet
    assert reviewed(veto, once, *ahead).vetoed
    answers = [vote(one, minute, settles=ids(once)) for one in "bc"]
    assert reviewed(veto, once, *answers).state == "accepted"
    assert reviewed(veto, once, answers[0], ahead[1]).vetoed
    assert reviewed(veto, once, twice, *answers).vetoed
    both = [vote(one, minute, settles=ids(once, twice)) for one in "bc"]
    assert reviewed(veto, once, twice, *both).state == "accepted"
    alike = reopen("pema", 6, veto, event_id=once.event_id)
    assert reviewed(veto, once, alike, *answers).vetoed, "an id of two names neither"


def test_who_rules_no_more_has_still_spoken_against_it() -> None:
    accepted = [vote("a", 1), vote("b", 2)]
    ended = [*accepted, reopen("eve", 3)]  # once a maintainer, and none now
    assert reviewed(*ended).state == "in_review"
    assert not_counted(*ended) == [
        "eve is no adjudicator; [review] of tthd.toml names them; it lifts nothing, and ends "
        "acceptances that do not name it"
    ]
    answers = [vote(one, 4, settles=ids(ended[-1])) for one in "ab"]
    assert reviewed(*ended, *answers).state == "accepted"
    assert reviewed(*accepted, rule("eve", 3, "reject")).state == "rejected"
    assert reviewed(*accepted, rule("eve", 3, "reject"), rule("eve", 4, "accept")).state == (
        "rejected"
    )
    veto = vote("a", 1, "reject", "minor")
    lifted = reopen("eve", 2, veto)
    assert reviewed(veto, lifted, *(vote(one, 3, settles=ids(lifted)) for one in "bc")).vetoed


@pytest.mark.parametrize(
    "later",
    [
        vote("pema", 5, "reject", "blur"),
        vote("pema", 5),
        vote("pe-ma", 0, "request_changes", "blur"),
    ],
)
def test_who_rules_against_it_and_votes_has_still_ruled(later: Event) -> None:
    accepted = [vote(one, 1) for one in "abc"]
    assert reviewed(*accepted, rule("pema", 4, "reject"), later).state == "rejected"
    assert reviewed(*accepted, rule("eve", 4, "reject"), vote("eve", 5)).state == "rejected"
    ruled = rule("pema", 4, "accept", settles=ids(*SPLIT))
    assert reviewed(*SPLIT, ruled, vote("pema", 5, "reject", "blur")).state != "accepted"


def test_an_adjudication_answers_a_reopening() -> None:
    again = reopen("karma", 3)
    ruled = rule("pema", 4, "accept", settles=ids(*SPLIT))
    assert reviewed(*SPLIT, again, ruled).state != "accepted"
    votes = [one.model_copy(update={"settles": (again.event_id,)}) for one in SPLIT]
    ruled = rule("pema", 4, "accept", settles=ids(*votes, again))
    assert reviewed(*votes, again, ruled).state == "accepted"


@pytest.mark.parametrize("minute", [0, 9])
def test_a_reopening_lifts_what_it_names_whatever_the_clocks_say(minute: int) -> None:
    veto, reject = vote("a", 1, "reject", "minor"), vote("b", 2, "reject")
    both = [
        vote("c", 99, settles=[f"karma-{minute:06d}"]),
        vote("d", 0, settles=[f"karma-{minute:06d}"]),
    ]
    assert reviewed(veto, reject, *both, reopen("karma", minute)).vetoed
    assert reviewed(veto, *both, reopen("karma", minute, reject)).vetoed
    lifted = reviewed(veto, reject, *both, reopen("karma", minute, veto, reject))
    assert (lifted.state, lifted.vetoed) == ("accepted", False)
    again = vote("a", 0, "reject", "minor", event_id="a-says-it-again")
    assert reviewed(veto, again, *both, reopen("karma", minute, veto)).vetoed


def test_a_reopened_veto_stands_until_the_clip_is_accepted() -> None:
    veto = vote("a", 1, "reject", "third_party")
    events = [veto, reopen("karma", 2, veto)]
    review = reviewed(*events)
    assert (review.state, review.vetoed) == ("in_review", True)
    assert review.why[-1] == "a veto was reopened, and it has not been accepted since"
    known = ids(*events[1:])
    assert reviewed(*events, vote("b", 4, settles=known)).vetoed
    again = reviewed(*events, vote("b", 3, settles=known), vote("c", 4, settles=known))
    assert (again.state, again.vetoed) == ("accepted", False)


def test_who_does_not_know_the_dialect_cannot_judge_its_text() -> None:
    settings = ReviewSettings(
        reviewers={"lhasa": Reviewer(dialects=("u-tsang",)), "xiahe": Reviewer(dialects=("amdo",))}
    )
    texts = correct("lhasa", 1, "text", "ཁ"), correct("xiahe", 2, "text", "ག")
    assert corrected(*texts, settings=settings) == {"text": "ག"}
    assert not_counted(*texts, settings=settings) == [
        "lhasa does not know the dialect, so text stays"
    ]
    trim = correct("lhasa", 1, "trim_s", [1, 2])
    assert corrected(trim, settings=settings) == {"trim_s": (1, 2)}
    deaf = [vote("lhasa", 1), vote("other", 2)]
    assert reviewed(*deaf, settings=settings).state == "accepted"
    both = settings.model_copy(
        update={"reviewers": {**settings.reviewers, "other": Reviewer(dialects=("kham",))}}
    )
    review = reviewed(*deaf, settings=both)
    assert review.state == "in_review"
    assert review.why[-1] == "nobody who accepts it knows the dialect amdo"
    assert reviewed(*deaf, vote("xiahe", 3), settings=both).state == "accepted"


def test_why_tells_how_it_came_about() -> None:
    assert reviewed().why == ("nobody has reviewed it",)
    events = [vote("a", 1), vote("b", 1500, "reject", "blur", "noise_or_music", comment="hum")]
    assert reviewed(*events).why == (
        "a accepts it on 2025-11-01",
        "b rejects it on 2025-11-02: blur, noise_or_music (hum)",
        "the votes are split; one more decides",
    )
    assert reviewed(vote("a", 1)).why[-1] == "it has 1 of the 2 votes that it needs"
    assert reviewed(*SPLIT).why[-1] == "the votes are split; an adjudicator decides"
    assert reviewed(*SPLIT, rule("pema", 4, "accept", settles=ids(*SPLIT))).why[-1] == (
        "pema accepts it on 2025-11-01 as adjudicator"
    )
    assert reviewed(vote("a", 1, "reject", "minor")).why == (
        "a rejects it on 2025-11-01: minor; this is a veto",
    )


def test_a_later_veto_on_other_content_outweighs_an_earlier_vote_on_this() -> None:
    events = [vote("a", 1), vote("b", 2), vote("a", 3, "reject", "minor", content_sha256=BEFORE)]
    assert reviewed(*events).vetoed


def test_content_that_comes_back_brings_its_votes_back() -> None:
    events = [vote("a", 1, "reject", "minor"), vote("a", 2, content_sha256=BEFORE)]
    assert reviewed(*events, content=NOW).vetoed
    assert not reviewed(*events, content=BEFORE).vetoed


@pytest.mark.parametrize("minute", [1, 5, 9])
def test_the_last_vote_is_the_last_of_its_log_whatever_its_date(minute: int) -> None:
    first, last = vote("a", 5, event_id="a-said-it-1"), vote("a", minute, "reject", "minor")
    assert reviewed(vote("b", 3), first, last).vetoed
    assert reviewed(vote("b", 3), last, first).state == "accepted"
    undone = event("a", minute, event="withdraw_vote", event_id="a-takes-it-back")
    assert reviewed(vote("b", 3), first, undone).state == "in_review"


def test_a_veto_is_lifted_only_by_a_vote_on_its_content_or_on_what_the_clip_is_now() -> None:
    older = "e" * 64
    veto = vote("a", 1, "reject", "minor", content_sha256=BEFORE)
    for kind in ({"verdict": "accept"}, {"event": "withdraw_vote", "verdict": None}):
        for content, lifts in ((older, False), (BEFORE, True), (NOW, True)):
            after = event("a", 2, content_sha256=content, **kind)
            assert reviewed(veto, after).vetoed != lifts, (kind, content)
    looked = [veto, vote("a", 2), event("a", 3, event="withdraw_vote")]
    assert reviewed(*looked).vetoed, "the vote that had lifted it was taken back"


def test_handles_of_one_person_are_one_voter_who_says_the_strictest() -> None:
    handles = ["tashi", "tashi-", "ta-shi", "ta_shi"]
    accepted = [vote(name, n) for n, name in enumerate(handles)]
    review = reviewed(*accepted)
    assert (review.state, len(review.votes)) == ("in_review", 1)
    assert reviewed(*accepted, vote("dolma", 9)).state == "accepted"
    veto = vote("ta--shi", 0, "reject", "minor")
    assert reviewed(veto, *accepted, vote("dolma", 9)).vetoed
    split = [vote("pe-ma", 1), vote("b", 2, "reject", "blur"), vote("c", 3, "request_changes")]
    told = not_counted(*split, rule("pema", 4, "accept", settles=ids(*split)))
    assert told == ["pema has voted on it"]
    same = [correct("tashi", 1, "text", "ཁ"), correct("ta-shi", 2, "text", "ཁ")]
    other = correct("dolma", 3, "text", "ག")
    both = reviewed(*same, other, *accepted, vote("dolma", 9), vote("eva", 10))
    assert both.state == "disputed"


def test_who_knows_a_dialect_does_so_under_each_handle() -> None:
    known = {"lhasa": Reviewer(dialects=("u-tsang",))}
    assert not ReviewSettings(reviewers=known).knows("lha-sa", "amdo")
    assert ReviewSettings(reviewers=known).knows("lha-sa", "u-tsang")
