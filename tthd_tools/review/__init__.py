"""Decisions of reviewers go in; what may be done with each clip, and why, comes out."""
