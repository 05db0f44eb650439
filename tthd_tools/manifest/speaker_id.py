"""A project secret and a private key go in, a public speaker or consent id comes out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
import unicodedata
from pathlib import Path
from typing import Literal

from tthd_tools.errors import AccessError, RefusedError, UsageError

SHORTEST_SECRET_BYTES = 32
LONGEST_SECRET_BYTES = 4096
LONGEST_KEY = 1000
DIGITS = 12

Kind = Literal["spk", "con"]


def make_id(secret: bytes, key: str, kind: Kind = "spk") -> str:
    """The public id of a private key: always the same, and nobody without the secret finds it out.

    ``spk_`` and the first 12 letters of base32(HMAC-SHA256(secret, key)), RFC 2104 and RFC 4648 in
    lower case; for ``con_`` the key is preceded by ``con`` and a line end, so that the consent and
    the speaker of one key do not share their letters. Keys are compared without outer or repeated
    spaces and in NFC. Raises UsageError for an empty, overlong or unprintable key, without it.
    """
    key = unicodedata.normalize("NFC", " ".join(key.split()))
    if not key:
        raise UsageError("a private key is empty; give one name or number for each speaker")
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise UsageError(
            f"a private key is longer than {LONGEST_KEY} characters or holds control characters; "
            "give one plain line for each"
        )
    said = key if kind == "spk" else f"con\n{key}"
    digest = hmac.new(secret, said.encode(), hashlib.sha256).digest()
    return f"{kind}_{base64.b32encode(digest).decode().lower()[:DIGITS]}"


def write_new_secret(path: Path) -> None:
    """Write 32 random bytes as hexadecimal digits into a new file that only its owner reads.

    Raises RefusedError inside a git work tree, UsageError where there is a file already,
    AccessError where none can be written.
    """
    _refuse_git(path)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SHORTEST_SECRET_BYTES) + "\n")
    except FileExistsError:
        raise UsageError(
            f"{path} is there already and is not overwritten: with another secret all ids change; "
            "leave --new-secret out to use it"
        ) from None
    except OSError as error:
        raise AccessError(f"{path} cannot be written: {error.strerror}") from error


def read_secret(path: Path) -> bytes:
    """The secret in a file, without its last line end.

    Raises RefusedError where the file lies in a git work tree or others may read it, UsageError
    where there is none or it is too short, AccessError where it cannot be read.
    """
    _refuse_git(path)
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{path} is no regular file; give the file that holds the secret")
            content = file.read(LONGEST_SECRET_BYTES + 1)
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(
            f"there is no secret in {path}; make one with `tthd manifest speaker-id --new-secret "
            "--secret FILE`, once for the whole project"
        ) from None
    except OSError as error:
        raise AccessError(f"{path} cannot be read: {error.strerror}") from error
    if os.name == "posix" and status.st_mode & 0o077:
        raise RefusedError(
            f"{path} may be read by others (mode {stat.S_IMODE(status.st_mode):o}), who could find "
            f"out who is who; run `chmod 600 {path}`"
        )
    secret = content.rstrip(b"\r\n")
    if not SHORTEST_SECRET_BYTES <= len(secret) <= LONGEST_SECRET_BYTES:
        raise UsageError(
            f"the secret in {path} has {min(len(secret), LONGEST_SECRET_BYTES)} bytes; it must "
            f"have {SHORTEST_SECRET_BYTES} to {LONGEST_SECRET_BYTES}: make one with --new-secret"
        )
    return secret


def _refuse_git(path: Path) -> None:
    """A secret in a work tree gets into a commit one day."""
    for place in (path.absolute(), path.resolve()):
        for folder in place.parents:
            if (folder / ".git").exists():
                raise RefusedError(
                    f"{path} lies in the git work tree {folder}, from where it would be published "
                    "one day; keep the secret outside of it"
                )
