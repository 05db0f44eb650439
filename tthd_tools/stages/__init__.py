"""The stages, one file each: what comes in is a clip, what goes out is the clip with one more part."""
