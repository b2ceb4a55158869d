"""Facts about server/api."""
