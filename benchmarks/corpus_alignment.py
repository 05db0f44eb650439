"""Sound and text go in; how far an aligner that learned from such sound alone is off comes out.

    python benchmarks/corpus_alignment.py [--media ../shared/media]

Recordings of Tibetan words and phrases are joined, 6 to 12 of one speaker with pauses of 0 to 300
ms, so that the boundaries between them are known; the aligner learns from joins of the other
sources, without their boundaries. Beside it: an even division, and syllables spread over the
speech. Then wrong transcripts of as many syllables, give or take one, and single wrong syllables
are told from right ones, beside their duration alone. Then the same on synthetic speech of unknown
voices, where every syllable's time is exact; last half an hour at once.
"""

from __future__ import annotations

import csv
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from harness import arguments, print_table
from small_ctc import utter
from voice_activity import cut, read

from tthd_tools.alignment.acoustics import RATE_HZ, log_mel
from tthd_tools.alignment.aligner import Aligner, Said, hear
from tthd_tools.alignment.learn import learn
from tthd_tools.alignment.network import Network
from tthd_tools.alignment.spread import spread
from tthd_tools.alignment.train import Utterance, train
from tthd_tools.alignment.units import syllable_units
from tthd_tools.errors import MediaError
from tthd_tools.speech import open_voice_detector, stretches
from tthd_tools.text import normalise, syllables

SAMPLES = 16_000
LONGEST_S = 1.2  # a syllable: a longer recording says its text more than once
HEADER = ("what", "boundaries", "median ms", "p90 ms", "<= 20", "<= 50", "<= 100 ms")
Units = tuple[str, ...]
Times = list[tuple[float, float]]
Place = Callable[["Take"], Times]


@dataclass(frozen=True)
class Take:
    """Sound, its syllables, and for some boundaries the truth: syllable, its side, seconds."""

    source: str
    speaker: str
    sound: np.ndarray
    units: tuple[Units, ...]
    truth: tuple[tuple[int, int, float], ...]

    @property
    def rows(self) -> np.ndarray:
        return log_mel(self.sound).astype(np.float16)

    @property
    def utterance(self) -> Utterance:
        return Utterance(self.speaker, self.rows, self.units)


@dataclass(frozen=True)
class Recording:
    source: str
    speaker: str
    sound: np.ndarray
    units: tuple[Units, ...]


