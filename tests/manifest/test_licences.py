"""SPDX expressions: what is one, how it is spelt, which tier it allows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthd_tools.manifest.licences import (
    CONTENT_LICENCES,
    canonical_licence,
    nearest_licence,
    own_licences,
    usual_licence,
    widest_tier,
)


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("mit and (cc0-1.0 or apache-2.0)", "MIT AND (CC0-1.0 OR Apache-2.0)"),
        ("GPL-2.0-only WITH Classpath-exception-2.0",) * 2,
        ("LicenseRef-Lab.A-1",) * 2,
        ("licenseref-Lab", "LicenseRef-Lab"),
        ("MIT OR LicenseRef-x",) * 2,
    ],
)
def test_expressions_have_one_usual_spelling(text: str, usual: str) -> None:
    assert canonical_licence(text) == usual
    assert canonical_licence(usual) == usual


@pytest.mark.parametrize(
    "text",
    [
        "", "CC BY 4.0", "CC-BY", "free", "MIT AND", "AND", "(MIT", "MIT)", "MIT MIT",
        "LicenseRef-a b", "LicenseRef-a_b", "LicenseRef-", "LicenseRef-ཀ", "MIT WITH nothing",
        "()", "(" * 100 + "MIT", "MIT OR " * 50 + "MIT", "__import__('os')", "NOASSERTION",
    ],
)  # fmt: skip
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(ValueError):
        canonical_licence(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cc by 4.0", "CC-BY-4.0"),
        ("CC_BY_NC_SA_4.0", "CC-BY-NC-SA-4.0"),
        ("Creative Commons BY-SA 4.0", "CC-BY-SA-4.0"),
        ("CC0", "CC0-1.0"),
        ("apache 2", "Apache-2.0"),
        ("all rights reserved", None),
    ],
)
def test_the_nearest_licence_is_suggested(text: str, meant: str | None) -> None:
    assert nearest_licence(text) == meant


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("mit and cc-by-4.0", "MIT AND CC-BY-4.0"),
        ("cc by 4.0", "CC-BY-4.0"),
        (" CC.BY-nc sa 4.0", "CC-BY-NC-SA-4.0"),
        ("CC0", None),
        ("CC BY", None),
        ("cc by 5.0", None),
        ("Creative Commons BY 4.0", None),
        ("M\u0131T", None),
        ("CC BY 4.0" + " " * 200, None),
    ],
)
def test_nothing_is_guessed_of_a_licence(text: str, usual: str | None) -> None:
    assert usual_licence(text) == usual


def test_what_is_suggested_is_spelt_as_usual() -> None:
    for one in CONTENT_LICENCES:
        assert canonical_licence(one) == one


@pytest.mark.parametrize(
    ("expression", "tier"),
    [
        ("CC-BY-4.0", "open"),
        ("CC0-1.0", "open"),
        ("CC-BY-SA-3.0", "open"),
        ("LicenseRef-ours", "open"),
        ("CC-BY-NC-4.0", "registered"),
        ("CC-BY-NC-SA-3.0-IGO", "registered"),
        ("PolyForm-Noncommercial-1.0.0", "registered"),
        ("CC-BY-ND-4.0", "internal"),
        ("CC-BY-NC-ND-2.5", "internal"),
        ("CC-BY-NC-4.0 OR CC-BY-4.0", "open"),
        ("CC-BY-NC-4.0 AND CC-BY-4.0", "registered"),
        ("CC-BY-ND-4.0 OR CC-BY-NC-4.0 AND MIT", "registered"),
        ("(CC-BY-ND-4.0 OR CC-BY-NC-4.0) AND MIT", "registered"),
        ("CC-BY-4.0 AND (CC-BY-ND-4.0 AND MIT)", "internal"),
        ("GPL-2.0-only WITH Classpath-exception-2.0 OR CC-BY-ND-4.0", "open"),
    ],
)
def test_the_widest_tier_that_a_licence_allows(expression: str, tier: str) -> None:
    assert canonical_licence(expression) == expression
    assert widest_tier(expression) == tier


def test_own_licences_are_those_without_a_list() -> None:
    assert own_licences("(LicenseRef-a OR MIT) AND LicenseRef-b") == [
        "LicenseRef-a",
        "LicenseRef-b",
    ]


WORDS = st.sampled_from(["MIT", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "AND", "OR", "(", ")", "WITH", "x"])


@given(st.lists(WORDS, max_size=9))
@settings(max_examples=200, deadline=None)
def test_whatever_is_an_expression_has_a_tier(words: list[str]) -> None:
    try:
        usual = canonical_licence(" ".join(words))
    except ValueError:
        return
    assert widest_tier(usual) in ("internal", "registered", "open")
    assert canonical_licence(usual) == usual
