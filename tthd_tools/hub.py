"""A repository of the model hub comes in; the folder with its files on this machine goes out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tthd_tools.errors import UsageError, WeightsError
from tthd_tools.extras import install_command

UNTRAINED = ("masked_spec_embed",)
"""Weights that only training uses; some published files leave them out."""


def require_transformers(what: str) -> None:
    """Raise UsageError where torch or transformers is not installed; ``what`` needs them."""
    for package in ("torch", "transformers"):
        if find_spec(package) is None:
            raise UsageError(
                f"{what} need {package}, which is not installed; {install_command('ctc')}"
            )


def find_snapshot(repository: str, *, download: bool = False) -> Path | None:
    """The folder of a repository's files in the hub's cache; None where there is none.

    Nothing is fetched unless ``download`` says so and ``TTHD_OFFLINE`` does not forbid it.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    offline = os.environ.get("TTHD_OFFLINE", "0") not in ("", "0")
    try:
        folder = snapshot_download(repository, local_files_only=offline or not download)
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError):
        return None
    return Path(folder) if (Path(folder) / "config.json").is_file() else None


def is_snapshot(folder: Path) -> bool:
    """Whether a folder is one of the hub's cache, whose files never change."""
    return folder.parent.name == "snapshots"


def facts_of(role: str, name: str, folder: Path, files: Sequence[Path]) -> dict[str, str]:
    """What the numbers of a model of transformers depend on, each fact beginning with its role.

    Raises WeightsError where the folder holds no such model.
    """
    if not (folder / "config.json").is_file() or not files:
        raise WeightsError(
            f"{folder} holds no model of transformers (config.json with model.safetensors or "
            "pytorch_model.bin); name the folder that save_pretrained has written"
        )
    facts = {role: name} | {
        f"{role} package {one}": version(one) for one in ("torch", "transformers")
    }
    facts |= {f"{role} revision": folder.name} if is_snapshot(folder) else {}
    for one in files:
        status = one.stat()
        facts[f"{role} weights {one.name}"] = _sha256(one, status.st_size, status.st_mtime_ns)
    return facts


def weight_files(folder: Path) -> list[Path]:
    """The weights in a folder, those of safetensors where there are any."""
    return sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))


def open_network(auto: Any, folder: Path, what: str, **options: Any) -> tuple[Any, list[str]]:
    """A network by a class of transformers such as ``AutoModelForCTC``, and the weights it lacks.

    Nothing is fetched, and no code out of its folder is run. Raises WeightsError where the folder
    holds no ``what``.
    """
    from safetensors import SafetensorError

    try:
        network, report = auto.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=any(folder.glob("*.safetensors")),
            weights_only=True,
            output_loading_info=True,
            **options,
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise unusable(folder, what, error) from error
    missing = sorted(one for one in report["missing_keys"] if not one.endswith(UNTRAINED))
    return network.eval(), missing


def unusable(folder: Path, what: str, error: Exception) -> WeightsError:
    """What to say of files that cannot be read as ``what``."""
    problem = " ".join(str(error).split())[:200]
    return WeightsError(f"{folder} cannot be used as {what}: {problem}; fetch its files again")


@lru_cache(maxsize=64)
def _sha256(path: Path, size_bytes: int, mtime_ns: int) -> str:
    """Hash a file once per process; size and time are in the key, a changed file is read again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
