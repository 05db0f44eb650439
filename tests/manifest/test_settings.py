"""A project's tthd.toml: severities that may be moved, hosts, and its own list of withdrawals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest import sample
from tthd_tools.errors import UsageError
from tthd_tools.manifest import check
from tthd_tools.manifest.settings import HOSTS, read_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "tthd.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_rules_are_as_they_are(tmp_path: Path) -> None:
    settings = read_settings(tmp_path / "tthd.toml")
    assert (dict(settings.moved), settings.hosts, settings.suppressions) == ({}, HOSTS, ())


def test_other_tables_are_others_business(tmp_path: Path) -> None:
    path = written(tmp_path, '[review]\nmin_votes = 1\n[project]\nid = "x"\n')
    assert read_settings(path).moved == {}


@pytest.mark.parametrize(
    ("level", "counted"), [("error", (1, 0)), ("warn", (0, 1)), ("off", (0, 0))]
)
def test_a_severity_can_be_moved(level: str, counted: tuple[int, int], tmp_path: Path) -> None:
    folder = sample.write(tmp_path, [sample.row(emotion_origin=None)])
    report = check([folder], read_settings(written(tmp_path, f'[rules]\nM050 = "{level}"')))
    assert (report.errors, report.warnings) == counted


@pytest.mark.parametrize("code", [f"M{number:03d}" for number in range(23, 31)])
@pytest.mark.parametrize("level", ["warn", "off"])
def test_rights_cannot_be_lowered(code: str, level: str, tmp_path: Path) -> None:
    path = written(tmp_path, f'[rules]\n{code} = "{level}"')
    with pytest.raises(UsageError, match=f"{code} is an error in every project; remove that line"):
        read_settings(path)


def test_rights_may_be_named_as_what_they_are(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, '[rules]\nM024 = "error"')).moved == {"M024": "error"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[rules]\nM104 = 'warn'", "unknown rule 'M104'; did you mean 'M0"),
        ("[rules]\nM014 = 'warm'", """M014 = 'warm'; write "error", "warn" or "off\""""),
        ("[rules]\nM014 = 1", """M014 = 1; write "error", "warn" or "off\""""),
        ("rules = 1", "rules is a table; write [rules] above its lines"),
        ("[manifests]\nhots = []", "unknown setting manifests.hots; did you mean 'hosts'?"),
        ("[manifests]\nhosts = 'a'", "manifests.hosts is a list of names"),
        ("[manifests]\nsuppression = 1", "manifests.suppression is the name of a file"),
        ("[rules", "is no TOML: "),
    ],
)
def test_what_is_no_setting_is_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_settings(path)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://archive.org/details/x", True),
        ("https://www.archive.org/x?y=1#z", True),
        ("https://archive.org.example.com/x", False),
        ("https://notarchive.org/x", False),
        ("http://archive.org/x", False),
        ("https://archive.org:444/x", False),
        ("https://user@archive.org/x", False),
        ("https://archive.org@example.com/x", False),
        ("https://archive.org\\@example.com/x", False),
        ("javascript://archive.org/%0aalert(1)", False),
        ("file:///etc/passwd", False),
        ("https://[::1/x", False),
        ("archive.org/x", False),
    ],
)
def test_where_a_source_may_lead(url: str, allowed: bool, tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, '[manifests]\nhosts = ["archive.org"]'))
    folder = sample.write(tmp_path, [sample.row(source_url=url)])
    assert check([folder], settings).codes == ({} if allowed else {"M034": 1})


def test_a_private_list_of_withdrawals_counts_too(tmp_path: Path) -> None:
    manifests = tmp_path / "manifests"
    folder = sample.write(manifests)
    (tmp_path / "private.jsonl").write_text(f'{{"speaker_id": "{sample.SPEAKER}"}}\n')
    settings = read_settings(written(tmp_path, '[manifests]\nsuppression = "private.jsonl"'))
    assert check([folder], settings).exit_code() == 5
    (tmp_path / "private.jsonl").unlink()
    with pytest.raises(UsageError, match=r"private\.jsonl cannot be used: The file cannot be read"):
        check([folder], settings)
