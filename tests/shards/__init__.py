"""Tests of tthd_tools/shards."""
