"""Films of a second and stages that do as they are told, importable in worker processes."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tthd_tools import runner
from tthd_tools.clip import Clip, Part, Span
from tthd_tools.errors import AccessError, MediaError, Reject, StageError
from tthd_tools.ingest import ingest
from tthd_tools.ledger import Row
from tthd_tools.media.mux import write_movie
from tthd_tools.pipeline import Pipeline, Plan, Rule, make_plan
from tthd_tools.runner import Limits, Observer, run
from tthd_tools.stage import ClipStage, CorpusStage, Fit, Watch
from tthd_tools.workspace import Workspace

ROOT = Path(__file__).parent.parent
FRAMES = 24


def film(path: Path, level: int, frames: int = FRAMES) -> Path:
    """A silent film at 25 fps, 64 × 48, that gets brighter from ``level`` on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = (np.full((48, 64, 3), level + 2 * k, np.uint8) for k in range(frames))
    write_movie(path, pictures, [k / 25 for k in range(frames)])
    return path


def make_workspace(folder: Path, films: int = 3) -> Workspace:
    """A workspace ``folder/work`` with so many films registered."""
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    for number in range(films):
        path = folder / "raw" / f"film{number}.mp4"
        if not path.exists():
            film(path, 20 + 15 * number)
    workspace = Workspace.create(folder / "work", folder / "raw")
    if any((folder / "raw").iterdir()):
        with workspace.writing():
            ingest(workspace)
    return workspace


def roots(workspace: Workspace) -> list[Clip]:
    """The items as the runner takes them."""
    return [workspace.clip_of(item) for item, _ in workspace.items()]


class PiecesPart(Part):
    stage: ClassVar[str] = "pieces"
    index: int


class Pieces(ClipStage):
    """Divides an item into clips of equal length."""

    provides: ClassVar[type[Part]] = PiecesPart
    level: ClassVar[str] = "item"
    count: int = 2
    ended: int = 0
    """So many more pieces end at once."""

    @property
    def name(self) -> str:
        return "pieces"

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        length_s = clip.span.duration_s / (self.count + self.ended)
        for k in range(self.count + self.ended):
            span = Span(k * length_s, (k + 1) * length_s)
            if k < self.ended:
                yield clip.ended(f"{k:03d}", span, "short_track", face_px=np.float32(7.5))
            else:
                (folder / f"{k:03d}").mkdir()
                (folder / f"{k:03d}" / "name.txt").write_text(f"{clip.item.path} {k}\n")
                yield clip.child(f"{k:03d}", "clip", span, PiecesPart(index=k))


class LumaPart(Part):
    stage: ClassVar[str] = "luma"
    mean: float


class Luma(ClipStage):
    """Measures brightness; ``reads`` the language for no good reason."""

    requires: ClassVar[tuple[type[Part], ...]] = (PiecesPart,)
    provides: ClassVar[type[Part]] = LumaPart
    reads: ClassVar[tuple[str, ...]] = ("language",)
    gain: float = 1.0

    @property
    def name(self) -> str:
        return "luma"

    def watch(self, clip: Clip, folder: Path) -> Watch:
        values = []
        while (frame := (yield)) is not None:
            values.append(float(frame.frame.luma(8, 6).mean()))
        (folder / "luma.txt").write_text("\n".join(f"{one:.2f}" for one in values))
        return clip.with_part(LumaPart(mean=round(self.gain * sum(values) / len(values), 3)))


class CountPart(Part):
    stage: ClassVar[str] = "count"
    frames: int


class Count(ClipStage):
    """Counts frames; shares the decode of ``luma``."""

    requires: ClassVar[tuple[type[Part], ...]] = (PiecesPart,)
    provides: ClassVar[type[Part]] = CountPart
    step: int = 1

    @property
    def name(self) -> str:
        return "count"

    def watch(self, clip: Clip, folder: Path) -> Watch:
        frames = 0
        while (yield) is not None:
            frames += self.step
        return clip.with_part(CountPart(frames=frames))


class TroublePart(Part):
    stage: ClassVar[str] = "trouble"
    size_bytes: int


