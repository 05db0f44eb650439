"""The command line as a fixture, and small corpora that it has measured."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.films import cut_off, talk
from tthd_tools.cli import run

PROGRAM = (sys.executable, "-c", "from tthd_tools.cli import run; run()")


class Done(NamedTuple):
    """What a command has left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as data."""
        return json.loads(self.out)


Tthd = Callable[..., Done]


@pytest.fixture
def tthd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tthd:
    """``tthd("status", "--work", folder)`` in this process."""

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["tthd", *map(str, arguments)])
        code: Any = 0
        try:
            run()
        except SystemExit as error:
            code = error.code or 0
        return Done(code, *capsys.readouterr())

    return call


def tthd_process(*arguments: object, cwd: Path) -> Done:
    """The same as a process of its own, in a folder."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def talk_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A head that talks for 3.2 s; not to be changed."""
    return talk(tmp_path_factory.mktemp("films") / "talk.mp4", 3.2)


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, talk_film: Path, embedded_weights: None
) -> Path:
    """A folder with raw, work and release, made by the two commands of the README.

    ``talk.mp4`` is kept; of ``two.mp4`` the second shot is too short; ``mute.mp4`` has no sound;
    ``broken.mp4`` is a broken upload. Not to be changed.
    """
    folder = tmp_path_factory.mktemp("built")
    raw = folder / "raw"
    raw.mkdir()
    shutil.copy(talk_film, raw / "talk.mp4")
    (raw / "talk.json").write_text('{"speaker": "spk_t", "dialect": "amdo", "emotion": "calm"}')
    (raw / "talk.txt").write_text("བཀྲ་ཤིས།", encoding="utf-8")
    talk(raw / "two.mp4", 3.4, 1.6)
    talk(raw / "mute.mp4", 1.2, sound=False)
    cut_off(talk_film, raw / "broken.mp4", 0.02)
    first = tthd_process("ingest", "raw", cwd=folder)
    assert first.code == 3, first.err
    second = tthd_process("build-shards", cwd=folder)
    assert second.code == 3, second.err
    return folder


@pytest.fixture
def corpus(built: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to be changed."""
    return Path(shutil.copytree(built, tmp_path / "corpus"))
