"""A text goes in; the runs of it that look like Wylie, and not like English, come out."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ROOT = r"(?:kh?|ng?|g|ch?|j|ny|th?|d|ph?|b|m|tsh?|dz|w|zh?|'|y|r|lh?|sh?|h)"
_SYLLABLE = re.compile(
    rf"(?:[gdbm']\.?)?[rls]?{_ROOT}?[yrlw]{{0,2}}[aeiou]"  # prefix, superscript, root, subscripts
    r"(?:ng|[gdnbmrls'])?s?(?:'(?:i|u|o|am|ang|is)s?)*"  # suffixes, particles
)
_ONLY_WYLIE = re.compile(
    r"'|\w+'[aiou]|kh|ng|ny|tsh?|dz|zh|lh|[kgp]h?y|phr|by[aiou]|br[gjt]"
    r"|g[cntdzs]|d[kgpbm]|b[kgctdzs]|m[kgcjntd]|r[kgnjtdbm]|l[kgcjtdpb]|s[gdb]"
)
_RUN = re.compile(r"[A-Za-z'.]+(?:[ _/|,]+[A-Za-z'.]+)*")
_WORD = re.compile(r"[A-Za-z'.]+")


def find_wylie(text: str) -> Iterator[re.Match[str]]:
    """Runs of two words or more, all of them Wylie syllables and one spelled as only Wylie is.

    A guess from spelling that needs no converter: ``bde legs`` and ``nga tsho`` are found, ``red
    dog`` is not.
    """
    for run in _RUN.finditer(text):
        words = _WORD.findall(run.group())
        if (
            len(words) > 1
            and all(_SYLLABLE.fullmatch(word) for word in words)
            and any(_ONLY_WYLIE.match(word) for word in words)
        ):
            yield run