def recordings(media: Path) -> list[Recording]:
    """Those whose text is said once, cut to their speech and brought to one level."""
    found = []
    with (media / "tibetan" / "transcripts.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            text = normalise(row["tibetan"], "bo")
            units = [syllable_units(one, "bo") for one in syllables(text, "bo")]
            units = [one for one in units if one]
            if not units or "/" in text or " or " in row["tibetan"]:
                continue
            try:
                piece = cut(read(media / "tibetan" / row["file"]))
            except MediaError:
                continue
            if piece is None or not 0.08 < len(piece.sound) / SAMPLES / len(units) < LONGEST_S:
                continue
            level = np.sqrt(np.square(piece.sound).mean())
            sound = (piece.sound * (0.07 / level)).astype(np.float32)
            found.append(Recording(row["source"], row["speaker"], sound, tuple(units)))
    return found


def joins(
    found: Sequence[Recording], seed: int, pause_ms: float, syllable_count: int = 0
) -> list[Take]:
    """6 to 12 recordings of a speaker after one another; or as many as have so many syllables."""
    random = np.random.default_rng(seed)
    by_speaker: dict[tuple[str, str], list[Recording]] = {}
    for one in found:
        by_speaker.setdefault((one.source, one.speaker), []).append(one)
    takes = []
    for own in by_speaker.values():
        left = [own[index] for index in random.permutation(len(own))]
        while left:
            count = int(random.integers(6, 13))
            if syllable_count:
                sizes = np.cumsum([len(one.units) for one in left])
                count = int(np.searchsorted(sizes, syllable_count)) + 1
            group, left = left[:count], left[count:]
            enough = len(group) >= 3 if not syllable_count else count == len(group)
            if enough:
                takes.append(_join(group, random, pause_ms))
    return takes


def _join(group: Sequence[Recording], random: np.random.Generator, pause_ms: float) -> Take:
    sounds, units, truth, at = [], list[Units](), [], 0
    for one in group:
        pause = round(SAMPLES * random.uniform(0, pause_ms) / 1000)
        start = at + pause
        at = start + len(one.sound)
        sounds += [np.zeros(pause, np.float32), one.sound]
        truth.append((len(units), 0, start / SAMPLES))
        units += one.units
        truth.append((len(units) - 1, 1, at / SAMPLES))
    sound = np.concatenate(sounds)
    sound = sound + (2e-4 * random.standard_normal(len(sound))).astype(np.float32)
    return Take(group[0].source, group[0].speaker, sound, tuple(units), tuple(truth))


def synthetic(people: Sequence[int], takes: int) -> list[Take]:
    """Invented persons, with the time of every syllable."""
    found = []
    for person in people:
        for seed in range(takes):
            said = utter(person, 100 * person + seed, 15.0)
            truth = tuple(
                (index, side, (one.start_s, one.end_s)[side])
                for index, one in enumerate(said.said)
                for side in (0, 1)
            )
            units = tuple(syllable_units(one.roman, "und") for one in said.said)
            found.append(Take("synthetic", str(person), said.sound, units, truth))
    return found


def even(take: Take) -> Times:
    return spread([1.0] * len(take.units), [(0.0, len(take.sound) / SAMPLES)])


def over_speech(take: Take) -> Times:
    heard = stretches(open_voice_detector("energy").listen(take.sound).speech)
    whole = [(0.0, len(take.sound) / SAMPLES)]
    speech = [(start / RATE_HZ, end / RATE_HZ) for start, end in heard] or whole
    return spread([float(len(units)) for units in take.units], speech)


def snapped(take: Take) -> Times:
    """Each end of a syllable at the nearest end of a pause, where one is within 150 ms."""
    heard = stretches(open_voice_detector("energy").listen(take.sound).speech)
    edges = [np.array([one[side] / RATE_HZ for one in heard] or [-9.0]) for side in (0, 1)]

    def near(at_s: float, side: int) -> float:
        edge = float(edges[side][np.abs(edges[side] - at_s).argmin()])
        return edge if abs(edge - at_s) <= 0.15 else at_s

    return [(near(start, 0), near(end, 1)) for start, end in over_speech(take)]


def by(aligner: Aligner) -> Place:
    def place(take: Take) -> Times:
        return [(one.start_s, one.end_s) for one in aligned(aligner, take)]

    return place


def aligned(aligner: Aligner, take: Take) -> list[Said]:
    return hear(aligner.model, take.rows).align(take.units)


def errors_ms(takes: Sequence[Take], place: Place) -> np.ndarray:
    found = []
    for take in takes:
        times = place(take)
        found += [1000 * abs(times[index][side] - at) for index, side, at in take.truth]
    return np.array(found)


def row_of(name: str, errors: np.ndarray) -> list[object]:
    shares = [f"{(errors <= limit).mean():.0%}" for limit in (20, 50, 100)]
    return [
        name,
        len(errors),
        f"{np.median(errors):.0f}",
        f"{np.quantile(errors, 0.9):.0f}",
        *shares,
    ]


def area(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Area under the curve of true against false alarms."""
    a, b = np.array(right)[:, None], np.array(wrong)[None]
    return float((a > b).mean() + 0.5 * (a == b).mean())


def learned(takes: Sequence[Take]) -> Aligner:
    return learn([take.utterance for take in takes])


def print_boundaries(title: str, takes: list[Take], aligners: dict[str, Aligner]) -> None:
    minutes = sum(len(take.sound) for take in takes) / SAMPLES / 60
    speakers = len({(take.source, take.speaker) for take in takes})
    print(f"\n{title}: {len(takes)} takes, {minutes:.1f} min, {speakers} speakers\n")
    rows = [row_of(name, errors_ms(takes, place)) for name, place in (
        ("even division", even), ("spread over the speech (vad)", over_speech),
        ("vad, snapped to pauses", snapped),
    )]  # fmt: skip
    every = []
    for source in sorted(aligners):
        own = [take for take in takes if take.source == source]
        every.append(errors_ms(own, by(aligners[source])))
        if len(aligners) > 1:
            rows.append(row_of(f"corpus, {source} not heard", every[-1]))
    rows.append(row_of("corpus, all", np.concatenate(every)))
    print_table(HEADER, rows)


def print_sureness(
    title: str, takes: list[Take], aligners: dict[str, Aligner], heard: Network | None = None
) -> None:
    """Right against wrong transcripts, and single wrong syllables, by models of other sources.

    ``heard``: a model that has learned from these very recordings and their right texts.
    """
    random = np.random.default_rng(7)
    names = ("confidence", "duration alone", "replaced", "deleted", "inserted")
    scores: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in names}
    alone: dict[str, tuple[list[float], list[float]]] = {take.source: ([], []) for take in takes}
    learned_from: tuple[list[float], list[float]] = ([], [])
    pointed = 0
    for take in takes:
        aligner = aligners[take.source]
        sound = hear(aligner.model, take.rows)
        others = [units for one in takes if one is not take for units in one.units]
        wrong = []
        for _ in range(3):
            count = len(take.units) + int(random.integers(-1, 2))
            first = int(random.integers(len(others) - count))
            wrong.append(others[first : first + count])
        for side, text in ((0, take.units), *((1, one) for one in wrong)):
            said = sound.align(text)
            whole, _ = aligner.sureness(said)
            lengths = np.log([max(one.end_s - one.start_s, 0.01) for one in said])
            scores["confidence"][side].append(whole)
            alone[take.source][side].append(whole)
            scores["duration alone"][side].append(-float(np.std(lengths)))
            if heard is not None:
                fits = [one.fit for one in hear(heard, take.rows).align(text)]
                learned_from[side].append(float(np.mean(fits)))
        spot = int(random.integers(len(take.units)))
        other = others[int(random.integers(len(others)))]
        text = list(take.units)
        for kind, spoiled, places in (
            ("replaced", [*text[:spot], other, *text[spot + 1 :]], [spot]),
            (
                "deleted",
                text[:spot] + text[spot + 1 :],
                [max(spot - 1, 0), min(spot, len(text) - 2)],
            ),
            ("inserted", [*text[:spot], other, *text[spot:]], [spot]),
        ):
            _, found = aligner.sureness(sound.align(spoiled))
            scores[kind][1].append(min(found[place] for place in places))
            scores[kind][0].extend(one for index, one in enumerate(found) if index not in places)
            pointed += kind == "replaced" and int(np.argmin(found)) == spot
    least = min(len(one.units) for one in takes)
    speakers = len({(take.source, take.speaker) for take in takes})
    print(f"\n{title}: {len(takes)} takes of {least} syllables or more, {speakers} speakers\n")
    rows = [(name, *both) for name, both in scores.items()]
    if len(alone) > 1:
        rows += [(f"confidence, {name}", *both) for name, both in alone.items()]
    if heard is not None:
        rows.append(("fit, learned from these recordings", *learned_from))
    print_table(
        ("what", "right", "wrong", "AUC"),
        [[name, len(a), len(b), f"{area(a, b):.3f}"] for name, a, b in rows],
    )
    mean = [float(np.mean(side)) for side in scores["confidence"]]
    print(f"\nmean confidence of right texts {mean[0]:.2f}, of wrong ones {mean[1]:.2f}")
    print(f"the replaced syllable is the least sure one in {pointed / len(takes):.0%}")


def print_long(aligner: Aligner, takes: list[Take], minutes: Sequence[float]) -> None:
    """One sound of many takes: seconds, memory, and errors at both ends."""
    rows = []
    for length in minutes:
        sounds, units, truth, at = [], list[Units](), [], 0
        for index in range(10_000):
            if at / SAMPLES / 60 >= length:
                break
            take = takes[index % len(takes)]
            truth += [(i + len(units), side, s + at / SAMPLES) for i, side, s in take.truth]
            sounds.append(take.sound)
            units += take.units
            at += len(take.sound)
        long = Take("", "", np.concatenate(sounds), tuple(units), tuple(truth))
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        errors = errors_ms([long], by(aligner))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        tenth = len(errors) // 10
        rows.append(
            [
                f"{length:g} min",
                len(units),
                f"{time.process_time() - began:.0f}",
                f"{grown:.0f}",
                f"{np.median(errors[:tenth]):.0f}",
                f"{np.median(errors[-tenth:]):.0f}",
            ]
        )
    print()
    print_table(("sound", "syllables", "CPU s", "more MB", "first tenth ms", "last tenth ms"), rows)


def main() -> None:
    options = arguments(__doc__ or "")
    media = Path(options.media)
    if (media / "tibetan").is_dir():
        found = recordings(media)
        takes = joins(found, 1, 300)
        began = time.process_time()
        aligners = {
            source: learned([take for take in takes if take.source != source])
            for source in sorted({take.source for take in takes})
        }
        print(
            f"{len(aligners)} aligners of five models each: {time.process_time() - began:.0f} CPU s"
        )
        print_boundaries("Tibetan, pauses of 0 to 300 ms", takes, aligners)
        print_boundaries("Tibetan, no pauses", joins(found, 2, 0), aligners)
        heard = train([take.utterance for take in takes])
        for count in (8, 15):
            print_sureness("Tibetan", joins(found, 3, 300, count), aligners, heard)
    known, unknown = synthetic(range(10), 3), synthetic(range(50, 55), 3)
    aligner = learned(known)
    print_boundaries("Synthetic, unknown voices", unknown, {"synthetic": aligner})
    print_sureness("Synthetic, unknown voices", unknown, {"synthetic": aligner})
    print_long(aligner, unknown, (5, 10, 30))


if __name__ == "__main__":
    main()
