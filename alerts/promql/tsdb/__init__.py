"""Samples in memory: series, their packed chunks, and the store that finds them by label."""
