"""Facts about server."""
