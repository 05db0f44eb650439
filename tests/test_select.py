"""The policy on a handmade table: who is kept, what each rule costs, and what is no rule."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tthd_tools.errors import PipelineError
from tthd_tools.pipeline import Rule, find_pipeline, load_pipeline
from tthd_tools.select import apply_policy, check_policy, rule_costs
from tthd_tools.table import make_table

CLIPS: list[dict[str, Any]] = [
    # clip_id, duration_s, speech_ratio, speaker, dialect
    {"clip_id": "a_0000", "duration_s": 2.0, "speech_ratio": 0.9, "speaker_id": "spk_a"},
    {"clip_id": "a_0001", "duration_s": 2.5, "speech_ratio": 0.05, "speaker_id": "spk_a"},
    {"clip_id": "b_0000", "duration_s": 4.0, "speech_ratio": 0.05, "speaker_id": "spk_b"},
    {"clip_id": "b_0001", "duration_s": 8.0, "speech_ratio": None, "speaker_id": "spk_b"},
    {"clip_id": "c_0000", "duration_s": 16.0, "speech_ratio": 0.5, "speaker_id": "spk_c"},
    {"clip_id": "d_0000", "duration_s": 1.0, "speech_ratio": 0.0, "outcome": "failed"},
    {"clip_id": None, "duration_s": None, "outcome": "rejected", "reason": "no_face"},
]
DIALECTS = {"spk_a": "amdo", "spk_b": "kham"}


def table() -> pl.DataFrame:
    rows = [
        {"outcome": "clip", "dialect": DIALECTS.get(clip.get("speaker_id", ""))} | clip
        for clip in CLIPS
    ]
    return pl.DataFrame(rows, schema=make_table([]).schema)


def rule(name: str, action: Any, when: str) -> Rule:
    return Rule(name=name, action=action, when=when)


SHORT = rule("too_short", "drop", "duration_s < 3")
MUTE = rule("no_speech", "drop", "speech_ratio < 0.1")


def kept(rules: list[Rule]) -> list[str]:
    judged = apply_policy(table(), rules)
    return judged.filter(judged["keep"])["clip_id"].to_list()


def test_without_rules_every_whole_clip_is_kept_and_nothing_else() -> None:
    judged = apply_policy(table(), [])
    assert judged["keep"].to_list() == [True] * 5 + [False] * 2
    assert judged["dropped_by"].to_list() == [[]] * 7
    assert judged["flags"].to_list() == [[]] * 7


def test_any_drop_rule_drops_and_all_are_named() -> None:
    judged = apply_policy(table(), [SHORT, MUTE])
    assert judged["keep"].to_list() == [False, False, False, True, True, False, False]
    assert judged["dropped_by"].to_list() == [
        ["too_short"],
        ["too_short", "no_speech"],
        ["no_speech"],
        [],
        [],
        [],
        [],
    ]


def test_a_rule_that_is_null_does_not_fire() -> None:
    assert "b_0001" in kept([MUTE])
    assert "b_0001" in kept([rule("not", "drop", "NOT (speech_ratio > 0.1)")])
    assert "b_0001" not in kept([rule("unmeasured", "drop", "speech_ratio IS NULL")])
    assert kept([rule("nothing", "drop", "NULL")]) == kept([])
    assert kept([rule("nobody_measured_it", "drop", "sync_peak < 2")]) == kept([])


def test_flags_mark_and_keep() -> None:
    judged = apply_policy(table(), [rule("long", "flag", "duration_s > 7"), SHORT])
    assert judged["flags"].to_list() == [[], [], [], ["long"], ["long"], [], []]
    assert judged["keep"].to_list() == [False, False, True, True, True, False, False]


def test_keep_exempts_from_the_drop_rules_after_it_only() -> None:
    chosen = rule("chosen", "keep", "speaker_id = 'spk_a'")
    assert kept([chosen, SHORT, MUTE]) == ["a_0000", "a_0001", "b_0001", "c_0000"]
    assert kept([SHORT, chosen, MUTE]) == ["b_0001", "c_0000"]
    assert kept([MUTE, chosen, SHORT]) == ["a_0000", "b_0001", "c_0000"]
    judged = apply_policy(table(), [chosen, SHORT, rule("brief", "flag", "duration_s < 3")])
    assert judged["dropped_by"].to_list()[:2] == [[], []]
    assert judged["flags"].to_list()[:2] == [["brief"], ["brief"]]


@pytest.mark.parametrize(
    ("when", "dropped"),
    [
        ("duration_s BETWEEN 2.5 AND 8", ["a_0001", "b_0000", "b_0001"]),
        ("speaker_id = 'spk_c' OR dialect = 'amdo'", ["a_0000", "a_0001", "c_0000"]),
        ("speaker_id IN ('spk_a', 'spk_c')", ["a_0000", "a_0001", "c_0000"]),
        ("clip_id LIKE 'b%'", ["b_0000", "b_0001"]),
        ("abs(duration_s - 4) < 1.6", ["a_0001", "b_0000"]),
        ("coalesce(speech_ratio, 0) < 0.1", ["a_0001", "b_0000", "b_0001"]),
        ("upper(dialect) = 'KHAM'", ["b_0000", "b_0001"]),
        ("dialect IS NULL", ["c_0000"]),
        ("true", ["a_0000", "a_0001", "b_0000", "b_0001", "c_0000"]),
        ("duration_s > 1 AND NOT speech_ratio > 0.4", ["a_0001", "b_0000"]),
    ],
)
def test_a_rule_is_any_sql_expression(when: str, dropped: list[str]) -> None:
    judged = apply_policy(table(), [rule("it", "drop", when)])
    hit = judged.filter(judged["dropped_by"].list.len() > 0)
    assert hit["clip_id"].to_list() == dropped


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("duration < 3", "rule it: unknown column 'duration'; did you mean 'duration_s'?"),
        (
            "abs(sync_ofset_ms) > 3",
            "rule it: unknown column 'sync_ofset_ms'; did you mean 'sync_offset_ms'?",
        ),
        ("xyzzy > 3", "rule it: unknown column 'xyzzy'; `tthd status --columns` names them"),
        ("keep", "rule it: unknown column 'keep'; `tthd status --columns` names them"),
        ("duration_s + 1", "rule it: 'duration_s + 1' gives Float64, not true or false"),
        ("duration_s <", "rule it: 'duration_s <' is no expression: "),
        ("", "rule it: '' is no expression: "),
        ("SELECT 1", "rule it: 'SELECT 1' is no expression: "),
        ("duration_s < 'x'", "rule it: \"duration_s < 'x'\" is no expression: "),
        ("nonsense(duration_s) > 1", "rule it: 'nonsense(duration_s) > 1' is no expression: "),
        ("duration_s; drop", "rule it: 'duration_s; drop' is no expression: "),
    ],
)
def test_what_is_no_rule_is_one_sentence_before_any_work(when: str, sentence: str) -> None:
    with pytest.raises(PipelineError) as caught:
        check_policy([rule("it", "drop", when)])
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_what_each_rule_costs() -> None:
    short, mute = rule_costs(table(), [SHORT, MUTE])
    assert (short.clips, short.seconds) == (2, 4.5)
    assert (short.alone_clips, short.alone_seconds) == (1, 2.0)
    assert (short.looser, short.looser_clips, short.looser_seconds) == ("duration_s < 2.0", 1, 2.0)
    assert short.by == {
        "speaker_id": {"spk_a": 4.5},
        "dialect": {"amdo": 4.5},
        "emotion": {"unknown": 4.5},
    }
    assert (mute.clips, mute.seconds) == (2, 6.5)
    assert (mute.alone_clips, mute.alone_seconds) == (1, 4.0)
    assert (mute.looser, mute.looser_clips) == ("speech_ratio < 0.05", 1)
    assert mute.by["speaker_id"] == {"spk_a": 2.5, "spk_b": 4.0}


def test_a_looser_threshold_gains_what_no_other_rule_drops() -> None:
    (short,) = rule_costs(table(), [rule("short", "drop", "duration_s < 2.6")])
    assert (short.looser, short.looser_clips) == ("duration_s < 2.08", 1)
    assert short.looser_seconds == 2.5
    short, _ = rule_costs(table(), [rule("short", "drop", "duration_s < 2.6"), MUTE])
    assert (short.looser, short.looser_clips) == ("duration_s < 2.0", 1)
    twice = [rule("short", "drop", "duration_s < 2.6"), rule("too", "drop", "duration_s < 3")]
    short, _ = rule_costs(table(), twice)  # nothing comes back while the other rule stands
    assert (short.looser, short.looser_clips, short.looser_seconds) == ("duration_s < 2.08", 0, 0.0)


@pytest.mark.parametrize(
    ("when", "looser"),
    [
        ("duration_s < 10", "duration_s < 8"),
        ("duration_s >= 10", "duration_s > 16.0"),
        ("duration_s >= 14", "duration_s >= 17.5"),
        ("quality_snr_db < -10", "quality_snr_db < -12.5"),
        ("quality_snr_db > -10", "quality_snr_db > -8"),
        ("duration_s < 0", None),
        ("duration_s < 3 OR speech_ratio < 0.1", None),
        ("dialect IS NULL", None),
    ],
)
def test_looser_is_the_side_where_fewer_are_dropped(when: str, looser: str | None) -> None:
    (cost,) = rule_costs(table(), [rule("it", "drop", when)])
    assert cost.looser == looser
    assert (cost.looser_clips is None) == (looser is None)


def test_flags_cost_nothing_but_are_counted() -> None:
    long, short = rule_costs(table(), [rule("long", "flag", "duration_s > 7"), SHORT])
    assert (long.clips, long.seconds, long.alone_clips, long.looser) == (2, 24.0, 0, None)
    assert long.by["speaker_id"] == {"spk_b": 8.0, "spk_c": 16.0}
    assert short.clips == 2


def test_exempted_clips_are_no_cost() -> None:
    chosen = rule("chosen", "keep", "clip_id = 'a_0000'")
    (short,) = rule_costs(table(), [chosen, SHORT])
    assert (short.clips, short.seconds, short.alone_clips) == (1, 2.5, 1)


def test_the_packaged_policies_are_valid_on_an_empty_table() -> None:
    for name in ("tthd", "quick"):
        check_policy(load_pipeline(find_pipeline(name)).policy)


def test_ten_thousand_clips_are_judged() -> None:
    large = pl.concat([table()] * 1500)
    judged = apply_policy(large, [SHORT, MUTE])
    assert judged["keep"].sum() == 3000
    assert rule_costs(large, [SHORT, MUTE])[0].clips == 3000
