"""A language tag goes in; whether it is one, a better one, and the dialects it allows come out."""

from __future__ import annotations

import re
from typing import NamedTuple


class Variety(NamedTuple):
    """One variety of Tibetan: our dialect, its BCP-47 tag, ISO 639-3 code and glottocode."""

    name: str
    dialect: str
    tag: str
    iso639_3: str
    glottocode: str


VARIETIES = (
    Variety("Ü-Tsang (Lhasa, standard)", "u-tsang", "bo", "bod", "tibe1272"),
    Variety("Amdo", "amdo", "adx", "adx", "amdo1237"),
    Variety("Kham", "kham", "khg", "khg", "kham1282"),
    Variety("Dzongkha", "other", "dz", "dzo", "dzon1239"),
    Variety("Ladakhi", "other", "lbj", "lbj", "lada1244"),
    Variety("Sherpa", "other", "xsr", "xsr", "sher1255"),
)
DIALECTS = ("u-tsang", "amdo", "kham", "other", "unknown")
"""What ``dialect`` may be where the language is written in Tibetan script."""

SCRIPT_IS_TIBETAN = frozenset({"bo", "adx", "khg", "dz", "lbj", "xsr", "sip", "xct", "otb"})
"""Languages that are written in Tibetan script unless their tag names another."""

MISTAKEN = {"tib": "bo", "bod": "bo", "zh-bo": "bo", "tibetan": "bo"}
"""What is often written for Tibetan, and the tag."""

LONGEST_TAG = 100
_SHAPE = re.compile(r"[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8})*")


def is_tibetan(language: str) -> bool:
    """Whether the rules of Tibetan script hold: ``bo``, ``bo-x-lhasa``, ``adx``, ``xx-Tibt``.

    Tags that are often written instead (``tib``, ``zh-bo``) count too, ``bo-Latn`` does not.
    """
    tag = language.strip().replace("_", "-").lower()[:LONGEST_TAG]
    subtags = MISTAKEN.get(tag, tag).split("-")
    named = subtags[: subtags.index("x")] if "x" in subtags else subtags
    scripts = [one for one in named[1:] if len(one) == 4 and one.isalpha()]
    return "tibt" in scripts if scripts else subtags[0] in SCRIPT_IS_TIBETAN


def is_language_tag(tag: str) -> bool:
    """Whether this is a BCP-47 tag: the grammar of RFC 5646, with subtags that are registered.

    ``deu`` is none: where a language has a code of two letters, only that is registered. Nor are
    the grandfathered tags (``i-klingon``), which have all been replaced.
    """
    from langcodes import Language
    from langcodes.tag_parser import LanguageTagError

    if len(tag) > LONGEST_TAG or not _SHAPE.fullmatch(tag) or tag.lower().startswith("x-"):
        return False
    try:
        return Language.get(tag, normalize=False).is_valid()
    except LanguageTagError:
        return False


def suggest_tag(tag: str) -> str | None:
    """The tag to write instead: ``bo`` for ``tib``, ``de`` for ``deu``; None for a right one.

    None too where nothing is known that could be meant.
    """
    from langcodes import standardize_tag
    from langcodes.tag_parser import LanguageTagError

    plain = tag.strip().replace("_", "-")
    if plain.lower() in MISTAKEN:
        return MISTAKEN[plain.lower()]
    if is_language_tag(tag) or len(plain) > LONGEST_TAG or not _SHAPE.fullmatch(plain):
        return None
    try:
        standard: str = standardize_tag(plain)
    except LanguageTagError:
        return None
    return standard if is_language_tag(standard) else None


def dialect_problem(language: str, dialect: str) -> str | None:
    """What is wrong with a dialect in this language, with the tag to write; None if they agree.

    ``unknown`` agrees with every language, and a language that is not Tibetan with every dialect.
    """
    if not is_tibetan(language) or dialect in ("", "unknown"):
        return None
    lower = language.lower()
    primary = MISTAKEN.get(lower, lower).split("-")[0]
    allowed = [one.dialect for one in VARIETIES if one.tag == primary] or ["other"]
    # Varieties without a tag of their own are written bo.
    if dialect in allowed or (primary, dialect) == ("bo", "other"):
        return None
    ways = [f"language {one.tag}" for one in VARIETIES if one.dialect == dialect != "other"]
    ways += [f"dialect {one}" for one in allowed]
    return f"language {language} is not dialect {dialect}; write {', or '.join(ways)}"
