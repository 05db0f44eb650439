"""The datasets by name, and what every one of them does with a folder that is not its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli_run import Tthd
from tests.manifest.importers.conftest import Put, Read
from tthd_tools.errors import UsageError
from tthd_tools.manifest import importers

NAMES = [
    "celebvhq",
    "crema-d",
    "csv",
    "hdtf",
    "hf-video",
    "lrs",
    "mead",
    "ravdess",
    "talkvid",
]


def test_the_datasets_are_the_files() -> None:
    assert importers.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_licence_or_none_and_says_where_it_is_described(name: str) -> None:
    found = importers.find(name)
    assert found.LICENSE is None or found.LICENSE.replace("LicenseRef-", "").strip()
    assert found.read.__doc__
    assert found.__doc__
    assert ("https://" in found.__doc__) == (name != "csv")


def test_the_command_line_names_them_all(tthd: Tthd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    told = tthd("ingest", "--help").out
    assert all(re.search(rf"\b{name}\b", told) for name in NAMES)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="no list of kind 'cremad'; did you mean 'crema-d'"):
        importers.find("cremad")
    with pytest.raises(UsageError, match="no list of kind '__init__'"):
        importers.find("__init__")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_is_not_the_dataset_s_is_one_sentence(
    name: str, put: Put, listing: Read
) -> None:
    put("talk.mp4")
    with pytest.raises(UsageError, match=r"^[^\n]+$"):
        listing(name)


@pytest.mark.parametrize("name", ["celebvhq", "crema-d", "csv", "hf-video", "talkvid"])
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"[[[", b'{"a": NaN}', b"\x00" * 50])
def test_a_list_that_is_none_is_one_sentence(
    name: str, content: bytes, put: Put, listing: Read, raw: Path
) -> None:
    put("1001_IEO_ANG_HI.mp4")
    path = raw / "list.csv" if name in ("csv", "crema-d", "hf-video") else raw / "list.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"^[^\n]+$"):
        listing(name, path)


def test_a_list_that_is_not_there_is_one_sentence(put: Put, listing: Read, raw: Path) -> None:
    put("talk.mp4")
    for name in ("csv", "celebvhq", "talkvid", "hdtf"):
        with pytest.raises(UsageError, match=r"^[^\n]+$"):
            listing(name, raw / "absent")
