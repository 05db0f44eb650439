"""The name of a CTC model, or its folder, comes in; its files here and its rights go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tthd_tools.alignment.catalogue import CTC_MODELS, UNKNOWN, CtcModel
from tthd_tools.errors import UsageError, WeightsError
from tthd_tools.hub import facts_of, find_snapshot, is_snapshot, require_transformers, weight_files


@dataclass(frozen=True)
class ResolvedModel:
    """A model whose files are here: ``facts`` are what its numbers depend on."""

    name: str
    folder: Path
    licence: str
    entry: CtcModel | None
    facts: Mapping[str, str]


def lookup(name: str) -> CtcModel | None:
    """The catalogue's entry with that name or repository, or None."""
    return next((one for one in CTC_MODELS if name in (one.name, one.repository)), None)


def resolve_model(model: str, *, download: bool = False) -> ResolvedModel:
    """Find a model by name, repository or folder; nothing is fetched unless ``download`` says so.

    ``auto``: the first of ``CTC_MODELS`` that is free and here. Raises UsageError without the extra
    and for a model that transformers cannot load, WeightsError where its files are not here.
    """
    require_transformers("CTC emissions")
    if model == "auto":
        return _first_free()
    path = Path(model).expanduser()
    if path.is_dir():
        return _resolved(model, path, None)
    entry = lookup(model)
    if entry is not None and not entry.loads:
        raise UsageError(
            f"{entry.repository} is {entry.note}, which transformers cannot load; name a converted "
            "one: omnilingual-300m, omnilingual-300m-v2 or omnilingual-1b-v2"
        )
    repository = entry.repository if entry else model
    if repository.count("/") != 1:
        names = ", ".join(one.name for one in CTC_MODELS if one.loads)
        raise UsageError(f"{model!r} is no folder and no known CTC model; known are {names}")
    folder = find_snapshot(repository, download=download)
    if folder is None:
        licence = entry.licence if entry else UNKNOWN
        raise WeightsError(
            f"the CTC model {repository} (licence: {licence}) is not on this machine; fetch it "
            f"with `hf download {repository}`, or name the folder that holds it"
        )
    return _resolved(entry.name if entry else model, folder, entry)


def _first_free() -> ResolvedModel:
    for entry in CTC_MODELS:
        if entry.free and entry.loads:
            folder = find_snapshot(entry.repository)
            if folder is not None:
                return _resolved(entry.name, folder, entry)
    free = next(one for one in CTC_MODELS if one.free and one.loads)
    raise WeightsError(
        "no CTC model that is free to use is on this machine; fetch one with `hf download "
        f"{free.repository}` ({free.licence}), or name a model or its folder"
    )


def _resolved(name: str, folder: Path, entry: CtcModel | None) -> ResolvedModel:
    facts = facts_of("ctc", name, folder, _files(folder, adapters=not is_snapshot(folder)))
    return ResolvedModel(name, folder, entry.licence if entry else UNKNOWN, entry, facts)


def _files(folder: Path, *, adapters: bool) -> list[Path]:
    """What a model's numbers depend on: its weights, its small files, a language's adapters."""
    found = weight_files(folder)
    weights = [one for one in found if not one.name.startswith("adapter.")]
    if not weights:
        return []
    more = [one for one in found if adapters and one.name.startswith("adapter.")]
    return [*weights, *more, *sorted(folder.glob("*.json"))]
