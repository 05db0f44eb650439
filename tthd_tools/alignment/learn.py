"""Utterances of a corpus come in; an aligner goes out that knows how sure it may be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.alignment.acoustics import RATE_HZ
from tthd_tools.alignment.aligner import Against, Aligner, Sound, Sureness, Units, hear
from tthd_tools.alignment.train import Utterance, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOLDS = 4
MOST_POOL = 5000  # syllables that wrong transcripts are drawn from
MOST_JUDGED = 120  # utterances that the sureness is learned from
LEAST_SYLLABLES = 4  # of those: of fewer nobody can tell
REPLACED = 10  # one syllable of so many
LONGEST_S = 60.0
"""Longer utterances are no flat start: a transcript of minutes spreads too far from its sound."""

Progress = Callable[[int, int], None]


class _Judged(NamedTuple):
    right: Against
    wrong: Against
    spoiled: Against
    replaced: frozenset[int]


def learn(
    utterances: Sequence[Utterance],
    most_minutes: float = 30.0,
    progress: Progress = lambda done, all_: None,
) -> Aligner:
    """Train on all speakers, and on all but a quarter of them four times over; deterministic.

    The sureness is learned from each utterance as it is and with wrong text, judged by the model
    that has not heard its speaker. Raises ValueError where no utterance can be used.
    """
    chosen = choose([one for one in utterances if one.is_possible], most_minutes)
    folds = assign_folds(sorted({one.speaker for one in chosen}))
    count = len(set(folds.values()))
    steps = count + 1 if count > 1 else 1

    def told(step: int) -> Progress:
        return lambda done, all_: progress(step * all_ + done, steps * all_)

    model = train(chosen, told(0))
    without = tuple(
        train([one for one in chosen if folds[one.speaker] != fold], told(fold + 1))
        for fold in (range(count) if count > 1 else ())
    )
    syllables = [units for one in chosen for units in one.syllables]
    pool = tuple(syllables[:: len(syllables) // MOST_POOL + 1])
    draft = Aligner(model, without, folds, pool, Sureness(), Sureness())
    judged = _judge(draft, chosen)
    return Aligner(model, without, folds, pool, _whole(judged), _single(judged))


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


def assign_folds(speakers: Sequence[str]) -> dict[str, int]:
    """Speakers in the order of their sha256, dealt out to at most four folds."""
    order = sorted(speakers, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return {name: index % FOLDS for index, name in enumerate(order)}


def _judge(aligner: Aligner, utterances: Sequence[Utterance]) -> list[_Judged]:
    """Right, wrong and spoiled transcripts of some utterances, spread over all of them."""
    import numpy as np

    random = np.random.default_rng(0)
    able = [one for one in utterances if len(one.syllables) >= LEAST_SYLLABLES]
    judged = []
    for one in able[:: len(able) // MOST_JUDGED + 1]:
        sound = hear(aligner.judge(one.speaker), one.rows)
        count = len(one.syllables)
        drawn = [aligner.pool[int(at)] for at in random.integers(len(aligner.pool), size=count)]
        places = random.permutation(count)[: max(1, count // REPLACED)]
        replaced = frozenset(int(place) for place in places)
        spoiled = [drawn[k] if k in replaced else one.syllables[k] for k in range(count)]
        found = [_against(sound, text, aligner.pool) for text in (one.syllables, drawn, spoiled)]
        right, wrong, mixed = found
        if right is not None and wrong is not None and mixed is not None:
            judged.append(_Judged(right, wrong, mixed, replaced))
    return judged


def _against(sound: Sound, syllables: Sequence[Units], pool: Sequence[Units]) -> Against | None:
    try:
        fits = [said.fit for said in sound.align(syllables)]
    except ValueError:  # so many do not fit into the sound
        return None
    return sound.against(fits, pool)


def _whole(judged: Sequence[_Judged]) -> Sureness:
    """What the deviation of a transcript means: right ones and wrong ones count the same."""
    return _curve([one.right.whole for one in judged], [one.wrong.whole for one in judged])


def _single(judged: Sequence[_Judged]) -> Sureness:
    """What the deviation of one syllable means, from those that were replaced and all others."""
    right, wrong = list[float](), list[float]()
    for one in judged:
        for index, deviation in enumerate(one.spoiled.syllables):
            (wrong if index in one.replaced else right).append(deviation)
    return _curve(right, wrong)


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
