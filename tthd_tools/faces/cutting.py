"""Tracks go in frame by frame; steady pieces come out, divided at jumps, pauses and gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.faces.crops import crop_divisions
from tthd_tools.faces.geometry import face_width_px
from tthd_tools.faces.jumps import (
    CONTEXT_FRAMES,
    PATCH_SIDE,
    JumpFeatures,
    JumpOptions,
    Square,
    find_jumps,
    patch_square,
)
from tthd_tools.faces.tracker import Seen, Track

if TYPE_CHECKING:
    from tthd_tools.media import Frame

Boundary = Literal["scene", "jump", "length", "lost", "crop"]
Bytes = NDArray[np.uint8]
Pause = Callable[[int, int], int]
"""Given two frame numbers, the frame between them at which to divide: the quietest."""

THUMB_PX = 96
LOOKAHEAD_S = 3.0
LATE_SHARE = 2 / 3
"""A track that is too long is divided in the last third of what a clip may hold."""


class Row(NamedTuple):
    """One frame of one track: what was seen, and what jumps are judged by."""

    k: int
    source_s: float
    seen: Seen | None
    others: int
    patch: Bytes
    square: Square
    thumb: Bytes


class Piece(NamedTuple):
    """A steady stretch of one track; ``reason`` is set if it cannot become a clip."""

    track: int
    rows: Sequence[Row]
    start_kind: Boundary
    end_kind: Boundary
    reason: str | None = None

    @property
    def seen(self) -> list[Seen]:
        """The frames in which the face was seen."""
        return [row.seen for row in self.rows if row.seen is not None]

    @property
    def face_px(self) -> float:
        """Median face width in source pixels."""
        return float(np.median([face_width_px(one.mesh.points) for one in self.seen]))


@dataclass(frozen=True)
class CutOptions:
    """Lengths in frames of the 25 Hz grid, sizes in source pixels, see ``stages.tracks``."""

    least_frames: int
    most_frames: int
    min_face_px: float
    margin: float
    min_face_share: float
    static: bool
    jump: JumpOptions


@dataclass
class _Open:
    """A track that goes on: its rows since the last division."""

    track: Track
    start_kind: Boundary
    rows: list[Row] = field(default_factory=list)


class Cutter:
    """Gathers the rows of the live tracks of one scene and hands out pieces as they are complete.

    At most a clip's length and a few seconds of each track are kept.
    """

    def __init__(
        self,
        options: CutOptions,
        picture: tuple[int, int],
        quietest: Pause,
        emit: Callable[[Piece], None],
    ) -> None:
        self._options = options
        self._picture = picture
        self._quietest = quietest
        self._emit = emit
        self._open: dict[int, _Open] = {}
        self._ripe = options.most_frames + round(LOOKAHEAD_S * 25) + CONTEXT_FRAMES

    def take(self, k: int, frame: Frame, live: Sequence[Track]) -> None:
        """Take output frame ``k`` with the tracks that are followed in it."""
        for number in [one for one in self._open if all(one != track.number for track in live)]:
            self._close(self._open.pop(number), "lost")
        if not live:
            return
        thumb = frame.luma(THUMB_PX, THUMB_PX)
        present = sum(track.now is not None for track in live)
        for track in live:
            if track.number not in self._open:
                self._open[track.number] = _Open(track, "scene" if k == 0 else "lost")
            entry = self._open[track.number]
            entry.rows.append(_row(k, frame, track, thumb, present, entry.rows))
            if len(entry.rows) >= self._ripe:
                self._advance(entry)

    def finish(self) -> None:
        """The scene has ended: hand out what is left."""
        for number in sorted(self._open):
            self._close(self._open[number], "scene")
        self._open.clear()

    def _close(self, entry: _Open, end_kind: Boundary) -> None:
        for piece in self._between_jumps(entry, entry.rows, end_kind):
            self._finish_piece(piece)

    def _advance(self, entry: _Open) -> None:
        """Hand out all pieces but the last, which goes on; divide that one if it is too long."""
        *done, last = self._between_jumps(entry, entry.rows, "length", margin=CONTEXT_FRAMES)
        for piece in done:
            self._finish_piece(piece)
        rows, start_kind = list(last.rows), last.start_kind
        if len(rows) > self._options.most_frames + round(LOOKAHEAD_S * 25):
            at = self._division(rows)
            self._finish_piece(Piece(entry.track.number, rows[:at], start_kind, "length"))
            rows, start_kind = rows[at:], "length"
        entry.rows, entry.start_kind = rows, start_kind

    def _between_jumps(
        self, entry: _Open, rows: Sequence[Row], end_kind: Boundary, margin: int = 0
    ) -> list[Piece]:
        """Divide at jump cuts; those within ``margin`` frames of the end are left for later."""
        jumps = [
            jump
            for jump in find_jumps(_features(rows), self._options.jump)
            if jump.end < len(rows) - margin
        ]
        starts = [0, *(jump.end for jump in jumps)]
        ends = [*(jump.start for jump in jumps), len(rows)]
        last = len(starts) - 1
        return [
            Piece(
                entry.track.number,
                rows[start:end],
                entry.start_kind if index == 0 else "jump",
                end_kind if index == last else "jump",
            )
            for index, (start, end) in enumerate(zip(starts, ends, strict=True))
        ]

    def _finish_piece(self, piece: Piece) -> None:
        for part in self._divided(_trimmed(piece)):
            if len(part.rows) < self._options.least_frames:
                part = part._replace(reason="short_track")
            elif part.face_px < self._options.min_face_px:
                part = part._replace(reason="tiny_face")
            if part.seen:
                self._emit(part)

    def _divided(self, piece: Piece) -> Iterator[Piece]:
        """Divide by length, then where a static crop would lose the face or make it small."""
        while len(piece.rows) > self._options.most_frames:
            at = self._division(piece.rows)
            yield from self._by_crop(piece._replace(rows=piece.rows[:at], end_kind="length"))
            piece = piece._replace(rows=piece.rows[at:], start_kind="length")
        yield from self._by_crop(piece)

    def _by_crop(self, piece: Piece) -> Iterator[Piece]:
        options = self._options
        divisions: list[int] = []
        if options.static and len(piece.rows) >= 2 * options.least_frames:
            boxes = filled([row.seen and np.array(row.seen.box) for row in piece.rows])
            divisions = crop_divisions(
                boxes, options.margin, self._picture, options.min_face_share, options.least_frames
            )
        edges = [0, *divisions, len(piece.rows)]
        for start, end in pairwise(edges):
            yield _trimmed(
                piece._replace(
                    rows=piece.rows[start:end],
                    start_kind="crop" if start else piece.start_kind,
                    end_kind=piece.end_kind if end == edges[-1] else "crop",
                )
            )

    def _division(self, rows: Sequence[Row]) -> int:
        """Where to divide a stretch that is too long: in a pause, leaving no short rest."""
        most, least = self._options.most_frames, round(LOOKAHEAD_S * 25)
        latest = min(most, len(rows) - least)
        earliest = min(round(most * LATE_SHARE), latest)
        return self._quietest(rows[earliest].k, rows[latest].k) - rows[0].k


def filled(values: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64]:
    """Rows of equal shape without gaps: a missing one is interpolated in time, (T, …)."""
    known = np.array([k for k, value in enumerate(values) if value is not None])
    stack = np.array([value for value in values if value is not None], np.float64)
    flat = stack.reshape(len(known), -1)
    if len(known) == len(values):
        return stack
    at = np.arange(len(values))
    columns = [np.interp(at, known, flat[:, c]) for c in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(len(values), *stack.shape[1:])


def _trimmed(piece: Piece) -> Piece:
    """Without the frames at both ends in which the face was not seen."""
    seen = [index for index, row in enumerate(piece.rows) if row.seen is not None]
    if not seen:
        return piece._replace(rows=())
    first, last = seen[0], seen[-1] + 1
    return piece._replace(
        rows=piece.rows[first:last],
        start_kind="lost" if first else piece.start_kind,
        end_kind="lost" if last < len(piece.rows) else piece.end_kind,
    )


def _row(
    k: int, frame: Frame, track: Track, thumb: Bytes, present: int, before: Sequence[Row]
) -> Row:
    from tthd_tools.media import Crop

    same = bool(before) and before[-1].source_s == frame.t_s
    if same:
        return before[-1]._replace(k=k)
    square = before[-1].square if before else None
    if track.now is not None or square is None:
        square = patch_square(track.last.mesh.points, square)
    patch = frame.crop_luma(Crop(*square), PATCH_SIDE)
    return Row(k, frame.t_s, track.now, present - 1, patch, square, thumb)


def _features(rows: Sequence[Row]) -> JumpFeatures:
    missing = np.full((468, 3), np.nan, np.float32)
    return JumpFeatures(
        points=np.stack([row.seen.mesh.points if row.seen else missing for row in rows]),
        patches=np.stack([row.patch for row in rows]),
        squares=np.array([row.square for row in rows], np.float32),
        thumbs=np.stack([row.thumb for row in rows]),
        source_s=np.array([row.source_s for row in rows]),
    )
