"""A raw folder to be filled with tiny films under the names of a dataset."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.films import copy_as, grey_film
from tthd_tools.manifest.importers import Listing, read_list

Put = Callable[..., None]
Read = Callable[..., Listing]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten grey seconds of 64 x 36; not to be changed."""
    folder = tmp_path_factory.mktemp("small")
    return grey_film(folder / "small.mp4", 40, fps=4.0, size=(64, 36))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


@pytest.fixture
def put(raw: Path, small: Path) -> Put:
    """``put("a/b.mp4", …)`` makes films of different bytes below the raw folder."""

    def make(*paths: str) -> None:
        for path in paths:
            place = raw / path
            place.parent.mkdir(parents=True, exist_ok=True)
            copy_as(small, place, sum(1 for _ in raw.rglob("*")))

    return make


@pytest.fixture
def square(raw: Path, tmp_path: Path) -> Callable[[str], None]:
    """Makes a square film of ten seconds below the raw folder."""

    def make(path: str) -> None:
        film = grey_film(tmp_path / "square.mp4", 40, fps=4.0, size=(48, 48))
        shutil.move(film, raw / path)

    return make


@pytest.fixture
def listing(raw: Path) -> Read:
    """``listing("hdtf", list, mapping)`` of the raw folder."""

    def read(name: str, path: Path | None = None, mapping: Path | None = None) -> Listing:
        return read_list(name, raw, path, mapping)

    return read
