"""Corpus stages: all measured clips go in, their fits and parts go into the workspace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tthd_tools.clip import Clip
from tthd_tools.execute import failure
from tthd_tools.ledger import Child, Row
from tthd_tools.pipeline import Plan, Step, digest
from tthd_tools.stage import CorpusStage, Fit
from tthd_tools.workspace import Workspace, canonical_json, storage_errors, write_atomically


class Fitted(NamedTuple):
    """A fit with its id and the folder of its arrays; the empty fit has the id ``""``."""

    fit_id: str
    fit: Fit
    folder: Path


def run_corpus(
    plan: Plan,
    clips: Sequence[Clip],
    workspace: Workspace,
    on_row: Callable[[Row], None] = lambda row: None,
    refit: str | None = None,
    retry: bool = False,
) -> None:
    """Do what is missing of each corpus stage for all clips, which are sorted by id.

    A clip that fails or ends in one stage goes no further. A fit is made on first need and kept;
    ``refit`` names the stage whose fit is made anew. ``retry``: clips that failed are tried again.
    """
    for step in plan.corpus:
        stage = _corpus_stage(step)
        ready = with_neighbours(step, clips)
        known = {clip.id: _known(clip, step, workspace) for clip in ready}
        missing = [clip for clip in ready if _is_missing(known[clip.id], retry)]
        if missing or refit == step.name:
            stage.setup()
            fitted = _fitted(step, ready, workspace, anew=refit == step.name)
            todo = ready if refit == step.name else missing
            rows = [_process(step, clip, fitted, workspace.root) for clip in todo]
            workspace.record(rows)
            for row in rows:
                on_row(row)
        grown = {clip.id: _grown(clip, step, workspace) for clip in ready}
        clips = [grown.get(clip.id, clip) for clip in clips]
        clips = [clip for clip in clips if corpus_failure(clip, workspace, plan) is None]


def with_corpus_parts(clips: Sequence[Clip], workspace: Workspace, plan: Plan) -> list[Clip]:
    """The clips of one item with the parts of corpus stages that the ledger knows."""
    found = {clip.id: clip for clip in clips}
    for step in plan.corpus:
        standing = [
            clip for clip in found.values() if corpus_failure(clip, workspace, plan) is None
        ]
        found |= {
            clip.id: _grown(clip, step, workspace) for clip in with_neighbours(step, standing)
        }
    return list(found.values())


def with_neighbours(step: Step, clips: Sequence[Clip]) -> list[Clip]:
    """The clips that a corpus stage can take, with those beside each where it asks for them."""
    stage = _corpus_stage(step)
    ready = [clip for clip in clips if all(clip.has(part) for part in stage.inputs)]
    if not stage.beside:
        return ready
    of_item: dict[str, list[Clip]] = {}
    for clip in ready:
        of_item.setdefault(clip.item.item_id, []).append(clip)
    return [
        replace(clip, beside=tuple(_sharing_time(clip, of_item[clip.item.item_id])))
        for clip in ready
    ]


def _sharing_time(clip: Clip, clips: Sequence[Clip]) -> Iterator[Clip]:
    """Scenes lie one after the other, so clips of an item at the same time are of one scene."""
    for other in clips:
        overlap_s = min(clip.span.end_s, other.span.end_s) - max(
            clip.span.start_s, other.span.start_s
        )
        if other.id != clip.id and overlap_s > 0:
            yield other


def corpus_failure(clip: Clip, workspace: Workspace, plan: Plan) -> Row | None:
    """The row of the first corpus stage that failed on this clip or ended it."""
    for step in plan.corpus:
        fingerprint = clip.fingerprints.get(step.name)
        row = workspace.ledger.get((clip.id, step.name, fingerprint)) if fingerprint else None
        if row is not None and row.outcome != "ok":
            return row
    return None


def is_complete(clip: Clip, plan: Plan) -> bool:
    """Whether every corpus stage that can has looked at this clip."""
    return all(
        step.name in clip.fingerprints
        for step in plan.corpus
        if all(clip.has(part) for part in step.stage.inputs)
    )


def _corpus_stage(step: Step) -> CorpusStage:
    if not isinstance(step.stage, CorpusStage):
        raise TypeError(f"{step.name} is no corpus stage")
    return step.stage


def _fingerprint(clip: Clip, step: Step, fit_id: str) -> str:
    """The step's own; of a clip among others it depends on what was measured of them, too."""
    own = step.fingerprint(clip, fit_id)
    return (
        digest([own, *(step.fingerprint(one, fit_id) for one in clip.beside)])
        if clip.beside
        else own
    )


