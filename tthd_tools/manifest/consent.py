"""The public list of consents: ``consents.csv`` goes in, one record a consent comes out.

The private registry has names, dates and evidence; it stays in its own file, and this reader turns
it away at its first line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationError

from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.manifest.findings import Unreadable, shown
from tthd_tools.manifest.read_text import TextFile
from tthd_tools.manifest.schema import Model
from tthd_tools.pipeline import suggest
from tthd_tools.rights import STATUSES, TIERS, Tier

CONSENTS_FILE = "consents.csv"
LIMIT_BYTES = 256 << 20
Scope = Literal[
    "train_research",
    "redistribute_media",
    "redistribute_derivatives",
    "demo_public",
    "commercial",
    "identity_embedding",
    "face_geometry",
    "voice_cloning",
    "emotion_labelling",
    "guardian",
]
PRIVATE_COLUMNS = frozenset([
    "speaker_ref", "form_sha256", "form_language", "granted_on", "method", "jurisdiction",
    "expires_on", "withdrawn_on", "evidence_uri", "evidence_sha256",
])  # fmt: skip


def _words(value: object) -> object:
    return frozenset(re.findall(r"[^\s;|]+", value)) if isinstance(value, str) else value


class Consent(Model):
    """What everybody may know of a consent.

    ``scope`` says what it is for, and ``guardian`` in it that a guardian gave it; in the file its
    words stand with spaces between them.
    """

    consent_id: Annotated[str, Field(pattern=r"^con_[a-z2-7]{12}$")]
    speaker_id: Annotated[str, Field(pattern=r"^spk_[a-z2-7]{12}$")]
    scope: Annotated[
        frozenset[Scope],
        BeforeValidator(_words),
        PlainSerializer(lambda words: " ".join(sorted(words)), return_type=str),
    ]
    tier: Tier
    form_version: Annotated[str, Field(min_length=1, max_length=80)]
    status: Literal["granted", "expired", "withdrawn"]


CONSENT_COLUMNS = tuple(Consent.model_fields)


def read_consents(path: Path) -> dict[str, Consent]:
    """Consents by id. Raises UsageError for a list that cannot be used, RefusedError for a private
    registry."""
    consents: dict[str, Consent] = {}
    try:
        for line, row in _rows(path):
            consent = _consent(path, line, row)
            if consent.consent_id in consents:
                raise UsageError(
                    f"{path}:{line} lists {consent.consent_id} a second time; keep one of the rows"
                )
            consents[consent.consent_id] = consent
    except (Unreadable, csv.Error) as error:
        problem = error.problem if isinstance(error, Unreadable) else None
        why = f"{problem.message}; {problem.fix}" if problem else f"is no CSV ({error})"
        raise UsageError(f"{path} cannot be used as a list of consents: {why}") from None
    return consents


def stricter(one: Consent, other: Consent) -> Consent:
    """What two lists grant by one consent: only what both do.

    Raises RefusedError where they say that different people gave it.
    """
    if one.speaker_id != other.speaker_id:
        raise RefusedError(
            f"{one.consent_id} is the consent of {one.speaker_id} and, in another list or before, "
            f"of {other.speaker_id}; correct it, and give a new consent a new consent_id"
        )
    return one.model_copy(
        update={
            "scope": one.scope & other.scope,
            "tier": min(one.tier, other.tier, key=TIERS.index),
            "status": max(one.status, other.status, key=STATUSES.index),
        }
    )


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader((line for _, line in TextFile(path, LIMIT_BYTES)), strict=True)
    header = next(reader, [])
    private = sorted(PRIVATE_COLUMNS.intersection(name.strip().lower() for name in header))
    if private:
        raise RefusedError(
            f"{path} has the column {private[0]!r}: it is a private registry, and nothing more of "
            "it was read; give the public list that is made from it"
        )
    if tuple(header) != CONSENT_COLUMNS:
        raise UsageError(
            f"{path} begins with {shown(','.join(header))} and not with "
            f"'{','.join(CONSENT_COLUMNS)}'; write that as its first line"
        )
    for row in reader:
        if any(row):
            yield reader.line_num, row


def _consent(path: Path, line: int, row: list[str]) -> Consent:
    if len(row) != len(CONSENT_COLUMNS):
        raise UsageError(
            f"{path}:{line} has {len(row)} cells and not {len(CONSENT_COLUMNS)}; correct that line"
        )
    try:
        return Consent.model_validate(dict(zip(CONSENT_COLUMNS, row, strict=True)))
    except ValidationError as error:
        first = error.errors()[0]
        field, value = str(first["loc"][0]), first["input"]
        hint = ""
        if "expected" in first.get("ctx", {}):
            hint = suggest(str(value), re.findall(r"'([^']+)'", first["ctx"]["expected"]))
        raise UsageError(f"{path}:{line} {field} cannot be {shown(value)}{hint}") from None
