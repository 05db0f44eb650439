"""Who may be in a release: how a clip stands goes in, what is against a tier comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from tthd_tools.clip import Item

Tier = Literal["internal", "gated", "registered", "open"]
TIERS: tuple[Tier, ...] = ("internal", "gated", "registered", "open")
"""From the narrowest to the widest."""
WIDEST: Mapping[str, Tier] = {
    "speaker_consent": "open",
    "rights_holder_permission": "open",
    "open_licence": "open",
    "public_domain": "open",
    "research_exception": "gated",
    "unknown": "internal",
}
"""The widest tier that each rights basis can carry: an exception for research covers researchers
that one knows, never the public."""
STATUSES = ("granted", "expired", "withdrawn")
"""Of consents, from the best to the worst."""
NEEDS_CONSENT = "speaker_consent"
SHARING = ("train_research", "redistribute_media")
"""What a consent must cover before a clip may be given to others."""
FACE_GEOMETRY = "face_geometry"
GUARDIAN = "guardian"


class Consent(Protocol):
    """What is known of a speaker's consent; ``status`` is granted, expired or withdrawn."""

    @property
    def speaker_id(self) -> str: ...
    @property
    def scope(self) -> frozenset[str]: ...
    @property
    def tier(self) -> str: ...
    @property
    def status(self) -> str: ...


@dataclass(frozen=True)
class Standing:
    """How one clip stands.

    ``rights`` is the basis on which it may be used and ``tier`` the widest release that the
    contributor allows. ``needs_consent``: its item names one, whatever its rights. Where
    ``consent_status`` is None there is no consent, and ``consent_tier`` and ``consent_scope`` mean
    nothing. ``review`` is the state of ``review.fold``; ``vetoed``: a veto stands, whatever the
    state. Who is not ``is_adult`` needs a guardian's consent, whatever the rights.
    """

    rights: str | None = "unknown"
    tier: str | None = "internal"
    needs_consent: bool = False
    consent_status: str | None = None
    consent_tier: str | None = None
    consent_scope: frozenset[str] = frozenset()
    review: str = "unreviewed"
    vetoed: bool = False
    is_adult: bool = True

    @property
    def is_consented(self) -> bool:
        """Whether a consent is granted."""
        return self.consent_status == "granted"

    @property
    def lives_by_consent(self) -> bool:
        """Whether it needs a consent to leave the project; another basis stands instead of one."""
        return self.needs_consent or self.rights == NEEDS_CONSENT or not self.is_adult

    @property
    def lacks_guardian(self) -> bool:
        """Whether the speaker is no adult, and no guardian has consented."""
        return not (self.is_adult or (self.is_consented and GUARDIAN in self.consent_scope))

    @property
    def covers_face_geometry(self) -> bool:
        """Whether landmarks may leave the project: only an explicit consent covers them."""
        return self.is_consented and FACE_GEOMETRY in self.consent_scope

    @property
    def widest(self) -> Tier:
        """The widest tier that rights, contributor and consent allow, whatever the review says."""
        allowed = [WIDEST.get(self.rights or "", "internal"), _narrow(self.tier)]
        if self.lives_by_consent or self.consent_status is not None:
            shared = self.is_consented and self.consent_scope.issuperset(SHARING)
            allowed.append(_narrow(self.consent_tier) if shared else "internal")
        if self.lacks_guardian:
            allowed.append("internal")
        return min(allowed, key=TIERS.index)


def standing_of(
    item: Item,
    consents: Mapping[str, Consent],
    review: str = "unreviewed",
    vetoed: bool = False,
) -> Standing:
    """How a clip of that item stands, by the public projection of the consents.

    A consent of another speaker counts as none. An item that names no consent still goes with its
    speaker: where all that the speaker has granted is withdrawn or expired, so is the item.
    """
    consent = consents.get(item.consent_id) if item.consent_id else None
    standing = Standing(
        rights=item.rights,
        tier=item.tier,
        needs_consent=item.consent_id is not None,
        review=review,
        vetoed=vetoed,
        is_adult=item.stated.get("speaker_is_adult") is not False,
    )
    if consent is None or consent.speaker_id != item.speaker_id:
        return replace(standing, consent_status=_ended(consents.values(), item, consent))
    return replace(
        standing,
        consent_status=consent.status,
        consent_tier=consent.tier,
        consent_scope=consent.scope,
    )


