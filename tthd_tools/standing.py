"""How every clip of a workspace stands: consents and decisions of reviewers are read for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tthd_tools.clip import Clip, Item
from tthd_tools.description import Refusal
from tthd_tools.errors import RefusedError
from tthd_tools.lists import Lists, read_lists
from tthd_tools.manifest.consent import Consent, stricter
from tthd_tools.manifest.withdrawals import Withdrawal
from tthd_tools.rights import STATUSES, TIERS, Standing, standing_of
from tthd_tools.rights_seen import Line, Seen, SeenBytes, SeenConsent, SeenName, note, read_seen
from tthd_tools.traces import Resolver, read_ever
from tthd_tools.workspace import Workspace

if TYPE_CHECKING:
    from tthd_tools.review.fold import ClipReview, Reviews

MOST_TOLD = 10


@dataclass(frozen=True)
class Rights:
    """Consents as the strictest list ever had them, all that was seen of bytes, and a sentence for
    each entry of a list that names nothing known."""

    consents: Mapping[str, Consent]
    seen: Seen
    remarks: tuple[str, ...] = ()

    def against(self, clip: Clip) -> str | None:
        """How the bytes of a clip have ended, ``withdrawn`` or ``expired``, by whatever name."""
        found = [
            one.status
            for one in self.seen.against(clip.item.sha256, clip.span)
            if not self._is_given_again(one, clip.item)
        ]
        return max(found, key=STATUSES.index, default=None)

    def consent(self, item: Item) -> Consent | None:
        """The consent that an item names, if it is its speaker's, as far as it counts.

        What the bytes had before of another speaker limits it.
        """
        found = self.consents.get(item.consent_id or "")
        if found is None or found.speaker_id != item.speaker_id:
            return None
        for name in self.seen.given.get(item.sha256, ()):
            before = self.seen.consents.get(name)
            if before is not None and before.speaker_id != item.speaker_id:
                tier = min(found.tier, before.tier, key=TIERS.index)
                found = found.model_copy(update={"scope": found.scope & before.scope, "tier": tier})
        return found

    def standing(self, clip: Clip, review: str = "unreviewed", vetoed: bool = False) -> Standing:
        """How a clip stands by what was ever seen of its bytes; its item is the one that was sent.

        What has once lived by a consent needs one for good.
        """
        standing = standing_of(clip.item, self.consents, review, vetoed)
        if clip.item.sha256 in self.seen.given:
            standing = replace(standing, needs_consent=True)
        consent = self.consent(clip.item)
        if consent is not None:
            standing = replace(standing, consent_tier=consent.tier, consent_scope=consent.scope)
        ended = self.against(clip)
        return standing if ended is None else replace(standing, consent_status=ended)

    def refusal(self, sha256: str) -> Refusal | None:
        """Why bytes may not come in any more; None where they may, or another consent can help."""
        one = self.seen.withdrawn(sha256)
        if one is None:
            return None
        listed = self.seen.names.get(one.because)
        name = f"{listed.kind} {one.because}" if listed is not None else one.because
        place = f", {listed.place}" if listed is not None else ""
        sentence = f"these bytes are withdrawn ({name}{place}); remove the file"
        return "M027", "withdrawn", sentence

    def _is_given_again(self, one: SeenBytes, item: Item) -> bool:
        """Whether the item itself names a consent by which what has expired may be used again."""
        named = self.consents.get(item.consent_id or "")
        return (
            named is not None
            and named.status == "granted"
            and one.is_temporary
            and one.until_consent_of == named.speaker_id == item.speaker_id
        )


@dataclass(frozen=True)
class Standings:
    """How clips stand, by id, and what that follows from."""

    rights: Rights
    reviews: Reviews

    @property
    def remarks(self) -> tuple[str, ...]:
        """What people should know of entries and vetoes that are about nothing that is here."""
        homeless = [
            f"{one.actor}'s veto of {one.clip_id or one.item_id} ({', '.join(one.reasons)}) is "
            "about nothing that is here, or here under that name: look whether it still is"
            for one in self.reviews.homeless_vetoes
        ]
        if len(homeless) > MOST_TOLD:
            more = f"and {len(homeless) - MOST_TOLD} more vetoes of what is not here"
            homeless = [*homeless[:MOST_TOLD], more]
        return (*self.rights.remarks, *homeless)

    @property
    def consents(self) -> Mapping[str, Consent]:
        """Consents by id, as they count."""
        return self.rights.consents

    def of(self, clip: Clip) -> Standing:
        """How one clip stands; its item is the one that was sent."""
        review = self.review(clip)
        return self.rights.standing(clip, review.state, review.vetoed)

    def review(self, clip: Clip) -> ClipReview:
        """What reviewers have decided about it."""
        return self.reviews.clips[clip.id]

    def consent(self, item: Item) -> Consent | None:
        """The consent that an item names, if it is its speaker's, as far as it counts."""
        return self.rights.consent(item)


