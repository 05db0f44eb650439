"""WebDataset releases: finished clips come in, verifiable shards go out, and are read again."""

from tthd_tools.shards.read import open_shards
from tthd_tools.shards.release import Release, ReleaseFacts, Weights, read_release
from tthd_tools.shards.sample import Sample, sample_of
from tthd_tools.shards.write import ReleaseSummary, write_release

__all__ = [
    "Release",
    "ReleaseFacts",
    "ReleaseSummary",
    "Sample",
    "Weights",
    "open_shards",
    "read_release",
    "sample_of",
    "write_release",
]
