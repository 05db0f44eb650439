"""The policy: measurements and rules go in; who is kept, and what each rule costs, comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tthd_tools.errors import PipelineError
from tthd_tools.pipeline import Rule, suggest
from tthd_tools.table import columns

if TYPE_CHECKING:
    import polars as pl

POLICY_COLUMNS = ("keep", "dropped_by", "flags")
GROUPS = ("speaker_id", "dialect", "emotion")
LOOSER = 0.8
"""The next looser step of a threshold: a fifth of the way to zero, or away from it for ``>``."""
_SIMPLE = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*")
_WORDS = re.compile(r"[A-Za-z_]\w*")


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
    import polars as pl

    fired = _fired(table, rules)
    whole = (table["outcome"] == "clip").to_list()
    keep, dropped_by, flags = [], [], []
    for index, is_clip in enumerate(whole):
        drops, marks, exempt = [], [], False
        for rule, values in zip(rules, fired, strict=True):
            if not (is_clip and values[index]):
                continue
            if rule.action == "keep":
                exempt = True
            elif rule.action == "flag":
                marks.append(rule.name)
            elif not exempt:
                drops.append(rule.name)
        keep.append(is_clip and not drops)
        dropped_by.append(drops)
        flags.append(marks)
    return table.with_columns(
        pl.Series("keep", keep, dtype=pl.Boolean),
        pl.Series("dropped_by", dropped_by, dtype=pl.List(pl.String)),
        pl.Series("flags", flags, dtype=pl.List(pl.String)),
    )


def check_policy(rules: Sequence[Rule]) -> None:
    """Prove every expression on an empty table. Raises PipelineError as ``apply_policy``."""
    from tthd_tools.table import make_table

    apply_policy(make_table([]), rules)


def rule_costs(table: pl.DataFrame, rules: Sequence[Rule]) -> list[RuleCost]:
    """What each drop or flag rule costs, in the policy's order."""
    plain = table.drop([name for name in POLICY_COLUMNS if name in table.columns])
    judged = apply_policy(plain, rules)
    return [_cost(plain, judged, rules, rule) for rule in rules if rule.action != "keep"]


def _cost(plain: pl.DataFrame, judged: pl.DataFrame, rules: Sequence[Rule], rule: Rule) -> RuleCost:
    import polars as pl

    column = "dropped_by" if rule.action == "drop" else "flags"
    hit = judged.filter(pl.col(column).list.contains(rule.name))
    alone = _gained(plain, judged, [one for one in rules if one is not rule])
    loose = _looser(rule)
    gained = (
        _gained(plain, judged, [loose if one is rule else one for one in rules])
        if loose is not None and rule.action == "drop"
        else None
    )
    return RuleCost(
        rule=rule,
        clips=hit.height,
        seconds=float(hit["duration_s"].sum()),
        alone_clips=alone.height,
        alone_seconds=float(alone["duration_s"].sum()),
        looser=None if loose is None or gained is None else loose.when,
        looser_clips=None if gained is None else gained.height,
        looser_seconds=None if gained is None else float(gained["duration_s"].sum()),
        by={group: _seconds_by(hit, group) for group in GROUPS},
    )


def _gained(plain: pl.DataFrame, judged: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Clips that would be kept under other rules and are not under these."""
    other = apply_policy(plain, rules)
    return plain.filter(other["keep"] & ~judged["keep"])


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


def _fired(table: pl.DataFrame, rules: Sequence[Rule]) -> list[list[bool | None]]:
    import polars as pl

    fired = []
    for rule in rules:
        try:
            series = table.select(pl.sql_expr(rule.when).alias("fired"))["fired"]
        except pl.exceptions.ColumnNotFoundError:
            raise PipelineError(_unknown_column(rule)) from None
        except (pl.exceptions.PolarsError, pl.exceptions.SQLSyntaxError) as error:
            sentence = str(error).splitlines()[0]
            raise PipelineError(
                f"rule {rule.name}: {rule.when!r} is no expression: {sentence}"
            ) from (error)
        if series.dtype not in (pl.Boolean, pl.Null):
            raise PipelineError(
                f"rule {rule.name}: {rule.when!r} gives {series.dtype}, not true or false"
            )
        if len(series) == 1 and table.height != 1:  # an expression without columns
            series = pl.Series("fired", [series[0]] * table.height, dtype=pl.Boolean)
        fired.append(series.to_list())
    return fired


def _unknown_column(rule: Rule) -> str:
    known = list(columns())
    words: list[str] = _WORDS.findall(re.sub(r"'[^']*'", "", rule.when))
    keywords = {"and", "or", "not", "is", "null", "in", "between", "like", "true", "false"}
    unknown = [word for word in words if word not in known and word.lower() not in keywords]
    name = unknown[0] if unknown else rule.when
    return f"rule {rule.name}: unknown column {name!r}{suggest(name, known)}"


def kept_rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of the clips that the policy keeps."""
    return table.filter(table["keep"]).to_dicts()
