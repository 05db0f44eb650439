"""The policy: measurements and rules go in; who is kept, and what each rule costs, comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tthd_tools.errors import PipelineError
from tthd_tools.pipeline import Rule, suggest
from tthd_tools.table import columns

if TYPE_CHECKING:
    import polars as pl

GROUPS = ("speaker_id", "dialect", "emotion")
LOOSER = 0.8
"""The next looser step of a threshold: a fifth of the way to zero, or away from it for ``>``; as
far as the nearest clip where that gains none."""
_SIMPLE = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True)
class RuleCost:
    """What one rule takes away, in clips and seconds.

    ``alone``: what would come back if this rule alone were gone; ``looser``: the same for its next
    looser value, None for a rule that is no single comparison. ``by`` holds, for speaker, dialect
    and emotion, seconds lost for each value.
    """

    rule: Rule
    clips: int
    seconds: float
    alone_clips: int
    alone_seconds: float
    looser: str | None
    looser_clips: int | None
    looser_seconds: float | None
    by: dict[str, dict[str, float]] = field(default_factory=dict)


def apply_policy(table: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Add ``keep``, ``dropped_by`` and ``flags``: every rule is evaluated on every whole clip.

    A rule that evaluates to null does not fire; ``keep`` exempts a clip from the drop rules after
    it. Rows without a whole clip are not kept. Raises PipelineError for an expression that names an
    unknown column or is no SQL.
    """

    fired = [_fired(table, rule) for rule in rules]
    drops = _drops(table, rules, fired)
    return table.with_columns(
        _kept(table, rules, fired).alias("keep"),
        dropped_by=_names(rules, drops, "drop"),
        flags=_names(rules, fired, "flag"),
    )


def _names(rules: Sequence[Rule], marks: Sequence[pl.Series], action: str) -> pl.Expr:
    """For each row the names of the rules of that action that have marked it, in their order."""
    import polars as pl

    found = [
        pl.when(mark).then(pl.lit(rule.name))
        for rule, mark in zip(rules, marks, strict=True)
        if rule.action == action
    ]
    return pl.concat_list(pl.lit(None, pl.String), *found).list.drop_nulls()


def check_policy(rules: Sequence[Rule]) -> None:
    """Prove every expression on an empty table. Raises PipelineError as ``apply_policy``."""
    from tthd_tools.table import make_table

    apply_policy(make_table([]), rules)


def rule_costs(table: pl.DataFrame, rules: Sequence[Rule]) -> list[RuleCost]:
    """What each drop or flag rule costs, in the policy's order."""
    fired = [_fired(table, rule) for rule in rules]
    return [_cost(table, rules, fired, k) for k in range(len(rules)) if rules[k].action != "keep"]


def _cost(
    table: pl.DataFrame, rules: Sequence[Rule], fired: Sequence[pl.Series], index: int
) -> RuleCost:
    rule = rules[index]
    marks = _drops(table, rules, fired) if rule.action == "drop" else fired
    hit = table.filter(marks[index])
    alone = _gained(table, rules, fired, index, fired[index] & False)
    loose = _looser(rule) if rule.action == "drop" else None
    gained = None if loose is None else _gained(table, rules, fired, index, _fired(table, loose))
    if gained is not None and gained.is_empty() and not alone.is_empty():
        loose = _nearest(rule, alone)
        gained = _gained(table, rules, fired, index, _fired(table, loose))
    return RuleCost(
        rule=rule,
        clips=hit.height,
        seconds=float(hit["duration_s"].sum()),
        alone_clips=alone.height,
        alone_seconds=float(alone["duration_s"].sum()),
        looser=None if loose is None else loose.when,
        looser_clips=None if gained is None else gained.height,
        looser_seconds=None if gained is None else float(gained["duration_s"].sum()),
        by={group: _seconds_by(hit, group) for group in GROUPS},
    )


def _gained(
    table: pl.DataFrame,
    rules: Sequence[Rule],
    fired: Sequence[pl.Series],
    index: int,
    instead: pl.Series,
) -> pl.DataFrame:
    """Clips that would be kept if one rule had fired otherwise, and are not kept now."""
    other = [*fired[:index], instead, *fired[index + 1 :]]
    return table.filter(_kept(table, rules, other) & ~_kept(table, rules, fired))


def _drops(
    table: pl.DataFrame, rules: Sequence[Rule], fired: Sequence[pl.Series]
) -> list[pl.Series]:
    """Which clips each rule drops: those that no ``keep`` rule before it has exempted."""
    exempt = table["outcome"] != "clip"
    drops = []
    for rule, mark in zip(rules, fired, strict=True):
        drops.append(mark & ~exempt if rule.action == "drop" else mark & False)
        if rule.action == "keep":
            exempt = exempt | mark
    return drops


def _kept(table: pl.DataFrame, rules: Sequence[Rule], fired: Sequence[pl.Series]) -> pl.Series:
    kept = table["outcome"] == "clip"
    for drop in _drops(table, rules, fired):
        kept = kept & ~drop
    return kept


def _seconds_by(table: pl.DataFrame, group: str) -> dict[str, float]:
    import polars as pl

    sums = table.group_by(pl.col(group).fill_null("unknown")).agg(pl.col("duration_s").sum())
    return {str(name): round(seconds, 3) for name, seconds in sums.sort(group).iter_rows()}


def _looser(rule: Rule) -> Rule | None:
    match = _SIMPLE.fullmatch(rule.when)
    if match is None:
        return None
    name, sign, number = match.groups()
    value = float(number)
    # `<` gets looser downwards, `>` upwards; on the other side of zero the factor turns round.
    shrink = sign.startswith("<") == (value > 0)
    moved = value * LOOSER if shrink else value / LOOSER
    return rule.model_copy(update={"when": f"{name} {sign} {moved:.4g}"}) if value else None


def _nearest(rule: Rule, alone: pl.DataFrame) -> Rule:
    """The threshold at which the first of the clips that this rule alone drops would come back."""
    match = _SIMPLE.fullmatch(rule.when)
    if match is None:
        raise ValueError(f"{rule.when!r} is no single comparison")
    name, sign, _ = match.groups()
    values = alone[name]
    value, side = (values.max(), "<") if sign.startswith("<") else (values.min(), ">")
    return rule.model_copy(update={"when": f"{name} {side} {value!r}"})


def _fired(table: pl.DataFrame, rule: Rule) -> pl.Series:
    """On which whole clips a rule fires; null is no."""
    import polars as pl

    try:
        expression = pl.sql_expr(rule.when)
        unknown = [name for name in expression.meta.root_names() if name not in table.columns]
        if unknown:
            hint = suggest(unknown[0], list(columns()))
            if "did you mean" not in hint:
                hint = "; `tthd status --columns` names them"
            raise PipelineError(f"rule {rule.name}: unknown column {unknown[0]!r}{hint}")
        # Beside a column, so that an expression without any gets its length.
        series = table.select("outcome", fired=expression)["fired"]
    except (pl.exceptions.PolarsError, TypeError) as error:
        sentence = (str(error).splitlines() or [""])[0]
        raise PipelineError(
            f"rule {rule.name}: {rule.when!r} is no expression: {sentence}"
        ) from error
    if series.dtype not in (pl.Boolean, pl.Null):
        raise PipelineError(
            f"rule {rule.name}: {rule.when!r} gives {series.dtype}, not true or false"
        )
    return series.cast(pl.Boolean).fill_null(False) & (table["outcome"] == "clip")
