"""What each state of a review means and what to do about it: texts of ``tthd explain``."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, tuple[str, str]] = {
    "unreviewed": (
        "Nobody has voted on the clip.",
        "Show it to reviewers: `tthd review export` or `tthd review serve`.",
    ),
    "in_review": (
        "The clip has fewer votes than `min_votes`, or its votes are split and one more decides; "
        "or it was reopened, or nobody who accepts it knows its dialect.",
        "Let another person vote; `tthd status --why CLIP` says what is missing.",
    ),
    "accepted": (
        "More than half of enough votes, or an adjudicator, accept the clip as it is now.",
        "Nothing: tiers wider than internal may take it, as far as rights and consent go.",
    ),
    "rejected": (
        "More than half of enough votes, an adjudicator, or one veto rejects the clip.",
        "No release takes it. Its author can take a veto back, or a maintainer reopens it.",
    ),
    "changes_requested": (
        "More than half of enough votes want something changed before they accept the clip.",
        "Mend its row or its file; the votes are stale then, and are given again.",
    ),
    "disputed": (
        "The votes are split with one more than is needed, or two reviewers correct one field "
        "differently.",
        "An adjudicator, named in [review] of tthd.toml, decides it on the review page.",
    ),
    "stale": (
        "The votes are on what the clip was before: its file, span, track or row has changed; or a "
        "veto of a clip of its item stands, and the item is cut otherwise now.",
        "Let reviewers look again; `tthd status --why CLIP` says whose votes are stale.",
    ),
    "vetoed": (
        "One person has said no_consent, minor, third_party, synthetic, harmful or wrong_person, "
        "which keeps the clip out of every release.",
        "It holds until its author takes it back, or a maintainer reopens the clip by naming the "
        "veto and it is accepted anew.",
    ),
}