class Trouble(ClipStage):
    """Writes a file slowly; does ``how`` on the clip whose id ends in ``at``.

    While the file ``calm`` exists nothing happens; each start is a line in ``log``.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (LumaPart,)
    provides: ClassVar[type[Part]] = TroublePart
    at: str = "?"
    how: str = ""
    calm: str = ""
    log: str = ""
    seconds: float = 0.0
    size_bytes: int = 1000

    @property
    def name(self) -> str:
        return "trouble"

    def setup(self) -> None:
        if self.how == "setup":
            raise ImportError("no module named engine")

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        if self.log:
            with Path(self.log).open("a") as log:
                log.write(f"{clip.id}\n")
        with (folder / "noise.bin").open("wb") as file:
            for _ in range(10):
                file.write(hashlib.sha256(clip.id.encode()).digest() * (self.size_bytes // 320))
                file.flush()
                time.sleep(self.seconds / 10)
        if clip.id.endswith(self.at) and not (self.calm and Path(self.calm).exists()):
            misbehave(self.how)
        yield clip.with_part(TroublePart(size_bytes=(folder / "noise.bin").stat().st_size))


def misbehave(how: str) -> None:
    """One of the ways in which a stage may end."""
    if how == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "exit":
        os._exit(7)
    elif how == "hang":
        time.sleep(600)
    elif how == "quit":
        raise SystemExit(5)
    errors = {
        "memory": MemoryError(),
        "bug": ZeroDivisionError("division by zero"),
        "surrogate": OSError(5, "Input/output error", "a\udcff.mp4"),
        "stage_error": StageError("the light went out", code="S010", reason="too_dark"),
        "media_error": MediaError("damaged at 0.4 s", code="S002"),
        "reject": Reject("no_face", frames=np.int64(12), share=np.float32(0.5), odd=float("nan")),
        "full": OSError(28, "No space left on device"),
        "denied": AccessError("'x' could not be written (permission denied): check the folder"),
    }
    if how in errors:
        raise errors[how]


class RankFit(Fit):
    brightest: float = 0.0


class RankPart(Part):
    stage: ClassVar[str] = "rank"
    share: float
    fit_id: str = ""


class Rank(CorpusStage):
    """Compares each clip with the brightest; may break on one, or while it learns."""

    requires: ClassVar[tuple[type[Part], ...]] = (LumaPart,)
    provides: ClassVar[type[Part]] = RankPart
    fit_type: ClassVar[type[Fit]] = RankFit
    at: str = "?"
    how: str = ""
    calm: str = ""
    scale: float = 1.0

    @property
    def name(self) -> str:
        return "rank"

    def fit(self, clips: Iterable[Clip], folder: Path) -> RankFit:
        values = [clip.part(LumaPart).mean for clip in clips]
        (folder / "values.txt").write_text(f"{values}\n")
        return RankFit(brightest=max(values, default=0.0))

    def process(self, clip: Clip, fit: Fit, folder: Path) -> Clip:
        assert isinstance(fit, RankFit)
        assert (folder / "values.txt").is_file()
        if clip.id.endswith(self.at) and not (self.calm and Path(self.calm).exists()):
            misbehave(self.how)
        share = self.scale * clip.part(LumaPart).mean / fit.brightest
        return clip.with_part(RankPart(share=round(share, 3), fit_id=folder.name))


def plan_of(*stages: Any, policy: Sequence[Rule] = ()) -> Plan:
    """A plan of these stages, clip stages and corpus stages apart."""
    return make_plan(
        Pipeline(
            "test",
            tuple(stage for stage in stages if isinstance(stage, ClipStage)),
            tuple(stage for stage in stages if isinstance(stage, CorpusStage)),
            tuple(policy),
        )
    )


class Seen(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.begun: list[str] = []
        self.done: list[str] = []

    def begin(self, clips: Sequence[Clip]) -> None:
        self.begun = [clip.id for clip in clips]

    def row(self, row: Row) -> None:
        self.rows.append(row)

    def item_done(self, clip: Clip) -> None:
        self.done.append(clip.id)

    @property
    def stages(self) -> dict[str, int]:
        """Rows of each stage."""
        names = [row.stage for row in self.rows]
        return {name: names.count(name) for name in sorted(set(names))}


def go(workspace: Workspace, *stages: Any, workers: int = 1, **options: Any) -> Seen:
    """Run stages on all items, and say what was done."""
    seen = Seen()
    with workspace.writing():
        run(
            plan_of(*stages),
            roots(workspace),
            workspace,
            workers=workers,
            observer=seen,
            **options,
        )
    return seen


def tree(folder: Path) -> dict[str, str]:
    """Path and sha256 of all files."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def story(workspace: Workspace) -> dict[Any, Any]:
    """What the ledger on disk says, without the times."""
    return {
        row.key: (row.outcome, row.reason, row.code, row.children, row.has_files)
        for row in Workspace(workspace.root).ledger
    }


def drive(work: str, seconds: float, workers: int, retry: bool) -> None:
    """Run slow stages on a workspace: the body of a process that will be killed."""
    runner.FLUSH_EVERY_S = 0.1
    stages = (Pieces(count=3), Luma(), Count(), Trouble(seconds=seconds))
    limits = Limits(base_s=60)
    go(Workspace(Path(work)), *stages, workers=workers, retry=retry, limits=limits)


def start_drive(workspace: Workspace, workers: int = 2, retry: bool = False) -> Any:
    """``drive`` in a process of its own."""
    code = f"from tests.acts import drive; drive({str(workspace.root)!r}, 0.2, {workers}, {retry})"
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)


def workers_of(pid: int) -> list[int]:
    """Process ids of the workers of a driver (Linux)."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in command:
            found.append(int(child))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def wait_until(condition: Any, seconds: float = 60.0) -> None:
    """Wait for something that will happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen")
        time.sleep(0.01)