def read_standings(
    workspace: Workspace,
    clips: Sequence[Clip],
    *,
    reviews: Path | None = None,
    manifests: Path | None = None,
) -> Standings:
    """Read the consents, the withdrawals and the decisions about clips as they were sent.

    ``reviews`` is the folder of the logs, that of the workspace where it is not given;
    ``manifests`` one more folder of lists. Raises RefusedError where a log is damaged or gone, or
    where an item names a consent and there is no list of consents any more.
    """
    from tthd_tools.review.fold import review_clips
    from tthd_tools.review.seen import check_seen
    from tthd_tools.review.settings import settings_for
    from tthd_tools.review.sources import read_sources

    rights = read_rights(workspace, [clip.item for clip in clips], manifests)
    folder = reviews or workspace.reviews
    if not folder.is_dir() and folder != workspace.root / "reviews":
        raise RefusedError(
            f"the folder of decisions {str(folder)!r} is not there, and vetoes may be in it; "
            "bring it back, or name it with --reviews DIR"
        )
    settings = settings_for(workspace.root)
    found = review_clips(folder, clips, settings, read_sources(workspace))
    found.check_whole()
    check_seen(workspace, folder)
    return Standings(rights, found)


def read_rights(
    workspace: Workspace,
    items: Iterable[Item] = (),
    manifests: Path | None = None,
    *,
    lists: Lists | None = None,
) -> Rights:
    """What counts of consents and withdrawals: all that lists say now, or were seen to say before.

    ``manifests`` is one more folder of ``lists``, where those were not read already. What is new is
    noted in the workspace at once, with the bytes that every name stands for. Raises RefusedError
    where one of ``items`` names a consent and its list is not there any more.
    """
    if lists is None:
        lists = read_lists(workspace.raw, workspace.root, manifests, workspace.manifests)
    unlisted = next((one for one in items if one.consent_id not in (None, *lists.consents)), None)
    if unlisted is not None and lists.without_consents:
        raise RefusedError(
            f"there is no consents.csv in {str(lists.without_consents[0])!r}, and "
            f"{unlisted.item_id} names the consent {unlisted.consent_id}; bring it back, or name "
            "its folder with --manifests DIR"
        )
    before = read_seen(workspace)
    named = [SeenName(**one._asdict()) for one in lists.withdrawals]
    lines: list[Line] = [one for one in named if one.name not in before.names]
    for name, consent in lists.consents.items():
        known = before.consents.get(name)
        if known is None or stricter(known, consent) != known:
            lines.append(SeenConsent(consent=consent))
    seen = before.and_(lines)
    resolver = Resolver(workspace, seen, lists, read_ever(workspace))
    new: list[Line] = [
        one for one in resolver.bytes_out() if one not in seen.bytes.get(one.sha256, ())
    ]
    new += [one for one in resolver.given() if one.consent_id not in seen.given.get(one.sha256, ())]
    note(workspace, [*lines, *sorted(new, key=repr)])
    seen = seen.and_(new)
    consents = {
        name: one
        for name, one in seen.consents.items()
        if name in lists.consents or one.status != "granted"
    }
    unknown = Resolver(workspace, seen, lists, resolver.ever).unknown()
    return Rights(consents, seen, tuple(_nobody(one) for one in unknown))


def _nobody(entry: Withdrawal) -> str:
    if entry.kind == "sha256":
        return f"{entry.place}: no file with the sha256 {entry.name} is registered; none will be"
    return (
        f"{entry.place}: nothing here was ever known as {entry.kind} {entry.name!r}; nothing is "
        "withdrawn by it as long as that is so: check its spelling"
    )
