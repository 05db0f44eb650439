"""No tier takes what is withdrawn, expired, vetoed or rejected; wider ones only what is allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest

from tthd_tools.rights import SHARING, TIERS, WIDEST, Standing, missing, objection, standing_of
from tthd_tools.testing import dummy_item

SPEAKER = "spk_rlibwhzfymsm"
WHOLE = Standing(
    rights="speaker_consent",
    tier="open",
    consent_status="granted",
    consent_tier="open",
    consent_scope=frozenset(SHARING),
    review="accepted",
)
"""May be in every release without landmarks."""


@dataclass(frozen=True)
class Consent:
    speaker_id: str = SPEAKER
    scope: frozenset[str] = frozenset(SHARING)
    tier: str = "gated"
    status: str = "granted"


def item(**fields: Any) -> Any:
    given = {"speaker_id": SPEAKER, "rights": "speaker_consent", "tier": "open"}
    return dummy_item(**(given | {"consent_id": "con_aaaaaaaaaaaa"} | fields))


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"consent_status": "withdrawn"}, "its consent is withdrawn"),
        ({"consent_status": "expired"}, "its consent is expired"),
        ({"vetoed": True}, "it is vetoed"),
        ({"review": "rejected"}, "it is rejected by review"),
        ({"tier": None}, "its own tier is None"),
        ({"tier": "public"}, "its own tier is public"),
    ],
)
def test_what_no_tier_takes(tier: str, change: dict[str, Any], sentence: str) -> None:
    assert objection(tier, WHOLE) is None
    assert objection(tier, replace(WHOLE, **change)) == sentence
    every_other_basis = replace(WHOLE, rights="public_domain", **change)
    assert objection(tier, every_other_basis) == sentence


@pytest.mark.parametrize(
    "review", ["unreviewed", "in_review", "changes_requested", "disputed", "stale", "nonsense"]
)
def test_only_internal_takes_what_is_not_accepted(review: str) -> None:
    standing = replace(WHOLE, review=review)
    assert objection("internal", standing) is None
    sentence = f"its review state is {review}"
    assert objection("internal", standing, require_review=True) == sentence
    assert [objection(tier, standing) for tier in TIERS[1:]] == [sentence] * 3


@pytest.mark.parametrize(
    ("change", "widest", "sentence"),
    [
        ({}, "open", None),
        ({"rights": "unknown"}, "internal", "its rights are unknown"),
        ({"rights": None}, "internal", "its rights are unknown"),
        ({"rights": "hearsay"}, "internal", "its rights are hearsay"),
        ({"rights": "research_exception"}, "gated", "its rights are research_exception"),
        ({"tier": "gated"}, "gated", "its own tier is gated"),
        ({"tier": "internal"}, "internal", "its own tier is internal"),
        ({"consent_status": None}, "internal", "it has no consent"),
        ({"consent_status": "pending"}, "internal", "it has no consent"),
        (
            {"consent_tier": "registered"},
            "registered",
            "its consent goes as far as tier registered",
        ),
        ({"consent_tier": None}, "internal", "its consent goes as far as tier None"),
        ({"consent_scope": frozenset()}, "internal", "its consent does not cover train_research"),
        (
            {"consent_scope": frozenset(["train_research", "demo_public"])},
            "internal",
            "its consent does not cover redistribute_media",
        ),
        ({"rights": "open_licence", "consent_status": None}, "open", None),
        ({"rights": "public_domain", "consent_status": None}, "open", None),
        ({"rights": "rights_holder_permission", "consent_status": None}, "open", None),
        (
            {"rights": "open_licence", "consent_tier": "gated"},
            "gated",
            "its consent goes as far as",
        ),
        (
            {"rights": "open_licence", "consent_status": None, "needs_consent": True},
            "internal",
            "it has no consent",
        ),
    ],
)
def test_how_wide_a_clip_may_go(change: dict[str, Any], widest: str, sentence: str | None) -> None:
    standing = replace(WHOLE, **change)
    assert standing.widest == widest
    told = [objection(tier, standing) for tier in TIERS]
    allowed = TIERS.index(widest) + 1  # type: ignore[arg-type]
    assert told[:allowed] == [None] * allowed
    assert all(one is not None and one.startswith(sentence or "-") for one in told[allowed:])


def test_landmarks_leave_the_project_by_an_explicit_consent_alone() -> None:
    sentence = "its consent does not cover face_geometry"
    assert objection("gated", WHOLE, face_geometry=True) == sentence
    assert objection("internal", WHOLE, face_geometry=True) is None
    free = replace(WHOLE, rights="public_domain", consent_status=None)
    assert objection("open", free, face_geometry=True) == sentence
    covered = replace(WHOLE, consent_scope=frozenset([*SHARING, "face_geometry"]))
    assert covered.covers_face_geometry
    assert objection("open", covered, face_geometry=True) is None
    assert not replace(covered, consent_status="expired").covers_face_geometry


def test_no_minor_leaves_the_project_without_a_guardian() -> None:
    sentence = "its speaker is no adult, and no guardian has consented"
    minor = replace(WHOLE, is_adult=False)
    assert [objection(tier, minor) for tier in TIERS] == [None, sentence, sentence, sentence]
    assert (minor.widest, missing(minor)) == ("internal", ["guardian"])
    free = replace(minor, rights="public_domain", consent_status=None)
    assert objection("gated", free) == "it has no consent"
    assert missing(free) == ["consent", "guardian"]
    guarded = replace(minor, consent_scope=frozenset([*SHARING, "guardian"]))
    assert (objection("open", guarded), missing(guarded)) == (None, [])
    for stated, is_adult in (({"speaker_is_adult": False}, False), ({}, True)):
        assert standing_of(item(stated=stated), {}).is_adult is is_adult


def test_an_unknown_tier_takes_nothing() -> None:
    assert objection("public", WHOLE) == "there is no tier public"


@pytest.mark.parametrize(
    ("standing", "lacks"),
    [
        (WHOLE, []),
        (Standing(), ["rights", "tier", "consent", "review"]),
        (replace(WHOLE, review="stale"), ["review"]),
        (replace(WHOLE, consent_status=None), ["consent"]),
        (replace(WHOLE, consent_scope=frozenset(["train_research"])), ["scope redistribute_media"]),
        (replace(WHOLE, consent_tier="internal"), ["tier"]),
        (replace(WHOLE, tier="internal", consent_tier="internal"), ["tier"]),
        (replace(WHOLE, rights="open_licence", consent_status=None), []),
        (replace(WHOLE, rights="unknown"), ["rights"]),
    ],
)
def test_what_an_internal_clip_lacks_is_said(standing: Standing, lacks: list[str]) -> None:
    assert missing(standing) == lacks


def test_nothing_is_missing_exactly_where_a_wider_tier_takes_it() -> None:
    for rights, tier, status, reach, scope, review in product(
        [*WIDEST, None],
        TIERS,
        [None, "granted"],
        TIERS,
        [frozenset[str](), frozenset(SHARING)],
        ["accepted", "unreviewed"],
    ):
        standing = Standing(rights, tier, False, status, reach, scope, review)
        assert (missing(standing) == []) == (objection("gated", standing) is None), standing


def test_an_item_stands_by_the_consent_that_it_names() -> None:
    consents = {"con_aaaaaaaaaaaa": Consent()}
    standing = standing_of(item(), consents, "accepted")
    assert standing == Standing(
        rights="speaker_consent",
        tier="open",
        needs_consent=True,
        consent_status="granted",
        consent_tier="gated",
        consent_scope=frozenset(SHARING),
        review="accepted",
    )
    assert [objection(tier, standing) is None for tier in TIERS] == [True, True, False, False]
    assert standing_of(item(), consents, "accepted", vetoed=True).vetoed


def test_a_consent_of_nobody_or_of_another_is_none() -> None:
    for consents in ({}, {"con_aaaaaaaaaaaa": Consent(speaker_id="spk_other")}):
        for rights in ("speaker_consent", "open_licence"):
            standing = standing_of(item(rights=rights), consents, "accepted")
            assert standing.consent_status is None
            assert objection("internal", standing) is None
            assert objection("gated", standing) == "it has no consent"


def test_an_ended_consent_of_another_speaker_that_it_names_stops_it() -> None:
    consents = {"con_aaaaaaaaaaaa": Consent(speaker_id="spk_other", status="withdrawn")}
    assert objection("internal", standing_of(item(), consents)) == "its consent is withdrawn"


def test_an_item_without_a_consent_goes_when_its_speaker_goes() -> None:
    free = item(rights="open_licence", consent_id=None)
    ended = {"con_a": Consent(status="withdrawn"), "con_b": Consent(status="expired")}
    assert objection("internal", standing_of(free, ended)) == "its consent is withdrawn"
    again = {**ended, "con_c": Consent()}
    assert objection("open", standing_of(free, again, "accepted")) is None
    others = {"con_a": Consent(speaker_id="spk_other", status="withdrawn")}
    assert objection("open", standing_of(free, others, "accepted")) is None
