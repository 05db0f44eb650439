"""Every finding has its explanation, and no explanation is left over."""

from __future__ import annotations

import re
from pathlib import Path

from tthd_tools.shards import codes
from tthd_tools.shards.verify import CODES


def test_codes_and_findings_agree() -> None:
    folder = Path(codes.__file__).parent
    used = {
        code
        for path in folder.glob("*.py")
        if path.name != "codes.py"
        for code in re.findall(r'"(V\d{3})"', path.read_text())
    }
    assert sorted(used) == sorted(CODES)


def test_explanations_are_sentences() -> None:
    for code in CODES.values():
        assert code.explanation.endswith(".")
        assert code.fix.endswith(".")
        assert not code.title.endswith(".")
