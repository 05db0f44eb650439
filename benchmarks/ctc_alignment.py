"""Synthetic speech of unknown voices goes in; how far forced alignment by CTC is off comes out.

    python benchmarks/ctc_alignment.py [--train-minutes 12] [--test-minutes 4] [--long-minutes 30]

Two small networks (small_ctc.py) learn from ten invented persons, one with the plain loss and one
with label priors; five other persons are aligned, and each boundary between two syllables is held
against the synthesiser's. Then a wrong transcript of as many syllables, and one with a single wrong
syllable, are told from the right one by the margin. Last, one long sound goes through windows and
alignment: seconds, memory, and the error in its first and its last minutes.
"""

from __future__ import annotations

import resource
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from harness import arguments, print_table
from small_ctc import RATE_HZ, SmallCtc, Utterance, train, utter

from tthd_tools.alignment.ctc import TooShort
from tthd_tools.alignment.forced import PRIOR_WEIGHT, Emissions, Forced, align_text
from tthd_tools.alignment.windows import emit

Trials = Iterator[tuple[tuple[float, float], list[str], list[str], int]]
LOSSES = {"plain CTC": 0.0, "label priors": 0.5}


def heard(model: SmallCtc, sound: np.ndarray) -> Emissions:
    """The emissions of a sound, in windows of 20 s."""
    blocks = emit(model, lambda first, last: sound[first:last], len(sound))
    log_probs = np.concatenate([block.astype(np.float16) for block in blocks])
    return Emissions(log_probs, model.vocabulary, model.stride / model.rate_hz)


def errors_ms(found: Forced, utterance: Utterance) -> np.ndarray:
    """Errors of the boundaries between two syllables of one phrase."""
    inside = [before.phrase == after.phrase for before, after in pairwise(utterance.said)]
    starts = [one.start_s for one in found.spoken[1:]]
    true = [one.start_s for one in utterance.said[1:]]
    return 1000 * (np.array(starts) - true)[inside]


def row_of(name: str, errors: np.ndarray) -> list[object]:
    size = np.abs(errors)
    shares = [f"{(size <= limit).mean():.1%}" for limit in (20, 50, 100)]
    middle = f"{np.median(errors):+.0f}"
    return [
        name,
        len(size),
        f"{np.median(size):.0f}",
        f"{np.quantile(size, 0.9):.0f}",
        *shares,
        middle,
    ]


def uniform_errors_ms(one: Utterance) -> np.ndarray:
    """Each phrase's stretch, known exactly, divided evenly among its syllables."""
    found = []
    for phrase in {said.phrase for said in one.said}:
        said = [each for each in one.said if each.phrase == phrase]
        even = np.linspace(said[0].start_s, said[-1].end_s, len(said) + 1)
        found += [at - each.start_s for at, each in zip(even[1:-1], said[1:], strict=True)]
    return 1000 * np.array(found)


def print_boundaries(models: dict[str, SmallCtc], test: list[Utterance]) -> None:
    rows = [row_of("even division of the phrase", np.concatenate([*map(uniform_errors_ms, test)]))]
    for name, model in models.items():
        emissions = [heard(model, one.sound) for one in test]
        for weight in (0.0, PRIOR_WEIGHT):
            found = [
                errors_ms(align_text(each, one.text, "en", prior_weight=weight), one)
                for each, one in zip(emissions, test, strict=True)
            ]
            rows.append(row_of(f"{name}, prior taken off {weight:g}", np.concatenate(found)))
    header = ("boundaries inside phrases", "count", "median ms", "p90 ms")
    print_table((*header, "≤ 20", "≤ 50", "≤ 100", "bias ms"), rows)


