"""tthd-tools: contributed raw videos in, verified talking-head WebDataset shards out."""

__version__ = "0.1.0"
