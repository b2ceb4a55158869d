"""Hostile input against a whole throw-away stack: what was tried, and whether it held."""
