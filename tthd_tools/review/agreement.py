"""How far reviewers agree: votes go in, one measure a question comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from tthd_tools.review.events import Event, person

Value = str | int | bool
Ratings = Mapping[str, Mapping[str, Value]]
"""Unit → rater → value."""
VERDICT = "verdict"


@dataclass(frozen=True)
class Agreement:
    """Agreement on one question over ``units`` that two or more of ``raters`` have judged.

    ``raw``: share of pairs of judgements that are equal. ``kappa`` is None unless there are exactly
    two raters, and all measures are None where there is nothing to compare or nothing varies.
    ``level`` is ``ordinal`` for whole numbers, ``nominal`` for all else; it matters to ``alpha``.
    """

    question: str
    level: str
    units: int
    raters: int
    raw: float | None
    kappa: float | None
    alpha: float | None


def agreements(votes: Iterable[Event]) -> list[Agreement]:
    """Agreement on the verdict, then on each question that votes answer, by name.

    ``votes`` are those that count: one of each reviewer on a clip.
    """
    ratings: dict[str, dict[str, dict[str, Value]]] = {VERDICT: {}}
    for vote in votes:
        unit = vote.clip_id or vote.item_id
        for question, value in {VERDICT: str(vote.verdict), **vote.answers}.items():
            ratings.setdefault(question, {}).setdefault(unit, {})[person(vote.actor)] = value
    return [agreement(question, ratings[question]) for question in sorted(ratings, key=_first)]


def agreement(question: str, ratings: Ratings) -> Agreement:
    """All measures of one question."""
    shared = {unit: given for unit, given in ratings.items() if len(given) > 1}
    values = [value for given in shared.values() for value in given.values()]
    is_number = bool(values) and all(type(value) is int for value in values)
    return Agreement(
        question=question,
        level="ordinal" if is_number else "nominal",
        units=len(shared),
        raters=len({rater for given in shared.values() for rater in given}),
        raw=raw_agreement(shared),
        kappa=cohen_kappa(shared),
        alpha=krippendorff_alpha(shared, ordinal=is_number),
    )


def raw_agreement(ratings: Ratings) -> float | None:
    """Share of pairs of judgements of the same unit that are equal."""
    pairs = [
        one == other for given in ratings.values() for one, other in combinations(given.values(), 2)
    ]
    return sum(pairs) / len(pairs) if pairs else None


def cohen_kappa(ratings: Ratings) -> float | None:
    """Cohen's κ of exactly two raters (Cohen 1960, eq. 1), over the units that both have judged."""
    raters = sorted({rater for given in ratings.values() for rater in given})
    if len(raters) != 2:
        return None
    pairs = [(given[raters[0]], given[raters[1]]) for given in ratings.values() if len(given) == 2]
    if not pairs:
        return None
    observed = sum(one == other for one, other in pairs) / len(pairs)
    first, second = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    expected = sum(first[value] * second[value] for value in first) / len(pairs) ** 2
    return (observed - expected) / (1 - expected) if expected < 1 else None


def krippendorff_alpha(ratings: Ratings, *, ordinal: bool = False) -> float | None:
    """Krippendorff's α = 1 - D_o / D_e for any number of raters and gaps.

    K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections C and D.
    """
    coincidences: Counter[tuple[Value, Value]] = Counter()
    for given in ratings.values():
        values = list(given.values())
        for i, k in product(range(len(values)), repeat=2):
            if i != k:
                coincidences[values[i], values[k]] += 1 / (len(values) - 1)  # type: ignore[assignment]
    totals: Counter[Value] = Counter()
    for (value, _), count in coincidences.items():
        totals[value] += count
    n = totals.total()
    distance = _ordinal_distance(totals) if ordinal else _nominal_distance
    expected = sum(totals[c] * totals[k] * distance(c, k) for c, k in product(totals, repeat=2))
    if not expected:
        return None
    observed = sum(count * distance(c, k) for (c, k), count in coincidences.items())
    return 1 - (n - 1) * observed / expected


def distribution(votes: Iterable[Event]) -> dict[str, dict[str, int]]:
    """How many gave which answer, by question: a feeling has no one right label."""
    counts: dict[str, Counter[str]] = {}
    for vote in votes:
        for question, value in vote.answers.items():
            counts.setdefault(question, Counter())[str(value)] += 1
    return {question: dict(sorted(found.items())) for question, found in sorted(counts.items())}


def _nominal_distance(one: Value, other: Value) -> float:
    return float(one != other)


def _ordinal_distance(totals: Mapping[Value, float]) -> Callable[[Value, Value], float]:
    """Krippendorff 2011: the judgements between two ranks, half of each end, squared."""

    def distance(one: Value, other: Value) -> float:
        low, high = sorted((int(one), int(other)))
        between = sum(count for value, count in totals.items() if low <= int(value) <= high)
        return float(between - (totals[low] + totals[high]) / 2) ** 2

    return distance


def _first(question: str) -> tuple[bool, str]:
    return question != VERDICT, question
