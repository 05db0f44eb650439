"""A free text goes in, what in it looks like somebody's contact or identity number comes out."""

from __future__ import annotations

import re
import unicodedata

_KINDS = (
    ("an e-mail address", re.compile(r"[\w.+-]{1,64}\s?(?:@|[(\[]at[)\]])\s?[\w-]{1,63}\.\w{2,}")),
    (
        "an account",
        re.compile(
            r"\b(?:wechat|weixin|whatsapp|telegram|viber|signal|line|skype|qq)\b"
            r"\s*(?:(?:id|no\.?|number)\s*)?[:=@]\s*\S{3,}|(?:微信|微信号|电话|手机)\s*(?:[:：]\s*)?\w{4,}",
            re.IGNORECASE,
        ),
    ),
    ("an identity number", re.compile(r"(?<!\w)(?:\d{17}[\dXx]|\d{3}-\d{2}-\d{4})(?!\w)")),
    ("a phone number", re.compile(r"(?<![\w.:/-])\+?\(?\d[\d\s().-]{6,20}\d(?![\w:/-])")),
)
_DATE = re.compile(r"\b\d{4}([-./]\d{1,2}){1,2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b|\b\d+\.\d+\b")
_FEWEST_DIGITS = 8


def find_personal_data(text: str) -> tuple[str, str] | None:
    """What kind it looks like, and its first characters alone, so that a report is no leak.

    Digits count in any script. None where nothing is found.
    """
    plain = _DATE.sub(" ", _plain_digits(text))
    for kind, pattern in _KINDS:
        for found in pattern.finditer(plain):
            digits = sum(one.isdigit() for one in found[0])
            if kind != "a phone number" or _FEWEST_DIGITS <= digits <= 16:
                return kind, f"'{found[0][:2]}…'"
    return None


def _plain_digits(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in folded)
