"""Rows of a list come in with the videos that are there; one description a file goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tthd_tools.description import Description
from tthd_tools.errors import MediaError
from tthd_tools.manifest.lists.fields import checked, shown
from tthd_tools.manifest.lists.pieces import Facts, segment_of
from tthd_tools.manifest.lists.records import Listing, Missing, Row
from tthd_tools.manifest.lists.videos import Videos, plain_path

LONGEST_STATED = 10_000
OF_ALL = frozenset({"emotion", "text"})
"""Where one row of several says nothing of these, they are not the whole file's."""
FEW = 3


def gather(
    videos: Videos, rows: Iterable[Row | Missing | str], *defaults: Mapping[str, Any]
) -> Listing:
    """The listing of rows, of files known to be missing and of remarks (text), in their order.

    ``defaults`` are fields of every file, the later ones first; a row's own go before them. Rows
    of one file become one description with a segment each; what they say differently is left out.
    """
    listing = Listing()
    of_file: dict[str, list[Row]] = {}
    gone: set[str] = set()
    for row in rows:
        if isinstance(row, str):
            listing.remarks.append(row)
            continue
        path = plain_path(row.path)
        if isinstance(row, Row) and path in videos:
            of_file.setdefault(path, []).append(row)
        elif path not in gone:
            gone.add(path)
            listing.missing.append(row if isinstance(row, Missing) else _missing(row, videos, path))
    fields: dict[str, Any] = {}
    for default in defaults:
        fields |= default
    for path, some in of_file.items():
        listing.descriptions.append(_describe(videos, path, some, fields, listing.remarks))
    _tell_unlisted(videos, listing)
    return listing


def _missing(row: Row, videos: Videos, path: str) -> Missing:
    sentence = f"{row.origin}: {shown(row.path)} {videos.absence(path)}"
    return Missing(row.path, row.origin, sentence)


def _describe(
    videos: Videos,
    path: str,
    rows: Sequence[Row],
    defaults: Mapping[str, Any],
    remarks: list[str],
) -> Description:
    origin = rows[0].origin
    try:
        pieces = [] if all(row.is_whole for row in rows) else _pieces(videos, path, rows)
    except MediaError as error:
        return Description(path, origin, refusal=(error.code, error.reason, str(error)))
    except Exception as error:  # recorded with its reason; the other files go on
        sentence = f"{path!r}: probing broke: {type(error).__name__}: {error}"
        return Description(path, origin, refusal=("X001", "internal_error", sentence))
    flaws = [f"{row.origin}: {path!r}: {why}" for row, why in pieces if isinstance(why, str)]
    good = [(row, piece) for row, piece in pieces if not isinstance(piece, str)]
    if pieces and not good:
        return Description(path, origin, refusal=("S017", "listed_wrongly", flaws[0]))
    remarks += flaws
    fields = _said([row for row, _ in good] or rows, defaults, remarks)
    if good:
        fields["segments"] = [piece for _, piece in good]
    feelings = [one for row, piece in good for one in _feelings(row, piece)]
    if feelings and (len(good) > 1 or fields.get("emotion") is None):
        fields["stated"] = fields.get("stated", {}) | {"emotion_segments": feelings}
    if fields.get("rights", "unknown") == "unknown" and fields.get("tier") not in (
        None,
        "internal",
    ):
        remarks.append(f"{origin}: {path!r} stays internal, since its rights are unknown")
        fields["tier"] = "internal"
    return Description(path, origin, fields)


def _pieces(
    videos: Videos, path: str, rows: Sequence[Row]
) -> list[tuple[Row, dict[str, Any] | str]]:
    """Each row with its segment, or with what is wrong with it. Raises MediaError."""
    from tthd_tools.media import probe

    facts = probe(videos.raw / path)
    found: list[tuple[Row, dict[str, Any] | str]] = []
    for row in rows:
        try:
            found.append((row, segment_of(row, Facts(facts.duration_s, facts.width, facts.height))))
        except ValueError as error:
            found.append((row, str(error)))
    return found


def _said(rows: Sequence[Row], defaults: Mapping[str, Any], remarks: list[str]) -> dict[str, Any]:
    """What all rows of a file say alike, as fields of its item, and else the defaults."""
    told = []
    for row in rows:
        fields, wrong = checked(row.values, row.origin)
        remarks += wrong
        told.append(fields)
    alike, differing = _alike(told)
    if differing:
        names = ", ".join(sorted(differing))
        remarks.append(f"{rows[0].origin}: the rows of {rows[0].path!r} differ in {names}")
    differing |= {name for name in OF_ALL if any(name not in one for one in told)} & set(alike)
    fields = {name: value for name, value in {**defaults, **alike}.items() if name not in differing}
    if fields.get("emotion") is None:
        fields.pop("emotion_intensity", None)
        fields.pop("emotion_origin", None)
    stated, _ = _alike([_short(row, remarks) for row in rows])
    return fields | ({"stated": stated} if stated else {})


def _alike(records: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], set[str]]:
    """What no record contradicts, and the names of what some do."""
    found: dict[str, Any] = {}
    differing = set()
    for record in records:
        for name, value in record.items():
            if found.setdefault(name, value) != value:
                differing.add(name)
    return {name: value for name, value in found.items() if name not in differing}, differing


def _short(row: Row, remarks: list[str]) -> dict[str, Any]:
    kept = {}
    for name, value in row.stated.items():
        if isinstance(value, str) and len(value) > LONGEST_STATED:
            remarks.append(f"{row.origin}: {name} is longer than {LONGEST_STATED} characters")
        elif value not in (None, ""):
            kept[name] = value
    return kept


def _feelings(row: Row, piece: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The emotions of a piece, which the item as a whole may not have."""
    stated = row.stated.get("emotion_segments")
    if isinstance(stated, list):
        return stated
    fields, _ = checked(row.values, row.origin)
    if fields.get("emotion") is None:
        return []
    return [
        {
            "label": fields["emotion"],
            "intensity": fields.get("emotion_intensity"),
            "start_s": piece["start_s"],
            "end_s": piece["end_s"],
        }
    ]


def _tell_unlisted(videos: Videos, listing: Listing) -> None:
    listed = {one.path for one in listing.descriptions}
    others = [path for path in videos.paths if path not in listed]
    if others:
        few = ", ".join(repr(path) for path in others[:FEW])
        more = ", …" if len(others) > FEW else ""
        known = "1 video is in no list and comes in without one"
        if len(others) > 1:
            known = f"{len(others)} videos are in no list and come in without one"
        listing.remarks.append(f"{known}: {few}{more}")
