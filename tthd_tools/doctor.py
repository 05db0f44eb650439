"""What this machine has and what it lacks: nothing goes in, findings with commands come out."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from tthd_tools.extras import install_command

Status = Literal["ok", "missing", "broken"]

CORE = ("av", "ai-edge-litert", "opencv-python", "scenedetect", "polars", "webdataset")
ENABLES = {
    "faces": "478 points, blendshapes, SCRFD boxes",
    "tibetan": "Wylie: tthd text to-wylie, from-wylie",
    "review": "tthd review serve (export needs nothing)",
    "speech": "voice activity by Silero",
    "speaker": "the active speaker by Light-ASD or LR-ASD",
    "emotion": "emotion from the face by a network",
    "ctc": "forced alignment by CTC models",
}
"""What an extra adds; of the others that are declared, nothing is used yet."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; ``command`` is what to type where it is not there."""

    name: str
    status: Status
    detail: str
    command: str = ""
    needed: bool = False


def examine(work: Path) -> list[Check]:
    """Look at packages, weights, the machine and the disk; loads OpenCV, fetches nothing."""
    return [_python(), *_core(), _opencv(), *_extras(), *_weights(), _machine(), _space(work)]


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Check("python", "ok" if good else "broken", found, "install Python 3.11 to 3.13", True)


def _core() -> list[Check]:
    install = "python -m pip install tthd-tools"
    return [
        Check(name, "ok", found, needed=True)
        if (found := _version(name))
        else Check(name, "missing", "part of the core", install, True)
        for name in CORE
    ]


def _opencv() -> Check:
    try:
        import cv2
    except ImportError as error:
        libraries = "apt-get install libgl1 libglib2.0-0"
        return Check("import cv2", "broken", str(error), libraries, True)
    return Check("import cv2", "ok", cv2.__version__, needed=True)


def _extras() -> list[Check]:
    checks = []
    for extra, packages in _declared().items():
        absent = [name for name in packages if not _version(name)]
        enables = ENABLES.get(extra)
        detail = enables or "nothing uses it yet"
        if absent:
            detail = f"without {', '.join(absent)}{': no' if enables else ';'} {detail}"
        status: Status = "missing" if absent else "ok"
        checks.append(Check(f"extra {extra}", status, detail, install_command(extra)))
    return checks


def _declared() -> dict[str, list[str]]:
    """The packages of each extra but ``dev``, as the installed distribution names them."""
    try:
        lines = requires("tthd-tools") or []
    except PackageNotFoundError:
        lines = []
    extras: dict[str, list[str]] = {}
    for line in lines:
        found = re.match(r"([\w.-]+).*;.*\bextra == ['\"]([\w-]+)['\"]", line)
        if found and found[2] != "dev":
            extras.setdefault(found[2], []).append(found[1])
    return extras


def _weights() -> list[Check]:
    from tthd_tools.weights import CATALOGUE, find

    return [
        Check(
            f"weights {one.name}",
            "ok" if find(one.name) else "missing",
            f"{one.enables} ({one.licence})",
            one.how_to_get,
        )
        for one in CATALOGUE
    ]


def _machine() -> Check:
    from tthd_tools.runner import usable_cores

    cores = usable_cores()
    return Check("processor", "ok", f"{cores} cores, a worker process on each (see --workers)")


def _space(work: Path) -> Check:
    from tthd_tools.errors import UsageError
    from tthd_tools.videos import estimate_bytes
    from tthd_tools.workspace import Workspace

    try:
        workspace = Workspace(work)
        seconds = sum(item.duration_s for item, _ in workspace.items())
    except UsageError:
        seconds = 0.0
    need = estimate_bytes(seconds, work)
    wanted = need["work_bytes"] + need["release_bytes"]
    have = sum(path.stat().st_size for path in work.rglob("*") if path.is_file())
    detail = (
        f"{need['free_bytes'] / 1e9:.1f} GB free; {work} holds {have / 1e9:.2f} GB, and with its "
        f"shards takes about {wanted / 1e9:.2f} GB when all is measured"
    )
    enough = need["free_bytes"] > max(0, wanted - have)
    return Check("disk", "ok" if enough else "broken", detail, "tthd gc")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
