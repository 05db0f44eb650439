"""The stages, one file each: a clip comes in, the clip with one more part goes out."""
