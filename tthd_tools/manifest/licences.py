"""An SPDX licence expression goes in, its usual spelling or the widest tier it allows comes out."""

from __future__ import annotations

import difflib
import re

from tthd_tools.rights import TIERS, Tier

LONGEST = 200
CONTENT_LICENCES = (
    "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0",
    "CC-BY-NC-ND-4.0", "CC-BY-3.0", "CC-BY-SA-3.0", "CC-BY-NC-3.0", "CC-BY-NC-SA-3.0",
    "CC-BY-ND-3.0", "CC-BY-NC-ND-3.0", "CC-PDDC", "PDDL-1.0", "ODC-By-1.0", "ODbL-1.0",
    "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "C-UDA-1.0", "O-UDA-1.0", "MIT", "Apache-2.0",
)  # fmt: skip
"""What recordings come under: these are suggested where a licence is misspelt."""

_NO_DERIVATIVES = re.compile(r"^CC-BY-(NC-)?ND-")
_NON_COMMERCIAL = re.compile(r"^CC-BY-NC-|^PolyForm-Noncommercial-|^C-UDA-|^Aladdin$")
_WORDS = re.compile(r"\(|\)|[^\s()]+")


def canonical_licence(text: str) -> str:
    """The expression in its usual spelling: ``mit and cc-by-4.0`` → ``MIT AND CC-BY-4.0``.

    Ids are those of SPDX, ``LicenseRef-`` and a name of letters, digits, ``.`` and ``-``. Raises
    ValueError if it is none.
    """
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(text) > LONGEST or not text.isascii():
        raise ValueError(text[:LONGEST])
    try:
        return str(canonicalize_license_expression(text))
    except (InvalidLicenseExpression, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from error


def usual_licence(text: str) -> str | None:
    """The usual spelling where nothing has to be guessed; None where it is no licence.

    An expression as ``canonical_licence`` has it, or a licence of recordings that is written with
    other capitals, spaces, dots or dashes: ``cc by 4.0`` → ``CC-BY-4.0``.
    """
    try:
        return canonical_licence(text)
    except ValueError:
        known = {_letters(one): one for one in CONTENT_LICENCES}
        return known.get(_letters(text)) if len(text) <= LONGEST else None


def nearest_licence(text: str) -> str | None:
    """The licence of a recording that was most likely meant, if any is near."""
    spelt = re.sub(r"[^A-Z0-9.]+", "-", text[:LONGEST].upper()).strip("-")
    spelt = re.sub(r"^CREATIVE-COMMONS-", "CC-", spelt)
    known = {one.upper(): one for one in CONTENT_LICENCES}
    begun = [one for one in known if spelt and one.startswith(f"{spelt}-")]
    near = begun or difflib.get_close_matches(spelt, known, n=1, cutoff=0.7)
    return known[near[0]] if near else None


def _letters(text: str) -> str:
    """What is left of a licence without spaces, dots and dashes, whatever its capitals."""
    bare = re.sub(r"[\s.-]", "", text)
    return bare.lower() if bare.isascii() else bare


def own_licences(expression: str) -> list[str]:
    """Its ``LicenseRef-`` ids."""
    return [word for word in _WORDS.findall(expression) if word.startswith("LicenseRef-")]


def widest_tier(expression: str) -> Tier:
    """The widest tier that a licence, in its usual spelling, allows.

    Clips are adaptations: ND allows ``internal`` alone. NC allows every tier whose users have
    agreed to terms. OR gives the widest choice, AND the narrowest.
    """
    words = _WORDS.findall(expression)
    return TIERS[_any_of(words)]


def _any_of(words: list[str]) -> int:
    """``A OR B`` from the front of ``words``, which it uses up; AND binds closer."""
    best = _all_of(words)
    while words and words[0] == "OR":
        words.pop(0)
        best = max(best, _all_of(words))
    return best


def _all_of(words: list[str]) -> int:
    worst = _one(words)
    while words and words[0] == "AND":
        words.pop(0)
        worst = min(worst, _one(words))
    return worst


def _one(words: list[str]) -> int:
    word = words.pop(0)
    if word == "(":
        inner = _any_of(words)
        words.pop(0)
        return inner
    if words[:1] == ["WITH"]:
        del words[:2]
    if _NO_DERIVATIVES.match(word):
        return TIERS.index("internal")
    return TIERS.index("registered" if _NON_COMMERCIAL.match(word) else "open")
