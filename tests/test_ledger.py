"""Rows come back as they were written, whatever happened in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.errors import AccessError
from tthd_tools.ledger import COMPACT_ABOVE, Child, Ledger, Row

NUMBERS = st.dictionaries(st.text(max_size=8), st.floats(allow_nan=False), max_size=3)
CHILDREN = st.builds(
    Child,
    key=st.text(max_size=5),
    level=st.sampled_from(["item", "scene", "track", "clip"]),
    start_s=st.floats(0, 1e6),
    end_s=st.floats(0, 1e6),
    part=st.none() | st.dictionaries(st.text(max_size=5), st.text() | st.none() | st.booleans()),
    reason=st.none() | st.text(max_size=9),
    numbers=NUMBERS,
)
ROWS = st.builds(
    Row,
    id=st.text(max_size=9),
    item_id=st.sampled_from(["a", "b"]),
    stage=st.sampled_from(["scenes", "tracks"]),
    fingerprint=st.text(max_size=4),
    outcome=st.sampled_from(["ok", "rejected", "failed"]),
    reason=st.text(max_size=9),
    code=st.sampled_from(["", "S001"]),
    message=st.text(),
    detail=st.text(),
    numbers=NUMBERS,
    children=st.lists(CHILDREN, max_size=3).map(tuple),
    has_files=st.booleans(),
    span_s=st.floats(0, 1e6),
    seconds=st.floats(0, 1e6),
    at=st.floats(1, 2e9),
)


def row(number: int = 0, **fields: object) -> Row:
    defaults = {"id": f"i{number}", "item_id": "i", "stage": "s", "fingerprint": "f"}
    return Row(**{"outcome": "ok", **defaults, **fields})  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(batches=st.lists(st.lists(ROWS, min_size=1, max_size=4), max_size=4))
def test_what_is_written_is_read_back(
    batches: list[list[Row]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    ledger = Ledger(folder)
    for rows in batches:
        ledger.append(rows)
    expected = {row.key: row for rows in batches for row in rows}
    again = Ledger(folder)
    assert {row.key: row for row in again} == expected == {row.key: row for row in ledger}
    assert list(again) == list(ledger)
    assert len(list(folder.iterdir())) == len(batches)


def test_later_row_wins_and_comes_last(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append([row(1, outcome="failed"), row(2)])
    ledger.append([row(1)])
    for one in (ledger, Ledger(tmp_path)):
        assert [(found.id, found.outcome) for found in one] == [("i2", "ok"), ("i1", "ok")]
        assert len(one) == 2
        assert [found.id for found in one.of_item("i")].count("i1") == 1
        assert one.of_item("nobody") == []


def test_rows_are_stamped_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append([row(1), row(2, at=5.0)])
    first, second = Ledger(tmp_path)
    assert first.at > 1e9
    assert second.at == 5.0


def test_text_that_is_no_unicode_is_kept_readable(tmp_path: Path) -> None:
    Ledger(tmp_path).append([row(1, message="no 'a\udcff.mp4'")])
    (found,) = Ledger(tmp_path)
    assert found.message == r"no 'a\udcff.mp4'"


def test_nothing_to_write_makes_no_segment(tmp_path: Path) -> None:
    Ledger(tmp_path).append([])
    assert list(tmp_path.iterdir()) == []
    assert len(Ledger(tmp_path / "missing")) == 0


def test_half_written_segment_is_no_segment(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append([row(1)])
    (tmp_path / "00000002.tmp").write_bytes(b"PAR1 half")
    assert [found.id for found in Ledger(tmp_path)] == ["i1"]
    Ledger(tmp_path).append([row(2)])
    assert [found.id for found in Ledger(tmp_path)] == ["i1", "i2"]


def test_full_disk_leaves_no_half_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path)
    ledger.append([row(1)])

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            ledger.append([row(2)])
    assert [path.name for path in tmp_path.iterdir()] == ["00000001.parquet"]
    assert ledger.get(row(2).key) is None


def test_damaged_segment_is_named(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.append([row(1)])
    (segment,) = tmp_path.iterdir()
    segment.write_bytes(segment.read_bytes()[:-20])
    with pytest.raises(AccessError, match=r"00000001\.parquet is damaged; bring it back"):
        Ledger(tmp_path)


def many(folder: Path, segments: int) -> Ledger:
    ledger = Ledger(folder)
    for number in range(segments):
        ledger.append([row(number), row(0, seconds=float(number))])
    return ledger


def test_many_segments_become_one(tmp_path: Path) -> None:
    ledger = many(tmp_path, COMPACT_ABOVE)
    ledger.compact()
    assert len(list(tmp_path.iterdir())) == COMPACT_ABOVE == 256
    ledger.append([row(999)])
    before = list(ledger)
    ledger.compact()
    assert [path.name for path in tmp_path.iterdir()] == ["00000258.parquet"]
    assert list(Ledger(tmp_path)) == before
    Ledger(tmp_path).append([row(1000)])
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("removed", [0, 100])
def test_kill_while_segments_are_joined_is_harmless(
    removed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = many(tmp_path, COMPACT_ABOVE + 1)
    before = list(ledger)
    unlink, calls = Path.unlink, []

    def dying(path: Path, missing_ok: bool = False) -> None:
        if len(calls) == removed:
            raise KeyboardInterrupt
        calls.append(path)
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", dying)
        with pytest.raises(KeyboardInterrupt):
            ledger.compact()
    again = Ledger(tmp_path)
    assert list(again) == before
    again.compact()
    assert list(Ledger(tmp_path)) == before


def test_reader_looks_again_when_a_writer_joins_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = many(tmp_path, COMPACT_ABOVE + 1)
    listed = Ledger._segments

    def joined_meanwhile(ledger: Ledger) -> list[Path]:
        found = listed(ledger)
        monkeypatch.undo()
        writer.compact()
        return found

    monkeypatch.setattr(Ledger, "_segments", joined_meanwhile)
    assert list(Ledger(tmp_path)) == list(writer)


def test_segment_that_is_gone_for_good_is_told(tmp_path: Path) -> None:
    (tmp_path / "00000001.parquet").symlink_to(tmp_path / "nowhere")
    with pytest.raises(AccessError, match="holds a broken link; remove it"):
        Ledger(tmp_path)
