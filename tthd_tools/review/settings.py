"""How a project reviews: the table ``[review]`` of ``tthd.toml`` comes in, its settings go out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tthd_tools.errors import UsageError
from tthd_tools.pipeline import suggest
from tthd_tools.review.events import HANDLE, person
from tthd_tools.workspace import storage_errors

FILE = "tthd.toml"
MAX_BYTES = 1 << 20
Handle = Annotated[str, Field(pattern=rf"^{HANDLE}$")]


class Reviewer(BaseModel):
    """What a reviewer can judge: ``dialects`` that they know, all where none is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    dialects: tuple[str, ...] = ()


class ReviewSettings(BaseModel):
    """How many votes decide, and who may do what.

    ``rights_vote``: a clip counts as accepted only where its whole item is, too. Events of
    adjudicators and maintainers count only for handles that are named here; a maintainer may do
    what an adjudicator may.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    min_votes: int = Field(2, ge=1, le=100)
    rights_vote: bool = False
    adjudicators: frozenset[Handle] = frozenset()
    maintainers: frozenset[Handle] = frozenset()
    reviewers: dict[Handle, Reviewer] = {}

    def knows(self, handle: str, dialect: str | None) -> bool:
        """Whether a reviewer can judge text in that dialect."""
        named = [one for name, one in self.reviewers.items() if person(name) == person(handle)]
        return all(not one.dialects or dialect in (None, "unknown", *one.dialects) for one in named)

    def may_rule(self, handle: str) -> bool:
        """Whether that person may adjudicate and reopen."""
        return handle in self.adjudicators | self.maintainers


def settings_for(work: Path) -> ReviewSettings:
    """The settings of the ``tthd.toml`` beside a workspace; the defaults where there is none."""
    return read_settings(work.absolute().parent / FILE)


def read_settings(path: Path) -> ReviewSettings:
    """The table ``[review]`` of that file; the defaults where it, or the file, is not there.

    Raises UsageError for a file that is no TOML, or holds what is no setting.
    """
    with storage_errors(path):
        if not path.exists():
            return ReviewSettings()
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} cannot hold settings: it is no file, or larger than 1 MB")
        content = path.read_bytes()
    try:
        table = tomllib.loads(content.decode()).get("review", {})
        return ReviewSettings.model_validate(table)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(["review", *map(str, first["loc"])])
        if first["type"] == "extra_forbidden":
            hint = suggest(str(first["loc"][-1]), list(ReviewSettings.model_fields))
            raise UsageError(f"{path}: no setting {where}{hint}") from error
        raise UsageError(f"{path}: {where}: {first['msg'].lower()}; mend it there") from error
