"""The dummy clip, made once for all tests of stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthd_tools.clip import Clip
from tthd_tools.testing import dummy_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Five seconds of the dummy face."""
    return dummy_clip(tmp_path_factory.mktemp("dummy"), frames=125)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a stage may write."""
    return tmp_path / "stage"
