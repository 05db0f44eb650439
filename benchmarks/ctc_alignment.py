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
from itertools import pairwise

import numpy as np
from harness import arguments, print_table
from small_ctc import RATE_HZ, SmallCtc, Utterance, train, utter

from tthd_tools.alignment.ctc import TooShort
from tthd_tools.alignment.forced import PRIOR_WEIGHT, Emissions, Forced, align_text
from tthd_tools.alignment.windows import emit

LOSSES = {"plain CTC": 0.0, "label priors": 0.5}


def heard(model: SmallCtc, sound: np.ndarray) -> Emissions:
    """The emissions of a sound, in windows of 20 s."""
    blocks = emit(model, lambda first, last: sound[first:last], len(sound))
    log_probs = np.concatenate([block.astype(np.float16) for block in blocks])
    return Emissions(log_probs, model.vocabulary, model.stride / model.rate_hz)


def errors_ms(found: Forced, one: Utterance) -> np.ndarray:
    """Errors of the boundaries between two syllables of one phrase."""
    pairs = zip(pairwise(found.spoken), pairwise(one.said), strict=True)
    return 1000 * np.array(
        [heard.start_s - said.start_s for (_, heard), (last, said) in pairs
         if said.phrase == last.phrase]
    )  # fmt: skip


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


def area(right: list[float], wrong: list[float]) -> float:
    """Area under the ROC curve: how often a right one has the higher margin."""
    first, second = np.array(right)[:, None], np.array(wrong)[None]
    return float(((first > second) + 0.5 * (first == second)).mean())


def print_transcripts(models: dict[str, SmallCtc], test: list[Utterance]) -> None:
    rows = []
    for name, model in models.items():
        random = np.random.default_rng(0)
        known = sorted({said.roman for one in test for said in one.said})
        margins: dict[str, list[float]] = {
            "right": [],
            "wrong": [],
            "least": [],
            "least of one": [],
        }
        hits = []
        for one in test:
            emissions = heard(model, one.sound)
            for phrase in sorted({said.phrase for said in one.said}):
                said = [each for each in one.said if each.phrase == phrase]
                piece = emissions.between(said[0].start_s - 0.1, said[-1].end_s + 0.1)
                right = [each.roman for each in said]
                wrong = [str(each) for each in random.choice(known, len(right))]
                at = int(random.integers(len(right)))
                if wrong[at] == right[at]:
                    continue
                try:
                    texts = (right, wrong, [*right[:at], wrong[at], *right[at + 1 :]])
                    a, b, c = (align_text(piece, " ".join(each), "en") for each in texts)
                except TooShort:
                    continue
                margins["right"].append(a.margin or 0.0)
                margins["wrong"].append(b.margin or 0.0)
                margins["least"].append(min(each.margin or 0.0 for each in a.spoken))
                least = [each.margin or 0.0 for each in c.spoken]
                margins["least of one"].append(min(least))
                hits.append(least.index(min(least)) == at)
        whole, single = (
            area(margins["right"], margins["wrong"]),
            area(margins["least"], margins["least of one"]),
        )
        rows.append([name, len(hits), f"{whole:.3f}", f"{single:.3f}", f"{np.mean(hits):.0%}"])
    header = ("phrases of 4 to 8 syllables", "count", "AUC all wrong", "AUC one wrong")
    print_table((*header, "wrong one is the least"), rows)


def print_long(model: SmallCtc, test: list[Utterance], minutes: float) -> None:
    rows = []
    for part in (minutes / 6, minutes / 3, minutes):
        order = [
            test[at % len(test)] for at in range(round(part * 60 * RATE_HZ / len(test[0].sound)))
        ]
        began = time.process_time()
        emissions = heard(model, np.concatenate([one.sound for one in order]))
        hearing_s = time.process_time() - began
        text = " ".join(one.text for one in order)
        tracemalloc.start()
        found = align_text(emissions, text, "en")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        began = time.process_time()
        align_text(emissions, text, "en")
        aligning_s = time.process_time() - began
        size = emissions.log_probs.nbytes
        errors, at = [], 0
        for index, one in enumerate(order):
            many = len(one.said)
            spoken = found.spoken[at : at + many]
            starts = np.array([each.start_s for each in spoken]) - index * len(one.sound) / RATE_HZ
            errors.append(1000 * np.abs(starts - [each.start_s for each in one.said]))
            at += many
        ends = [f"{np.median(np.concatenate(errors[slice_])):.0f}"
                for slice_ in (slice(None, 20), slice(-20, None))]  # fmt: skip
        rows.append([f"{part:g} min", len(emissions), len(found.spoken), f"{size / 1e6:.1f}",
                     f"{peak / 1e6:.1f}", f"{hearing_s:.1f}", f"{aligning_s:.1f}", *ends])  # fmt: skip
    header = ("sound", "frames", "syllables", "emissions MB", "alignment peak MB", "hearing s")
    print_table((*header, "aligning s", "first 20 takes ms", "last 20 ms"), rows)
    print(
        f"peak of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


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
