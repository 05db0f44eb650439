"""Speaker ids: always the same for one key and secret, and the secret stays where it is safe."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthd_tools.errors import RefusedError, UsageError
from tthd_tools.manifest.schema import ConsentId, SpeakerId
from tthd_tools.manifest.speaker_id import make_id, read_secret, write_new_secret

SECRET = b"0123456789abcdef0123456789abcdef"


def secret_file(folder: Path, content: bytes = SECRET, mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_ids_are_those_of_hmac_sha256_in_base32() -> None:
    # printf KEY | openssl dgst -sha256 -hmac SECRET -binary | base32 | head -c 12
    assert make_id(SECRET, "Tenzin 1") == "spk_thiph3ehwr2x"
    assert make_id(SECRET, "Tenzin 1", "con") == "con_vut2s3pukvxs"
    assert make_id(b"f" * 32, "Tenzin 1") != make_id(SECRET, "Tenzin 1")


def test_the_way_a_key_is_typed_does_not_matter() -> None:
    assert make_id(SECRET, " Tenzin   1\n") == make_id(SECRET, "Tenzin 1")
    assert make_id(SECRET, "Zoe\u0308") == make_id(SECRET, "Zoë")
    assert make_id(SECRET, "tenzin 1") != make_id(SECRET, "Tenzin 1")


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=50))
def test_every_id_has_the_form_of_the_schema(key: str) -> None:
    assert re.fullmatch(pattern(SpeakerId), make_id(SECRET, key))
    assert re.fullmatch(pattern(ConsentId), make_id(SECRET, key, "con"))


def pattern(annotated: object) -> str:
    return annotated.__metadata__[0].metadata[0].pattern  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", ["", "  \n", "a\x00b", "a\u202eb", "x" * 1001])
def test_a_key_that_cannot_be_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(UsageError) as error:
        make_id(SECRET, key)
    assert not key.strip() or key not in str(error.value)


def test_a_new_secret_is_long_random_and_its_owners_alone(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path in (one, other):
        write_new_secret(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert re.fullmatch(rb"[0-9a-f]{64}", read_secret(path))
    assert one.read_bytes() != other.read_bytes()
    before = one.read_bytes()
    with pytest.raises(UsageError, match="is there already and is not overwritten"):
        write_new_secret(one)
    assert one.read_bytes() == before


def test_the_last_line_end_is_no_part_of_the_secret(tmp_path: Path) -> None:
    assert read_secret(secret_file(tmp_path, SECRET + b"\r\n")) == SECRET


@pytest.mark.skipif(os.name != "posix", reason="no modes of files")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(RefusedError, match=r"may be read by others .* run `chmod 600"):
        read_secret(secret_file(tmp_path, mode=mode))


@pytest.mark.parametrize("marker", ["folder", "file"])
def test_no_secret_lies_in_a_git_work_tree(tmp_path: Path, marker: str) -> None:
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    if marker == "folder":
        (tree / ".git").mkdir()
    else:  # as in a submodule or a second work tree
        (tree / ".git").write_text("gitdir: elsewhere")
    with pytest.raises(RefusedError, match="lies in the git work tree"):
        read_secret(secret_file(tree / "deep"))
    with pytest.raises(RefusedError, match="lies in the git work tree"):
        write_new_secret(tree / "new")
    assert not (tree / "new").exists()
    (tmp_path / "link").symlink_to(tree / "deep" / "secret")
    with pytest.raises(RefusedError, match="lies in the git work tree"):
        read_secret(tmp_path / "link")


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 31 + b"\n", b"x" * 5000])
def test_a_secret_that_is_too_short_or_too_long_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError, match="it must have 32 to 4096"):
        read_secret(secret_file(tmp_path, content))


def test_a_missing_secret_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError, match="speaker-id --new-secret"):
            read_secret(path)
