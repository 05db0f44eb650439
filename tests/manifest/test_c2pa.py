"""Content Credentials: what they say of training is read, and nothing else happens.

``cawg_not_allowed.c2pa`` was made by the reference implementation (c2pa-python 0.38.1), signed with
a certificate that was thrown away.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.films import grey_film
from tthd_tools.manifest.c2pa import BMFF_STORE, BMFF_XMP, Terms, read_terms

STORE = (Path(__file__).parent / "cawg_not_allowed.c2pa").read_bytes()
FORBIDDEN = Terms(forbidden=True)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return grey_film(tmp_path_factory.mktemp("film") / "film.mp4", 3).read_bytes()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def credentials(store: bytes, purpose: bytes = b"manifest") -> bytes:
    head = BMFF_STORE + bytes(4) + purpose + b"\0"
    return box(b"uuid", head + bytes(8) + store)


def terms(tmp_path: Path, content: bytes, name: str = "a.mp4") -> Terms:
    path = tmp_path / name
    path.write_bytes(content)
    return read_terms(path)


def test_a_file_that_says_so_is_found(tmp_path: Path, film: bytes) -> None:
    assert terms(tmp_path, film) == Terms()
    assert terms(tmp_path, film + credentials(STORE)) == FORBIDDEN
    first = struct.unpack(">I", film[:4])[0]
    between = film[:first] + credentials(STORE) + film[first:]
    assert terms(tmp_path, between) == FORBIDDEN


@pytest.mark.parametrize(
    ("label", "content", "expected"),
    [
        ("cawg.training-mining", b"\xa1cuse\x6anotAllowed", FORBIDDEN),
        ("c2pa.training-mining__2", b"\xa1cuse\x6anotAllowed", FORBIDDEN),
        ("cawg.training-mining", b'{"use":"notAllowed"}', FORBIDDEN),
        ("cawg.training-mining", b"\xa1cuse\x6bconstrained", Terms(constrained=True)),
        ("cawg.training-mining", b"\xa1cuse\x67allowed", Terms()),
        ("cawg.training-mining", b"\xa1dinfo\x78\x1fallowed unless it is notAllowed", Terms()),
        ("stds.schema-org", b"\xa1cuse\x6anotAllowed", Terms()),
    ],
)
def test_only_the_answers_of_that_assertion_count(
    tmp_path: Path, label: str, content: bytes, expected: Terms
) -> None:
    description = box(b"jumd", bytes(16) + b"\x03" + label.encode() + b"\0")
    store = box(b"jumb", description + box(b"cbor", content))
    assert terms(tmp_path, credentials(store)) == expected


def test_an_avi_and_a_file_beside_it(tmp_path: Path, film: bytes) -> None:
    chunk = struct.pack("<4sI", b"C2PA", len(STORE)) + STORE
    other = struct.pack("<4sI", b"LIST", 3) + b"odd\0"
    assert terms(tmp_path, b"RIFF" + bytes(4) + b"AVI " + other + chunk, "a.avi") == FORBIDDEN
    (tmp_path / "b.c2pa").write_bytes(STORE)
    assert terms(tmp_path, film, "b.mp4") == FORBIDDEN
    assert terms(tmp_path, b"\x1aE\xdf\xa3" + bytes(100), "b.mkv") == FORBIDDEN
    assert terms(tmp_path, b"", "c.mp4") == Terms()


def test_a_hash_tree_is_no_store(tmp_path: Path, film: bytes) -> None:
    assert terms(tmp_path, film + credentials(STORE, b"merkle")) == Terms()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (credentials(box(b"brob", b"jumb")), "they are compressed"),
        (credentials(box(b"jumb", b"")), "they are damaged: a box has no description"),
        (
            credentials(struct.pack(">I4s", 99, b"jumb")),
            "they are damaged: a box is larger than what holds it",
        ),
        (
            box(b"uuid", BMFF_XMP + b"<x dcterms:provenance='https://x.org/a'/>"),
            "they are kept at an address, and nothing is fetched",
        ),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, film: bytes, content: bytes, why: str) -> None:
    assert terms(tmp_path, film + content) == Terms(unchecked=why)


def test_a_store_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(box(b"ftyp", b"isom"))
    with path.open("r+b") as file:  # 64 MB of nothing, which take no room on the disk
        file.seek(12)
        file.write(struct.pack(">I4s", 64 << 20, b"uuid") + BMFF_STORE)
        file.truncate(12 + (64 << 20))
    assert read_terms(path) == Terms(unchecked="they take 63 MB, more than 16")


def test_boxes_without_number_end_at_once(tmp_path: Path) -> None:
    many = box(b"free", b"") * 20_000
    store = box(b"jumb", box(b"jumd", bytes(16) + b"\x03x\0") + many)
    why = "a box holds more than 10000 others"
    assert terms(tmp_path, credentials(store)) == Terms(unchecked=why)
    why = "the file has more than 200000 boxes"
    assert terms(tmp_path, box(b"free", b"") * 200_001) == Terms(unchecked=why)


def test_nesting_has_an_end(tmp_path: Path) -> None:
    description = box(b"jumd", bytes(16) + b"\x03x\0")
    store = b""
    for _ in range(12):
        store = box(b"jumb", description + store)
    assert terms(tmp_path, credentials(store)) == Terms(
        unchecked="they are nested more than 8 deep"
    )


@given(st.lists(st.tuples(st.integers(0, len(STORE) - 1), st.integers(0, 255)), max_size=20))
@settings(max_examples=100, deadline=None)
def test_damage_is_never_an_exception(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(credentials(STORE))
    for at, value in changes:
        content[at] = value
    path = tmp_path_factory.mktemp("damaged") / "a.mp4"
    path.write_bytes(content)
    assert isinstance(read_terms(path), Terms)
