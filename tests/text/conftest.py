"""The real Tibetan texts of the shared folder, by name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tthd_tools.text import read_transcript


@pytest.fixture(scope="session")
def real_files(shared: Path) -> list[Path]:
    """Stories, subtitles, UTF-16 files and transcripts."""
    folder = shared / "media" / "tibetan" / "text"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) >= 40
    return files


@pytest.fixture(scope="session")
def real_texts(shared: Path, real_files: list[Path]) -> dict[str, str]:
    """The text of every file, and every line of the recordings' transcripts."""
    texts = {path.name: read_transcript(path).text for path in real_files}
    table = shared / "media" / "tibetan" / "transcripts.tsv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        texts.update((row["file"], row["tibetan"]) for row in rows)
    return texts
