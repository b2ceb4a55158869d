"""The paths, a few lines each: parse, call, answer."""
