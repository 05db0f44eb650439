"""From a backend's name, or ``auto``, to the engine that will run: its versions and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

from tthd_tools import weights
from tthd_tools.errors import UsageError
from tthd_tools.extras import install_command


@dataclass(frozen=True)
class Engine:
    """What one engine of a seam needs: distributions by import name, weights by name.

    ``extra``: the optional group that brings the distributions; None for what core has.
    """

    name: str
    packages: dict[str, str]  # import name: distribution
    weights: tuple[str, ...] = ()
    extra: str | None = None


@dataclass(frozen=True)
class Resolved:
    """The engine that will run, everything its numbers depend on, and why it was chosen."""

    name: str
    packages: dict[str, str]  # distribution: version
    weights: dict[str, str]  # name: sha256
    licence: str
    why: str

    def facts(self, seam: str) -> dict[str, str]:
        """What enters the fingerprint of a stage that uses this engine as its ``seam``."""
        return (
            {seam: self.name}
            | {f"{seam} package {name}": found for name, found in self.packages.items()}
            | {f"{seam} weights {name}": sha256 for name, sha256 in self.weights.items()}
        )


def resolve_engine(seam: str, engines: Sequence[Engine], backend: str) -> Resolved:
    """Choose among ``engines``, the best first, without loading one; ``seam`` is for the reader.

    ``auto`` takes the first that is present and free; weights out of a wheel are fetched if absent.
    Raises UsageError for an unknown name or a missing extra, WeightsError for missing weights.
    """
    passed_over: list[str] = []
    for engine in engines:
        if engine.name == backend:
            return _named(engine)
        reason = _absent(engine)
        if backend == "auto" and reason is None:
            return _described(engine, "; ".join(["the best that is here", *passed_over]))
        passed_over.append(f"{engine.name} passed over: {reason}")
    if backend == "auto":
        install = "; ".join(
            dict.fromkeys(install_command(one.extra) for one in engines if one.extra)
        )
        raise UsageError(f"no {seam} can run here ({'; '.join(passed_over)}); {install}")
    names = ", ".join(["auto", *(engine.name for engine in engines)])
    raise UsageError(f"no {seam} is called {backend!r}; choose one of {names}")


def _absent(engine: Engine) -> str | None:
    """Why ``auto`` may not take this engine, or None."""
    for module in engine.packages:
        if find_spec(module) is None:
            return f"{module} is not installed"
    for name in engine.weights:
        weight = weights.lookup(name)
        if not weight.free:
            return f"{weight.file_name} is not free ({weight.licence})"
        if weight.wheel is None and weights.find(name) is None:
            return f"{weight.file_name} is not on this machine"
    return None


def _named(engine: Engine) -> Resolved:
    for module in engine.packages:
        if find_spec(module) is None:
            install = install_command(engine.extra) if engine.extra else "install it"
            raise UsageError(
                f"the {engine.name} backend needs {module}, which is not installed; {install}"
            )
    return _described(engine, "named")


def _described(engine: Engine, why: str) -> Resolved:
    for name in engine.weights:
        weights.require(name)
    return Resolved(
        name=engine.name,
        packages={name: version(name) for name in engine.packages.values()},
        weights={name: weights.lookup(name).sha256 for name in engine.weights},
        licence="; ".join(weights.lookup(name).licence for name in engine.weights),
        why=why,
    )
