"""Rules of the project itself: what may import what, and what every file must be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tthd_tools
from tthd_tools.clip import Part
from tthd_tools.pipeline import load_pipeline, packaged_pipelines
from tthd_tools.select import check_policy
from tthd_tools.stage import Stage, stage_class, stage_names

PACKAGE = Path(tthd_tools.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    "torch", "cv2", "av", "scipy", "mediapipe", "insightface", "onnxruntime", "ai_edge_litert",
)  # fmt: skip


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, one.name) for one in node.names)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize(
    "program",
    [
        "import tthd_tools, tthd_tools.cli",
        "import tthd_tools.pipeline, tthd_tools.runner, tthd_tools.build, tthd_tools.ingest",
        "import sys; sys.argv = ['tthd', '--help']\n"
        "from tthd_tools.cli import run\ntry: run()\nexcept SystemExit as end: assert not end.code",
    ],
)
def test_importing_and_help_load_nothing_heavy(program: str) -> None:
    told = f"{program}\nimport sys; print([one for one in {HEAVY} if one in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_only_media_imports_av() -> None:
    guilty = [
        name_of(path)
        for path in FILES
        if path.parent.name != "media"
        and any(module.split(".")[0] == "av" for module, _ in imports(path))
    ]
    assert guilty == []


def test_only_engines_of_extras_import_torch() -> None:
    engines = {"alignment", "emotion", "speakers", "speech"}
    guilty = [
        name_of(path)
        for path in FILES
        if path.parent.name not in engines
        and any(module.split(".")[0] == "torch" for module, _ in imports(path))
    ]
    assert guilty == []


def test_stages_take_only_parts_from_each_other() -> None:
    """A stage's own constants and functions are its own."""
    stages = PACKAGE / "stages"
    for path in sorted(stages.glob("*.py")):
        for module, name in imports(path):
            other = module.removeprefix("tthd_tools.stages.")
            if other == module or other == path.stem:
                continue
            found = getattr(sys.modules.get(module) or __import__(module, fromlist=[name]), name)
            assert isinstance(found, type), f"{path.name} imports {name} from {other}"
            assert issubclass(found, Part), f"{path.name} imports {name} from {other}"


def test_stages_know_nothing_of_the_runner() -> None:
    closed = {"runner", "workspace", "ledger", "select", "table", "build", "cli", "walk", "execute"}
    for path in sorted((PACKAGE / "stages").glob("*.py")):
        known = {module.split(".")[1] for module, _ in imports(path) if "tthd_tools." in module}
        assert not known & closed, path.name


def test_nothing_is_printed_outside_the_command_line() -> None:
    guilty = []
    for path in FILES:
        if path.parent.name == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                guilty.append(f"{name_of(path)}:{node.lineno}")
    assert guilty == []


def test_every_file_opens_with_a_sentence() -> None:
    for path in FILES:
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert text, name_of(path)
        assert text.split("\n\n")[0].endswith((".", ":")), name_of(path)


def test_every_pipeline_file_loads_and_its_policy_holds() -> None:
    files = sorted(packaged_pipelines().glob("*.yaml"))
    assert {path.stem for path in files} >= {"quick", "tthd"}
    for path in files:
        pipeline = load_pipeline(path)
        assert pipeline.name == path.stem
        check_policy(pipeline.policy)


def test_every_stage_file_is_a_stage_with_a_part_of_its_name() -> None:
    for name in stage_names():
        kind = stage_class(name)
        assert issubclass(kind, Stage)
        assert kind.provides.stage == name


def test_the_error_tree_is_drawn_as_it_is() -> None:
    from tthd_tools import errors

    drawn = dict(re.findall(r"(\w+Error) +(\d+) ", errors.__doc__ or ""))
    real = {
        name: str(kind.exit_code)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.TthdError)
    }
    assert drawn == real


def test_no_tracked_file_names_a_place_of_somebodys_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if listed.returncode:
        pytest.skip("no git checkout")
    private = re.compile(
        r"(?<![\w.])/(?:work|home|root|Users)/[a-z]|index-url|https?://[^\s/]*:\d{4}"
    )
    guilty = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path == Path(__file__) or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        guilty += [f"{name}: {match.group()}" for match in private.finditer(text)]
    assert guilty == []
