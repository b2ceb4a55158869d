"""Facts about server/runner."""
