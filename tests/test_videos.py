"""What videos are called, and what they will need."""

from __future__ import annotations

from pathlib import Path

from tthd_tools.videos import estimate_bytes, make_item_id


def test_ids_are_slugs_of_at_most_forty_characters() -> None:
    assert make_item_id("A b_c.d", "0123456789") == "a-b-c-d-01234567"
    assert make_item_id("a" * 39 + " b", "0" * 64) == "a" * 39 + "-00000000"
    assert make_item_id("...", "f" * 64) == "item-ffffffff"


def test_the_space_needed_grows_with_the_seconds(tmp_path: Path) -> None:
    need = estimate_bytes(10.0, tmp_path / "not" / "yet")
    assert 1_000_000 < need["work_bytes"] < 10_000_000
    assert 1_000_000 < need["release_bytes"] < 10_000_000
    assert estimate_bytes(20.0, tmp_path)["work_bytes"] == 2 * need["work_bytes"]
    assert need["free_bytes"] > 0
