"""Facts about what the public reads."""
