"""A media file goes in; what its Content Credentials say of training and data mining comes out.

Only the assertion on training and data mining is looked for: no signature is checked, nothing is
fetched, and no more of the file is read than the sizes of its outer boxes and the one that holds
the credentials. Container: C2PA 2.1, A.5.1 (BMFF) and A.4.4 (RIFF); boxes: ISO/IEC 19566-5
(JUMBF); assertion: CAWG Training and Data Mining 1.0, section 3, and C2PA 1.4, 18.22.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

BMFF_STORE = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
BMFF_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid")
ASSERTIONS = ("cawg.training-mining", "c2pa.training-mining")
# How the closed list of answers is written in CBOR (a text's length precedes it) and in JSON.
FORBIDDEN = (b"\x6anotAllowed", b'"notAllowed"')
CONSTRAINED = (b"\x6bconstrained", b'"constrained"')
LARGEST_STORE_BYTES = 16 << 20
LARGEST_XMP_BYTES = 4 << 20
MOST_BOXES = 200_000
MOST_INNER_BOXES = 10_000
DEEPEST = 8


class Terms(NamedTuple):
    """What the credentials say. ``unchecked`` says why they could not be read, else it is empty."""

    forbidden: bool = False
    constrained: bool = False
    unchecked: str = ""


def read_terms(path: Path) -> Terms:
    """The terms of training and mining in a file, or in ``NAME.c2pa`` beside it.

    A file without credentials gives plain ``Terms()``. Raises OSError.
    """
    sidecar = path.with_suffix(".c2pa")
    try:
        with path.open("rb") as file:
            store = _embedded(file)
        if store is None and sidecar.is_file() and not sidecar.is_symlink():
            with sidecar.open("rb") as file:
                store = _bounded(file, sidecar.stat().st_size)
        return Terms() if store is None else _terms(store)
    except (ValueError, struct.error) as error:
        return Terms(unchecked=str(error) or "they are damaged")


def _embedded(file: BinaryIO) -> bytes | None:
    head = file.read(12)
    file.seek(0)
    if head[4:8] in FIRST_BOXES:
        return _in_bmff(file)
    if head[:4] == b"RIFF":
        return _in_riff(file)
    return None  # no other container of videos has a place for them


def _in_bmff(file: BinaryIO) -> bytes | None:
    store, elsewhere = None, False
    end = file.seek(0, 2)
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            break
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        size = size or end - at
        body = at + size - file.tell()
        if body < 0 or at + size > end:
            break  # damaged or cut off: the decoder says more
        name = file.read(16) if kind == b"uuid" else b""
        if name == BMFF_STORE:
            box = _bounded(file, body - 16)
            purpose, _, rest = box[4:].partition(b"\0")
            # a box for hash trees (merkle) has no credentials in it
            store = store if purpose == b"merkle" else rest[8:]
        elif name == BMFF_XMP and body <= LARGEST_XMP_BYTES:
            elsewhere = elsewhere or b"dcterms:provenance" in file.read(body - 16)
        at += size
    else:
        raise ValueError(f"the file has more than {MOST_BOXES} boxes")
    if store is None and elsewhere:
        raise ValueError("they are kept at an address, and nothing is fetched")
    return store


def _in_riff(file: BinaryIO) -> bytes | None:
    file.seek(12)
    for _ in range(MOST_BOXES):
        head = file.read(8)
        if len(head) < 8:
            return None
        kind, size = struct.unpack("<4sI", head)
        if kind == b"C2PA":
            return _bounded(file, size)
        file.seek(size + size % 2, 1)
    return None


def _bounded(file: BinaryIO, size: int) -> bytes:
    if size > LARGEST_STORE_BYTES:
        raise ValueError(f"they take {size >> 20} MB, more than {LARGEST_STORE_BYTES >> 20}")
    return file.read(size)


def _terms(store: bytes) -> Terms:
    answers = list(_assertions(store, 0))
    return Terms(
        forbidden=any(word in answer for answer in answers for word in FORBIDDEN),
        constrained=any(word in answer for answer in answers for word in CONSTRAINED),
    )


def _assertions(superboxes: bytes, depth: int) -> Iterator[bytes]:
    """Contents of the assertions in question, of all manifests: an ingredient's terms hold too."""
    if depth > DEEPEST:
        raise ValueError(f"they are nested more than {DEEPEST} deep")
    for kind, content in _boxes(superboxes):
        if kind == b"brob":
            raise ValueError("they are compressed")
        if kind != b"jumb":
            continue
        children = list(_boxes(content))
        if not children or children[0][0] != b"jumd":
            raise ValueError("they are damaged: a box has no description")
        if _label(children[0][1]).startswith(ASSERTIONS):
            yield from (inner for _, inner in children[1:])
        else:
            yield from _assertions(content, depth + 1)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = count = 0
    while at + 8 <= len(data):
        count += 1
        if count > MOST_INNER_BOXES:
            raise ValueError(f"a box holds more than {MOST_INNER_BOXES} others")
        size, kind = struct.unpack_from(">I4s", data, at)
        begin = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, begin)
            begin += 8
        end = at + size if size else len(data)
        if not begin <= end <= len(data):
            raise ValueError("they are damaged: a box is larger than what holds it")
        yield kind, data[begin:end]
        at = end


def _label(description: bytes) -> str:
    """Label of a JUMBF description box: 16 bytes of type, one of toggles, then the label."""
    if len(description) < 17 or not description[16] & 2:
        return ""
    return description[17:].partition(b"\0")[0].decode("utf-8", "replace")