def area(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Area under the ROC curve: how often a right one has the higher margin."""
    first, second = np.array(right)[:, None], np.array(wrong)[None]
    return float(((first > second) + 0.5 * (first == second)).mean())


def transcripts(one: Utterance, random: np.random.Generator, known: list[str]) -> Trials:
    """Of each phrase its span, the right syllables, as many others, and where one is replaced."""
    for phrase in sorted({said.phrase for said in one.said}):
        said = [each for each in one.said if each.phrase == phrase]
        right = [each.roman for each in said]
        wrong = [str(each) for each in random.choice(known, len(right))]
        at = int(random.integers(len(right)))
        if wrong[at] != right[at]:
            yield (said[0].start_s - 0.1, said[-1].end_s + 0.1), right, wrong, at


def print_transcripts(models: dict[str, SmallCtc], test: list[Utterance]) -> None:
    known = sorted({said.roman for one in test for said in one.said})
    rows = []
    for name, model in models.items():
        random = np.random.default_rng(0)
        wholes, leasts, hits = [], [], []
        for one in test:
            emissions = heard(model, one.sound)
            for span, right, wrong, at in transcripts(one, random, known):
                texts = (right, wrong, [*right[:at], wrong[at], *right[at + 1 :]])
                piece = emissions.between(*span)
                try:
                    found = [align_text(piece, " ".join(each), "en") for each in texts]
                except TooShort:
                    continue
                margins = [[each.margin or 0.0 for each in one.spoken] for one in found]
                wholes.append((found[0].margin or 0.0, found[1].margin or 0.0))
                leasts.append((min(margins[0]), min(margins[2])))
                hits.append(margins[2].index(min(margins[2])) == at)
        areas = [f"{area(*zip(*pairs, strict=True)):.3f}" for pairs in (wholes, leasts)]
        rows.append([name, len(hits), *areas, f"{np.mean(hits):.0%}"])
    header = ("phrases of 3 to 9 syllables", "count", "AUC all wrong", "AUC one wrong")
    print_table((*header, "wrong one is the least"), rows)


def starts_ms(found: Forced, order: list[Utterance]) -> list[np.ndarray]:
    """Errors of all syllables' starts, take by take."""
    errors, at = [], 0
    for index, one in enumerate(order):
        starts = np.array([each.start_s for each in found.spoken[at : at + len(one.said)]])
        true = np.array([each.start_s for each in one.said]) + index * len(one.sound) / RATE_HZ
        errors.append(1000 * np.abs(starts - true))
        at += len(one.said)
    return errors


def long_row(model: SmallCtc, order: list[Utterance]) -> list[object]:
    """Hear and align takes as one sound: sizes, seconds, errors at both ends."""
    began = time.process_time()
    emissions = heard(model, np.concatenate([one.sound for one in order]))
    hearing_s = time.process_time() - began
    text = " ".join(one.text for one in order)
    began = time.process_time()
    found = align_text(emissions, text, "en")
    aligning_s = time.process_time() - began
    tracemalloc.start()
    align_text(emissions, text, "en")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    errors = starts_ms(found, order)
    ends = [f"{np.median(np.concatenate(one)):.0f}" for one in (errors[:20], errors[-20:])]
    sizes = [f"{size / 1e6:.1f}" for size in (emissions.log_probs.nbytes, peak)]
    seconds = [f"{hearing_s:.1f}", f"{aligning_s:.1f}"]
    return [len(emissions), len(found.spoken), *sizes, *seconds, *ends]


def print_long(model: SmallCtc, test: list[Utterance], minutes: float) -> None:
    rows = []
    for part in (minutes / 6, minutes / 3, minutes):
        takes = round(part * 60 * RATE_HZ / len(test[0].sound))
        order = [test[at % len(test)] for at in range(takes)]
        rows.append([f"{part:g} min", *long_row(model, order)])
    header = ("sound", "frames", "syllables", "emissions MB", "alignment peak MB", "hearing s")
    print_table((*header, "aligning s", "first 20 takes ms", "last 20 ms"), rows)
    whole = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak of the process: {whole:.0f} MB")


def main() -> None:
    options = arguments(
        str(__doc__),
        ("--train-minutes", float, 12.0, "of speech to learn from"),
        ("--test-minutes", float, 4.0, "of speech of other persons"),
        ("--long-minutes", float, 30.0, "length of the longest sound"),
    )
    count = round(options.train_minutes * 7.5)
    learned = [utter(at % 10, 1000 + at, 8.0) for at in range(count)]
    test = [utter(20 + at % 5, 5000 + at, 12.0) for at in range(round(options.test_minutes * 5))]
    models = {}
    for name, weight in LOSSES.items():
        began = time.process_time()
        models[name] = train(learned, weight)
        print(f"{name}: trained in {time.process_time() - began:.0f} s of one core")
    print_boundaries(models, test)
    print_transcripts(models, test)
    print_long(models["label priors"], test, options.long_minutes)


if __name__ == "__main__":
    main()
