"""The error tree: what can go wrong, with one exit code a class.

    TthdError                 70  the program itself failed
    ├── FindingsError          1  a check ran and found something
    ├── UsageError             2  wrong option, file or configuration
    │   ├── PipelineError      2  a pipeline file that cannot run
    │   └── WeightsError       2  model weights absent, damaged or not allowed
    ├── ItemsFailedError       3  the run ended, but some items failed
    ├── AccessError            4  a file or folder may not be read or written, or the disk is full
    │   └── LockedError        4  another process writes this workspace
    ├── RefusedError           5  policy or consent says no
    └── StageError             3  one clip failed in one stage; the run goes on
        └── MediaError         3  a media file that cannot be used

``Reject`` is not an error: a stage raises it to end a clip for which nothing is left to measure.
"""

from __future__ import annotations


class TthdError(Exception):
    """Root of all errors that are told to the user as one sentence."""

    exit_code = 70


class FindingsError(TthdError):
    """A check ran to its end and found something wrong."""

    exit_code = 1


class UsageError(TthdError):
    """Wrong option, file or configuration: the sentence says what to type instead."""

    exit_code = 2


class PipelineError(UsageError):
    """A pipeline file that cannot run: unknown stage, key, column, or a missing requirement."""


class WeightsError(UsageError):
    """Model weights that are absent, damaged or not allowed; names the command that helps."""


class ItemsFailedError(TthdError):
    """The run ended, but some items failed; each has its ledger row."""

    exit_code = 3


class AccessError(TthdError):
    """A file or folder may not be read or written, or the disk is full."""

    exit_code = 4


class LockedError(AccessError):
    """Another process is writing this workspace."""


class RefusedError(TthdError):
    """Policy or consent says no."""

    exit_code = 5


class StageError(TthdError):
    """One clip failed in one stage; it is recorded with its code and the run goes on.

    ``code`` is one of ``tthd explain``'s codes, ``reason`` the short name kept in the ledger.
    """

    exit_code = 3

    def __init__(self, message: str, *, code: str = "S010", reason: str = "stage_error") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class MediaError(StageError):
    """A media file that cannot be used: unreadable, damaged, empty or absurd."""

    def __init__(self, message: str, *, code: str = "S001", reason: str = "undecodable") -> None:
        super().__init__(message, code=code, reason=reason)


class Reject(Exception):
    """End a clip for which nothing is left to measure: ``Reject("no_face", frames=123)``."""

    def __init__(self, reason: str, **numbers: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.numbers = numbers
