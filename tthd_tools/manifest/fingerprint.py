"""A video goes in, a fingerprint of its picture and sound comes out; copies are found among many.

Sound: Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): 33 bands from
300 to 2000 Hz, 32 bits a frame, each the sign of how the difference of two neighbouring bands
changes in time. Picture: the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual
Image Hash Functions" (2010), of a thumbnail every few seconds. Takes of one person in one studio
look alike, so the sound finds a copy and the picture confirms it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tthd_tools.media import Frame, Probe, read_audio, read_frames

RATE_HZ = 5000
WINDOW = 2048
HOP = 128
FRAME_S = HOP / RATE_HZ
BANDS = 33
LOWEST_HZ, HIGHEST_HZ = 300.0, 2000.0
QUIET = 1e-4
"""Root mean square below which a frame is silence, and says nothing."""
CHUNK_S = 120.0

PICTURES = 8
LAST_S = 1.0
WHOLE_S = 30.0
"""Up to here one pass over all pictures costs less than finding some of them."""
SIDE, KEPT = 32, 8

VOTES = 3
NEIGHBOURS = 4
CANDIDATES = 20
SHORTEST_S = 0.5
MOST_WRONG_BITS = 0.3
SHARE = 0.5
MOST_WRONG_PIXELS = 14
"""Bits of 64 that two thumbnails of one picture may differ in; others differ in about 32."""

Words = NDArray[np.uint32]


class Fingerprint(NamedTuple):
    """``sound`` (T,) words of 32 bits, one every 25.6 ms, 0 where it is silent; ``times_s`` (n,)
    and ``pictures`` (n,) of 64 bits."""

    sound: Words
    times_s: NDArray[np.float64]
    pictures: NDArray[np.uint64]


class Copies:
    """Remembers fingerprints, and knows one that has been there: 2.3 MB an hour of sound."""

    def __init__(self) -> None:
        self._known: list[tuple[str, Fingerprint]] = []
        self._words: Words = np.zeros(0, np.uint32)  # sorted, without silence
        self._owners: NDArray[np.int64] = np.zeros(0, np.int64)  # number << 32 | place of each word

    def add(self, name: str, one: Fingerprint) -> str | None:
        """Remember it; the name of an earlier file of which half or more is the same take."""
        found = next(
            (
                self._known[number][0]
                for number, offset in self._candidates(one)
                if _is_copy(self._known[number][1], one, offset)
            ),
            None,
        )
        places = np.flatnonzero(one.sound)
        places = places[np.argsort(one.sound[places], kind="stable")]
        at = np.searchsorted(self._words, one.sound[places])
        self._words = np.insert(self._words, at, one.sound[places])
        self._owners = np.insert(self._owners, at, len(self._known) << 32 | places)
        self._known.append((name, one))
        return found

    def _candidates(self, one: Fingerprint) -> list[tuple[int, int]]:
        """Earlier files that share several words at one offset, most of them first."""
        places = np.flatnonzero(one.sound)
        first = np.searchsorted(self._words, one.sound[places])
        votes = [np.zeros((0, 2), np.int64)]
        for at in (first + step for step in range(NEIGHBOURS)):
            inside = at < len(self._words)
            same = np.zeros(len(at), np.bool_)
            same[inside] = self._words[at[inside]] == one.sound[places[inside]]
            owners = self._owners[at[same]]
            votes.append(np.column_stack([owners >> 32, places[same] - (owners & 0xFFFFFFFF)]))
        rows, counts = np.unique(np.concatenate(votes), axis=0, return_counts=True)
        ranked = np.argsort(-counts, kind="stable")[:CANDIDATES]
        return [(int(rows[k, 0]), int(rows[k, 1])) for k in ranked if counts[k] >= VOTES]


def fingerprint(path: Path, facts: Probe) -> Fingerprint:
    """Fingerprint of a video, decoding its sound, a few pictures and its last second.

    Memory stays below 10 MB. Raises MediaError where the file cannot be decoded or ends early.
    """
    sound = sound_words(_chunks(path, facts.duration_s))
    seen = list(_pictures(path, facts.duration_s))
    return Fingerprint(
        sound,
        np.array([t_s for t_s, _ in seen]),
        np.array([bits for _, bits in seen], np.uint64),
    )


def picture_hash(luma: NDArray[np.uint8]) -> int:
    """64 bits of a thumbnail (32, 32): which of its 8 × 8 lowest waves are above their median."""
    import cv2

    waves = cv2.dct(np.asarray(luma, np.float32))[:KEPT, :KEPT].ravel()
    bits = waves > np.median(waves[1:])
    return int(np.packbits(bits).view(">u8")[0])


def sound_words(chunks: Iterable[NDArray[np.float32]]) -> Words:
    """Words (T,) of mono sound at 5 kHz that comes in chunks."""
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1) * WINDOW / RATE_HZ
    window = np.hanning(WINDOW).astype(np.float32)
    rest = np.zeros(0, np.float32)
    before = np.zeros(BANDS - 1)
    words = []
    for chunk in chunks:
        samples = np.concatenate([rest, chunk])
        count = max(0, (len(samples) - WINDOW) // HOP + 1)
        rest = samples[count * HOP :]
        if not count:
            continue
        frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:count]
        differences = -np.diff(_energies(frames, window, edges), axis=1)
        rising = np.diff(np.vstack([before, differences]), axis=0) > 0
        before = differences[-1]
        found = np.packbits(rising, axis=1).view(">u4")[:, 0].astype(np.uint32)
        found[np.sqrt(np.mean(np.square(frames), axis=1)) < QUIET] = 0
        words.append(found)
    return np.concatenate(words) if words else np.zeros(0, np.uint32)


def _chunks(path: Path, duration_s: float) -> Iterator[NDArray[np.float32]]:
    for k in range(math.ceil(duration_s / CHUNK_S)):
        start_s = k * CHUNK_S
        yield read_audio(path, start_s, min(start_s + CHUNK_S, duration_s), RATE_HZ)


def _pictures(path: Path, duration_s: float) -> Iterator[tuple[float, int]]:
    """Times and hashes of pictures at even distances; the end is decoded to its last picture, so
    that a file that was cut off is told."""
    last_s = max(duration_s - LAST_S, 0.0)
    times_s = [last_s * k / PICTURES for k in range(PICTURES)]
    if duration_s <= WHOLE_S:
        yield from _hashes(read_frames(path), [*times_s, last_s])
        return
    for t_s in times_s:
        yield from _hashes(islice(read_frames(path, t_s), 1), [t_s])
    yield from _hashes(read_frames(path, last_s), [last_s])


def _hashes(frames: Iterable[Frame], times_s: list[float]) -> Iterator[tuple[float, int]]:
    """The first picture at or after each time; all frames are read."""
    left = iter(times_s)
    wanted_s = next(left, math.inf)
    for frame in frames:
        if frame.t_s >= wanted_s - FRAME_S:
            yield frame.t_s, picture_hash(frame.luma(SIDE, SIDE))
            while wanted_s <= frame.t_s + FRAME_S:
                wanted_s = next(left, math.inf)


def _energies(
    frames: NDArray[np.float32], window: NDArray[np.float32], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Energies (T, 33) of frames (T, 2048), a few hundred at a time."""
    bins = np.ceil(edges).astype(int)
    parts = []
    for at in range(0, len(frames), 256):
        power = np.abs(np.fft.rfft(frames[at : at + 256] * window)) ** 2
        parts.append(np.add.reduceat(power[:, : bins[-1]], bins[:-1], axis=1))
    return np.concatenate(parts)


def _is_copy(one: Fingerprint, other: Fingerprint, offset: int) -> bool:
    """Whether sound and picture agree where the two overlap; ``other`` comes ``offset`` later."""
    begin, end = max(0, -offset), min(len(one.sound), len(other.sound) - offset)
    a, b = one.sound[begin:end], other.sound[begin + offset : end + offset]
    heard = (a != 0) & (b != 0)
    shorter = min(np.count_nonzero(one.sound), np.count_nonzero(other.sound))
    if heard.sum() < max(SHORTEST_S / FRAME_S, SHARE * shorter):
        return False
    wrong = np.bitwise_count(a[heard] ^ b[heard]).mean() / 32
    return bool(wrong <= MOST_WRONG_BITS) and _look_alike(one, other, offset * FRAME_S)


def _look_alike(one: Fingerprint, other: Fingerprint, offset_s: float) -> bool:
    """Whether most pictures are like the one of the other file that is nearest in time."""
    distance_s = np.abs(one.times_s[:, None] + offset_s - other.times_s[None, :])
    wrong = np.bitwise_count(one.pictures ^ other.pictures[distance_s.argmin(axis=1)])
    return bool(np.median(wrong) <= MOST_WRONG_PIXELS)
