"""``[review]`` of ``tthd.toml`` says how a project reviews; without it the defaults hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tthd_tools.errors import UsageError
from tthd_tools.review.settings import ReviewSettings, read_settings, settings_for

TEXT = """
[rules]
M014 = "warn"

[review]
min_votes = 1
rights_vote = true
adjudicators = ["pema"]
maintainers = ["karma"]

[review.reviewers.tashi]
dialects = ["amdo", "kham"]
"""


def test_settings_lie_beside_the_workspace(tmp_path: Path) -> None:
    assert settings_for(tmp_path / "work") == ReviewSettings()
    (tmp_path / "tthd.toml").write_text(TEXT)
    found = settings_for(tmp_path / "work")
    assert (found.min_votes, found.rights_vote) == (1, True)
    assert [found.may_rule(name) for name in ("pema", "karma", "tashi")] == [True, True, False]
    assert [found.knows("tashi", one) for one in ("amdo", "u-tsang", None, "unknown")] == [
        True,
        False,
        True,
        True,
    ]
    assert found.knows("dolma", "u-tsang")


def test_the_defaults() -> None:
    assert ReviewSettings().min_votes == 2
    assert not ReviewSettings().rights_vote
    assert not ReviewSettings().may_rule("karma")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[review]\nmin_vote = 1", "no setting review.min_vote; did you mean 'min_votes'?"),
        ("[review]\nmin_votes = 0", "review.min_votes: input should be greater than or equal to 1"),
        ('[review]\nadjudicators = ["Pema!"]', "review.adjudicators"),
        ("review = 3", "review: input should be"),
        ("[review", "is no TOML"),
        ("\xff", "is no TOML"),
    ],
)
def test_what_is_no_setting_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "tthd.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=sentence.replace("?", r"\?")) as caught:
        read_settings(path)
    assert "\n" not in str(caught.value)


def test_other_tables_alone_leave_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "tthd.toml").write_text('[rules]\nM014 = "warn"\n')
    assert read_settings(tmp_path / "tthd.toml") == ReviewSettings()
    with pytest.raises(UsageError, match="cannot hold settings"):
        read_settings(tmp_path)


def test_the_settings_of_the_docs_are_some(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "review.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "tthd.toml").write_text(text, encoding="utf-8")
    found = settings_for(tmp_path / "work")
    assert found.may_rule("pema")
    assert not found.knows("tashi", "kham")
