"""A decision is bound to what was seen: source, span, track and row, and to nothing else."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tthd_tools.clip import Clip, Span
from tthd_tools.review.content import content_sha256, item_content_sha256, subject_of
from tthd_tools.testing import dummy_item


def clip(**fields: Any) -> Clip:
    item = dummy_item(**({"text": "ཀ", "duration_s": 9.0} | fields))
    return Clip(
        "dummy-00000000_0000",
        "clip",
        item,
        Path("a.mp4"),
        Span(1.0, 4.0),
        fingerprints={"tracks": "t"},
    )


def test_the_hash_is_a_function_of_the_content() -> None:
    text = (
        '{"row":{"consent_id":null,"dialect":null,"emotion":null,"emotion_intensity":null,'
        '"emotion_origin":null,"language":null,"license":null,"rights":"unknown",'
        '"speaker_id":"spk_item_dummy-00000000","stated":{},"text":"ཀ","text_status":null,'
        f'"tier":"internal"}},"source":"{"0" * 64}","span":[1.0,4.0],"tracks":"t"}}'
    )
    assert content_sha256(clip()) == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "ཁ"},
        {"speaker_id": "spk_other"},
        {"consent_id": "con_a"},
        {"rights": "open_licence"},
        {"license": "CC0-1.0"},
        {"tier": "open"},
        {"language": "bo"},
        {"dialect": "amdo"},
        {"text_status": "human"},
        {"emotion": "sad"},
        {"emotion_intensity": 1},
        {"emotion_origin": "intended"},
        {"stated": {"synthetic": "voice"}},
        {"sha256": "1" * 64},
    ],
)
def test_another_row_or_source_is_other_content(fields: dict[str, Any]) -> None:
    assert content_sha256(clip(**fields)) != content_sha256(clip())
    assert item_content_sha256(clip(**fields).item) != item_content_sha256(clip().item)


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "moved/elsewhere.mp4"},
        {"text_norm": "ཀ"},
        {"extra": {"camera": "x"}},
        {"probe": {"fps": 25}},
        {"submission_id": "sub_20250101_abc"},
        {"contributor": "tashi"},
    ],
)
def test_where_it_lies_and_what_is_measured_is_not_content(fields: dict[str, Any]) -> None:
    assert content_sha256(clip(**fields)) == content_sha256(clip())


def test_another_span_or_track_is_another_clip_of_the_same_item() -> None:
    other = replace(clip(), span=Span(1.0, 4.04))
    again = replace(clip(), fingerprints={"tracks": "u"})
    assert len({content_sha256(one) for one in (clip(), other, again)}) == 3
    assert item_content_sha256(other.item) == item_content_sha256(clip().item)
    encoded = replace(clip(), fingerprints={"tracks": "t", "encode": "e"})
    assert content_sha256(encoded) == content_sha256(clip())


def test_a_subject_knows_who_sent_it_and_what_it_says() -> None:
    found = subject_of(clip(contributor="tashi", dialect="amdo"))
    assert (found.clip_id, found.item_id) == ("dummy-00000000_0000", "dummy-00000000")
    assert (found.contributor, found.duration_s) == ("tashi", 3.0)
    assert found.sent == {
        "text": "ཀ",
        "dialect": "amdo",
        "emotion": None,
        "emotion_intensity": None,
    }