def objection(
    tier: str, standing: Standing, *, require_review: bool = False, face_geometry: bool = False
) -> str | None:
    """Why a clip may not be in a release of that tier; None if it may.

    ``require_review``: an internal release, too, takes accepted clips alone. ``face_geometry``: the
    release holds landmarks; wider than internal that needs a consent to them.
    """
    if tier not in TIERS:
        return f"there is no tier {tier}"
    against = _never(standing)
    if against or (tier == "internal" and not require_review):
        return against
    if standing.review != "accepted":
        return f"its review state is {standing.review}"
    if TIERS.index(tier) > TIERS.index(standing.widest):
        return _too_wide(tier, standing)
    if face_geometry and tier != "internal" and not standing.covers_face_geometry:
        return f"its consent does not cover {FACE_GEOMETRY}"
    return None


def missing(standing: Standing) -> list[str]:
    """What a clip lacks for any release wider than internal; empty where it lacks nothing.

    Of ``rights``, ``tier``, ``consent``, ``scope NAME``, ``guardian`` and ``review``, in order.
    """
    lacks: list[str] = []
    if WIDEST.get(standing.rights or "", "internal") == "internal":
        lacks.append("rights")
    if _narrow(standing.tier) == "internal":
        lacks.append("tier")
    if standing.is_consented:
        lacks += [f"scope {name}" for name in SHARING if name not in standing.consent_scope]
        if _narrow(standing.consent_tier) == "internal" and "tier" not in lacks:
            lacks.append("tier")
    elif standing.lives_by_consent or "rights" in lacks:
        lacks.append("consent")
    if standing.lacks_guardian:
        lacks.append("guardian")
    if standing.review != "accepted":
        lacks.append("review")
    return lacks


def _never(standing: Standing) -> str | None:
    """What no tier takes."""
    if standing.consent_status in ("withdrawn", "expired"):
        return f"its consent is {standing.consent_status}"
    if standing.vetoed:
        return "it is vetoed"
    if standing.review == "rejected":
        return "it is rejected by review"
    if standing.tier not in TIERS:
        return f"its own tier is {standing.tier}"
    return None


def _too_wide(tier: str, standing: Standing) -> str:
    """The sentence for a clip whose rights, contributor or consent end before that tier."""
    rights = standing.rights or "unknown"
    if TIERS.index(tier) > TIERS.index(WIDEST.get(rights, "internal")):
        return "its rights are unknown" if rights == "unknown" else f"its rights are {rights}"
    if TIERS.index(tier) > TIERS.index(_narrow(standing.tier)):
        return f"its own tier is {standing.tier}"
    if not standing.is_consented:
        return "it has no consent"
    for name in SHARING:
        if name not in standing.consent_scope:
            return f"its consent does not cover {name}"
    if standing.lacks_guardian:
        return "its speaker is no adult, and no guardian has consented"
    return f"its consent goes as far as tier {standing.consent_tier}"


def _ended(consents: Iterable[Consent], item: Item, named: Consent | None) -> str | None:
    """How an item without a usable consent ends with its speaker's; None where it does not.

    A consent that it names stops it even if it is another speaker's.
    """
    own = {one.status for one in consents if one.speaker_id == item.speaker_id}
    named_status = named.status if named is not None else "granted"
    for status in ("withdrawn", "expired"):
        if named_status == status or (status in own and "granted" not in own):
            return status
    return None


def _narrow(tier: str | None) -> Tier:
    """A tier as it is written; what is no tier is the narrowest."""
    return next((one for one in TIERS if one == tier), "internal")
