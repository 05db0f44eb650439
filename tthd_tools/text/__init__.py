"""Tibetan text, and plainly any other: normal form, syllables, Wylie, digits, checks, subtitles."""

from tthd_tools.text.checks import TextProblem, check_text
from tthd_tools.text.languages import (
    DIALECTS,
    VARIETIES,
    dialect_problem,
    is_language_tag,
    is_tibetan,
    suggest_tag,
)
from tthd_tools.text.normalise import TEXT_VERSION, normalise
from tthd_tools.text.numerals import find_numbers, to_tibetan, to_western
from tthd_tools.text.subtitles import Cue, Transcript, parse_cues, read_transcript
from tthd_tools.text.syllables import (
    Syllable,
    find_syllables,
    syllable_count,
    syllable_rate,
    syllables,
)
from tthd_tools.text.wylie import FromWylie, from_wylie, to_wylie

__all__ = [
    "DIALECTS",
    "TEXT_VERSION",
    "VARIETIES",
    "Cue",
    "FromWylie",
    "Syllable",
    "TextProblem",
    "Transcript",
    "check_text",
    "dialect_problem",
    "find_numbers",
    "find_syllables",
    "from_wylie",
    "is_language_tag",
    "is_tibetan",
    "normalise",
    "parse_cues",
    "read_transcript",
    "suggest_tag",
    "syllable_count",
    "syllable_rate",
    "syllables",
    "to_tibetan",
    "to_western",
    "to_wylie",
]
