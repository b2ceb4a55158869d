"""Facts about alerts."""
