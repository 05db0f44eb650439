"""Language tags: which are Tibetan, which are tags at all, and which dialects they allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.text import (
    DIALECTS,
    VARIETIES,
    dialect_problem,
    is_language_tag,
    is_tibetan,
    suggest_tag,
)


@pytest.mark.parametrize(
    "tag",
    [
        *("bo", "BO", "bo-CN", "bo-x-lhasa", "adx", "adx-x-xiahe", "khg", "dz", "lbj", "xsr"),
        *("bft-Tibt", "tib", "bod", "zh-bo", "bo_CN"),
    ],
)
def test_tibetan_tags(tag: str) -> None:
    assert is_tibetan(tag)


@pytest.mark.parametrize(
    "tag", ["de", "zh", "zh-CN", "bo-Latn", "boa", "x-bo", "bft", "en-x-tibt", ""]
)
def test_other_tags(tag: str) -> None:
    assert not is_tibetan(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "bo",
        "bo-x-lhasa",
        "adx-x-xiahe",
        "de",
        "de-1996",
        "zh-Hant-TW",
        "es-419",
        "BO-cn",
        "cmn",
        "tl",
        "sgn-US",
    ],
)
def test_tags_that_are_ones(tag: str) -> None:
    assert is_language_tag(tag)


@pytest.mark.parametrize(
    "tag",
    [
        *("", "qq", "xx-yy", "bo_CN", "bo-", "bo-x-", "Tibetan", "bo CN", "bo-x-lhasaspeech"),
        *("x-lhasa", "deu", "tib", "i-klingon", "བོད", "bo\n", "de-1901-1901", "bo" + "-x" * 60),
    ],
)
def test_tags_that_are_none(tag: str) -> None:
    assert not is_language_tag(tag)


@pytest.mark.parametrize(
    ("tag", "better"),
    [
        *(("tib", "bo"), ("bod", "bo"), ("zh-bo", "bo"), ("Tibetan", "bo"), ("TIB", "bo")),
        *(("bo_CN", "bo-CN"), ("deu", "de"), ("deu-AT", "de-AT"), ("dzo", "dz")),
        *(("i-klingon", "tlh"), ("tl", None), ("cmn", None), ("sh", None)),
        *(("bo", None), ("BO", None), ("bo-x-lhasa", None), ("adx", None), ("nonsense", None)),
    ],
)
def test_a_better_tag_is_suggested(tag: str, better: str | None) -> None:
    assert suggest_tag(tag) == better


@given(st.text(max_size=30) | st.from_regex(r"[a-z]{2,3}(-[A-Za-z0-9]{1,9}){0,4}", fullmatch=True))
def test_nothing_typed_as_a_tag_breaks_anything(tag: str) -> None:
    better = suggest_tag(tag)
    assert better is None or is_language_tag(better)
    assert is_tibetan(tag) in (True, False)
    dialect_problem(tag, "amdo")


def test_every_variety_of_the_table_is_a_tag_and_agrees_with_its_dialect() -> None:
    assert [one.tag for one in VARIETIES] == ["bo", "adx", "khg", "dz", "lbj", "xsr"]
    for one in VARIETIES:
        assert is_language_tag(one.tag)
        assert is_tibetan(one.tag)
        assert one.dialect in DIALECTS
        assert suggest_tag(one.iso639_3) in (one.tag, None)
        for dialect in (one.dialect, "unknown", ""):
            assert dialect_problem(one.tag, dialect) is None
            assert dialect_problem(f"{one.tag}-x-village", dialect) is None


@pytest.mark.parametrize(
    ("language", "dialect", "said"),
    [
        ("khg", "amdo", "language khg is not dialect amdo; write language adx, or dialect kham"),
        ("bo", "amdo", "language bo is not dialect amdo; write language adx, or dialect u-tsang"),
        ("adx", "u-tsang", "language adx is not dialect u-tsang; write language bo"),
        ("adx", "other", "language adx is not dialect other; write dialect amdo"),
        ("dz", "kham", "language dz is not dialect kham; write language khg, or dialect other"),
    ],
)
def test_a_dialect_of_another_language_is_told(language: str, dialect: str, said: str) -> None:
    assert said in (dialect_problem(language, dialect) or "")


@pytest.mark.parametrize(
    ("language", "dialect"), [("bo", "other"), ("de", "amdo"), ("de", "bavarian")]
)
def test_what_agrees(language: str, dialect: str) -> None:
    assert dialect_problem(language, dialect) is None
