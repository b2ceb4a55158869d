"""Facts about server/store."""
