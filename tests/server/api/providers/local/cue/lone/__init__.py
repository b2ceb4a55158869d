"""Facts about what a passage has one of."""
