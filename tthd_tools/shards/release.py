"""What a release says about itself: the typed contents of ``shards.json`` and ``SHA256SUMS``."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tthd_tools.errors import UsageError
from tthd_tools.rights import Standing, Tier, objection
from tthd_tools.shards.sample import FORMAT, LANDMARKS, REQUIRED

SHARDS = "shards.json"
INDEX = "index/clips.parquet"
SUMS = "SHA256SUMS"
DATA = "data"
SPLIT = re.compile(r"[a-z][a-z0-9_]*")
_SHARD_PATH = r"^data/(?P<split>[a-z][a-z0-9_]*)/tthd-[a-z][a-z0-9_]*-\d\d(-\d\d+)?\.tar$"
_SHA256 = r"^[0-9a-f]{64}$"
MAX_LIST_BYTES = 256 << 20


class Record(BaseModel):
    """A frozen record that knows no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Weights(Record):
    """Model weights that took part in measuring, and what their licence allows."""

    name: str
    license: str
    sha256: str


class ReleaseFacts(Record):
    """Who may have a release, and what made it.

    ``face_geometry`` adds landmarks to a tier wider than ``internal``: every item's consent must
    cover them. An internal release always has them; with ``require_review`` it holds accepted clips
    alone, as every wider one does.
    """

    tier: Tier = "internal"
    project: str = "tthd"
    version: str = "0.0.0"
    pipeline: str = "tthd"
    profile: str = "sd512"
    weights: tuple[Weights, ...] = ()
    face_geometry: bool = False
    require_review: bool = False

    @property
    def members(self) -> tuple[str, ...]:
        """The members of every sample, in order."""
        with_landmarks = self.tier == "internal" or self.face_geometry
        return (*REQUIRED, LANDMARKS) if with_landmarks else REQUIRED


class ShardEntry(Record):
    """One tar of a release. ``content`` is a digest of what was planned to be in it."""

    path: str = Field(pattern=_SHARD_PATH)
    split: str
    bucket: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=_SHA256)
    samples: int = Field(ge=0)
    seconds: float = Field(ge=0)
    content: str = Field(pattern=_SHA256)


class Release(Record):
    """The contents of ``shards.json``."""

    format: Literal[1] = FORMAT
    release: ReleaseFacts
    members: tuple[str, ...]
    samples: int
    seconds: float
    shards: tuple[ShardEntry, ...]


def tier_objection(standing: Standing, facts: ReleaseFacts) -> str | None:
    """Why a sample that stands so may not be in a release; None if it may."""
    return objection(
        facts.tier,
        standing,
        require_review=facts.require_review,
        face_geometry=facts.face_geometry,
    )


def read_release(folder: Path) -> Release:
    """What ``shards.json`` says. Raises UsageError where there is none, or it is not ours."""
    path = folder / SHARDS
    try:
        if path.stat().st_size > MAX_LIST_BYTES or not path.is_file():
            raise UsageError(f"{path} cannot be the list of a release: too large, or no file")
        return Release.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{folder} is no release: {SHARDS} cannot be read ({error.strerror}); "
            "make one with `tthd build-shards --out DIR`"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise UsageError(f"{path} is not a list of shards: {where}: {first['msg']}") from error


def files(folder: Path) -> Iterator[str]:
    """Paths of all files below a release, with ``/``, sorted; links are listed, never followed."""
    found: list[str] = []
    for where, _, names in os.walk(folder):
        found += [(Path(where) / name).relative_to(folder).as_posix() for name in names]
        found += [
            path.relative_to(folder).as_posix()
            for path in Path(where).iterdir()
            if path.is_symlink() and path.is_dir()
        ]
    yield from sorted(found)


def is_plain(path: Path) -> bool:
    """Whether it is a file, neither a link nor anything that could block or lead elsewhere."""
    return path.is_file() and not path.is_symlink()


def sha256_of(path: Path) -> str:
    """Hash of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def format_sums(sums: Mapping[str, str]) -> str:
    """Lines that ``sha256sum -c`` takes, sorted by path.

    Raises UsageError for a name that a line cannot hold.
    """
    for path in sums:
        if not path.isprintable() or "\\" in path:
            raise UsageError(
                f"{path!r} in the release cannot be listed in {SUMS}: rename it without "
                "line breaks, backslashes and unprintable characters"
            )
    return "".join(f"{sums[path]}  {path}\n" for path in sorted(sums))


def read_sums(folder: Path) -> dict[str, str]:
    """Path → sha256 of ``SHA256SUMS``. Raises ValueError with what is wrong, OSError if absent."""
    path = folder / SUMS
    if path.stat().st_size > MAX_LIST_BYTES:
        raise ValueError("it is too large")
    sums: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        matched = re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line)
        if not matched or matched[2] in sums:
            raise ValueError(f"line {number} is not 'SHA256  PATH', or names a path twice")
        sums[matched[2]] = matched[1]
    return sums
