"""`tthd manifest check` as people, programs and a code forge call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_run import Tthd
from tests.manifest import sample


@pytest.fixture
def manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good submission, in which the commands run."""
    sample.write(tmp_path / "manifests")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return tmp_path / "manifests"


def test_a_good_submission_is_silent_but_for_its_count(manifests: Path, tthd: Tthd) -> None:
    done = tthd("manifest", "check", "manifests")
    assert (done.code, done.out) == (0, "")
    assert done.err == "1 submission, 1 item: 0 errors, 0 warnings\n"
    assert tthd("manifest", "check", "manifests", "--quiet", "--strict")[0:3] == (0, "", "")


def test_findings_go_to_stdout_and_the_count_to_stderr(manifests: Path, tthd: Tthd) -> None:
    folder = manifests / sample.NAME
    (folder / "submission.yaml").write_text(sample.SUBMISSION.replace("CC-BY-4.0", "cc by"))
    done = tthd("manifest", "check", f"manifests/{sample.NAME}")
    assert done.code == 1
    assert done.out == (
        f"manifests/{sample.NAME}/submission.yaml: 1 error\n"
        f"  manifests/{sample.NAME}/submission.yaml:7 license: This is no SPDX expression. "
        "Got 'cc by'. Fix: write CC-BY-4.0. [M020]\n"
    )
    assert done.err == (
        "tthd: 1 error, 0 warnings in 1 submission, 1 item; `tthd explain CODE` says more of a "
        "code\n"
    )
    assert tthd("manifest", "check", "manifests", "--exit-zero").code == 0


def test_strict_fails_for_warnings(manifests: Path, tthd: Tthd) -> None:
    (manifests / sample.NAME / "items.jsonl").write_bytes(
        b"\xef\xbb\xbf" + (manifests / sample.NAME / "items.jsonl").read_bytes()
    )
    assert tthd("manifest", "check", "manifests").code == 0
    assert tthd("manifest", "check", "manifests", "--strict").code == 1


def test_json_is_the_envelope_and_nothing_else(manifests: Path, tthd: Tthd) -> None:
    (manifests / "WITHDRAWALS.jsonl").write_text(f'{{"speaker_id": "{sample.SPEAKER}"}}')
    done = tthd("manifest", "check", "manifests", "--json")
    assert done.code == done.json["exit_code"] == 5
    assert (done.json["schema"], done.json["command"]) == ("tthd.report/1", "manifest check")
    assert (done.json["ok"], done.json["summary"]["codes"]) == (False, {"M027": 1})
    assert done.json["findings"][0]["pointer"] == "/speaker_id"
    assert "refused: somebody has withdrawn (M027)" in done.err
    assert tthd("manifest", "check", "manifests", "--exit-zero").code == 5


def test_a_forge_gets_annotations_and_a_summary(
    manifests: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = manifests.parent / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    (manifests / sample.NAME / "submission.yaml").write_text(
        sample.SUBMISSION.replace("kind: lab", "kind: '::error::x'")
    )
    done = tthd("manifest", "check", "manifests", "--format", "github")
    assert done.code == 1
    (line,) = done.out.splitlines()
    assert line.startswith(
        f"::error file=manifests/{sample.NAME}/submission.yaml,line=5,title=M005::contributor.kind"
    )
    assert summary.read_text().splitlines()[:2] == ["before", "### Manifests: 1 error"]


def test_the_projects_rules_are_those_of_the_current_folder(manifests: Path, tthd: Tthd) -> None:
    (manifests / sample.NAME / "submission.yaml").write_text(
        sample.SUBMISSION.replace("CC-BY-4.0", "cc-by-4.0")
    )
    for folder in (manifests, manifests / sample.NAME):
        (folder / "tthd.toml").write_text('[rules]\nM020 = "off"\n')  # contributed: not believed
    assert tthd("manifest", "check", "manifests").code == 1
    (manifests.parent / "tthd.toml").write_text('[rules]\nM020 = "warn"\n')
    assert tthd("manifest", "check", "manifests").code == 0
    assert tthd("manifest", "check", "manifests", "--strict").code == 1
    (manifests.parent / "tthd.toml").write_text('[rules]\nM024 = "warn"\n')
    done = tthd("manifest", "check", "manifests")
    assert (done.code, done.out) == (2, "")
    assert done.err == "tthd: tthd.toml: M024 is an error in every project; remove that line\n"


def test_another_list_of_consents_can_be_named(manifests: Path, tthd: Tthd) -> None:
    other = manifests.parent / "other.csv"
    (manifests / "consents.csv").rename(other)
    assert tthd("manifest", "check", "manifests").code == 1
    assert tthd("manifest", "check", "manifests", "--consents", other).code == 0
    other.write_text("consent_id,speaker_ref\n")
    done = tthd("manifest", "check", "manifests", "--consents", other)
    assert done.code == 5
    assert "is a private registry" in done.err


def test_what_is_no_submission_is_a_usage_error(manifests: Path, tthd: Tthd) -> None:
    assert tthd("manifest", "check", "absent").code == 2
    assert tthd("manifest", "check").code == 2
    assert tthd("manifest", "check", "manifests", "--format", "xml").code == 2


def test_every_rule_can_be_explained(tthd: Tthd) -> None:
    from tthd_tools.codes import explain
    from tthd_tools.manifest.codes import RULES

    assert tthd("explain", "m024").out.splitlines()[0] == "M024 consent_unknown"
    for code, rule in RULES.items():
        assert explain(code.lower())[1] == (rule.title, rule.meaning, rule.action)
        assert explain(rule.title)[0] == rule.title


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_submission_that_ingest_would_not_read_is_told(
    is_alone: bool, manifests: Path, tthd: Tthd
) -> None:
    name = "sub_20260402_lab-b"
    text = sample.SUBMISSION.replace(sample.NAME, name)
    sample.write(manifests / "2026", submission=text, name=name)
    if is_alone:
        (manifests / sample.NAME).rename(manifests.parent / "away")
    done = tthd("manifest", "check", "manifests")
    assert done.code == 2
    assert f"'manifests/2026/{name}' holds a submission where nobody looks for one" in done.err
