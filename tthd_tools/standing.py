"""How every clip of a workspace stands: consents and decisions of reviewers are read for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tthd_tools.clip import Clip, Item
from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.rights import Standing, standing_of
from tthd_tools.workspace import Workspace, storage_errors, write_atomically

if TYPE_CHECKING:
    from tthd_tools.manifest import Consent
    from tthd_tools.manifest.beside import Beside
    from tthd_tools.review.fold import ClipReview, Reviews

MANIFESTS = Path("manifests")
WITHDRAWN = "withdrawn.txt"


@dataclass(frozen=True)
class Standings:
    """How clips stand, by id, and what that follows from.

    ``withdrawn`` holds what is withdrawn: ids of items, clips, speakers and consents, and hashes.
    """

    consents: Mapping[str, Consent]
    reviews: Reviews
    withdrawn: frozenset[str] = frozenset()

    def of(self, clip: Clip) -> Standing:
        """How one clip stands; its item is the one that was sent."""
        review = self.review(clip)
        standing = standing_of(clip.item, self.consents, review.state, review.vetoed)
        item = clip.item
        named = (clip.id, item.item_id, item.speaker_id, item.consent_id, item.sha256)
        if self.withdrawn.isdisjoint(named):
            return standing
        return replace(standing, consent_status="withdrawn")

    def review(self, clip: Clip) -> ClipReview:
        """What reviewers have decided about it."""
        return self.reviews.clips[clip.id]

    def consent(self, item: Item) -> Consent | None:
        """The consent that an item names, if it is its speaker's."""
        found = self.consents.get(item.consent_id or "")
        return found if found is not None and found.speaker_id == item.speaker_id else None


def read_standings(
    workspace: Workspace,
    clips: Sequence[Clip],
    *,
    reviews: Path | None = None,
    manifests: Path | None = None,
) -> Standings:
    """Read the consents, the withdrawals and the decisions about clips as they were sent.

    ``reviews`` is the folder of the logs, that of the workspace where it is not given;
    ``manifests`` as in ``find_manifests``. Raises RefusedError where a log is damaged or gone, or
    where an item names a consent and there is no list of consents any more.
    """
    from tthd_tools.review.fold import review_clips
    from tthd_tools.review.seen import check_seen
    from tthd_tools.review.settings import settings_for
    from tthd_tools.review.sources import read_sources

    consents, withdrawn = read_consents_of(workspace, [clip.item for clip in clips], manifests)
    folder = reviews or workspace.reviews
    settings = settings_for(workspace.root)
    found = review_clips(folder, clips, settings, read_sources(workspace))
    found.check_whole()
    check_seen(workspace, folder)
    return Standings(consents, found, withdrawn)


def read_consents_of(
    workspace: Workspace, items: Iterable[Item], manifests: Path | None = None
) -> tuple[Mapping[str, Consent], frozenset[str]]:
    """The public list of consents, and who has withdrawn.

    Read are ``manifests`` and the folder that the workspace remembers, and the stricter of both
    counts; what a build has seen withdrawn stays so.
    """
    needed = next((item for item in items if item.consent_id is not None), None)
    named = [one for one in (manifests, workspace.manifests) if one is not None]
    folders = [one for one in dict.fromkeys(named) if one.is_dir()]
    found = find_manifests(workspace.raw) if not named else None
    folders += [found] if found is not None else []
    if not folders and (needed is not None or manifests is not None):
        sought = f"consent {needed.consent_id}" if needed is not None else "a list of consents"
        raise RefusedError(
            f"the folder of manifests {str((*named, MANIFESTS)[0])!r} is not there, and {sought} "
            "is looked up in it; name it with --manifests DIR"
        )
    consents: dict[str, Consent] = {}
    withdrawn = set(read_withdrawn(workspace))
    is_listed = False
    for folder in folders:
        beside = _read_beside(workspace, folder)
        is_listed |= beside.consents is not None
        withdrawn |= beside.withdrawn
        for name, consent in (beside.consents or {}).items():
            if name not in consents or consents[name].status == "granted":
                consents[name] = consent
    if not is_listed and needed is not None:
        raise RefusedError(
            f"there is no consents.csv in {str(folders[0])!r}, and {needed.item_id} names the "
            f"consent {needed.consent_id}; bring it back, or name its folder with --manifests DIR"
        )
    ended = {name for name, consent in consents.items() if consent.status == "withdrawn"}
    return consents, frozenset(withdrawn | ended)


def _read_beside(workspace: Workspace, folder: Path) -> Beside:
    """What lies in a folder of submissions, or in the one above a single submission."""
    from tthd_tools.manifest.beside import find_submissions, read_beside
    from tthd_tools.manifest.settings import SETTINGS_FILE, read_settings

    settings = read_settings(workspace.root.absolute().parent / SETTINGS_FILE)
    try:
        submissions = find_submissions(folder)
    except UsageError:
        submissions = []
    if submissions and submissions[0].resolve() == folder.resolve():
        folder = folder.absolute().parent
    known = frozenset(one.resolve() for one in submissions)
    return read_beside(folder, known, suppression=settings.suppression)


def read_withdrawn(workspace: Workspace) -> frozenset[str]:
    """What builds of this workspace have seen withdrawn."""
    path = workspace.root / WITHDRAWN
    with storage_errors(path):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    return frozenset(text.split())


def note_withdrawn(workspace: Workspace, standings: Standings) -> None:
    """Remember who has withdrawn: an older copy of a list brings nobody back."""
    if standings.withdrawn - read_withdrawn(workspace):
        with storage_errors(workspace.root):
            text = "".join(f"{one}\n" for one in sorted(standings.withdrawn))
            write_atomically(workspace.root / WITHDRAWN, text)


def find_manifests(raw: Path) -> Path | None:
    """Where submissions lie where nobody says it: in the raw folder, else in ``./manifests``."""
    from tthd_tools.manifest.beside import find_submissions, is_submission

    for folder in (raw, MANIFESTS):
        try:
            found = find_submissions(folder)
        except UsageError:
            continue
        if any(is_submission(one) for one in found):  # videos alone may be sorted by submission
            return folder
    return None


def corrected(item: Item, corrections: Mapping[Any, Any]) -> Item:
    """An item with what reviewers have corrected for one clip; the text normalised again."""
    from tthd_tools.text import normalise

    fields = {name: value for name, value in corrections.items() if name != "trim_s"}
    if not fields:
        return item
    if "text" in fields:  # ``text`` stays as it was sent
        fields |= {
            "text_norm": normalise(fields.pop("text"), item.language or ""),
            "text_status": "human_verified",
        }
    if "emotion" in fields:
        fields |= {"emotion_origin": "perceived"}
    return item.model_copy(update=fields)
