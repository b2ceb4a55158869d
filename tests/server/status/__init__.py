"""Facts about server/status."""
