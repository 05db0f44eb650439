"""A submission whose fields have their form goes in, what its rights and words lack comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tthd_tools.manifest.findings import Problem, Unreadable, shown
from tthd_tools.manifest.licences import (
    canonical_licence,
    nearest_licence,
    own_licences,
    usual_licence,
    widest_tier,
)
from tthd_tools.manifest.personal_data import find_personal_data
from tthd_tools.manifest.read_text import open_plain
from tthd_tools.manifest.safe_path import path_problem
from tthd_tools.manifest.schema import Submission
from tthd_tools.rights import TIERS, WIDEST

LICENCE_BYTES = 1 << 20
SUBMISSION_TEXTS = ("contributor.handle", "notes")
ITEM_TEXTS = ("locality", "device", "notes", "text_source")
LONGEST_FREE_TEXT = 2000
"""No free text may be longer; of one that is, the rest is not looked at."""


def judge_submission(submission: Submission, folder: Path) -> Iterator[Problem]:
    """Problems of a submission that lies in ``folder``."""
    name = folder.resolve().name
    if submission.submission_id != name:
        message = f"The submission's folder has another name, {shown(name)}"
        fix = "give the folder the name of submission_id"
        yield Problem("M005", "submission_id", message, shown(submission.submission_id), fix)
    yield from _licence(submission, folder)
    if submission.rights_basis == "speaker_consent" and submission.consent_policy is None:
        message = "Consent needs the form that the speakers agreed to"
        fix = "fill in version, sha256 and languages of consent_policy"
        yield Problem("M004", "consent_policy", message, "", fix)
    widest = WIDEST[submission.rights_basis]
    if TIERS.index(submission.access_tier_max) > TIERS.index(widest):
        message = f"The rights ({submission.rights_basis}) allow no tier wider than {widest}"
        value = shown(submission.access_tier_max)
        yield Problem("M032", "access_tier_max", message, value, f"write {widest}")
    stated = submission.model_dump(include={"contributor", "notes"})
    yield from judge_free_texts(stated, SUBMISSION_TEXTS)


def judge_free_texts(values: Mapping[str, Any], fields: Sequence[str]) -> Iterator[Problem]:
    """M031 where a free text looks like personal data, whatever form the values have."""
    for field in fields:
        text: Any = values
        for step in field.split("."):
            text = text.get(step) if isinstance(text, Mapping) else None
        if text and isinstance(text, str):
            yield from judge_free_text(field, text)


def without_personal_data(problems: Sequence[Problem]) -> list[Problem]:
    """The problems, where those of a field with personal data do not show its value."""
    hidden = {one.field for one in problems if one.code == "M031"}
    return [
        one._replace(value="") if one.field in hidden and one.code != "M031" else one
        for one in problems
    ]


def judge_free_text(field: str, text: str) -> Iterator[Problem]:
    """M031 where this free text looks like personal data."""
    found = find_personal_data(text[:LONGEST_FREE_TEXT])
    if found is not None:
        kind, value = found
        yield Problem("M031", field, f"This looks like {kind}", value, "remove it")


def _licence(submission: Submission, folder: Path) -> Iterator[Problem]:
    text = submission.license
    try:
        usual = canonical_licence(text)
    except ValueError:
        meant = usual_licence(text)
        near = meant or nearest_licence(text)
        fix = f"write {near}" if near else "write an id of spdx.org/licenses, or LicenseRef-NAME"
        yield Problem(
            "M020", "license", "This is no SPDX expression", shown(text), fix, fixable=bool(meant)
        )
        return
    if usual != text:
        message = "This is not the usual spelling of the SPDX expression"
        yield Problem("M020", "license", message, shown(text), f"write {usual}", fixable=True)
    widest = widest_tier(usual)
    if TIERS.index(submission.access_tier_max) > TIERS.index(widest):
        message = f"The licence {usual} allows no tier wider than {widest}"
        value = shown(submission.access_tier_max)
        yield Problem("M022", "access_tier_max", message, value, f"write {widest}")
    yield from _licence_file(submission, own_licences(usual), folder)


def _licence_file(submission: Submission, own: list[str], folder: Path) -> Iterator[Problem]:
    name = submission.license_file
    if name is None:
        if own and submission.access_tier_max != "internal":
            message = f"{own[0]} needs the text of the licence"
            fix = "put it beside submission.yaml and name it in license_file"
            yield Problem("M021", "license_file", message, "", fix)
        return
    problem = path_problem("license_file", name)
    if problem is not None:
        yield problem
        return
    try:
        open_plain(folder / name, LICENCE_BYTES).close()
    except Unreadable as error:
        fix = f"put the licence's text there as {shown(name)}"
        yield Problem("M021", "license_file", error.problem.message, shown(name), fix)
