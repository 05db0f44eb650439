"""A finished clip's files, samples and a release, for all tests of shards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.shards.tiny import samples_of, write_stage_files
from tthd_tools.shards import ReleaseFacts, Sample, write_release


@pytest.fixture(scope="session")
def stage_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders tracks, encode and masks of one finished clip; not to be changed."""
    folder = tmp_path_factory.mktemp("stages")
    write_stage_files(folder)
    return folder


@pytest.fixture
def samples(stage_files: Path) -> list[Sample]:
    """Four samples of two speakers."""
    return samples_of(stage_files)


@pytest.fixture(scope="session")
def whole_release(tmp_path_factory: pytest.TempPathFactory, stage_files: Path) -> Path:
    """A release of four samples in two shards; not to be changed."""
    out = tmp_path_factory.mktemp("whole") / "release"
    write_release(samples_of(stage_files), out, facts=ReleaseFacts())
    return out


@pytest.fixture
def release(tmp_path: Path, whole_release: Path) -> Path:
    """A copy of that release, to be damaged."""
    return Path(shutil.copytree(whole_release, tmp_path / "release"))
