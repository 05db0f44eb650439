"""The chain as one call each: register, measure, judge, and write a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tthd_tools.amend import amended, corrected, read_corrections
from tthd_tools.clip import Clip
from tthd_tools.codes import is_of_rights
from tthd_tools.corpus import is_complete, run_corpus
from tthd_tools.errors import RefusedError, TthdError, UsageError
from tthd_tools.pipeline import Plan, suggest
from tthd_tools.rights import Standing, Tier, objection
from tthd_tools.runner import Limits, Observer, run
from tthd_tools.said import check_said
from tthd_tools.select import apply_policy
from tthd_tools.stage import ClipStage
from tthd_tools.standing import Standings
from tthd_tools.survey import ItemState, survey
from tthd_tools.table import make_table, save_table
from tthd_tools.workspace import Workspace

if TYPE_CHECKING:
    import polars as pl

    from tthd_tools.shards import ReleaseSummary, Sample

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class State:
    """Where a workspace stands: every file, and the table with the policy's verdict."""

    items: Sequence[ItemState]
    table: pl.DataFrame

    @property
    def failed(self) -> list[ItemState]:
        """Files of which something failed."""
        return [
            state
            for state in self.items
            if state.outcome == "failed" or any(leaf.state == "failed" for leaf in state.leaves)
        ]

    @property
    def pending(self) -> list[ItemState]:
        """Files that are not measured to the end."""
        return [state for state in self.items if state.outcome == "pending"]


def look(workspace: Workspace, plan: Plan) -> State:
    """Survey a workspace and judge its clips; decodes and writes nothing."""
    items = list(survey(workspace, plan))
    return State(items, apply_policy(make_table(items), plan.pipeline.policy))


def measure(
    workspace: Workspace,
    plan: Plan,
    *,
    only: Sequence[str] = (),
    workers: int = 0,
    retry: bool = False,
    limits: Limits | None = None,
    observer: Observer | None = None,
) -> State:
    """Run whatever clip and corpus stages have left to do; the caller holds the workspace.

    ``only`` names items. Raises UsageError for an unknown item, AccessError for a full disk.
    """
    items = [item for item, _ in workspace.items()]
    unknown = set(only) - {item.item_id for item in items}
    if unknown:
        raise UsageError(f"no item {sorted(unknown)[0]!r}; `tthd status` lists the items")
    chosen = [item for item in items if not only or item.item_id in only]
    clips = [workspace.clip_of(item) for item in chosen]
    run(plan, clips, workspace, workers=workers, retry=retry, limits=limits, observer=observer)
    finish_corpus(workspace, plan, observer, retry=retry)
    state = look(workspace, plan)
    save_table(state.table, workspace)
    return state


def finish_corpus(
    workspace: Workspace,
    plan: Plan,
    observer: Observer | None = None,
    refit: str | None = None,
    retry: bool = False,
) -> None:
    """Run what corpus stages have left to do for all clips that came through the clip stages."""
    names = [step.name for step in plan.corpus]
    leaves = [leaf for state in survey(workspace, plan) for leaf in state.leaves]
    leaves = [leaf for leaf in leaves if leaf.state == "clip" or leaf.stage in names]
    missing = [leaf for leaf in leaves if leaf.state == "clip" and not is_complete(leaf.clip, plan)]
    again = [leaf for leaf in leaves if leaf.state == "failed" and retry]
    if refit is not None or missing or again:
        clips = [replace(leaf.clip, reason=None, numbers={}) for leaf in leaves]
        corrections = read_corrections(workspace, clips)
        clips = [amended(clip, corrections) for clip in clips]
        clips.sort(key=lambda clip: clip.id)
        run_corpus(plan, clips, workspace, (observer or Observer()).row, refit, retry)


def find_tier(name: str) -> Tier:
    """The tier of that name. Raises UsageError for an unknown one, suggesting the nearest."""
    from tthd_tools.rights import TIERS

    for tier in TIERS:
        if tier == name:
            return tier
    raise UsageError(f"no tier {name!r}{suggest(name, TIERS)}")


@dataclass(frozen=True)
class Built:
    """A release that was written, and the kept clips that it may not hold: how many, and why."""

    release: ReleaseSummary
    left_out: Mapping[str, int]


