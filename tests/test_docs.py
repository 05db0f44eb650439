"""Everything the docs tell a person to type or to write works as it stands there."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from tthd_tools.cli import app
from tthd_tools.manifest.withdrawals import read_withdrawals
from tthd_tools.pipeline import load_pipeline
from tthd_tools.testing import dummy_clip, run_stage
from tthd_tools.text import VARIETIES

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "pipelines/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for name, text in found if name == language]


def commands() -> list[str]:
    """Every ``tthd …`` line of the pages, and every `tthd …` in their text."""
    lines: set[str] = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in blocks(page, "bash"):
            for line in block.splitlines():
                lines.update(part.strip() for part in re.split("&&", line.split("#")[0]))
        lines.update(re.findall(r"`(tthd [^`]+)`", text))
    return sorted(line for line in lines if line.startswith("tthd "))


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_docs_exists(command):
    words = command.split()[1:]
    groups = {group.name for group in app.registered_groups}
    verb = words[:2] if words[0] in groups and len(words) > 1 else words[:1]
    result = CliRunner().invoke(app, [*verb, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0, result.output
    for option in re.findall(r"--[a-z-]+", command):
        assert option in result.output, f"{command}: no {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_the_docs_compiles(page):
    for block in blocks(page, "python"):
        compile(block, str(page), "exec")


def test_the_stage_of_the_docs_runs(tmp_path, monkeypatch):
    page = ROOT / "docs" / "add-a-stage.md"
    (code,) = blocks(page, "python")
    file = tmp_path / "brightness.py"
    file.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("tthd_tools.stages.brightness", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "tthd_tools.stages.brightness", module)
    spec.loader.exec_module(module)
    (measured,) = run_stage(module.Brightness(), dummy_clip(tmp_path, frames=10), tmp_path / "out")
    assert 16 <= measured.part(module.BrightnessPart).mean <= 235
    assert module.Brightness().name == "brightness"


def test_the_pipeline_of_the_docs_is_one(tmp_path):
    (text,) = blocks(ROOT / "docs" / "add-a-stage.md", "yaml")
    data = yaml.safe_load(text)
    data["stages"].pop()  # the new stage, which is not in the package
    file = tmp_path / "pipeline.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    assert [stage.name for stage in load_pipeline(file).stages] == ["scenes", "tracks"]


def test_the_withdrawals_of_the_docs_can_be_read(tmp_path):
    (text,) = blocks(ROOT / "docs" / "manifests.md", "json")
    path = tmp_path / "WITHDRAWALS.jsonl"
    path.write_text(text)
    kinds = [one.kind for one in read_withdrawals(path)]
    assert kinds == ["item_id", "key", "speaker_id"]


def test_the_tibetan_page_prints_what_it_says(tmp_path, monkeypatch):
    pytest.importorskip("pyewts", reason="python -m pip install 'tthd-tools[tibetan]'")
    page = ROOT / "docs" / "tibetan-text.md"
    monkeypatch.chdir(tmp_path)
    for name in ("film.srt", "film.txt"):
        Path(name).write_text("0:01 --> 0:02\nཀཾི |\n", encoding="utf-16")
    for block in blocks(page, "bash"):
        for line in block.splitlines():
            command, _, said = line.partition("#")
            result = CliRunner().invoke(app, shlex.split(command)[1:])
            if "'" in command:
                assert result.output.strip() == said.strip()
    assert Path("clean.txt").read_text(encoding="utf-8") == "ཀིཾ །\n"
    (code,) = blocks(page, "pycon")
    example = doctest.DocTestParser().get_doctest(code, {}, page.name, str(page), 0)
    assert doctest.DocTestRunner().run(example) == (0, 6)


def test_the_table_of_the_tibetan_page_is_that_of_the_program():
    text = (ROOT / "docs" / "tibetan-text.md").read_text(encoding="utf-8")
    for one in VARIETIES:
        row = f"| {one.name} | `{one.dialect}` | `{one.tag}` | {one.iso639_3} | {one.glottocode} |"
        assert row in text


def test_the_two_commands_are_those_of_the_readme_and_of_ci():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python -m pip install -c constraints/core.txt . && tthd demo" in text
    assert "-c constraints/dev.txt -e '.[dev]' && python -m pytest -n auto" in text
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "-c constraints/dev.txt -e '.[dev]'" in script
    assert 'PATH="$PWD/.venv-ci/bin:$PATH" python -m pytest -n auto\n' in script
    assert "-c constraints/full.txt -e '.[align,test]' && python -m pytest -m align" in text
    assert script.rstrip().endswith('PATH="$PWD/.venv-align/bin:$PATH" python -m pytest -m align')
