"""The code points of Tibetan script, as pieces of regular expressions, and what looks like them."""

from __future__ import annotations

LETTERS = "\u0f40-\u0f47\u0f49-\u0f6c\u0f88-\u0f8c"
"""Head letters, each the base of a stack (U+0F48 is not assigned)."""

DIGITS = "\u0f20-\u0f33"
"""Digits 0 to 9, then the half digits ½ 1½ … 8½ and -½."""

SUBJOINED = "\u0f8d-\u0f97\u0f99-\u0fbc"
"""Letters written below another one."""

SIGNS = "\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e\u0f3f\u0f71-\u0f84\u0f86\u0f87\u0fc6" + SUBJOINED
"""Everything that needs a base before it: subjoined letters, vowels, marks."""

OM = "\u0f00"
TSHEG = "\u0f0b"
SHAD = "\u0f0d"
DOUBLE_SHAD = "\u0f0e"

DEPRECATED = {
    "\u0f73": "\u0f71\u0f72",
    "\u0f75": "\u0f71\u0f74",
    "\u0f77": "\u0fb2\u0f71\u0f80",
    "\u0f79": "\u0fb3\u0f71\u0f80",
    "\u0f81": "\u0f71\u0f80",
}
"""Code points that Unicode deprecates or discourages, with what stands for them instead."""

SHAD_LIKE = {
    **dict.fromkeys("|¦ǀ∣│｜।", SHAD),
    "॥": DOUBLE_SHAD,
}
"""Strokes that are typed for a shad: bars and the dandas of Devanagari."""

TSHEG_LIKE = dict.fromkeys("·‧∙⋅・･", TSHEG)
"""Dots that are typed for a tsheg."""

INVISIBLE = (
    "\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
)
"""Characters that nobody sees and no language spells with."""

INVISIBLE_IN_TIBETAN = INVISIBLE + "\u034f\u061c\u200c\u200d\ufe00-\ufe0f"
"""More that other scripts need, as Persian and Hindi do joiners, and Tibetan does not."""

CONTROLS = "\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f"
"""Control characters that are no white space."""