def build(
    workspace: Workspace,
    plan: Plan,
    state: State,
    standings: Standings,
    out: Path,
    progress: Progress,
    *,
    tier: Tier = "internal",
    require_review: bool = False,
    manifests: Path | None = None,
) -> Built:
    """Write the kept clips that ``tier`` may hold, with their corrections; unchanged shards stay.

    ``manifests`` is one more folder of submissions. Raises UsageError when no clip is kept;
    RefusedError when none of them may be in that tier, and for a wider one than internal where the
    manifests have changed since they were read.
    """
    from tthd_tools.shards import ReleaseFacts, Weights, write_release

    check_said(workspace, tier, manifests)
    kept = set(state.table.filter(state.table["keep"])["clip_id"].to_list())
    clips = [leaf.clip for item in state.items for leaf in item.clips if leaf.clip.id in kept]
    if not clips:
        _nothing_kept(state, standings)
    standing = {clip.id: standings.of(clip) for clip in clips}
    against = {
        name: objection(tier, one, require_review=require_review) for name, one in standing.items()
    }
    allowed = [clip for clip in clips if against[clip.id] is None]
    left_out = Counter(why for why in against.values() if why is not None)
    if not allowed:
        why, count = left_out.most_common(1)[0]
        raise RefusedError(
            f"none of the {len(clips)} kept clips may go into a release of tier {tier}: of {count} "
            f"of them, {why}; `tthd status --why CLIP` says all of one"
        )
    geometry = all(standing[clip.id].covers_face_geometry for clip in allowed)
    facts = ReleaseFacts(
        tier=tier,
        pipeline=plan.pipeline.name,
        profile=_profile(plan),
        weights=tuple(Weights(**one) for one in used_weights(plan)),
        face_geometry=tier != "internal" and geometry,
        require_review=require_review,
    )
    flags = {row["clip_id"]: row["flags"] for row in state.table.to_dicts()}
    make = _SampleMaker(workspace, plan, standings, tier)
    samples = [make(clip, standing[clip.id], flags[clip.id]) for clip in allowed]
    return Built(write_release(samples, out, facts=facts, progress=progress), dict(left_out))


@contextmanager
def tells_of_earlier(out: Path) -> Iterator[None]:
    """Adds to whatever ends a build that the folder of the release holds an earlier one.

    It may hold what must not go out any more, such as the clips of somebody who has withdrawn.
    """
    try:
        yield
    except TthdError as error:
        if (out / "data").is_dir():
            error.args = (
                f"{error}; {out} still holds an earlier build: remove it, since it may hold clips "
                "that may not go out any more",
            )
        raise


def _nothing_kept(state: State, standings: Standings) -> NoReturn:
    """Raises RefusedError where files are kept out for their rights, else UsageError."""
    refused = sum(one.item is None and is_of_rights(one.row.code) for one in state.items)
    if refused or standings.rights.seen.bytes:
        raise RefusedError(
            "no clip is left to release, since files are kept out for their rights; `tthd status` "
            "says why of each that is still there"
        )
    raise UsageError(
        "no clip is kept, so there is nothing to write; `tthd status` says why, "
        "`tthd select` what each rule costs"
    )


@dataclass(frozen=True)
class _SampleMaker:
    """Makes samples of clips, as reviewers have corrected them."""

    workspace: Workspace
    plan: Plan
    standings: Standings
    tier: Tier

    def __call__(self, clip: Clip, standing: Standing, flags: Sequence[str]) -> Sample:
        from tthd_tools.shards import sample_of
        from tthd_tools.shards.trim import trimmed

        corrections = self.standings.review(clip).corrections
        piece = replace(clip, item=corrected(clip.item, corrections))
        if "trim_s" in corrections:
            piece = trimmed(piece, corrections["trim_s"], _encode(self.plan), self._folder(clip))
        return sample_of(
            piece,
            tier=self.tier,
            standing=standing,
            consent=self.standings.consent(clip.item),
            corrected=list(corrections),
            flags=flags,
        )

    def _folder(self, clip: Clip) -> Callable[[str], Path]:
        return lambda name: self.workspace.clips / clip.id / name


def used_weights(plan: Plan) -> list[dict[str, str]]:
    """Name, licence and sha256 of every weight file that the plan's engines use, by name."""
    from tthd_tools.weights import CATALOGUE

    used = {value for step in (*plan.steps, *plan.corpus) for value in step.facts.values()}
    return [
        {"name": one.name, "license": one.licence, "sha256": one.sha256}
        for one in sorted(CATALOGUE, key=lambda one: one.name)
        if one.sha256 in used
    ]


def _encode(plan: Plan) -> ClipStage:
    for step in plan.steps:
        if step.name == "encode" and isinstance(step.stage, ClipStage):
            return step.stage
    raise UsageError("the pipeline has no stage `encode`, so there is nothing to put into shards")


def _profile(plan: Plan) -> str:
    return str(_encode(plan).model_dump()["profile"])
