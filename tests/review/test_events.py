"""A line of JSON is one event that makes sense, or one sentence says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.review.made import correct, event, line, vote
from tthd_tools.review.events import MAX_LINE_BYTES, REASONS, VETOES, parse_event


def test_an_event_is_one_canonical_line() -> None:
    made = vote("tashi", 3, "reject", "blur", "minor", answers={"emotion": "happy", "n": 2})
    assert made.line().decode() == (
        '{"actor":"tashi","answers":{"emotion":"happy","n":2},"at":"2025-11-01T00:03:00.000Z",'
        f'"clip_id":"a_0000","comment":"","content_sha256":"{"a" * 64}","event":"vote",'
        '"event_id":"tashi-000003","fields_changed":{},"guideline_version":"1","item_id":"a",'
        '"reasons":["blur","minor"],"role":"reviewer","seconds_spent":0.0,"time_s":null,'
        '"ui_version":"","verdict":"reject"}'
    )
    assert parse_event(made.line()) == made
    assert made.has_veto


def test_a_sealed_event_names_the_line_before_and_nothing_else_changes() -> None:
    made = event()
    sealed = made.sealed("e" * 64)
    assert sealed.line() == made.line().replace(
        b'"reasons"', b'"prev_event_sha256":"' + b"e" * 64 + b'","reasons"'
    )
    assert sealed.unsealed() == made
    assert parse_event(made.sealed("").line()).prev_event_sha256 == ""


def test_corrections_keep_what_was_there_and_may_take_a_value_away() -> None:
    changed = {
        "text": {"old": "ཀ", "new": "ཁ\nག"},
        "emotion": {"old": "happy", "new": None},
        "emotion_intensity": {"old": None, "new": 3},
        "trim_s": {"old": [0, 4], "new": [0.5, 3]},
    }
    made = event(event="correct", fields_changed=changed)
    assert made.fields_changed.new() == {
        "text": "ཁ\nག",
        "emotion": None,
        "emotion_intensity": 3,
        "trim_s": (0.5, 3.0),
    }
    assert made.fields_changed.text is not None
    assert made.fields_changed.text.old == "ཀ"
    assert parse_event(made.line()) == made


def test_the_closed_list_of_reasons_begins_with_the_vetoes() -> None:
    assert VETOES == (
        "no_consent", "minor", "third_party", "synthetic", "harmful", "wrong_person",
    )  # fmt: skip
    assert REASONS[:6] == VETOES
    assert len(REASONS) == 21
    assert REASONS[-1] == "other"


CHANGED = {"text": {"old": "a", "new": "b"}}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"verdict": None}, "a vote needs a verdict"),
        ({"verdict": "maybe"}, "verdict: input should be 'accept', 'reject'"),
        ({"reasons": ["blur"]}, "reasons go with reject and request_changes"),
        ({"reasons": ["ugly"], "verdict": "reject"}, "reasons.0: input should be 'no_consent'"),
        ({"reasons": ["minor"], "verdict": "request_changes"}, "a veto needs the verdict reject"),
        ({"event": "comment"}, "it needs a comment"),
        ({"event": "comment", "comment": "x", "verdict": "skip"}, "comment has no verdict"),
        ({"event": "reopen", "comment": "x"}, "reopen is for adjudicators and maintainers"),
        ({"event": "adjudicate", "verdict": "accept"}, "adjudicate is for adjudicators"),
        (
            {"event": "adjudicate", "verdict": "skip", "role": "adjudicator"},
            "it must accept or reject",
        ),
        ({"event": "correct"}, "correct needs fields_changed"),
        ({"fields_changed": CHANGED}, "vote has no fields_changed"),
        (
            {"event": "correct", "clip_id": None, "fields_changed": CHANGED},
            "a correction needs its clip_id",
        ),
        ({"event": "withdraw_vote", "answers": {"a": 1}}, "withdraw_vote has no answers"),
        ({"clip_id": "b_0000"}, "b_0000 is no clip of a"),
        ({"clip_id": "a_b_0000"}, "a_b_0000 is no clip of a"),
        ({"clip_id": "../a"}, "clip_id: string should match"),
        ({"actor": "Tashi", "event_id": "12345678"}, "actor: string should match"),
        ({"actor": "a/../../b", "event_id": "12345678"}, "actor: string should match"),
        ({"event_id": "x"}, "event_id: string should match"),
        ({"at": "2025-13-01T00:00:00.000Z"}, "at: '2025-13-01T00:00:00.000Z' is no time like"),
        ({"at": "2025-11-01 00:00:00.000+"}, "at: '2025-11-01 00:00:00.000+' is no time like"),
        ({"content_sha256": "A" * 64}, "content_sha256: string should match"),
        ({"comment": "a\x1b[2Jb"}, "comment: it holds the control character U+001B"),
        ({"comment": "x" * 2001}, "comment: string should have at most 2000 characters"),
        ({"answers": {"Not a name": 1}}, "answers.Not a name.[key]: string should match"),
        ({"answers": {f"q{n}": 1 for n in range(51)}}, "answers: dictionary should have at most"),
        ({"seconds_spent": "3"}, "seconds_spent: input should be a valid number"),
        ({"seconds_spent": -1}, "seconds_spent: input should be greater"),
        ({"shoe_size": 44}, "shoe_size: extra inputs are not permitted"),
        ({"prev_event_sha256": "x"}, "prev_event_sha256: string should match"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:
        parse_event(line(**fields))
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("trim_s", [3, 1]),
        ("trim_s", [-1, 1]),
        ("trim_s", [1]),
        ("emotion", "joy"),
        ("emotion_intensity", 4),
        ("dialect", "<script>"),
        ("text", None),
        ("speaker_id", "spk_x"),
    ],
)
def test_a_correction_to_nonsense_is_refused(field: str, new: Any) -> None:
    with pytest.raises(ValueError, match=r"^fields_changed\."):
        correct("tashi", 0, field, new)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "no JSON at character 1 (expecting value)"),
        (b"[]", "input should be an object"),
        (b'{"a":1,"a":2}', "it names the key 'a' twice"),
        (b'{"a":{"b":1,"b":1}}', "it names the key 'b' twice"),
        (b'{"a":NaN}', "NaN is no JSON number"),
        (b'{"a":\xff}', "it is no UTF-8 at byte 5"),
        (b"[" * 100_000, "it is nested more than 20 deep"),
        (b'"' + b"x" * MAX_LINE_BYTES + b'"', "it is longer than 1048576 bytes"),
        (line(comment="\ud800"), "it holds half characters (lone surrogates)"),
    ],
)
def test_what_is_no_line_of_a_log_is_refused(raw: bytes, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_event(raw)
    assert str(caught.value).startswith(sentence)


@settings(max_examples=100)
@given(st.recursive(st.none() | st.integers() | st.text() | st.floats(), st.lists))
def test_no_value_of_any_field_breaks_the_reader(value: Any) -> None:
    for name in json.loads(line()):
        try:
            made = parse_event(line(**{name: value}))
        except ValueError:
            continue
        assert parse_event(made.line()) == made
