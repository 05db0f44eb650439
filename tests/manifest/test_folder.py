"""The folder manifests/: examples without a fault, a template, pages and a workflow that hold."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli_run import Tthd
from tests.films import copy_as
from tthd_tools.manifest import check
from tthd_tools.manifest.beside import find_submissions
from tthd_tools.manifest.columns import COLUMNS as MEANINGS
from tthd_tools.manifest.columns import SUBMISSION as FIELDS
from tthd_tools.manifest.columns import choices, renewed
from tthd_tools.manifest.new import TABLE, Answers, submission_text
from tthd_tools.manifest.schema import COLUMNS, SUBMISSION_FIELDS
from tthd_tools.manifest.speaker_id import make_id

ROOT = Path(__file__).parent.parent.parent
MANIFESTS = ROOT / "manifests"
README = (MANIFESTS / "README.md").read_text(encoding="utf-8")
DOCS = [ROOT / "docs" / name for name in ("manifests.md", "git-review.md")]
SECRET = b"this is no secret: it is published with the examples"


def rows(folder: Path) -> list[dict[str, Any]]:
    table = folder / "items.csv"
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    lines = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def commands(text: str) -> list[str]:
    """Commands of a page, each on one line, without comments."""
    found = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in found for line in block.splitlines()]
    return [line for line in lines if line.startswith("tthd ")]


def test_the_examples_are_without_a_fault() -> None:
    folders = find_submissions(MANIFESTS)
    assert [one.name for one in folders] == [
        "sub_20260301_example-lab",
        "sub_20260302_example-open",
    ]
    report = check(folders)
    assert report.findings == []
    assert report.items == 5


def test_the_examples_hashes_and_ids_are_those_that_are_documented() -> None:
    folders = [*find_submissions(MANIFESTS), MANIFESTS / "TEMPLATE"]
    for row in (row for folder in folders for row in rows(folder)):
        assert row["sha256"] == hashlib.sha256(f"{row['item_id']}\n".encode()).hexdigest()
    speakers = {row["speaker_id"] for folder in folders for row in rows(folder)}
    known = {make_id(SECRET, f"speaker {k}") for k in (1, 2, 3)}
    assert speakers == known | {"spk_unknown"}


def test_there_is_no_video_here() -> None:
    for path in MANIFESTS.rglob("*"):
        assert path.is_dir() or path.suffix in (".md", ".yaml", ".csv", ".jsonl"), path


def test_the_template_is_what_new_writes_and_passes_under_its_own_name(tmp_path: Path) -> None:
    name = "sub_20260101_your-name"
    answers = Answers(
        name, "your-name", "individual", "unknown", "LicenseRef-unknown", "internal", {}
    )
    template = MANIFESTS / "TEMPLATE"
    text = (template / "submission.yaml").read_text(encoding="utf-8")
    assert text == submission_text(answers)
    assert tuple(rows(template)[0]) == TABLE
    shutil.copytree(template, tmp_path / name)
    assert check([tmp_path / name]).findings == []


def test_the_tables_of_the_readme_are_fresh() -> None:
    """`python -m tthd_tools.manifest.columns manifests/README.md` writes them."""
    assert renewed(README) == README
    assert README.count("| `item_id` | yes |") == 1
    headings = [line for line in README.splitlines() if line.startswith("#")]
    assert headings == [
        "# Send videos to the corpus",
        "## What to send",
        "## How to check it",
        "## Consent",
        "## submission.yaml",
        "## items.csv",
    ]
    stale = README.replace("| `item_id` | yes |", "| `id` | no |")
    assert renewed(stale) == README
    with pytest.raises(ValueError):
        renewed("a page without marks")


def test_every_field_is_explained() -> None:
    assert tuple(MEANINGS) == COLUMNS
    assert {name.split(".")[0] for name in FIELDS} == set(SUBMISSION_FIELDS)
    assert choices("tier") == ("internal", "gated", "registered", "open")
    assert choices("handle") == choices("license") == ()


def test_the_commands_of_the_readme_run(
    tmp_path: Path, talk_film: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(MANIFESTS, "manifests")
    Path("my-videos").mkdir()
    copy_as(talk_film, Path("my-videos", "a.mp4"), 1)
    answers = "--handle me --kind lab --rights-basis unknown --submission-id sub_20260101_me-too"
    answers += " --license LicenseRef-unknown --tier internal --language adx --dialect amdo"
    answers += " --adult --other-people none --synthetic no"
    first, *others = commands(README)
    assert tthd(*first.split()[1:], *answers.split()).code == 0
    done = [(command, tthd(*command.split()[1:])) for command in others]
    codes = {command: result.code for command, result in done}
    assert codes == {
        "tthd manifest check manifests": 0,
        "tthd manifest check manifests --with-media my-videos": 1,
        "tthd manifest fix manifests --dry-run": 0,
    }
    media = next(result for command, result in done if "media" in command)
    assert media.out.count("[M009]") == 5  # the examples, behind which there is no video
    assert media.out.count("[M015]") == 1


def test_the_commands_of_the_docs_run(
    tmp_path: Path, talk_film: Path, tthd: Tthd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("raw").mkdir()
    copy_as(talk_film, Path("raw", "a.mp4"), 1)
    text = DOCS[0].read_text(encoding="utf-8")
    for command in commands(text):
        if "speaker-id" in command:  # they read stdin: tests/cli/test_manifest_tools.py
            continue
        more = ["--submission-id", "sub_20260101_lab-a"] if " new " in command else []
        result = tthd(*command.split()[1:], *more)
        assert result.code == (1 if " check " in command else 0), (command, result.err)
    (tmp_path / "consents.csv").write_text(
        re.findall(r"```csv\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8"
    )
    from tthd_tools.manifest import read_consents

    assert read_consents(tmp_path / "consents.csv")["con_glwysdmbezcq"].tier == "gated"


class TestWorkflow:
    """The file that a stranger's pull request runs under."""

    path = ROOT / ".github" / "workflows" / "manifests.yml"
    text = path.read_text(encoding="utf-8")
    data: Any = yaml.safe_load(text)

    def steps(self) -> list[dict[str, Any]]:
        return [step for job in self.data["jobs"].values() for step in job["steps"]]

    def test_it_runs_on_pull_requests_without_rights(self) -> None:
        assert set(self.data[True]) == {"pull_request"}  # `on` is a boolean in YAML 1.1
        assert self.data["permissions"] == {"contents": "read"}
        for job in self.data["jobs"].values():
            assert "permissions" not in job
            assert job["timeout-minutes"] <= 30

    def test_it_knows_no_secrets_and_keeps_no_credentials(self) -> None:
        code = re.sub(r"(?m)^\s*#.*$", "", self.text)
        assert "secrets" not in code
        assert "pull_request_target" not in code
        checkouts = [one for one in self.steps() if "checkout" in one.get("uses", "")]
        assert len(checkouts) == 2
        assert all(one["with"]["persist-credentials"] is False for one in checkouts)

    def test_no_word_of_a_stranger_gets_into_a_command(self) -> None:
        for step in self.steps():
            assert "${{" not in step.get("run", "")

    def test_the_tool_is_that_of_the_base_branch(self) -> None:
        base, sent = (one["with"] for one in self.steps() if "checkout" in one.get("uses", ""))
        assert base["ref"] == "${{ github.event.pull_request.base.sha }}"
        assert sent["sparse-checkout"] == "/manifests/"
        assert sent["sparse-checkout-cone-mode"] is False  # else files beside it come too
        runs = [one["run"] for one in self.steps() if "run" in one]
        assert runs[:2] == [
            "python -m pip install -c base/constraints/core.txt ./base",
            "if [ -f base/tthd.toml ]; then cp base/tthd.toml sent/; fi",
        ]
        assert (ROOT / "constraints" / "core.txt").is_file()

    def test_actions_have_a_version(self) -> None:
        used = [one["uses"] for one in self.steps() if "uses" in one]
        assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", one) for one in used)

    def test_it_checks_the_manifests(self) -> None:
        assert self.steps()[-1]["run"] == "tthd manifest check manifests --format github"
        assert self.steps()[-1]["working-directory"] == "sent"


def test_the_yaml_and_the_owners_of_the_page_are_whole() -> None:
    text = DOCS[1].read_text(encoding="utf-8")
    (job,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert yaml.safe_load(job)["manifests"]["script"][-1] == "tthd manifest check manifests"
    (owners,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    assert all(re.fullmatch(r"/\S+ +@[\w/-]+", line) for line in owners.splitlines())
