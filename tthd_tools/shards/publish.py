"""A folder that appears all at once: what is written beside it takes its place in one step."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tthd_tools.errors import AccessError, LockedError, UsageError
from tthd_tools.workspace import is_full

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """An empty folder beside ``out`` that replaces it when the block ends without an error.

    Left empty, it goes and nothing happens.
    Killed at any moment, ``out`` is the old folder or the new one; what a killed process has left
    beside it is removed by the next. Raises LockedError if another process is writing ``out``,
    UsageError if it cannot be replaced, AccessError if nothing can be made beside it.
    """
    if out.is_mount():
        raise UsageError(f"{out} is a disk's own top folder; give a folder inside it with --out")
    new = out.with_name(f".{out.name}.partial")
    with ExitStack() as locks:
        _make(new, out)
        for folder in (new, out):
            locks.enter_context(_locked(folder, out))
        _empty(new)
        try:
            yield new
            if any(new.iterdir()):
                _swap(new, out)
        finally:
            shutil.rmtree(new, ignore_errors=True)  # the old release by now, or a failed one


def _make(new: Path, out: Path) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _restore(out)
        new.mkdir(exist_ok=True)
    except OSError as error:
        if is_full(error):
            raise
        raise AccessError(
            f"{out} cannot be written: no folder can be made beside it, in {out.parent} "
            f"({error.strerror}); give another one with --out"
        ) from error


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under another name, copied where the file system knows no hard links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _swap(new: Path, out: Path) -> None:
    if not out.exists():
        new.rename(out)
    elif not _exchange(new, out):
        # Two steps where the system has no exchange: _restore undoes the first after a kill.
        out.rename(_previous(out))
        new.rename(out)
        shutil.rmtree(_previous(out))


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step, where the kernel and the file system can (Linux)."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    done = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)


def _previous(out: Path) -> Path:
    return out.with_name(f".{out.name}.previous")


def _restore(out: Path) -> None:
    previous = _previous(out)
    if previous.exists() and not out.exists():
        previous.rename(out)
    shutil.rmtree(previous, ignore_errors=True)


@contextmanager
def _locked(folder: Path, out: Path) -> Iterator[None]:
    import fcntl

    if not folder.exists():
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"another process is writing {out}; wait for it to end, or give another --out"
            ) from None
        except OSError:  # a network file system that cannot lock a folder
            pass
        yield
    finally:
        os.close(handle)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
