"""Wylie: known spellings, the round trip of whatever text, and what is said without pyewts."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.errors import UsageError
from tthd_tools.extras import install_command
from tthd_tools.text import from_wylie, normalise, to_wylie, wylie

INSTALL = install_command("tibetan")


@pytest.fixture(autouse=True)
def _pyewts() -> None:
    pytest.importorskip("pyewts", reason=INSTALL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("བཀྲ་ཤིས་བདེ་ལེགས།", "bkra shis bde legs/"),
        ("གཡག་དང་གྱང", "g.yag dang gyang"),
        ("ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ", "oM ma Ni pad+me hU~M"),
        ("ཀྵ", "k+Sha"),
        ("ཕྱི་ལོ་ ༢༠༢༤ ཟླ་", "phyi lo _2024_zla "),
        ("མི་ 2024 ལོ་", "mi _[2024]_lo "),
        ("ཨ་ཕ་Bhagsu ལ", "a pha [Bhagsu]_la"),
        ("(ད་)(ར)། ང", "[(]da [)(]ra[)]/_nga"),
        ("ཀ [b] \\", "ka_[\\[b\\] \\\\]"),
        ("ཕ༹ྱ", "\\u0f55\\u0f39\\u0fb1"),  # a stack that EWTS orders otherwise
        ("༡༪", "1\\u0f2a"),
        ("", ""),
    ],
)
def test_known_texts_and_back(text: str, expected: str) -> None:
    assert to_wylie(text) == expected
    assert from_wylie(expected) == (text, ())


@given(st.text(st.sampled_from([*"ཀབགདརསཡའིེུཾཿྱྲྐ༹་། ༢༼aB[]\\_2-(é", "\u0f0c", "\u0f77", "ༀ", "\n"])))
@settings(max_examples=200, deadline=None)
def test_wylie_comes_back_as_the_normal_form(text: str) -> None:
    found = to_wylie(text)
    assert found is not None
    assert from_wylie(found).text == normalise(text, "bo")


@given(st.text(st.characters(), max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_at_all_comes_back_or_is_refused(text: str) -> None:
    found = to_wylie(text)
    assert found is None or from_wylie(found).text == normalise(text, "bo")


@given(st.text(st.sampled_from("kgstnhaeiou'/ _[]\\u.+~M1A|*\n"), max_size=30))
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_as_wylie_becomes_normal_text(typed: str) -> None:
    text = from_wylie(typed).text
    assert text == normalise(text, "bo")


def test_doubtful_wylie_is_told() -> None:
    found = from_wylie("bkra shis hello")
    assert found.text == "བཀྲ་ཤིས་ཧེལློ"
    assert found.problems == ('"hello": Subjoined "l" not expected after "l".',)
    assert from_wylie("bde [hello] legs") == ("བདེ་hello་ལེགས", ())


def test_what_would_take_minutes_is_refused_or_quick() -> None:
    with pytest.raises(UsageError, match="'kkkkkkkkkkkkkkkkkkkk'… is no Wylie"):
        from_wylie("ka " + "k" * 100_000)
    for text in ("ཀ" * 20_000, "ཀ" + "ྐ" * 20_000, "་ི" * 10_000):
        assert to_wylie(text) is not None


@pytest.mark.real
def test_all_real_text_comes_back(real_texts: dict[str, str]) -> None:
    escaped = set()
    for name, text in real_texts.items():
        found = to_wylie(text)
        assert found is not None, name
        assert from_wylie(found).text == normalise(text, "bo"), name
        if "\\u0f" in found:
            escaped.add(name)
    assert len(escaped) < 6  # those with a sign that has no letter


def test_without_pyewts_one_sentence_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyewts", None)
    wylie._converter.cache_clear()
    for convert in (to_wylie, from_wylie):
        with pytest.raises(UsageError, match="needs pyewts") as caught:
            convert("ཀ")
        assert INSTALL in str(caught.value)
    monkeypatch.undo()
    assert to_wylie("ཀ") == "ka"
