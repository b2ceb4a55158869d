"""Releases of the API: copies of its code, and which of them this process is."""
