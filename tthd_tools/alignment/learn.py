"""Utterances of a corpus come in; an aligner goes out that knows how sure it may be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.alignment.acoustics import RATE_HZ
from tthd_tools.alignment.aligner import Aligner, Sureness, Units, hear
from tthd_tools.alignment.train import Utterance, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOLDS = 4
MOST_JUDGED = 120  # utterances that the sureness is learned from
LEAST_SYLLABLES = 4  # of those: of fewer nobody can tell
REPLACED = 10  # one syllable of so many
LONGEST_S = 60.0
"""Longer utterances are no flat start: a transcript of minutes spreads too far from its sound."""

Progress = Callable[[int, int], None]


class _Judged(NamedTuple):
    """Mean fits of the right and of a wrong transcript, fits of right and of wrong syllables."""

    right: float
    wrong: float
    sound: list[float]
    spoiled: list[float]


def learn(
    utterances: Sequence[Utterance],
    most_minutes: float = 30.0,
    progress: Progress = lambda done, all_: None,
) -> Aligner:
    """Train on all speakers, and on all but a quarter of them four times over; deterministic.

    Of one speaker alone, the quarters are of recordings.

    The sureness is learned from each utterance as it is and with wrong text, judged by the model
    that has not heard its speaker. Raises ValueError where no utterance can be used.
    """
    chosen = choose([one for one in utterances if one.is_possible], most_minutes)
    speakers = {one.speaker for one in chosen}
    alone = len(speakers) == 1
    folds = assign_folds(sorted({one.name for one in chosen} if alone else speakers))
    count = len(set(folds.values()))
    steps = count + 1 if count > 1 else 1

    def told(step: int) -> Progress:
        return lambda done, all_: progress(step * all_ + done, steps * all_)

    model = train(chosen, told(0))
    without = tuple(
        train(
            [one for one in chosen if folds[one.name if alone else one.speaker] != fold],
            told(fold + 1),
        )
        for fold in (range(count) if count > 1 else ())
    )
    judged = _judge(Aligner(model, without, folds, Sureness(), Sureness()), chosen)
    whole = _curve([one.right for one in judged], [one.wrong for one in judged])
    single = _curve(
        [fit for one in judged for fit in one.sound],
        [fit for one in judged for fit in one.spoiled],
    )
    return Aligner(model, without, folds, whole, single)


def choose(utterances: Sequence[Utterance], most_minutes: float) -> list[Utterance]:
    """At most so many minutes, every speaker in turn, those of up to a minute before the others."""
    by_speaker: dict[str, list[Utterance]] = {}
    for one in sorted(utterances, key=lambda one: len(one.rows) > LONGEST_S * RATE_HZ):
        by_speaker.setdefault(one.speaker, []).append(one)
    queues = [list(reversed(by_speaker[name])) for name in sorted(by_speaker)]
    chosen: list[Utterance] = []
    left = most_minutes * 60 * RATE_HZ
    while queues and (left > 0 or not chosen):
        for queue in queues:
            one = queue.pop()
            if len(one.rows) <= left or not chosen:
                chosen.append(one)
                left -= len(one.rows)
        queues = [queue for queue in queues if queue]
    return chosen


def assign_folds(names: Sequence[str]) -> dict[str, int]:
    """Names in the order of their sha256, dealt out to at most four folds."""
    order = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return {name: index % FOLDS for index, name in enumerate(order)}


def _judge(aligner: Aligner, utterances: Sequence[Utterance]) -> list[_Judged]:
    """Right, wrong and spoiled transcripts of some utterances, spread over all of them."""
    import numpy as np

    random = np.random.default_rng(0)
    pool = [units for one in utterances for units in one.syllables]
    able = [one for one in utterances if len(one.syllables) >= LEAST_SYLLABLES]
    judged = []
    for one in able[:: len(able) // MOST_JUDGED + 1]:
        sound = hear(aligner.judge(one.speaker, one.name), one.rows)
        count = len(one.syllables)
        drawn = [pool[int(at)] for at in random.integers(len(pool), size=count)]
        spoiled, wrong = _spoiled(one.syllables, drawn, random)
        try:
            right, other, mixed = (
                [said.fit for said in sound.align(text)] for text in (one.syllables, drawn, spoiled)
            )
        except ValueError:  # so many sounds do not fit into this one
            continue
        judged.append(
            _Judged(
                float(np.mean(right)),
                float(np.mean(other)),
                [fit for index, fit in enumerate(mixed) if index not in wrong],
                [mixed[index] for index in sorted(wrong)],
            )
        )
    return judged


def _spoiled(
    syllables: Sequence[Units], others: Sequence[Units], random: np.random.Generator
) -> tuple[list[Units], set[int]]:
    """A transcript with one syllable in ten replaced, and their indices."""
    count = len(syllables)
    places = random.permutation(count)[: max(1, count // REPLACED)]
    wrong = {int(place) for place in places}
    return [others[k] if k in wrong else syllables[k] for k in range(count)], wrong


def _curve(right: Sequence[float], wrong: Sequence[float]) -> Sureness:
    """Logistic regression (maximum likelihood, a little drawn to zero), each side of equal weight.

    Without anything on one side, the plain curve.
    """
    import numpy as np
    from scipy.optimize import minimize

    if not right or not wrong:
        return Sureness()
    x = np.array([*right, *wrong])
    sign = np.array([1.0] * len(right) + [-1.0] * len(wrong))
    weight = np.where(sign > 0, 0.5 / len(right), 0.5 / len(wrong))

    def loss(line: Floats) -> float:
        misfit = np.logaddexp(0, -sign * (line[0] * x + line[1]))
        return float(weight @ misfit + 1e-3 * np.square(line).sum())

    found = minimize(loss, np.array([1.0, 0.0])).x
    return Sureness(*(round(float(value), 3) for value in found))
