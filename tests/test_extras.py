"""The printed command installs an extra from where the package came."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from tthd_tools.extras import install_command


class Installed:
    """A distribution with that ``direct_url.json``."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.text


def test_a_checkout_is_named_with_quotes_where_a_shell_needs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my clone"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    installed = Installed(f'{{"url": "{folder.as_uri()}", "dir_info": {{}}}}')
    monkeypatch.setattr("tthd_tools.extras.distribution", lambda name: installed)
    assert install_command("faces") == f"python -m pip install '{folder}[faces]'"
    (folder / "pyproject.toml").unlink()
    assert install_command("faces") == "python -m pip install 'tthd-tools[faces]'"


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"url": "https://x.org/a.whl"}'])
def test_otherwise_the_index_is(text: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tthd_tools.extras.distribution", lambda name: Installed(text))
    assert install_command("review") == "python -m pip install 'tthd-tools[review]'"


def test_a_package_that_is_not_installed_is_one_of_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(name: str) -> Any:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("tthd_tools.extras.distribution", absent)
    assert install_command("faces") == "python -m pip install 'tthd-tools[faces]'"