def _known(clip: Clip, step: Step, workspace: Workspace) -> Row | None:
    current = _current(step, workspace)
    return workspace.ledger.get((clip.id, step.name, _fingerprint(clip, step, current)))


def _grown(clip: Clip, step: Step, workspace: Workspace) -> Clip:
    row = _known(clip, step, workspace)
    clip = replace(clip, beside=())
    if row is None:
        return clip
    clip = replace(clip, fingerprints={**clip.fingerprints, step.name: row.fingerprint})
    part = row.children[0].part if row.outcome == "ok" else None
    return clip if part is None else clip.with_part(step.stage.provides.model_validate(part))


def _is_missing(row: Row | None, retry: bool) -> bool:
    return row is None or (retry and row.outcome == "failed")


def _process(step: Step, clip: Clip, fitted: Fitted, root: Path) -> Row:
    row = Row(
        id=clip.id,
        item_id=clip.item.item_id,
        stage=step.name,
        fingerprint=_fingerprint(clip, step, fitted.fit_id),
        outcome="ok",
        span_s=clip.span.duration_s,
    )
    try:
        done = _corpus_stage(step).process(clip, fitted.fit, fitted.folder)
        part = done.part(step.stage.provides).model_dump(mode="json")
    except Exception as error:  # recorded with its reason; the other clips go on
        return failure(row, error, clip, root)
    return replace(row, children=(Child("", clip.level, *clip.span, part),))


def _options(step: Step) -> str:
    return digest([step.stage.version, step.stage.model_dump(mode="json"), dict(step.facts)])


def _marker(step: Step, workspace: Workspace) -> Path:
    return workspace.fits / step.name / "current.json"


def _current(step: Step, workspace: Workspace) -> str:
    """Id of the fit in use, or "" where there is none for these options."""
    marker = _marker(step, workspace)
    if not marker.is_file():
        return ""
    facts = json.loads(marker.read_text(encoding="utf-8"))
    fit_id = str(facts["fit_id"])
    is_there = (marker.parent / fit_id / "fit.json").is_file()
    return fit_id if is_there and facts["options"] == _options(step) else ""


def _fitted(step: Step, clips: Sequence[Clip], workspace: Workspace, *, anew: bool) -> Fitted:
    stage = _corpus_stage(step)
    fit_type = type(stage).fit_type
    if fit_type is Fit:
        return Fitted("", Fit(), workspace.fits)
    fit_id = _current(step, workspace)
    folder = workspace.fits / step.name / fit_id
    if fit_id and not anew:
        text = (folder / "fit.json").read_text(encoding="utf-8")
        return Fitted(fit_id, fit_type.model_validate_json(text), folder)
    with storage_errors(workspace.fits):
        temporary = workspace.tmp / f"fit.{step.name}"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        fit = stage.fit(clips, temporary)
        write_atomically(temporary / "fit.json", canonical_json(fit.model_dump(mode="json")))
        facts = [_options(step), [[one.id, dict(one.fingerprints)] for one in clips]]
        fit_id = digest(facts)[:16]
        folder = workspace.fits / step.name / fit_id
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            temporary.rename(folder)
        marker = {"fit_id": fit_id, "options": _options(step), "clips": len(clips)}
        write_atomically(_marker(step, workspace), canonical_json(marker))
    return Fitted(fit_id, fit, folder)
