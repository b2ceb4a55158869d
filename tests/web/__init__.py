"""Facts about web."""
