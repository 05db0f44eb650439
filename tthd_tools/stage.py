"""What a stage is: clip stages see pixels and sound, corpus stages all clips' numbers."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from tthd_tools.clip import Clip, ClipFrame, Part
from tthd_tools.errors import Reject, StageError
from tthd_tools.reel import Reel

if TYPE_CHECKING:
    from tthd_tools.media import Frame

T = TypeVar("T")
Watch = Generator[None, ClipFrame | None, Clip]
"""A coroutine that is sent every frame of a clip, then ``None``; it returns the measured clip."""
Follow = Generator[None, ClipFrame | None, list[Clip]]
"""As ``Watch``, over a clip whose end is not known before its last frame; it returns children."""


class Stage(BaseModel):
    """Options of one stage, as written in the pipeline file, and its facts as class variables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requires: ClassVar[tuple[type[Part], ...]] = ()
    provides: ClassVar[type[Part]]
    reads: ClassVar[tuple[str, ...]] = ()
    """Item fields that the outcome depends on."""
    version: ClassVar[int] = 1
    extra: ClassVar[str | None] = None
    """Optional dependency group that it needs: ``pip install 'tthd-tools[extra]'``."""

    @property
    def name(self) -> str:
        """The stage's name: that of its file."""
        return type(self).__module__.rsplit(".", 1)[-1]

    @property
    def inputs(self) -> tuple[type[Part], ...]:
        """The parts that it takes: ``requires``, and what its options ask for besides."""
        return self.requires

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Settle ``backend: auto`` before the run.

        Returns the stage with every choice made, and the facts that identify the engines (name,
        package version, weights' sha256), which enter the fingerprint.
        Raises UsageError or WeightsError where a named engine cannot run here.
        """
        return self, {}

    def setup(self) -> None:
        """Load what is heavy; called once in each worker before the first clip."""


class ClipStage(Stage):
    """A stage that measures one clip at a time.

    Override ``watch`` if it looks at each frame once, in order: neighbouring stages then share one
    decode. Override ``process`` otherwise. Files go into ``folder``, those of a child into
    ``folder / child.id``; they are renamed into place when the stage is done.

    A stage that divides a clip while it reads it, and leaves no files, overrides ``unroll``; one
    that makes children of what comes of it, ``follow``: such neighbours share one decode too.
    """

    level: ClassVar[str] = "clip"
    """The level of the clips that it takes: ``item``, ``scene`` or ``clip``."""

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Yield the clip with its part; or several children; or raise Reject or StageError."""
        if self.unrolls:
            yield from (one for one in self.unroll(clip) if isinstance(one, Clip))
        elif self.follows:
            (followed,) = share_frames(clip, [self.follow(Reel.of(clip), folder)])
            yield from followed.result()
        else:
            (watched,) = share_frames(clip, [self.watch(clip, folder)])
            yield watched.result()

    def watch(self, clip: Clip, folder: Path) -> Watch:
        """Look at each frame once: ``while (frame := (yield)) is not None: ...; return clip``."""
        raise TypeError(f"stage {self.name} overrides no way to measure")
        yield

    def unroll(self, clip: Clip) -> Iterator[Clip | Frame]:
        """Yield the children in order of time, each after the source frames that it consists of.

        No frame is held back for longer than it takes to see that no child ends before it.
        """
        raise TypeError(f"stage {self.name} does not override unroll")

    def follow(self, reel: Reel, folder: Path) -> Follow:
        """Look at each frame once, as ``watch``; ``reel.clip`` is there after the last one."""
        raise TypeError(f"stage {self.name} does not override follow")
        yield

    @property
    def shares_frames(self) -> bool:
        """Whether it can share a decode with its neighbours."""
        return type(self).watch is not ClipStage.watch

    @property
    def unrolls(self) -> bool:
        """Whether it can hand on the frames of its children while it makes them."""
        return type(self).unroll is not ClipStage.unroll

    @property
    def follows(self) -> bool:
        """Whether it can look at a clip whose end is not known yet."""
        return type(self).follow is not ClipStage.follow


@dataclass
class Watched(Generic[T]):
    """What one of several stages made of a clip, and the seconds it took by itself."""

    outcome: T | Exception
    seconds: float

    def result(self) -> T:
        """What it made. Raises what it raised."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def share_frames(
    clip: Clip | Reel, watches: Sequence[Generator[None, ClipFrame | None, T]]
) -> list[Watched[T]]:
    """Decode a clip once for several stages; one that fails leaves the others undisturbed.

    Returns, in the order of ``watches``, what each returned, or what it raised.
    Raises MediaError when the source itself cannot be decoded.
    """
    seconds = [0.0] * len(watches)
    outcomes: dict[int, T | Exception] = {}

    def step(index: int, frame: ClipFrame | None, *, first: bool = False) -> None:
        began = time.perf_counter()
        try:
            _ = next(watches[index]) if first else watches[index].send(frame)
        except StopIteration as stop:
            outcomes[index] = stop.value
        except Exception as error:  # what it means is the caller's business
            outcomes[index] = error
        seconds[index] += time.perf_counter() - began

    try:
        for index in range(len(watches)):
            step(index, None, first=True)
        for frame in clip.frames():
            if len(outcomes) == len(watches):
                break
            for index in range(len(watches)):
                if index not in outcomes:
                    step(index, frame)
        for index in range(len(watches)):
            if index not in outcomes:
                step(index, None)
                outcomes.setdefault(index, RuntimeError("it goes on after the last frame"))
    finally:
        for watch in watches:  # whatever it holds open is given back
            with suppress(Exception):
                watch.close()
    return [Watched(outcomes[index], seconds[index]) for index in range(len(watches))]


def share_children(
    clip: Clip, lead: ClipStage, follower: ClipStage, folder_of: Callable[[int], Path]
) -> Iterator[tuple[Clip, Watched[list[Clip]] | None]]:
    """Decode a clip once for a stage that divides it and one that makes children of the pieces.

    Yields each piece, and what the follower made of it in ``folder_of`` its number; None for one
    without frames. Raises what ``lead`` raises.
    """
    events, count = iter(lead.unroll(clip)), 0
    for event in events:
        if isinstance(event, Clip):
            yield event, None
            continue
        reel = Reel(clip, event, events)
        (followed,) = share_frames(reel, [follower.follow(reel, folder_of(count))])
        yield reel.wound(), followed
        count += 1


class Fit(BaseModel):
    """What a corpus stage has learned from all clips; empty for a method that learns nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CorpusStage(Stage):
    """A stage that sees all clips together: their parts and features, never pixels.

    ``fit_type`` is the class of what ``fit`` returns; ``Fit`` itself is the empty fit. With
    ``beside`` the clip that ``process`` gets holds those of its scene that it shares time with,
    and is judged anew when they change.
    """

    fit_type: ClassVar[type[Fit]] = Fit
    beside: ClassVar[bool] = False

    def fit(self, clips: Iterable[Clip], folder: Path) -> Fit:
        """Learn from all clips, sorted by id; larger arrays go into ``folder``. Deterministic."""
        return Fit()

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        """The clip with this stage's part. ``folder`` is where ``fit`` left its arrays."""
        raise TypeError(f"corpus stage {self.name} does not override process")


def stage_class(name: str) -> type[Stage]:
    """The stage in ``tthd_tools/stages/<name>.py``. Raises KeyError where there is none."""
    import importlib

    if name not in stage_names():
        raise KeyError(name)
    module = importlib.import_module(f"tthd_tools.stages.{name}")
    found = [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Stage) and kind.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must hold exactly one stage, has {len(found)}")
    return found[0]


def stage_names() -> list[str]:
    """Names of all stages there are, from their files."""
    folder = Path(__file__).parent / "stages"
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def part_columns(kind: type[Part]) -> Mapping[str, Any]:
    """Column names of a part and the types of their values."""
    return {f"{kind.stage}_{name}": info.annotation for name, info in kind.model_fields.items()}


__all__ = [
    "ClipStage",
    "CorpusStage",
    "Fit",
    "Follow",
    "Reel",
    "Reject",
    "Stage",
    "StageError",
    "Watch",
    "part_columns",
    "share_children",
    "share_frames",
    "stage_class",
    "stage_names",
]
